"""What listeners are to be told: written down in the transaction of what it is about, told by `flows.tell`.

A listener is another recipient of the record, so it hears only what may leave: that an act took place, by a random
account, without its content (`xapi.disclosure`), and the figures that the gradebook of the run is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.listeners import Change, Heard, Recorded
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.store import listeners
from lrs_bridge.store.base import new_id
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.results import Replaced
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import get_tenant
from lrs_bridge.xapi.disclosure import is_process, process_of
from lrs_bridge.xapi.reading import Unreadable, read


def note_statements(session: Session, tenant_id: str, statements: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """These statements are in the record now."""
    to = listeners.hearing(session, tenant_id, Heard.STATEMENTS) if statements else []
    if to:
        told = _told_of([dict(one) for one in statements], get_tenant(session, tenant_id).iri_base)
        listeners.add_news(session, tenant_id, to, Heard.STATEMENTS, (one.body for one in told), now)


def _told_of(statements: Iterable[Mapping[str, Any]], home_page: str) -> Iterator[Recorded]:
    """What belongs to nobody's enrolment, such as an answer to an anonymous survey, is not told: its time alone may
    name who gave it. A void always is, so that nothing stands elsewhere that was withdrawn here."""
    for statement in statements:
        try:
            fact = read(statement, home_page)
        except Unreadable:  # of another system, kept as it came
            continue
        if fact.kind is Kind.VOIDED or (fact.registration is not None and is_process(fact)):
            shown, _ = process_of(statement, home_page)
            yield Recorded(fact.id, shown)


def note_changes(
    session: Session,
    run: RunRow,
    enrolment: Enrolment,
    active: Sequence[Active],
    replaced: Iterable[Replaced],
    now: datetime,
) -> None:
    """These results of one participant are new."""
    posted = posted_indicators(run.journey, active)
    wanted = [one for one in replaced if one.result.indicator in posted and _posted(one) != _posted_before(one)]
    to = listeners.hearing(session, run.tenant_id, Heard.INDICATORS) if wanted else []
    if to:
        titles = {one.key: one.evaluator.title for one in active}
        told = [_change(one, run, enrolment, titles[one.result.indicator], now) for one in wanted]
        listeners.add_news(session, run.tenant_id, to, Heard.INDICATORS, [one.body for one in told], now)


def _posted(replaced: Replaced) -> float | None:
    return replaced.result.outcome.posted


def _posted_before(replaced: Replaced) -> float | None:
    return None if replaced.before is None else replaced.before.posted


def _change(one: Replaced, run: RunRow, enrolment: Enrolment, title: str, now: datetime) -> Change:
    return Change(
        id=new_id(),
        at=now,
        run=run.id,
        journey=run.journey.slug,
        journey_version=run.journey.version,
        account=one.result.subject.account or "",
        registration=enrolment.id,
        indicator=one.result.indicator,
        title=title,
        value=_posted(one),
        before=_posted_before(one),
        evaluator_version=one.result.version,
        distribution=one.result.distribution,
    )

"""From a verified deep linking request to a visit in which somebody chooses what to place in the course."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.launch import Launch
from lrs_bridge.domain.placing import COMPLETION, Placement, placements_of
from lrs_bridge.flows.launch import Entered, course_of, roles_in_course
from lrs_bridge.store import deep_linking, journeys, people, runs, scores, sessions
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import Course, RunRow

log = logging.getLogger("lrs_bridge.launch")


@dataclass(frozen=True)
class Source:
    """A journey to place, with the run that its links lead to now, if there is one.

    `pinned`: the links name the run and lead nowhere else; otherwise they serve whichever run of the journey is open
    in the course they are in. `has_column`: the run's completion has a column in the gradebook already.
    """

    journey: Journey
    run: RunRow | None
    pinned: bool
    has_column: bool
    placements: Sequence[Placement]


def open_chooser(
    session: Session, launch: Launch, settings: dict[str, Any], now: datetime, browser: str | None = None
) -> Entered:
    """Open a visit that is bound to this request. Whoever chooses is not enrolled by it."""
    person = people.ensure_person(
        session, launch.tenant_id, launch.issuer, launch.sub, now, name=launch.name, email=launch.email
    )
    course = course_of(session, launch)
    token = sessions.open_visit(
        session,
        launch.tenant_id,
        person.id,
        launch.platform_id,
        roles_in_course(launch),
        now,
        course_id=course.id if course else None,
        browser=browser,
        return_url=launch.return_url,
    )
    deep_linking.keep(session, token, launch.tenant_id, launch.platform_id, launch.deployment_id, settings, now)
    log.info("deep linking: person=%s course=%s", person.account, course.id if course else None)
    return Entered(f"/s/{token}/choose", None, enrolled=False)


def sources(session: Session, tenant_id: str, course: Course | None) -> list[Source]:
    """The newest version of each installed journey, those with a run in this course first, then its open runs."""
    open_runs = runs.open_runs(session, tenant_id, course.id) if course else []
    newest: dict[str, JourneyRow] = {}
    for row in journeys.installed(session, tenant_id):
        newest.setdefault(row.slug, row)
    by_slug = [(row, [run for run in open_runs if run.journey_row.slug == row.slug]) for row in newest.values()]
    by_slug.sort(key=lambda pair: not pair[1])
    unpinned = [_source(session, run[0] if run else None, row, pinned=False) for row, run in by_slug]
    return [*unpinned, *(_source(session, run, run.journey_row, pinned=True) for run in open_runs)]


def _source(session: Session, run: RunRow | None, row: JourneyRow, pinned: bool) -> Source:
    journey = run.journey if run else row.journey
    columns = scores.line_items(session, run.tenant_id, run.id) if run else {}
    known = columns.get(COMPLETION)
    return Source(
        journey=journey,
        run=run,
        pinned=pinned,
        has_column=known is not None and known.url is not None,
        placements=placements_of(journey, run.id if run and pinned else None),
    )

"""The report of a run's study: made from the record for one audience, kept as it was made, handed out, taken back.

Reports for others come at the end of the run, from the answers that are in its last total: whoever lays both beside
one another finds the same people in them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.casework.acts import Action, Report
from lrs_bridge.domain.casework.study import Study, study
from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.performance import Performance
from lrs_bridge.domain.reporting import repeating
from lrs_bridge.domain.reporting.audiences import READERS, SEES, Audience
from lrs_bridge.flows import insights, study_sources, studying
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.insights import Reader
from lrs_bridge.flows.studying import CannotDo
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import publications, studies
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.store.studies import Doing

TOLD = frozenset({"named", "aggregate"})


def study_for(
    session: Session, seal: Seal, registry: Registry, run: RunRow, audience: Audience, now: datetime
) -> Study:
    """The study that a report is made of."""
    until = now if audience is Audience.EVALUATOR else answers_until(session, run, now)
    found, _ = study_sources.read(session, registry, run, until)
    return study(found, studies.acts_of(session, seal, run.tenant_id, run.id), now)


def answers_until(session: Session, run: RunRow, now: datetime) -> datetime:
    """When the last total of the survey was cut; now, while there is none."""
    rows = publications.of_run(session, run.tenant_id, run.id).get(insights.SURVEY, [])
    return next((row.made for row in rows if row.last and row.out is not None), now)


def why_not(session: Session, run: RunRow, made: Study, audience: Audience) -> str | None:
    """Why this report may not be made now, or None."""
    if audience is Audience.EVALUATOR:
        return None
    if made.about.over and _total_waits(session, run):
        return "The last total of the survey is still being worked out. It takes some minutes after the end of the run."
    earlier = [one.marks for one in made.reports if one.audience != Audience.EVALUATOR and not one.stale and one.marks]
    return repeating.why_not(made, earlier)


def _total_waits(session: Session, run: RunRow) -> bool:
    """A total came out or waits to, and the one of the end is not out."""
    rows = publications.of_run(session, run.tenant_id, run.id).get(insights.SURVEY, [])
    return bool(rows) and not any(row.last and row.out is not None for row in rows)


def keep(
    session: Session,
    seal: Seal,
    run: RunRow,
    by: PersonRow,
    act_id: str,
    made: Study,
    audience: Audience,
    document: str,
    now: datetime,
) -> bool:
    """Note a report that was made, with its text; False where it is noted already. Raises CannotDo."""
    if any(one.id == act_id for one in made.reports):
        return False
    if (why := why_not(session, run, made, audience)) is not None:
        raise CannotDo(why)
    return studying.keep_report(session, seal, run, by, act_id, made, str(audience), now, document)


def hand_out(
    session: Session, seal: Seal, run: RunRow, by: PersonRow, act_id: str, report: Report, now: datetime
) -> bool:
    """Let its readers open it. Raises CannotDo for one that was withdrawn."""
    if report.audience == Audience.EVALUATOR:
        raise CannotDo("This one is the evaluator’s own.")
    if report.text is None or report.stale:
        raise CannotDo("This report was withdrawn. Make a new one.")
    kept = {"report": report.id, "audience": report.audience}
    return studying.do(session, seal, run, by, Doing(act_id, Action.HAND_OUT, data=kept), now)


def current(reports: tuple[Report, ...], audience: Audience) -> Report | None:
    """The one that its readers may open: the latest that was handed out, unless it was withdrawn."""
    out = [one for one in reports if one.audience == audience and one.handed_out is not None]
    newest = max(out, key=lambda one: one.at, default=None)
    return newest if newest is not None and newest.text is not None and not newest.stale else None


def figures_for(
    session: Session,
    registry: Registry,
    run: RunRow,
    audience: Audience,
    performance: Performance | None,
    now: datetime,
) -> Figures | None:
    """Of the results of the run what all who read this version are told on their own pages, and of managers nothing
    that tells one sponsor of another's. None where this version has nothing of it."""
    if not SEES[audience].results:
        return None
    active = active_evaluators(session, registry, run)
    readers = READERS[audience]
    told = {one.key for one in active if all(_told(one.evaluator, role) for role in readers)}
    if "chain" not in SEES[audience].results:
        told -= {insights.SUPPORT}
    reader = Reader(
        told=frozenset(told),
        names=audience is Audience.EVALUATOR,
        expectations=audience in (Audience.EVALUATOR, Audience.SPONSOR),
        goal="goal" in SEES[audience].results,
    )
    return insights.gather(session, run, active, reader, performance, now)


def _told(evaluator: Evaluator, role: Role) -> bool:
    return evaluator.audience.get(role) in TOLD

"""Runs as a whole: started, moved to another day zero before they begin, tried as a pilot, closed and opened again.

What was done to a run is noted, and its numbers follow in the background.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Run
from lrs_bridge.flows import recompute
from lrs_bridge.flows.administer import CannotStart, start_run
from lrs_bridge.store import enrolments, results, rosters, run_changes, runs
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.run_changes import RunAction
from lrs_bridge.store.runs import RunRow

__all__ = ["CannotRun", "CannotStart", "Who", "close", "move", "reopen", "set_person", "set_pilot", "start"]

LONGEST_GROUP = 100
_YEARS = range(2000, 2101)


class CannotRun(ValueError):
    """It cannot be done to this run; the message says why and how to go on. `field`: of the form that asked."""

    def __init__(self, message: str, field: str = "day_zero") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Who:
    """Who does something to a run, and when. `act` is the form's, so that sending twice is the same as once."""

    name: str
    now: datetime
    act: str = field(default_factory=lambda: str(uuid4()))


def start(
    session: Session,
    who: Who,
    tenant_id: str,
    course_id: str,
    journey_id: str,
    day_zero: date,
    time_zone: str,
    pilot: bool = False,
) -> RunRow:
    """Start a run of a published version. Raises CannotStart."""
    if day_zero.year not in _YEARS:
        raise CannotStart("day_zero", "That is no day of this century. Give the day of the kick-off.")
    run = start_run(session, tenant_id, course_id, journey_id, day_zero, time_zone, who.now)
    run.pilot = pilot
    run_changes.note(
        session, tenant_id, run.id, who.act, RunAction.STARTED, None, day_zero.isoformat(), who.name, who.now
    )
    return run


def can_move(run: RunRow, now: datetime) -> str | None:
    """Why the run's day zero stays where it is; None where it may be moved."""
    if run.closed is not None:
        return "The run is closed. Open it again first."
    if run.run.local_day(now) >= run.day_zero:
        return "The kick-off was, and what people did is measured from it. Single people may have a day of their own."
    return None


def move(session: Session, who: Who, run: RunRow, day_zero: date) -> bool:
    """Give a run that has not begun another day zero; False where it has that already. Raises CannotRun."""
    if run_changes.made_by(session, run.tenant_id, run.id, who.act) is not None or day_zero == run.day_zero:
        return False
    why_not = can_move(run, who.now)
    if why_not is not None:
        raise CannotRun(why_not)
    if day_zero < run.run.local_day(who.now):
        raise CannotRun("That day is over. Give today or a day to come.")
    if day_zero.year not in _YEARS:
        raise CannotRun("That is too far away. Give a day of this century.")
    old, run.day_zero = run.day_zero, day_zero
    _note(session, who, run, RunAction.MOVED, old.isoformat(), day_zero.isoformat())
    _again(session, who, run, "The day zero was moved")
    return True


def close(session: Session, who: Who, run: RunRow) -> bool:
    """End a run: nothing is reminded of, no link of a letter opens, the gradebook is told that it is complete."""
    if run.closed is not None:
        return False
    run.closed = who.now
    _note(session, who, run, RunAction.CLOSED, None, None)
    _again(session, who, run, "The run was closed")
    return True


def reopen(session: Session, who: Who, run: RunRow) -> bool:
    """Go on with a closed run. Raises CannotRun where another run of the journey took its place in the course."""
    if run.closed is None:
        return False
    others = runs.open_runs(session, run.tenant_id, run.course_id, run.journey_row.slug)
    if others:
        raise CannotRun("The course has another open run of this journey. Close that one first.", "open")
    run.closed = None
    if run.archived is not None:
        _bring_back(session, who, run)
    _note(session, who, run, RunAction.REOPENED, None, None)
    _again(session, who, run, "The run was opened again")
    return True


def _bring_back(session: Session, who: Who, run: RunRow) -> None:
    """Everybody is evaluated again, and the course's people are fetched: that ended when the run was archived."""
    run.archived = None
    for one in enrolments.enrolments(session, run.tenant_id, run.id):
        results.mark_due(session, run.tenant_id, run.id, one.id, who.now)
    rosters.go_on(session, run.id, who.now)


def set_pilot(session: Session, who: Who, run: RunRow, pilot: bool) -> bool:
    """Say whether the run is a trial. No number changes by it, only with whom the run is compared."""
    if run.pilot == pilot:
        return False
    old, run.pilot = run.pilot, pilot
    _note(session, who, run, RunAction.PILOT, old, pilot)
    return True


def set_person(
    session: Session,
    who: Who,
    run: RunRow,
    enrolment: Enrolment,
    group: str | None,
    enrolled: date,
    day_zero: date | None,
) -> bool:
    """One participant's group and days; False where it is so already. Raises CannotRun."""
    if enrolment.withdrawn is not None and enrolled >= enrolment.withdrawn:
        raise CannotRun("They left before that day.", "enrolled")
    for name, day in (("enrolled", enrolled), ("own_day", day_zero)):
        if day is not None and day.year not in _YEARS:
            raise CannotRun("That is no day of this century.", name)
    told = (group or None, enrolled, None if day_zero == run.day_zero else day_zero)
    if told == (enrolment.area, enrolment.enrolled, enrolment.day_zero):
        return False
    enrolment.area, enrolment.enrolled, enrolment.day_zero = told
    _due(session, run, enrolment.id, who.now)
    return True


def put_in_group(
    session: Session, who: Who, run: RunRow, chosen: Mapping[str, Enrolment], group: str | None
) -> list[Enrolment]:
    """These participants belong to a group (to none: None); answers those of whom that is new."""
    moved = [one for one in chosen.values() if one.area != (group or None)]
    for one in moved:
        one.area = group or None
        _due(session, run, one.id, who.now)
    return moved


def groups_of(session: Session, run: RunRow) -> dict[str, int]:
    """How many are in each group of the run, by its name."""
    found: dict[str, int] = {}
    for one in enrolments.enrolments(session, run.tenant_id, run.id):
        if one.area and one.withdrawn is None:
            found[one.area] = found.get(one.area, 0) + 1
    return dict(sorted(found.items()))


def moved_run(run: RunRow, day_zero: date) -> Run:
    """The run as it would be."""
    return Run(run.id, run.journey_row.slug, run.journey_row.version, day_zero, run.time_zone)


def _due(session: Session, run: RunRow, enrolment_id: str, now: datetime) -> None:
    results.mark_due(session, run.tenant_id, run.id, enrolment_id, now)
    results.mark_due(session, run.tenant_id, run.id, run.id, now)


def _note(session: Session, who: Who, run: RunRow, action: RunAction, old: object, new: object) -> None:
    run_changes.note(session, run.tenant_id, run.id, who.act, action, old, new, who.name, who.now)


def _again(session: Session, who: Who, run: RunRow, reason: str) -> None:
    recompute.ask(session, run.tenant_id, run_id=run.id, reason=f"{reason}.", by=who.name, now=who.now)

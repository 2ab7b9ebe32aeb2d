"""Whose chain it is: a sponsor's managers and the participants under them; which of the sponsor's steps are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort
from sqlalchemy.orm import Session

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step, Window
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people, relations
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.visits import Visit, needs


@dataclass(frozen=True)
class Reach:
    """`managers` of today by name, with the first participant of each (whose enrolment a talk with them is about)."""

    run: RunRow
    managers: Sequence[tuple[PersonRow, Enrolment]]
    members: Sequence[Enrolment]


@dataclass(frozen=True)
class OwnStep:
    """A step of the sponsor. `waiting`: managers with whom it has not taken place; `done`: by the days it was done."""

    step: Step
    window: Window
    done: Sequence[Fact]
    waiting: Sequence[tuple[PersonRow, Enrolment]]

    @property
    def with_managers(self) -> bool:
        return self.step.counterpart == Role.MANAGER

    def is_done(self) -> bool:
        return bool(self.done) and not self.waiting

    def is_open(self, today: date) -> bool:
        late_and_optional = self.window.is_over(today) and not self.step.required
        return self.window.opens <= today and not self.is_done() and not late_and_optional


def run_of(visit: Visit) -> RunRow:
    needs(visit, Role.SPONSOR)
    if visit.run_row is None:
        abort(404)
    return visit.run_row


def of(session: Session, visit: Visit) -> Reach:
    """The sponsor's managers and their people; a sponsor of the whole run, named for no manager, has everybody."""
    run = run_of(visit)
    known = relations.all_of(session, run)
    today = [row for row in known if row.span.holds_on(visit.today)]
    managing = [row for row in today if row.kind == Role.MANAGER]
    mine = {row.person_id for row in today if (row.kind, row.other_id) == (Role.SPONSOR, visit.person_id)}
    whole = not mine
    if whole:
        mine = {row.other_id for row in managing}
    rows = [
        row
        for row in enrolments.enrolments(session, visit.tenant_id, run.id)
        if row.enrolled <= visit.today and (row.withdrawn is None or row.withdrawn > visit.today)
    ]
    of_person = {row.person_id: row for row in rows}
    led: dict[str, list[Enrolment]] = {}
    for row in managing:
        if row.other_id in mine and row.person_id in of_person:
            led.setdefault(row.other_id, []).append(of_person[row.person_id])
    names = people.people_by_id(session, visit.tenant_id, led)
    managers = sorted(
        ((names[id_], min(theirs, key=lambda one: one.id)) for id_, theirs in led.items()),
        key=lambda pair: pair[0].shown_name,
    )
    inside = {one.id for theirs in led.values() for one in theirs}
    return Reach(run, managers, [row for row in rows if whole or row.id in inside])


def own_steps(session: Session, visit: Visit, reach: Reach) -> list[OwnStep]:
    """The sponsor's steps in the journey's order, with what they did about each."""
    run = reach.run
    steps = run.journey.owned_by(Role.SPONSOR)
    acts = facts_where(
        session,
        FactRow.tenant_id == visit.tenant_id,
        FactRow.actor == visit.account,
        FactRow.run_id == run.id,
        FactRow.step.in_([step.id for step in steps]),
    )
    windows = run.journey.windows(run.day_zero, None)
    found = []
    for step in steps:
        done = [fact for fact in acts if fact.step == step.id]
        waiting: Sequence[tuple[PersonRow, Enrolment]] = ()
        if step.counterpart == Role.MANAGER:
            met = {fact.counterpart for fact in done}
            waiting = [pair for pair in reach.managers if pair[0].account not in met]
        found.append(OwnStep(step, windows[step.id], done, waiting))
    return found

"""The one way by which it changes who is what to whom in a run: with days, a source, and a line of history.

Nothing is overwritten: a relation ends, and another begins. What is done at once has one act, which can be taken back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.enrol import NEVER_ENROLLED, withdraw_idle_leader
from lrs_bridge.store import enrolments, people_changes, relations, results
from lrs_bridge.store.enrolments import RelationRow, RunRole
from lrs_bridge.store.people_changes import Action, PeopleChange
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.people")

_ONE_DAY = timedelta(days=1)


class CannotChange(ValueError):
    """It cannot be done like this; the message says why and how to mend it. `field`: of the form that asked."""

    def __init__(self, message: str, field: str = "who") -> None:
        super().__init__(message)
        self.field = field


@dataclass
class Hand:
    """Who changes something, and when. `act` is the same for all that is done at once; `by_id` is a person here."""

    run: RunRow
    now: datetime
    source: str
    by_id: str | None = None
    act: str = field(default_factory=lambda: str(uuid4()))
    undoes: str | None = None
    touched: set[str] = field(default_factory=set)
    places: int = 0

    @property
    def today(self) -> date:
        return self.run.run.local_day(self.now)


def begin(
    session: Session,
    hand: Hand,
    person_id: str,
    other_id: str,
    role: Role,
    start: date | None,
    end: date | None = None,
    relation_id: str | None = None,
) -> RelationRow:
    """`other` is `person`'s `role` on these days."""
    run = hand.run
    row = enrolments.relate(
        session, run.tenant_id, run.id, person_id, other_id, role, hand.source, start, end, relation_id
    )
    note(session, hand, Action.BEGAN, role, person_id, other_id, row.id, new=(start, end))
    return row


def move(session: Session, hand: Hand, row: RelationRow, start: date | None, end: date | None) -> None:
    """The relation holds on these days from now on."""
    if (row.start, row.end) == (start, end):
        return
    old = row.start, row.end
    row.start, row.end = start, end
    note(session, hand, Action.MOVED, Role(row.kind), row.person_id, row.other_id, row.id, old, (start, end))


def end_before(session: Session, hand: Hand, row: RelationRow, day: date) -> None:
    """End a relation with the day before; one that would then never have held is taken out."""
    last = day - _ONE_DAY
    if row.start is not None and row.start > last:
        take_out(session, hand, row)
    elif row.end is None or row.end > last:
        move(session, hand, row, row.start, last)


def take_out(session: Session, hand: Hand, row: RelationRow) -> None:
    """As if it had never been said; the history says that it was."""
    old = row.start, row.end
    note(session, hand, Action.GONE, Role(row.kind), row.person_id, row.other_id, row.id, old, old)
    session.delete(row)
    session.flush()


def give(session: Session, hand: Hand, person_id: str, role: Role, start: date | None, end: date | None) -> None:
    """Somebody has this role in the whole run on these days; where they had it already, the days change."""
    run = hand.run
    known = enrolments.given_role(session, run.tenant_id, run.id, person_id, role)
    if known is not None and (known.start, known.end) == (start, end):
        return
    action, old = (Action.BEGAN, (None, None)) if known is None else (Action.MOVED, (known.start, known.end))
    enrolments.give_role(session, run.tenant_id, run.id, person_id, role, hand.now, start, end)
    note(session, hand, action, role, person_id, None, None, old, (start, end))


def take_back(session: Session, hand: Hand, row: RunRole, day: date) -> None:
    """A given role ends with the day before; one that would then never have held is taken out."""
    last, old = day - _ONE_DAY, (row.start, row.end)
    if row.end is not None and row.end <= last:
        return
    if _first_day(hand, row) > last:
        note(session, hand, Action.GONE, Role(row.role), row.person_id, None, None, old, old)
        session.delete(row)
    else:
        row.end = last
        note(session, hand, Action.MOVED, Role(row.role), row.person_id, None, None, old, (row.start, last))
    session.flush()


def _first_day(hand: Hand, row: RunRole) -> date:
    return row.start or hand.run.run.local_day(row.given)


def settle(session: Session, hand: Hand) -> list[str]:
    """What follows once everything is changed: numbers are due again, and leaders who were taken for participants and
    have done nothing leave. Answers the ids of those who left."""
    session.flush()
    run = hand.run
    known = enrolments.enrolments_of_people(session, run.tenant_id, hand.touched)
    for of_one in known.values():
        for enrolment in of_one:
            if enrolment.run_id == run.id:
                results.mark_due(session, run.tenant_id, run.id, enrolment.id, hand.now)
    if hand.touched:
        results.mark_due(session, run.tenant_id, run.id, run.id, hand.now)
    leaders = relations.leader_ids(session, run, NEVER_ENROLLED) & hand.touched
    left = [one for one in sorted(leaders) if withdraw_idle_leader(session, run, one, hand.now)]
    log.info("people of run %s: %d changes by %s", run.id, hand.places, hand.source)
    return left


_Days = tuple[date | None, date | None]


def note(
    session: Session,
    hand: Hand,
    action: Action,
    role: Role,
    person_id: str,
    other_id: str | None,
    relation_id: str | None,
    old: _Days = (None, None),
    new: _Days = (None, None),
) -> None:
    """A line of history: what changed, from which days to which."""
    hand.places += 1
    hand.touched |= {person_id, *([other_id] if other_id else [])}
    people_changes.add(
        session,
        PeopleChange(
            tenant_id=hand.run.tenant_id,
            run_id=hand.run.id,
            act=hand.act,
            undoes=hand.undoes,
            place=hand.places,
            at=hand.now,
            source=hand.source,
            by_id=hand.by_id,
            action=str(action),
            role=str(role),
            person_id=person_id,
            other_id=other_id,
            relation_id=relation_id,
            old_start=old[0],
            old_end=old[1],
            start=new[0],
            end=new[1],
        ),
    )


def held_by(session: Session, run: RunRow, person_ids: Iterable[str], role: Role) -> list[RelationRow]:
    """The relations of this role that belong to these people."""
    found = enrolments.relations_of(session, run.tenant_id, run.id, person_ids)
    return [row for rows in found.values() for row in rows if row.kind == role]

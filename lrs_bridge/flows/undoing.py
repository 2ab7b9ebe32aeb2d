"""Taking back what was done at once in who is what to whom: all of it or nothing, shown before, with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import Span
from lrs_bridge.flows import relating
from lrs_bridge.flows.relating import CannotChange, Hand
from lrs_bridge.store import enrolments, people_changes, relations
from lrs_bridge.store.enrolments import RelationRow, RunRole
from lrs_bridge.store.people_changes import Action, PeopleChange
from lrs_bridge.store.runs import RunRow

UNDO_FOR = timedelta(days=1)
UNDO_FILE_FOR = timedelta(days=14)
"""A file is found to be wrong later than a tap; what was changed by hand since then stops it in any case."""
_SINCE = "Somebody changed it since. Look at it again, and end or name what should be."


@dataclass(frozen=True)
class Step:
    """One line of what taking an act back would do. `now` and `then`: days, None where there is no such relation.
    `changed`: it is not any more as the act left it, so that nothing is taken back."""

    person_id: str
    other_id: str | None
    role: Role
    now: Span | None
    then: Span | None
    changed: bool


def look(session: Session, run: RunRow, act: str, now: datetime, within: timedelta = UNDO_FOR) -> list[Step]:
    """What it would do. Raises CannotChange where the act is none of this run, too old, or taken back."""
    done = _done(session, run, act, now, within)
    rows = {row.id: row for row in relations.all_of(session, run)}
    given = {(row.person_id, row.role): row for row in enrolments.given_roles(session, run.tenant_id, run.id)}
    return [_step(change, _row_of(change, rows, given)) for change in reversed(done)]


def undo(session: Session, hand: Hand, act: str, within: timedelta = UNDO_FOR) -> None:
    """Take back all of an act, if nothing of it was changed since. Raises CannotChange.

    What was never to be is taken out; what had ended goes on. The history keeps both.
    """
    done = _done(session, hand.run, act, hand.now, within)
    hand.undoes = act
    for change in reversed(done):
        if change.other_id is None:
            _undo_given(session, hand, change)
        else:
            _undo_relation(session, hand, change, change.other_id)
    relating.settle(session, hand)


def _done(session: Session, run: RunRow, act: str, now: datetime, within: timedelta) -> Sequence[PeopleChange]:
    done = people_changes.of_act(session, run.tenant_id, run.id, act)
    if not done or any(change.undoes for change in done):
        raise CannotChange("There is nothing to take back.")
    if people_changes.is_undone(session, run.tenant_id, run.id, act):
        raise CannotChange("That was taken back already.")
    if now - done[0].at > within:
        ago = "a day" if within.days == 1 else f"{within.days} days"
        raise CannotChange(f"That was more than {ago} ago. End what should not be, or name somebody again.")
    return done


def _row_of(
    change: PeopleChange, rows: Mapping[str, RelationRow], given: Mapping[tuple[str, str], RunRole]
) -> RelationRow | RunRole | None:
    if change.other_id is None:
        return given.get((change.person_id, change.role))
    return rows.get(change.relation_id or "")


def _step(change: PeopleChange, row: RelationRow | RunRole | None) -> Step:
    now = Span(row.start, row.end) if row is not None else None
    left = None if change.action == Action.GONE else Span(change.start, change.end)
    then = None if change.action == Action.BEGAN else Span(change.old_start, change.old_end)
    return Step(change.person_id, change.other_id, Role(change.role), now, then, now != left)


def _undo_relation(session: Session, hand: Hand, change: PeopleChange, other_id: str) -> None:
    row = session.get(RelationRow, change.relation_id)
    role, old = Role(change.role), (change.old_start, change.old_end)
    if change.action == Action.GONE:
        if row is not None:
            raise CannotChange(_SINCE)
        relating.begin(session, hand, change.person_id, other_id, role, *old, relation_id=change.relation_id)
        return
    if row is None or (row.start, row.end) != (change.start, change.end):
        raise CannotChange(_SINCE)
    if change.action == Action.BEGAN:
        relating.take_out(session, hand, row)
    else:
        relating.move(session, hand, row, *old)


def _undo_given(session: Session, hand: Hand, change: PeopleChange) -> None:
    run, role, old = hand.run, Role(change.role), (change.old_start, change.old_end)
    row = enrolments.given_role(session, run.tenant_id, run.id, change.person_id, role)
    if change.action == Action.GONE:
        if row is not None:
            raise CannotChange(_SINCE)
        relating.give(session, hand, change.person_id, role, *old)
        return
    if row is None or (row.start, row.end) != (change.start, change.end):
        raise CannotChange(_SINCE)
    if change.action == Action.BEGAN:
        relating.note(session, hand, Action.GONE, role, change.person_id, None, None, (row.start, row.end), old)
        session.delete(row)
        session.flush()
    else:
        relating.give(session, hand, change.person_id, role, *old)

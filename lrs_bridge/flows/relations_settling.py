"""What the lines of a file make of the relations that are there: decided here, done in `relations`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import LEADING, Leads, Span, closes_a_loop
from lrs_bridge.flows.directory import Somebody
from lrs_bridge.journeyfile.leaders import LeaderRow, LineProblem
from lrs_bridge.store.enrolments import RelationRow, RunRole
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """One thing that the file changes, in words for a table. `what`: begins, ends, goes on or is given.

    `participant` is empty for a role in the whole run.
    """

    line: int
    participant: str
    what: str
    leader: str
    role: Role
    start: date | None
    end: date | None


@dataclass
class Wanted:
    """A line with the people whom it means; without `person` it is about the whole run."""

    row: LeaderRow
    person: PersonRow | None
    leader: Somebody


@dataclass
class Draft:
    """A plan in the making, with the rows that the changes are about."""

    run: RunRow
    today: date
    changes: list[Change] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    unchanged: int = 0
    names: Mapping[str, PersonRow] = field(default_factory=dict)
    begin: list[tuple[Wanted, date | None]] = field(default_factory=list)
    until: list[tuple[RelationRow, date | None]] = field(default_factory=list)
    given: list[tuple[Wanted, date | None]] = field(default_factory=list)

    def note(self, wanted: Wanted, what: str, leader: str, start: date | None, end: date | None) -> None:
        name = wanted.person.shown_name if wanted.person else ""
        self.changes.append(Change(wanted.row.line, name, what, leader, wanted.row.role, start, end))

    def wrong(self, wanted: Wanted, text: str) -> None:
        self.problems.append(LineProblem(wanted.row.line, text))


def settle(draft: Draft, group: Sequence[Wanted], known: Sequence[RelationRow]) -> None:
    """What the lines about one person and role make of their relations of that role."""
    kept: set[str] = set()
    spans: list[Span] = []
    for wanted in group:
        start = _start(draft, wanted, known)
        spans.append(Span(start, wanted.row.end))
        same = [row for row in known if row.other_id == wanted.leader.key]
        match = next((row for row in same if row.start == start), None)
        if match is not None:
            kept.add(match.id)
            _until(draft, wanted, match)
        elif any(row.span.overlaps(spans[-1]) for row in same):
            since = next(row.start for row in same if row.span.overlaps(spans[-1])) or "the beginning"
            what = f"{wanted.leader.name} is {wanted.row.role} already, from {since}."
            draft.wrong(wanted, f"{what} Leave from empty, or give that day.")
            kept |= {row.id for row in same}
        else:
            draft.begin.append((wanted, start))
            draft.note(wanted, "begins", wanted.leader.name, start, wanted.row.end)
    for row in known:
        if row.id not in kept:
            _give_way(draft, group, spans, row)


def _start(draft: Draft, wanted: Wanted, known: Sequence[RelationRow]) -> date | None:
    """An empty `from`: as it is for a leader who stands there, since ever for the first one, else from today.

    One that is over, in the words in which it is kept, is as it is too.
    """
    if wanted.row.start is not None or not known:
        return wanted.row.start
    standing = [row for row in known if row.other_id == wanted.leader.key]
    holding = [row for row in standing if row.end is None or row.end >= draft.today]
    if any(row.start is None and row.end == wanted.row.end for row in standing):
        return None
    return holding[0].start if holding else draft.today


def _until(draft: Draft, wanted: Wanted, row: RelationRow) -> None:
    if row.end == wanted.row.end:
        draft.unchanged += 1
        return
    draft.until.append((row, wanted.row.end))
    draft.note(wanted, "ends" if wanted.row.end else "goes on", wanted.leader.name, row.start, wanted.row.end)


def _give_way(draft: Draft, group: Sequence[Wanted], spans: Sequence[Span], row: RelationRow) -> None:
    """Somebody who leads now and is not in the file ends where the file has another begin."""
    for wanted, span in zip(group, spans, strict=True):
        if not row.span.overlaps(span):
            continue
        if span.start is None or (row.start is not None and row.start >= span.start):
            since = row.start or "the beginning"
            draft.wrong(wanted, f"somebody else is {wanted.row.role} from {since}. Give a later from.")
            return
        draft.until.append((row, span.start - _ONE_DAY))
        draft.note(wanted, "ends", _name_of(draft, row), row.start, span.start - _ONE_DAY)
        return


def _name_of(draft: Draft, row: RelationRow) -> str:
    person = draft.names.get(row.other_id)
    return person.shown_name if person else "somebody"


def give(draft: Draft, for_all: Sequence[Wanted], known: Sequence[RunRole]) -> None:
    """Roles in the whole run; an empty `from` leaves the first day as it is."""
    there = {(row.person_id, row.role): row for row in known}
    for wanted in for_all:
        row = there.get((wanted.leader.key, str(wanted.row.role)))
        if row is not None and (not wanted.row.dated or _as_it_is(row, wanted.row)):
            draft.unchanged += 1
            continue
        draft.given.append((wanted, wanted.row.start or (row.start if row else None)))
        draft.note(wanted, "is given", wanted.leader.name, wanted.row.start, wanted.row.end)


def _as_it_is(row: RunRole, said: LeaderRow) -> bool:
    return row.end == said.end and said.start in (None, row.start)


def refuse_loops(draft: Draft, known: Sequence[RelationRow]) -> None:
    """Nobody leads whoever leads them, over whatever many others. `known`: all relations of the run."""
    ends = {row.id: end for row, end in draft.until}
    leads = [
        Leads(row.person_id, row.other_id, Span(row.start, ends.get(row.id, row.end)))
        for row in known
        if row.kind in LEADING
    ]
    for wanted, start in draft.begin:
        if wanted.person is None or wanted.row.role not in LEADING:
            continue
        new = Leads(wanted.person.id, wanted.leader.key, Span(start, wanted.row.end))
        if closes_a_loop(leads, new):
            draft.wrong(wanted, f"{wanted.leader.name} would be led by {wanted.person.shown_name}. One of them leads.")
        leads.append(new)

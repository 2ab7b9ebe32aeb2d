"""Who manages whom, from a file: what it would change, and changing it. Decided in `docs/decisions/0008`.

The file is the word on everybody whom it names, for the roles that it names: an earlier manager of theirs who is not
in the file ends with the day before the new one begins. Nobody else is touched, and nothing is overwritten.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.enrol import NEVER_ENROLLED, withdraw_idle_leader
from lrs_bridge.journeyfile.leaders import LeaderRow, LineProblem, read_leaders, write_leaders
from lrs_bridge.store import enrolments, people, platforms, relations, results
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.people")

SOURCE = "import"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """One thing that the file changes, in words for a table. `what`: begins, ends or changes its last day."""

    line: int
    participant: str
    what: str
    leader: str
    role: Role
    start: date | None
    end: date | None


@dataclass(frozen=True)
class Plan:
    """What a file would do. With problems nothing of it is done. `invited`: e-mails of people nobody knows yet."""

    changes: Sequence[Change]
    problems: Sequence[LineProblem]
    unchanged: int
    invited: Sequence[str]

    @property
    def ready(self) -> bool:
        return not self.problems and bool(self.changes)


@dataclass(eq=False)
class _Leader:
    """Somebody who leads: known, or (`person` None) to be made for this e-mail."""

    word: str
    person: PersonRow | None

    @property
    def key(self) -> str:
        return self.person.id if self.person else self.word

    @property
    def name(self) -> str:
        return (self.person.name or self.person.email or self.person.shown_name) if self.person else self.word


@dataclass
class _Wanted:
    row: LeaderRow
    person: PersonRow
    leader: _Leader


@dataclass
class _Draft:
    """A plan in the making, with the rows that the changes are about."""

    run: RunRow
    today: date
    changes: list[Change] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    unchanged: int = 0
    names: Mapping[str, PersonRow] = field(default_factory=dict)
    begin: list[tuple[_Wanted, date | None]] = field(default_factory=list)
    until: list[tuple[RelationRow, date | None]] = field(default_factory=list)

    def note(self, wanted: _Wanted, what: str, leader: str, start: date | None, end: date | None) -> None:
        name = wanted.person.shown_name
        self.changes.append(Change(wanted.row.line, name, what, leader, wanted.row.role, start, end))


def plan(session: Session, run: RunRow, text: str, today: date) -> Plan:
    """What this file would change in the run from `today` on. Changes nothing."""
    return _plan_of(_draft(session, run, text, today))


def import_relations(session: Session, run: RunRow, text: str, now: datetime) -> Plan:
    """Do what `plan` says, all of it or, where there is a problem, nothing. Twice is the same as once."""
    draft = _draft(session, run, text, run.run.local_day(now))
    done = _plan_of(draft)
    if not done.ready:
        return done
    made: dict[str, PersonRow] = {}
    touched: set[str] = set()
    for row, end in draft.until:
        row.end = end
        touched.add(row.person_id)
    for wanted, start in draft.begin:
        leader = wanted.leader.person or made.get(wanted.leader.key)
        if leader is None:
            leader = made[wanted.leader.key] = people.add_person(session, run.tenant_id, now, email=wanted.leader.word)
        enrolments.relate(
            session, run.tenant_id, run.id, wanted.person.id, leader.id, wanted.row.role, SOURCE, start, wanted.row.end
        )
        touched.add(wanted.person.id)
    session.flush()
    for enrolment in enrolments.enrolments(session, run.tenant_id, run.id):
        if enrolment.person_id in touched:
            results.mark_due(session, run.tenant_id, run.id, enrolment.id, now)
    results.mark_due(session, run.tenant_id, run.id, run.id, now)
    for person_id in relations.leader_ids(session, run, NEVER_ENROLLED):
        withdraw_idle_leader(session, run, person_id, now)
    log.info("relations of run %s: %d changes by import", run.id, len(done.changes))
    return done


def template(session: Session, run: RunRow, today: date) -> str:
    """The run's participants with who leads them now, as a file to fill in and send back."""
    inside = [
        one
        for one in enrolments.enrolments(session, run.tenant_id, run.id)
        if one.withdrawn is None or one.withdrawn > today
    ]
    led = enrolments.relations_of(session, run.tenant_id, run.id, [one.person_id for one in inside])
    issuer = session.get_one(platforms.Platform, run.course.platform_id).issuer
    ids = [one.person_id for one in inside] + [row.other_id for rows in led.values() for row in rows]
    called = {
        person_id: next((one.sub for one in known if one.issuer == issuer), "")
        for person_id, known in people.identities_of(session, run.tenant_id, ids).items()
    }
    persons = people.people_by_id(session, run.tenant_id, ids)
    emails = [person.email.lower() for person in persons.values() if person.email]

    def word(person: PersonRow) -> str:
        own = (person.email or "").lower()
        return own if own and emails.count(own) == 1 else called.get(person.id, "")

    lines: list[dict[str, str]] = []
    for one in sorted(inside, key=lambda one: one.person.shown_name):
        told = {"participant": word(one.person), "name": one.person.shown_name}
        current = [row for row in led.get(one.person_id, []) if row.end is None or row.end >= today]
        for row in current:
            leader = persons[row.other_id]
            days = {"from": str(row.start or ""), "to": str(row.end or "")}
            lines.append({**told, "manager": word(leader), "manager_name": leader.name or "", "role": row.kind, **days})
        if not any(row.kind == Role.MANAGER for row in current):
            lines.append({**told, "manager": "", "manager_name": "", "role": str(Role.MANAGER), "from": "", "to": ""})
    return write_leaders(lines)


def _plan_of(draft: _Draft) -> Plan:
    invited = dict.fromkeys(wanted.leader.word for wanted, _ in draft.begin if wanted.leader.person is None)
    return Plan(
        changes=sorted(draft.changes, key=lambda change: change.line),
        problems=sorted(draft.problems, key=lambda problem: problem.line),
        unchanged=draft.unchanged,
        invited=list(invited),
    )


def _draft(session: Session, run: RunRow, text: str, today: date) -> _Draft:
    rows, problems = read_leaders(text)
    draft = _Draft(run, today, problems=list(problems))
    groups: dict[tuple[str, Role], list[_Wanted]] = {}
    for wanted in _resolved(session, draft, rows):
        groups.setdefault((wanted.person.id, wanted.row.role), []).append(wanted)
    known = enrolments.relations_of(session, run.tenant_id, run.id, [person_id for person_id, _ in groups])
    draft.names = people.people_by_id(
        session, run.tenant_id, [row.other_id for rows_of_one in known.values() for row in rows_of_one]
    )
    for (person_id, role), group in groups.items():
        _settle(draft, group, [row for row in known.get(person_id, []) if row.kind == role])
    return draft


def _resolved(session: Session, draft: _Draft, rows: Sequence[LeaderRow]) -> list[_Wanted]:
    """The people behind the words of the file; a word that fits nobody, or several, is a problem."""
    run = draft.run
    issuer = session.get_one(platforms.Platform, run.course.platform_id).issuer
    words = {word for row in rows for word in (row.participant, row.leader)}
    by_sub = relations.people_by_sub(session, run.tenant_id, issuer, words)
    by_email = relations.people_by_email(session, run.tenant_id, [word for word in words if "@" in word])
    enrolled = {one.person_id for one in enrolments.enrolments(session, run.tenant_id, run.id)}
    leading = relations.leader_ids(session, run, (Role.MANAGER,))
    named = {row.leader.lower() for row in rows if row.role is Role.MANAGER}

    def found(word: str) -> list[PersonRow]:
        exact = by_sub.get(word)
        return [exact] if exact else by_email.get(word.lower(), [])

    resolved = []
    for row in rows:
        known = found(row.participant)
        if row.role is Role.SPONSOR:
            inside = [one for one in known if one.id in leading or row.participant.lower() in named]
        else:
            inside = [one for one in known if one.id in enrolled]
        leader = _leader(draft, row, found(row.leader), enrolled | leading)
        if len(inside) != 1:
            draft.problems.append(LineProblem(row.line, _not_one(row, len(inside))))
        elif leader is not None and leader.key == inside[0].id:
            draft.problems.append(LineProblem(row.line, "nobody leads themselves."))
        elif leader is not None:
            resolved.append(_Wanted(row, inside[0], leader))
    return resolved


def _not_one(row: LeaderRow, count: int) -> str:
    if count:
        return f"several people of this run have the e-mail {row.participant!r}. Give the LMS's user id."
    if row.role is Role.SPONSOR:
        return f"{row.participant!r} manages nobody in this run. A sponsor's line names a manager as participant."
    return f"{row.participant!r} is nobody in this run. Fetch the people of the course first, or check the spelling."


def _leader(draft: _Draft, row: LeaderRow, found: Sequence[PersonRow], near: Collection[str]) -> _Leader | None:
    """Of several with one e-mail, the one who is in this run already; else that is for a person to say."""
    close = [one for one in found if one.id in near] if len(found) > 1 else found
    if len(close) == 1:
        return _Leader(row.leader, close[0])
    if found:
        problem = f"several people have the e-mail {row.leader!r}. Give the LMS's user id."
    elif "@" not in row.leader:
        problem = f"the LMS has not told us of a user {row.leader!r}. Give their e-mail."
    elif not _EMAIL.fullmatch(row.leader):
        problem = f"{row.leader!r} is no e-mail."
    else:
        return _Leader(row.leader.lower(), None)
    draft.problems.append(LineProblem(row.line, problem))
    return None


def _settle(draft: _Draft, group: Sequence[_Wanted], known: Sequence[RelationRow]) -> None:
    """What the lines about one person and role make of the relations that are there."""
    kept: set[str] = set()
    spans: list[tuple[date | None, date | None]] = []
    for wanted in group:
        start = _start(draft, wanted, known)
        spans.append((start, wanted.row.end))
        same = [row for row in known if row.other_id == wanted.leader.key]
        match = next((row for row in same if row.start == start), None)
        if match is not None:
            kept.add(match.id)
            _until(draft, wanted, match)
        elif any(_overlap((row.start, row.end), spans[-1]) for row in same):
            since = next(row.start for row in same if _overlap((row.start, row.end), spans[-1])) or "the beginning"
            what = f"{wanted.leader.name} is {wanted.row.role} already, from {since}."
            text = f"{what} Leave from empty, or give that day."
            draft.problems.append(LineProblem(wanted.row.line, text))
            kept |= {row.id for row in same}
        else:
            draft.begin.append((wanted, start))
            draft.note(wanted, "begins", wanted.leader.name, start, wanted.row.end)
    for row in known:
        if row.id not in kept:
            _give_way(draft, group, spans, row)


def _start(draft: _Draft, wanted: _Wanted, known: Sequence[RelationRow]) -> date | None:
    """An empty `from`: as it is for a leader who stands there, since ever for the first one, else from today."""
    if wanted.row.start is not None or not known:
        return wanted.row.start
    standing = [row for row in known if row.other_id == wanted.leader.key]
    holding = [row for row in standing if row.end is None or row.end >= draft.today]
    return holding[0].start if holding else draft.today


def _until(draft: _Draft, wanted: _Wanted, row: RelationRow) -> None:
    if row.end == wanted.row.end:
        draft.unchanged += 1
        return
    draft.until.append((row, wanted.row.end))
    draft.note(wanted, "ends" if wanted.row.end else "goes on", wanted.leader.name, row.start, wanted.row.end)


def _give_way(
    draft: _Draft, group: Sequence[_Wanted], spans: Sequence[tuple[date | None, date | None]], row: RelationRow
) -> None:
    """Somebody who leads now and is not in the file ends where the file has another begin."""
    for wanted, (start, end) in zip(group, spans, strict=True):
        if not _overlap((row.start, row.end), (start, end)):
            continue
        if start is None or (row.start is not None and row.start >= start):
            text = f"somebody else is {wanted.row.role} from {row.start or 'the beginning'}. Give a later from."
            draft.problems.append(LineProblem(wanted.row.line, text))
            return
        draft.until.append((row, start - _ONE_DAY))
        draft.note(wanted, "ends", _name_of(draft, row), row.start, start - _ONE_DAY)
        return


def _name_of(draft: _Draft, row: RelationRow) -> str:
    person = draft.names.get(row.other_id)
    return person.shown_name if person else "somebody"


def _overlap(one: tuple[date | None, date | None], other: tuple[date | None, date | None]) -> bool:
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (one[1] or date.max)

"""Who is what to whom, from a file: what it would change, and changing it. Decided in `docs/decisions/0008`.

The file is the word on everybody whom it names, for the roles that it names: an earlier manager of theirs who is not
in the file ends with the day before the new one begins. Nobody else is touched, and nothing is overwritten. A role in
the whole run is given, and nobody else's is taken by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lrs_bridge.domain.fingerprint import canonical, digest
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import relating
from lrs_bridge.flows.directory import Directory, NotFound, Somebody
from lrs_bridge.flows.relating import Hand
from lrs_bridge.flows.relations_settling import Change, Draft, Wanted, give, refuse_loops, settle
from lrs_bridge.journeyfile.leaders import LeaderRow, LineProblem
from lrs_bridge.store import enrolments, people, relations
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

SOURCE = "import"


@dataclass(frozen=True)
class Plan:
    """What a file would do. With problems nothing of it is done. `invited`: e-mails of people nobody knows yet.

    `mark` is the same for the same changes: what somebody saw is what is done, or it is shown again.
    """

    changes: Sequence[Change]
    problems: Sequence[LineProblem]
    unchanged: int
    invited: Sequence[str]

    @property
    def ready(self) -> bool:
        return not self.problems and bool(self.changes)

    @property
    def mark(self) -> str:
        told = [[str(value) for value in vars(change).values()] for change in self.changes]
        return digest(canonical([told, list(self.invited)]))


def plan(
    session: Session, run: RunRow, rows: Sequence[LeaderRow], problems: Sequence[LineProblem], today: date
) -> Plan:
    """What these rows would change in the run from `today` on, beside what is wrong with the file. Changes nothing."""
    return _plan_of(_draft(session, run, rows, problems, today))


def import_relations(
    session: Session, hand: Hand, rows: Sequence[LeaderRow], problems: Sequence[LineProblem], shown: str | None = None
) -> Plan:
    """Do what `plan` says, all of it or nothing. Twice is the same as once.

    Nothing is done where there is a problem, and where the plan is not the one whose `mark` is `shown`.
    """
    run = hand.run
    draft = _draft(session, run, rows, problems, hand.today)
    done = _plan_of(draft)
    if not done.ready or (shown is not None and shown != done.mark):
        return done
    for row, end in draft.until:
        relating.move(session, hand, row, row.start, end)
    made: dict[str, PersonRow] = {}
    for wanted, start in draft.begin:
        if wanted.person is not None:
            leader = _made(session, hand, made, wanted.leader)
            relating.begin(session, hand, wanted.person.id, leader.id, wanted.row.role, start, wanted.row.end)
    for wanted, start in draft.given:
        leader = _made(session, hand, made, wanted.leader)
        relating.give(session, hand, leader.id, wanted.row.role, start, wanted.row.end)
    relating.settle(session, hand)
    return done


def _made(session: Session, hand: Hand, made: dict[str, PersonRow], leader: Somebody) -> PersonRow:
    known = leader.person or made.get(leader.key)
    if known is None:
        known = people.add_person(session, hand.run.tenant_id, hand.now, email=leader.word, name=leader.called or None)
        made[leader.key] = known
    return known


def _plan_of(draft: Draft) -> Plan:
    wanted = [one for one, _ in (*draft.begin, *draft.given)]
    return Plan(
        changes=sorted(draft.changes, key=lambda change: change.line),
        problems=sorted(draft.problems, key=lambda problem: problem.line),
        unchanged=draft.unchanged,
        invited=list(dict.fromkeys(one.leader.word for one in wanted if one.leader.person is None)),
    )


def _draft(
    session: Session, run: RunRow, rows: Sequence[LeaderRow], problems: Sequence[LineProblem], today: date
) -> Draft:
    draft = Draft(run, today, problems=list(problems))
    groups: dict[tuple[str, Role], list[Wanted]] = {}
    for_all: list[Wanted] = []
    for wanted in _resolved(session, draft, rows):
        if wanted.person is None:
            for_all.append(wanted)
        else:
            groups.setdefault((wanted.person.id, wanted.row.role), []).append(wanted)
    known = relations.all_of(session, run)
    of_person: dict[str, list[RelationRow]] = {}
    for row in known:
        of_person.setdefault(row.person_id, []).append(row)
    draft.names = people.people_by_id(session, run.tenant_id, [row.other_id for row in known])
    for (person_id, role), group in groups.items():
        settle(draft, group, [row for row in of_person.get(person_id, []) if row.kind == role])
    give(draft, for_all, enrolments.given_roles(session, run.tenant_id, run.id) if for_all else [])
    refuse_loops(draft, known)
    return draft


def _resolved(session: Session, draft: Draft, rows: Sequence[LeaderRow]) -> Iterable[Wanted]:
    """The people behind the words of the file; a word that fits nobody, or several, is a problem."""
    run = draft.run
    enrolled = {one.person_id for one in enrolments.enrolments(session, run.tenant_id, run.id)}
    leading = relations.leader_ids(session, run, (Role.MANAGER,))
    words = {word for row in rows for word in (row.participant, row.leader)}
    directory = Directory.of(session, run, words, enrolled | leading)
    named = {row.leader.lower() for row in rows if row.role is Role.MANAGER}
    for row in rows:
        leader = _leader(draft, row, directory)
        if not row.participant:
            if leader is not None:
                yield Wanted(row, None, leader)
            continue
        known = directory.all_of(row.participant)
        if row.role is Role.SPONSOR:
            inside = [one for one in known if one.id in leading or row.participant.lower() in named]
        else:
            inside = [one for one in known if one.id in enrolled]
        if len(inside) != 1:
            draft.problems.append(LineProblem(row.line, _not_one(row, len(inside))))
        elif leader is not None and leader.key == inside[0].id:
            draft.problems.append(LineProblem(row.line, "nobody leads themselves."))
        elif leader is not None:
            yield Wanted(row, inside[0], leader)


def _leader(draft: Draft, row: LeaderRow, directory: Directory) -> Somebody | None:
    try:
        return directory.somebody(row.leader, row.name)
    except NotFound as problem:
        draft.problems.append(LineProblem(row.line, str(problem)))
        return None


def _not_one(row: LeaderRow, count: int) -> str:
    if count:
        return f"several people of this run have the e-mail {row.participant!r}. Give the LMS's user id."
    if row.role is Role.SPONSOR:
        return f"{row.participant!r} manages nobody in this run. A sponsor's line names a manager as participant."
    return f"{row.participant!r} is nobody in this run. Fetch the people of the course first, or check the spelling."

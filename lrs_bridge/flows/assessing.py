"""Work is handed in, shared out among assessors, scored and, when everybody asked has scored, told to its author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from lrs_bridge.domain import assessing
from lrs_bridge.domain.assessing import Artefact, Score
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.events import Score as Points
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Assessment, Journey, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import branching
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, hand_ins, notes, people, tenants
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.hand_ins import Assignment, HandIn
from lrs_bridge.store.runs import RunRow

NO_LONGER = "It is being scored already, so it stays as it is."


class CannotAssess(ValueError):
    """It cannot be done; the message says why. `field`: of the form that asked."""

    def __init__(self, message: str, field: str = "text") -> None:
        super().__init__(message)
        self.field = field


def assessed_steps(journey: Journey) -> tuple[Step, ...]:
    """Steps on which somebody else scores a participant's work."""
    return tuple(step for step in _with_rubric(journey) if step.owner is not Role.PARTICIPANT)


def _with_rubric(journey: Journey) -> Iterable[Step]:
    return (step for step in journey.of_type("assessment") if step.assessment in journey.assessments)


def rubric_of(journey: Journey, step: Step) -> Assessment:
    return journey.assessments[step.assessment or ""]


def scores_about(session: Session, run: RunRow, rows: Iterable[HandIn]) -> dict[str, dict[str, Score]]:
    """The scores of these works by id, then by the assessor's account: one query."""
    known = {(row.enrolment_id, row.step): row for row in rows}
    wanted = (
        FactRow.tenant_id == run.tenant_id,
        FactRow.registration.in_({registration for registration, _ in known}),
        FactRow.kind == str(Kind.ASSESSED),
    )
    facts: dict[str, list[Fact]] = {}
    for fact in facts_where(session, *wanted) if known else ():
        row = known.get((fact.registration or "", fact.step or ""))
        if row is not None:
            facts.setdefault(row.id, []).append(fact)
    steps = run.journey.step_by_id
    found = {}
    for row in known.values():
        step = steps.get(row.step)
        if step is not None and step.assessment in run.journey.assessments:
            found[row.id] = assessing.scores_of(facts.get(row.id, ()), rubric_of(run.journey, step))
    return found


@dataclass(frozen=True)
class Sheet:
    """One work with what was said of it. `asked`: since when whom, by account, is to score it; declined ones left
    out."""

    row: HandIn
    asked: Mapping[str, datetime]
    scores: Mapping[str, Score]

    @property
    def closed(self) -> bool:
        return assessing.is_closed(self.asked, self.scores)

    def may_change(self, account: str) -> bool:
        """Whether somebody's score can still be changed: until they could see what others say.

        Somebody who is asked after all had scored leaves the others' scores as they are.
        """
        if self.closed:
            return False
        others = [score for by, score in self.scores.items() if by != account]
        last = max((score.fact.at for score in self.scores.values()), default=None)
        open_ = [since for by, since in self.asked.items() if by not in self.scores]
        return account not in self.scores or not others or any(last is not None and since <= last for since in open_)


def sheets(session: Session, run: RunRow, rows: Sequence[HandIn]) -> dict[str, Sheet]:
    """By id of the work; three queries, however many there are."""
    given = hand_ins.assignments_about(session, run.tenant_id, [row.id for row in rows])
    known = people.people_by_id(session, run.tenant_id, [one.assessor_id for one in given])
    scores = scores_about(session, run, rows)
    asked: dict[str, dict[str, datetime]] = {row.id: {} for row in rows}
    for one in given:
        if one.declined is None and one.assessor_id in known:
            asked[one.hand_in_id][known[one.assessor_id].account] = one.given
    return {row.id: Sheet(row, asked[row.id], scores.get(row.id, {})) for row in rows}


def hand_in(
    session: Session, run: RunRow, enrolment_id: str, step: Step, text: str, link: str | None, now: datetime
) -> HandIn:
    """Keep somebody's work and have it shared out; it can be changed until it is scored. Raises CannotAssess."""
    row = hand_ins.of_enrolment(session, run.tenant_id, enrolment_id).get(step.id)
    if row is None:
        row = hand_ins.add(session, run, enrolment_id, step.id, text, link, now)
        share_out(session, run, now)
    elif (row.text, row.link) != (text, link):
        if sheets(session, run, [row])[row.id].scores:
            raise CannotAssess(NO_LONGER)
        row.text, row.link, row.changed = text, link, now
    return row


def share_out(session: Session, run: RunRow, now: datetime, wanted: int = assessing.ASSESSORS) -> int:
    """Ask assessors for every work that has too few, whoever has least to do first; answers how many were asked."""
    assessors = assessors_of(session, run, now)
    rows = hand_ins.of_run(session, run)
    given = hand_ins.assignments_of_run(session, run)
    known = sheets(session, run, rows)
    artefacts = _artefacts(session, run, rows, given, known)
    pairs = assessing.share_out(artefacts, assessors, _loads(given), wanted)
    for hand_in_id, assessor_id in pairs:
        hand_ins.assign(session, run, hand_in_id, assessor_id, now)
    session.flush()
    return len(pairs)


def _loads(given: Iterable[Assignment]) -> dict[str, int]:
    """How many works each was asked to score, scored ones too: who was quick is not asked for more."""
    load: dict[str, int] = {}
    for one in given:
        if one.declined is None:
            load[one.assessor_id] = load.get(one.assessor_id, 0) + 1
    return load


def ask_one_more(session: Session, run: RunRow, row: HandIn, now: datetime) -> bool:
    """Have one more assessor score a work, for one over which the others are apart; False where nobody is left."""
    given = hand_ins.assignments_of_run(session, run)
    known = sheets(session, run, [row])
    artefacts = _artefacts(session, run, [row], given, known)
    wanted = len(known[row.id].asked) + 1
    pairs = assessing.share_out(artefacts, assessors_of(session, run, now), _loads(given), wanted)
    for hand_in_id, assessor_id in pairs:
        hand_ins.assign(session, run, hand_in_id, assessor_id, now)
    session.flush()
    return bool(pairs)


def assessors_of(session: Session, run: RunRow, now: datetime) -> list[str]:
    """Ids of the run's assessors today."""
    today = run.run.local_day(now)
    return [
        one.person_id
        for one in enrolments.given_roles(session, run.tenant_id, run.id)
        if one.role == Role.ASSESSOR
        and (one.start is None or one.start <= today)
        and (one.end is None or today <= one.end)
    ]


def _artefacts(
    session: Session,
    run: RunRow,
    rows: Sequence[HandIn],
    given: Iterable[Assignment],
    known: Mapping[str, Sheet],
) -> list[Artefact]:
    """Nobody scores their own work, nor that of somebody they lead or coach: they would know it."""
    authors = enrolments.enrolments_by_id(session, run.tenant_id, [row.enrolment_id for row in rows])
    related = enrolments.relations_of(session, run.tenant_id, run.id, [one.person_id for one in authors.values()])
    asked: dict[str, set[str]] = {}
    for one in given:
        asked.setdefault(one.hand_in_id, set()).add(one.assessor_id)
    found = []
    for row in rows:
        author = authors[row.enrolment_id].person_id
        barred = frozenset({author, *(relation.other_id for relation in related.get(author, ()))})
        found.append(Artefact(row.id, barred, frozenset(asked.get(row.id, ())), len(known[row.id].asked)))
    return found


@dataclass(frozen=True)
class Scoring:
    """Points of one assessor by criterion, with a word for the author. `act` is the form's id."""

    account: str
    person_id: str
    role: Role
    points: Mapping[str, float]
    comment: str
    act: UUID


def score(session: Session, run: RunRow, row: HandIn, scoring: Scoring, now: datetime) -> None:
    """Put a score on record; an earlier one of the same assessor is voided. Raises CannotAssess when it is closed."""
    sheet = sheets(session, run, [row])[row.id]
    step = run.journey.step_by_id[row.step]
    before = sheet.scores.get(scoring.account)
    event = _assessed(run, step, row.enrolment_id, scoring, now)
    if before is not None and before.fact.id == event.statement_id:
        return  # the same form once more
    if not sheet.may_change(scoring.account):
        raise CannotAssess("Everybody had scored it, so the points stay as they are.", "comment")
    tenant = tenants.get_tenant(session, run.tenant_id)
    if before is not None:
        record(session, tenant, _void(run, row.enrolment_id, scoring, before.fact, now), now)
    if record(session, tenant, event, now):
        _comment(session, run, row.enrolment_id, scoring, event.statement_id, now)
    _route_if_closed(session, run, row, now)


def _route_if_closed(session: Session, run: RunRow, row: HandIn, now: datetime) -> None:
    journey = run.journey
    if journey.routes is None or journey.routes.source != row.step:
        return
    sheet = sheets(session, run, [row])[row.id]
    result = assessing.result_of(sheet.scores.values()) if sheet.closed else None
    if result is not None:
        branching.settle(
            session, run, row.enrolment_id, result.percent, latest_route(session, run, row.enrolment_id), now
        )


def latest_route(session: Session, run: RunRow, enrolment_id: str) -> Fact | None:
    wanted = (
        FactRow.tenant_id == run.tenant_id,
        FactRow.registration == enrolment_id,
        FactRow.kind == str(Kind.ROUTED),
    )
    found = facts_where(session, *wanted)
    return found[-1] if found else None


def assess_oneself(
    session: Session, run: RunRow, enrolment_id: str, step: Step, scoring: Scoring, now: datetime
) -> None:
    """A participant scores their own work on a step of theirs: assessed, and the step is completed."""
    tenant = tenants.get_tenant(session, run.tenant_id)
    if record(session, tenant, _assessed(run, step, enrolment_id, scoring, now), now):
        record(
            session,
            tenant,
            Event(
                id=uuid5(scoring.act, "completed"),
                kind=Kind.COMPLETED,
                **_common(run, enrolment_id, scoring, now),  # type: ignore[arg-type]
                step=step.id,
                step_type=step.type,
            ),
            now,
        )


def _common(run: RunRow, enrolment_id: str, scoring: Scoring, now: datetime) -> dict[str, object]:
    return {
        "at": now,
        "actor": scoring.account,
        "role": scoring.role,
        "run": run.id,
        "journey": run.journey.slug,
        "version": run.journey.version,
        "registration": enrolment_id,
    }


def _assessed(run: RunRow, step: Step, enrolment_id: str, scoring: Scoring, now: datetime) -> Event:
    rubric = rubric_of(run.journey, step)
    maximum = sum(criterion.max for criterion in rubric.criteria)
    return Event(
        id=uuid5(scoring.act, f"{enrolment_id}/{step.id}"),
        kind=Kind.ASSESSED,
        **_common(run, enrolment_id, scoring, now),  # type: ignore[arg-type]
        step=step.id,
        step_type=step.type,
        score=Points(sum(scoring.points.values()), 0, maximum),
        data={"criteria": dict(scoring.points), "rubric-version": rubric.rubric_version},
    )


def _void(run: RunRow, enrolment_id: str, scoring: Scoring, fact: Fact, now: datetime) -> Event:
    return Event(
        id=uuid5(scoring.act, f"back/{fact.id}"),
        kind=Kind.VOIDED,
        **_common(run, enrolment_id, scoring, now),  # type: ignore[arg-type]
        refers_to=fact.id,
    )


def _comment(
    session: Session, run: RunRow, enrolment_id: str, scoring: Scoring, statement_id: str, now: datetime
) -> None:
    texts = {"comment": scoring.comment}
    notes.write_note(
        session, run.tenant_id, run.id, enrolment_id, scoring.person_id, statement_id, str(Kind.ASSESSED), texts, now
    )


def decline(session: Session, run: RunRow, assignment: Assignment, now: datetime) -> None:
    """Somebody knows whose work it is, or cannot score it: somebody else is asked."""
    if assignment.declined is None:
        assignment.declined = now
        session.flush()
        share_out(session, run, now)

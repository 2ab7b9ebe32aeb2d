"""A success case study of a run: what it is made from, and an evaluator's act kept with all that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from lrs_bridge.domain.casework import acts as doing
from lrs_bridge.domain.casework.acts import FINAL, WITH_WORDS, Action
from lrs_bridge.domain.casework.sorting import codes
from lrs_bridge.domain.casework.sources import Sources
from lrs_bridge.domain.casework.study import Study, answers_of, study
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reporting.repeating import marks_of
from lrs_bridge.flows import study_sources
from lrs_bridge.flows.record import record
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import enrolments, facts, runs, studies, study_reading, tenants
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.store.studies import PURPOSE, Doing

_SAID = frozenset({"claimed", "evidence", "quote"})
"""Fields of the desk that hold what the person said, beside the answers."""


class CannotDo(Exception):
    """An act that does not fit what stands; the message is for the evaluator."""


@dataclass(frozen=True)
class Room:
    """A study with what only its evaluator may see: names by registration."""

    study: Study
    sources: Sources
    names: Mapping[str, str]

    def registration_of(self, code: str) -> str | None:
        return next((one for one, known in self.study.codes.items() if known == code), None)


@dataclass(frozen=True)
class Log:
    """All that was done in a study, in order, and the code of everybody who ever was in the run, by registration."""

    lines: Sequence[doing.Line]
    codes: Mapping[str, str]


def seal_of(secret_key: str) -> Seal:
    """The key of the words of studies, made from the installation's secret, which is not in the database."""
    return Seal(secret_key, PURPOSE)


def open_room(
    session: Session, seal: Seal, registry: Registry, run: RunRow, now: datetime, as_of: datetime | None = None
) -> Room:
    """The study of a run as it stands; `as_of`: with the acts and answers until then only."""
    found, names = study_sources.read(session, registry, run, as_of or now)
    acts = studies.acts_of(session, seal, run.tenant_id, run.id)
    return Room(study(found, acts, as_of or now), found, names)


def open_log(session: Session, seal: Seal, run: RunRow, now: datetime) -> Log:
    """What was done in the study of a run until now: of what was written only the reasons of moves."""
    acts = studies.acts_of(session, seal, run.tenant_id, run.id, {Action.MOVE})
    known = codes(study_reading.registrations(session, run), run.id)
    return Log(doing.lines(act for act in acts if act.at <= now), known)


def study_of(session: Session, secret_key: str, registry: Registry, run: RunRow, now: datetime) -> Study:
    """The study of a run, for reports: everything that one needs, and no names."""
    return open_room(session, seal_of(secret_key), registry, run, now).study


def do(session: Session, seal: Seal, run: RunRow, by: PersonRow, act: Doing, now: datetime) -> bool:
    """Keep an act of an evaluator; False where this very act is kept already.

    Interviews that are held go into the record as such, without anything that was said, and are voided with their
    undoing. A withdrawal erases what was written. Raises CannotDo.
    """
    runs.lock_run(session, run.tenant_id, run.id)
    before = studies.acts_of(session, seal, run.tenant_id, run.id)
    if any(one.id == act.id for one in before):
        return False
    if act.action is Action.UNDO:
        _check_undo(doing.lines(before), act.undoes)
    studies.put(session, seal, run.tenant_id, run.id, by.id, act, now)
    if act.action is Action.WITHDRAWN and act.subject:
        studies.forget_words(session, run.tenant_id, run.id, act.subject, WITH_WORDS)
        studies.forget_reports(session, run.tenant_id, [act.subject])
    after = studies.acts_of(session, seal, run.tenant_id, run.id)
    _record_interviews(session, run, by, act, _held(before), _held(after), now)
    return True


def keep_report(
    session: Session,
    seal: Seal,
    run: RunRow,
    by: PersonRow,
    act_id: str,
    made: Study,
    audience: str,
    now: datetime,
    document: str = "",
) -> bool:
    """Note that a report was made from this study, so that it can be marked when somebody in it withdraws.

    It keeps the hash of what it was made from, the stories in it, a mark of each answer, whose interviews count in it,
    and the report itself as `document`, sealed. False where it is noted
    already. Raises CannotDo while a new report would tell what a few people answered.
    """
    if made.outside.hold is not None and audience != str(Role.EVALUATOR):
        raise CannotDo(made.outside.hold)
    kept = {
        "audience": audience,
        "inputs_hash": made.inputs_hash,
        "stories": [story.id for story in made.outside.stories],
        "answers": answers_of(made),
        "marks": marks_of(made),
        "about": sorted({*made.interviews, *(story.registration for story in made.stories)}),
    }
    act = Doing(act_id, Action.REPORT, data=kept, texts={"document": document})
    return do(session, seal, run, by, act, now)


def own_word(session: Session, run: RunRow, enrolment_id: str, agreed: bool) -> None:
    """A participant said on their own page whether they talk: after a no, nothing of an interview is left."""
    if not agreed:
        studies.forget_words(session, run.tenant_id, run.id, enrolment_id, WITH_WORDS)
        studies.forget_reports(session, run.tenant_id, [enrolment_id])


def said_in_interviews(session: Session, seal: Seal, tenant_id: str, person_id: str) -> list[tuple[datetime, str]]:
    """What was written down of what somebody said in interviews, and quotes of theirs: theirs to take out, in any run.

    Not what a second source said of it.
    """
    found = []
    for enrolment in enrolments.enrolments_of_people(session, tenant_id, [person_id]).get(person_id, []):
        for act in studies.words_about(session, seal, tenant_id, enrolment.run_id, enrolment.id):
            said = [act.text(name) for name in act.texts or () if name in _SAID or name.startswith("q_")]
            if said:
                found.append((act.at, "\n".join(text for text in said if text)))
    return found


def _check_undo(lines: Sequence[doing.Line], undoes: str | None) -> None:
    line = next((one for one in lines if one.act.id == undoes), None)
    if line is None:
        raise CannotDo("There is nothing of this kind to undo any more. Load the page again.")
    if line.act.action in FINAL:
        raise CannotDo("This cannot be undone. Words that were erased do not come again, and a report was made.")
    if line.undone:
        raise CannotDo("This was undone already.")


def _held(acts: Iterable[doing.Act]) -> set[str]:
    return set(doing.by_subject(doing.standing(acts), Action.INTERVIEW))


def _record_interviews(
    session: Session, run: RunRow, by: PersonRow, act: Doing, before: set[str], after: set[str], now: datetime
) -> None:
    step = next((one for one in run.journey.of_type("interview") if one.owner is Role.EVALUATOR), None)
    if step is None:
        return
    tenant = tenants.get_tenant(session, run.tenant_id)
    for registration in sorted(after - before):
        held = _event(run, by, Kind.INTERVIEWED, registration, UUID(act.id), now, step)
        record(session, tenant, held, now)
    for registration in sorted(before - after):
        known = [
            fact
            for fact in facts.facts_of(session, run.tenant_id, registration)
            if fact.kind is Kind.INTERVIEWED and fact.step == step.id
        ]
        for fact in known:
            record(session, tenant, _event(run, by, Kind.VOIDED, registration, UUID(act.id), now, refers=fact.id), now)


def _event(
    run: RunRow,
    by: PersonRow,
    kind: Kind,
    registration: str,
    act: UUID,
    now: datetime,
    step: Step | None = None,
    refers: str | None = None,
) -> Event:
    return Event(
        id=uuid5(act, f"{kind} {registration}"),
        kind=kind,
        at=now,
        actor=by.account,
        role=Role.EVALUATOR,
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=registration,
        step=step.id if step else None,
        step_type=step.type if step else None,
        refers_to=refers,
        recorded=now,
    )

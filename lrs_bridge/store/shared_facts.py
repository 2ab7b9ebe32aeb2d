"""The facts that the groups of a run are evaluated from: what sponsors did in it, and its answers to surveys."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.shared import WORDS, Asked
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.runs import RunRow

_AT_ONCE = 500  # ids in one query


def shared_facts(session: Session, run: RunRow, asked: Asked, sponsors: Collection[str]) -> list[Fact]:
    """Standing facts of this run, or of none that is named, that `domain.shared.share` can sort; nobody's others."""
    found: list[Fact] = []
    if asked.survey_steps:
        found += _answers(session, run, asked)
    if asked.sponsor_steps and sponsors:
        acts = _standing(session, run, FactRow.actor.in_(sponsors), FactRow.step.in_(asked.sponsor_steps))
        found += [*acts, *_words(session, run, [fact.id for fact in acts])]
    return found


def _answers(session: Session, run: RunRow, asked: Asked) -> list[Fact]:
    """Those without a name, and those of the run's people."""
    wanted = FactRow.kind == str(Kind.ANSWERED), FactRow.step.in_(asked.survey_steps)
    enrolled = select(Enrolment.id).where(Enrolment.tenant_id == run.tenant_id, Enrolment.run_id == run.id)
    nameless = _standing(session, run, FactRow.registration.is_(None), *wanted)
    return nameless + _standing(session, run, FactRow.registration.in_(enrolled), *wanted)


def _words(session: Session, run: RunRow, ids: list[str]) -> Iterable[Fact]:
    kinds = FactRow.kind.in_([str(kind) for kind in WORDS])
    for start in range(0, len(ids), _AT_ONCE):
        yield from _standing(session, run, FactRow.target.in_(ids[start : start + _AT_ONCE]), kinds)


def _standing(session: Session, run: RunRow, *wanted: ColumnElement[bool]) -> list[Fact]:
    mine = FactRow.tenant_id == run.tenant_id, or_(FactRow.run_id == run.id, FactRow.run_id.is_(None))
    return facts_where(session, *mine, *wanted)

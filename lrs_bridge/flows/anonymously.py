"""Anonymous surveys: an answer goes into its step's box and comes out with others, so that nobody is behind it.

Nothing links a statement with a person, in the record or here: it has an account and an id that nothing else has, no
registration, no event, and as its time the midnight before it left. It leaves shuffled with at least four others; what
is left goes when the survey is closed for everybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import anonymous_answers, cohorts, facts, outbox, results, runs, tenants
from lrs_bridge.store.anonymous_answers import AnswerBox
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.runs import RunRow
from lrs_bridge.xapi import reading, writing

TOGETHER = 5
"""Answers that leave at once, at least."""
Shuffle = Callable[[list[Any]], None]
_shuffle: Shuffle = secrets.SystemRandom().shuffle


@dataclass(frozen=True)
class Answer:
    """`said`: the statement's result extensions (`answers`, `factors`); `words`: texts by item."""

    said: Mapping[str, Any]
    words: Mapping[str, str]


def answer(
    session: Session,
    run: RunRow,
    enrolment_id: str,
    step: str,
    given: Answer,
    now: datetime,
    shuffle: Shuffle = _shuffle,
) -> bool:
    """Put an answer into the box; False where this person has answered before, and nothing changes."""
    box = anonymous_answers.box(session, run.tenant_id, run.id, step)
    if not box.take(enrolment_id, given.said, given.words, shuffle):
        return False
    if len(box.waiting) >= TOGETHER:
        _let_out(session, run, box, now)
    return True


def close_boxes(sessions: Sessions, now: datetime) -> int:
    """Let out what still waits in boxes whose step is over for everybody; answers how many went."""
    with sessions.read() as session:
        found = [box[:3] for box in anonymous_answers.boxes(session) if box[3]]
    return sum(_close(sessions, *place, now) for place in found)


def _close(sessions: Sessions, tenant_id: str, run_id: str, step: str, now: datetime) -> int:
    with sessions.write() as session:
        run = runs.get_run(session, tenant_id, run_id)
        if run is None or not _is_over(session, run, step, now):
            return 0
        box = anonymous_answers.box(session, tenant_id, run_id, step)
        number = len(box.waiting)
        _let_out(session, run, box, now)
        return number


def _is_over(session: Session, run: RunRow, step_id: str, now: datetime) -> bool:
    """A step that the journey no longer has is over, too."""
    step = run.journey.step_by_id.get(step_id)
    if step is None:
        return True
    today = run.run.local_day(now)
    people = cohorts.cohort_of(session, run).in_scope(today)
    return all(step.window(person.starts(run.run), person.enrolled).is_over(today) for person in people)


def _let_out(session: Session, run: RunRow, box: AnswerBox, now: datetime) -> None:
    """Statements in the order of the box, which is no order."""
    tenant = tenants.get_tenant(session, run.tenant_id)
    step = run.journey.step_by_id.get(box.step)
    midnight = datetime.combine(run.run.local_day(now), time(), run.run.zone)
    for said in box.empty():
        event = Event(
            id=uuid4(),
            kind=Kind.ANSWERED,
            at=midnight,
            actor=str(uuid4()),
            role=Role.PARTICIPANT,
            run=run.id,
            journey=run.journey.slug,
            version=run.journey.version,
            step=box.step,
            step_type=step.type if step else "survey",
            data=said,
        )
        statement = writing.statement(event, tenant.iri_base)
        facts.take_in(session, tenant.id, reading.read(statement, tenant.iri_base))
        outbox.put(session, tenant.id, statement, now)
    results.mark_due(session, tenant.id, run.id, run.id, now)

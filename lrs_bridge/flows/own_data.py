"""Everything kept about one person, for that person: what they did, wrote, said and were computed to be.

Without what others said under their own names: their statements are counted and left out, and so are their words.
Answers to anonymous surveys cannot be found, for nothing links them with anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows import viewing
from lrs_bridge.flows.shelves import shelf
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.store import (
    anonymous_answers,
    consents,
    enrolments,
    facts,
    hand_ins,
    notes,
    notices,
    outbox,
    people,
    pilot_remarks,
    replies,
)
from lrs_bridge.store import questions as kept_questions
from lrs_bridge.store import results as kept_results
from lrs_bridge.store import runs as kept_runs
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.notes import Note
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import Tenant

FORMAT = 1
_NOT_SAID = frozenset({Kind.ROUTED})  # by the system, about a route that is never shown
Indicators = Callable[[Session, RunRow], frozenset[str]]
"""Keys of the indicators whose values a participant of a run may see."""


@dataclass(frozen=True)
class Whose:
    """Whose data it is. `remote`: the record is a store elsewhere, and what stands here is what was read of it."""

    tenant: Tenant
    person: PersonRow
    remote: bool


def gather(session: Session, whose: Whose, indicators: Indicators, now: datetime) -> dict[str, Any]:
    """JSON-ready. Every list is in order of time."""
    tenant, person = whose.tenant, whose.person
    identities = people.identities_of(session, tenant.id, [person.id]).get(person.id, [])
    found = enrolments.enrolments_of_people(session, tenant.id, [person.id]).get(person.id, [])
    return {
        "format": FORMAT,
        "made": now.isoformat(),
        "person": {
            "account": {"homePage": tenant.iri_base, "name": person.account},
            "name": person.name,
            "email": person.email,
            "known_since": person.created.isoformat(),
            "known_as": [{"issuer": one.issuer, "sub": one.sub} for one in identities],
        },
        "runs": [part for row in found if (part := _run(session, whose, row, indicators))],
    }


def _run(session: Session, whose: Whose, row: Enrolment, indicators: Indicators) -> dict[str, Any] | None:
    run = kept_runs.get_run(session, row.tenant_id, row.run_id)
    if run is None:
        return None
    account = whose.person.account
    about = facts.facts_of(session, row.tenant_id, row.id)
    own = [fact for fact in about if fact.actor == account]
    others = [fact for fact in about if fact.actor != account and fact.kind not in _NOT_SAID]
    written = {id_: note for id_, note in notes.notes_of(session, row.tenant_id, row.id).items() if _by(note, whose)}
    seen = indicators(session, run)
    return {
        "run": {
            "id": run.id,
            "journey": run.journey.slug,
            "version": run.journey.version,
            "title": run.journey.title,
            "day_zero": run.day_zero.isoformat(),
            "time_zone": run.time_zone,
        },
        "registration": row.id,
        "enrolled": row.enrolled.isoformat(),
        "withdrawn": row.withdrawn.isoformat() if row.withdrawn else None,
        "area": row.area,
        "statements": _statements(session, whose, run, own),
        "statements_of_others_left_out": len(others),
        "written": [_note(note, own) for note in sorted(written.values(), key=lambda note: note.created)],
        "moments_of_your_own": [one.title for one in notes.personal_moments(session, row.tenant_id, [row.id])],
        "replies": list(replies.of_enrolments(session, row.tenant_id, [row.id]).values()),
        "questions": [
            {"asked": one.asked.isoformat(), "text": one.text}
            for one in kept_questions.of_enrolment(session, row.tenant_id, row.id)
        ],
        "remarks_on_the_pilot": [
            {"made": one.made.isoformat(), "step": one.step, "text": one.text}
            for one in reversed(pilot_remarks.of_author(session, row.tenant_id, run.id, whose.person.id))
        ],
        "handed_in": [
            {"step": one.step, "text": one.text, "link": one.link, "changed": one.changed.isoformat()}
            for one in hand_ins.of_enrolment(session, row.tenant_id, row.id).values()
        ],
        "interviews": [
            {"step": one.step, "agreed": one.agreed, "quoting": one.quoting, "decided": one.decided.isoformat()}
            for one in consents.of_enrolment(session, row.tenant_id, row.id).values()
        ],
        "anonymous_surveys_answered": sorted(anonymous_answers.answered(session, row.tenant_id, run.id, row.id)),
        "notice_read": {
            role: one.read.isoformat()
            for role, one in notices.read_by(session, row.tenant_id, run.id, whose.person.id).items()
        },
        "results": [
            one.result.as_dict()
            for key, one in sorted(kept_results.person_results(session, row.tenant_id, run.id, account).items())
            if key in seen
        ],
    }


def _by(note: Note, whose: Whose) -> bool:
    return note.author_id == whose.person.id


def _statements(session: Session, whose: Whose, run: RunRow, own: Sequence[Fact]) -> list[Mapping[str, Any]]:
    """As the record has them; what is still on its way as it was sent."""
    eyes = Eyes(whose.tenant.id, whose.tenant.iri_base, run.id, content=True, remote=whose.remote)
    there = shelf(session, eyes.tenant_id, eyes.home_page, eyes.remote).by_ids([fact.id for fact in own])
    waiting = outbox.bodies(session, whose.tenant.id, [fact.id for fact in own if fact.id not in there])
    return [
        viewing.shown(eyes, there[fact.id])[0] if fact.id in there else waiting.get(fact.id, {"id": fact.id})
        for fact in own
    ]


def _note(note: Note, own: Sequence[Fact]) -> dict[str, Any]:
    step = next((fact.step for fact in own if fact.id == note.statement_id), None)
    return {
        "statement": note.statement_id,
        "step": step,
        "written": note.created.isoformat(),
        "texts": dict(note.texts),
    }

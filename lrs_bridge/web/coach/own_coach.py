"""The coachee's side: sessions that were held, the notes of the two, and whether a new coach may read older ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import coaching
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.support import Standing
from lrs_bridge.store import coaching_notes, enrolments, people
from lrs_bridge.store.coaching_notes import CoachingConsent, Opened
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web import situations
from lrs_bridge.web.audiences import of_notes
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.coach.coachee import NoteLine, lines_of
from lrs_bridge.web.coach.notes import NoteForm
from lrs_bridge.web.forms import Acting, Form, WrongForm, one_of, read
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, first_name, full_day
from lrs_bridge.wiring import Bridge

_SAVED = {
    "note": "The two of you can read it, and nobody else.",
    "gone": "The note is taken away for good.",
    "consent": "You can change it at any time.",
}
_STANDING = {
    Standing.CONFIRMED: ("You confirmed it", "done", "check"),
    Standing.CLAIMED: ("Waits for your word", None, "clock"),
    Standing.DISPUTED: ("You said it was different", "care", "alert"),
}


@dataclass(frozen=True)
class Question:
    """Whether a new coach may read the notes of a former one. `yes`: it is allowed now."""

    former: str
    former_id: str
    reader: str
    reader_id: str
    yes: bool


@dataclass(frozen=True)
class With:
    """A coach or mentor of now or before, with the notes of the two."""

    id: str
    name: str
    text: str
    today: bool
    notes: Sequence[NoteLine]


@dataclass(frozen=True)
class Held:
    """A session in the coachee's own list; `standing` is None where nobody asks for their word."""

    statement: str
    title: str
    text: str
    standing: tuple[str, str | None, str] | None
    word: str
    act: str


class _Consent(Acting):
    word = one_of(("yes", "no"), "Say yes or no.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page and its forms to the blueprint of the visit."""

    @pages.get("/coach")
    def own_coach() -> ResponseReturnValue:
        return _page(bridge, None, Form())

    @pages.post("/coach/<coach>/notes")
    def write_own_note(coach: str) -> ResponseReturnValue:
        visit, enrolment_id = _who()
        with bridge.sessions.read() as session:
            if not any(row.other_id == coach and row.span.holds_on(visit.today) for row in _rows(session, visit)):
                abort(404)
        try:
            data = read(NoteForm())
        except WrongForm as wrong:
            return _page(bridge, coach, wrong.form), 422
        pair, seal = pairs.pair(visit, enrolment_id, coach), pairs.seal(bridge)
        with bridge.sessions.write() as session:
            coaching_notes.write(session, seal, pair, visit.person_id, str(data["act"]), data["note"], visit.now)
        return redirect(url_for("visit.own_coach", saved="note"), 303)

    @pages.post("/coach/notes/<note>/away")
    def remove_own_note(note: str) -> ResponseReturnValue:
        visit, _ = _who()
        with bridge.sessions.write() as session:
            if not coaching_notes.remove(session, visit.tenant_id, note, visit.person_id):
                abort(404)
        return redirect(url_for("visit.own_coach", saved="gone"), 303)

    @pages.post("/coach/<former>/readers/<reader>")
    def let_read(former: str, reader: str) -> ResponseReturnValue:
        """The coachee's consent that a coach of today reads the notes of themselves and one of before."""
        visit, enrolment_id = _who()
        with bridge.sessions.write() as session:
            rows = _rows(session, visit)
            known = coaching_notes.coaches_with_notes(session, visit.tenant_id, enrolment_id)
            reads = any(row.other_id == reader and row.span.holds_on(visit.today) for row in rows)
            if not reads or former not in known or former == reader:
                abort(404)
            try:
                data = read(_Consent())
            except WrongForm:
                abort(400)
            change = coaching_notes.consent if data["word"] == "yes" else coaching_notes.end_consent
            change(session, pairs.pair(visit, enrolment_id, former), reader, visit.now)
        return redirect(url_for("visit.own_coach", saved="consent"), 303)


def _who() -> tuple[Visit, str]:
    visit = current()
    needs(visit, Role.PARTICIPANT)
    if visit.enrolment is None:
        abort(404)
    return visit, visit.enrolment.id


def _rows(session: Session, visit: Visit) -> list[RelationRow]:
    run = pairs.run_of(visit)
    known = enrolments.relations_of(session, visit.tenant_id, run.id, [visit.person_id]).get(visit.person_id, [])
    return [row for row in known if row.kind in pairs.COACHING]


def _page(bridge: Bridge, at: str | None, form: Form) -> str:
    """`at`: the coach at whose form something was wrong."""
    visit, enrolment_id = _who()
    run = pairs.run_of(visit)
    with bridge.sessions.read() as session:
        rows = _rows(session, visit)
        with_notes = coaching_notes.coaches_with_notes(session, visit.tenant_id, enrolment_id)
        ids = {row.other_id for row in rows} | with_notes
        notes = coaching_notes.of_enrolment(session, pairs.seal(bridge), visit.tenant_id, enrolment_id, ids)
        consents = coaching_notes.consents(session, visit.tenant_id, enrolment_id)
        names = people.people_by_id(session, visit.tenant_id, ids | {note.author_id for note in notes})
        assert visit.enrolment is not None
        situation = situations.of_one(session, run, visit.enrolment, visit.now)
    beside = _beside(rows, notes, names, visit)
    return render_template(
        "coach/own.html",
        visit=visit,
        saved=_SAVED.get(request.args.get("saved", "")),
        beside=[(one, form if one.id == at else Form()) for one in beside],
        questions=_questions(beside, with_notes, consents, names),
        held=_held(situation),
        who=of_notes("you"),
        who_link="#who",
    )


def _beside(
    rows: Sequence[RelationRow], notes: Sequence[Opened], names: Mapping[str, PersonRow], visit: Visit
) -> list[With]:
    """Coaches of today first, then those of before with whom there are notes."""
    found: dict[str, With] = {}
    for row in rows:
        own = lines_of([note for note in notes if note.coach_id == row.other_id], dict(names), visit)
        today = row.span.holds_on(visit.today)
        until = f"Your {row.kind} until {full_day(row.end)}" if row.end else f"Your {row.kind}"
        known = found.get(row.other_id)
        if (today or own) and (known is None or today):
            text = f"Your {row.kind}" if today else until
            found[row.other_id] = With(row.other_id, names[row.other_id].shown_name, text, today, own)
    return sorted(found.values(), key=lambda one: (not one.today, one.name))


def _questions(
    beside: Sequence[With],
    with_notes: frozenset[str],
    consents: Sequence[CoachingConsent],
    names: Mapping[str, PersonRow],
) -> list[Question]:
    said = {(one.coach_id, one.reader_id) for one in consents}
    readers = [one for one in beside if one.today]
    former = sorted(with_notes - {one.id for one in readers})
    return [
        Question(names[id_].shown_name, id_, reader.name, reader.id, (id_, reader.id) in said)
        for id_ in former
        for reader in readers
    ]


def _held(situation: Situation) -> list[Held]:
    claimed = {one.fact.id: one for one in coaching.claimed(situation.journey, situation.record)}
    found = []
    for fact in reversed(situation.facts):
        if fact.kind not in coaching.HELD:
            continue
        claim = claimed.get(fact.id)
        step = situation.journey.step_by_id.get(fact.step or "")
        found.append(
            Held(
                statement=fact.id,
                title=f"{day_words(situation.day(fact))} with {first_name(situation.called(fact.actor))}",
                text=step.title if step else "",
                standing=_STANDING[claim.standing] if claim else None,
                word=str(claim.standing) if claim else "",
                act=str(uuid4()),
            )
        )
    return found

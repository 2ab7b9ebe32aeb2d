"""One person of a run: what they are and who is what to them, ending and taking back, and the whole history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import RELATED, Span
from lrs_bridge.flows import giving, relating, undoing
from lrs_bridge.flows.enrol import kept_out
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.flows.undoing import UNDO_FOR
from lrs_bridge.store import enrolments, nominations, people, people_changes, people_search, relations
from lrs_bridge.store.enrolments import Enrolment, RelationRow
from lrs_bridge.store.nominations import Nomination
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.people_changes import Action, PeopleChange
from lrs_bridge.web import doors
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.people.folk import days, role_word
from lrs_bridge.web.words import first_name, full_day, listed, sentence, when
from lrs_bridge.wiring import Bridge

MOST_HISTORY = 200
_SAVED = {
    "given": "It holds from now on, and the numbers follow.",
    "given_out": "It holds from now on. They had been enrolled as a participant and had done nothing, so they left the "
    "participants.",
    "ended": "It ended. What was stays in the history.",
    "undone": "It is as it was before.",
    "inside": "They take part from now on, beside their role.",
    "outside": "They are no participant any more. What they did stays.",
}


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the page of one person and its buttons."""

    @pages.get(f"{prefix}/everybody/<person_id>")
    def one_of_all(person_id: str, **place: str) -> ResponseReturnValue:
        return _page(bridge, desk_of(**place), person_id, None)

    def changed(
        desk: Desk, person_id: str, saved: str, work: Callable[[Session, relating.Hand], object]
    ) -> ResponseReturnValue:
        hand = desk.hand()
        try:
            with bridge.sessions.write() as session:
                _person(session, desk, person_id)
                work(session, hand)
        except CannotChange as problem:
            return _page(bridge, desk, person_id, str(problem)), 409
        bridge.poke()
        act = hand.act if saved == "ended" else ""
        return redirect(desk.url("one_of_all", person_id=person_id, saved=saved, act=act), 303)

    @pages.post(f"{prefix}/everybody/<person_id>/end")
    def end_for_one(person_id: str, **place: str) -> ResponseReturnValue:
        """`relation`: its id; `role`: one that was given in the whole run."""
        desk = desk_of(**place)
        relation, role = request.form.get("relation", ""), request.form.get("role", "")

        def work(session: Session, hand: relating.Hand) -> None:
            if relation:
                giving.end_relation(session, hand, relation, None)
            elif role in set(Role):
                giving.end_role(session, hand, person_id, Role(role))
            else:
                raise CannotChange("Say what is to end.")

        return changed(desk, person_id, "ended", work)

    @pages.post(f"{prefix}/everybody/<person_id>/undo")
    def undo_for_one(person_id: str, **place: str) -> ResponseReturnValue:
        act = request.form.get("act", "")
        return changed(desk_of(**place), person_id, "undone", lambda session, hand: undoing.undo(session, hand, act))

    @pages.post(f"{prefix}/everybody/<person_id>/take-part")
    def take_part(person_id: str, **place: str) -> ResponseReturnValue:
        """Mending who was taken for a participant, or was not. `word`: in or out."""
        desk = desk_of(**place)
        if request.form.get("word") == "in":
            return changed(desk, person_id, "inside", lambda s, hand: giving.let_take_part(s, hand, person_id))
        return changed(desk, person_id, "outside", lambda s, hand: giving.take_out_of_participants(s, hand, person_id))


def _person(session: Session, desk: Desk, person_id: str) -> PersonRow:
    person = people.get_person(session, desk.tenant_id, person_id)
    if person is None or not people_search.has_part(session, desk.tenant_id, desk.run.id, person_id):
        raise doors.Door(
            404,
            "This person has no part in this run",
            "They may have been taken out meanwhile.",
            (("Go back", "to the people of the run."), doors.HELP_DESK),
            reason="no such person in this run",
        )
    return person


def _page(bridge: Bridge, desk: Desk, person_id: str, problem: str | None) -> str:
    run, today = desk.run, desk.today
    with bridge.sessions.read() as session:
        person = _person(session, desk, person_id)
        enrolment = enrolments.enrolment_of(session, desk.tenant_id, run.id, person_id)
        theirs = enrolments.relations_of(session, desk.tenant_id, run.id, [person_id]).get(person_id, [])
        led = relations.led_by(session, run, person_id)
        given = [row for row in enrolments.given_roles(session, desk.tenant_id, run.id) if row.person_id == person_id]
        named = nominations.of_person(session, desk.tenant_id, run.id, person_id)
        history = people_changes.about(session, desk.tenant_id, run.id, person_id, MOST_HISTORY)
        names = _names(session, desk, [*theirs, *led], history)
        undone = {change.undoes for change in history if change.undoes}
    roles = {Role(row.kind) for row in led} | {Role(row.role) for row in given}
    inside = enrolment is not None and (enrolment.withdrawn is None or enrolment.withdrawn > today)
    order = [*RELATED]
    current = [row for row in (*theirs, *led) if row.end is None or row.end >= today]
    current.sort(key=lambda row: order.index(Role(row.kind)))
    gifts = [row for row in given if row.role != Role.PARTICIPANT and (row.end is None or row.end >= today)]
    act = request.args.get("act", "")
    newest = [change for change in history if change.act == act]
    return desk.page(
        "people/one.html",
        name=person.name or person.email or person.shown_name,
        first=first_name(person.shown_name),
        person=person,
        lede=_lede(person, enrolment, inside, roles),
        problem=problem,
        told=_SAVED.get(request.args.get("saved", "")),
        undo=act if newest and act not in undone and desk.now - newest[0].at <= UNDO_FOR else None,
        number_page=desk.url("person", enrolment=enrolment.id) if desk.sees_numbers and enrolment else None,
        theirs=[_relation(row, names, today, row.other_id) for row in current if row.person_id == person_id],
        led=[_relation(row, names, today, row.person_id) for row in current if row.other_id == person_id],
        gifts=[
            {"role": row.role, "text": sentence(role_word(row.role)), "days": days(row.start, row.end)} for row in gifts
        ],
        named=[_named(desk, one) for one in named if one.waits],
        leads=any(row.kind == Role.MANAGER for row in led),
        inside=inside,
        took=enrolment is not None,
        mend_out=inside and kept_out(roles),
        mend_both=inside and bool(roles) and Role.PARTICIPANT in {Role(row.role) for row in given},
        mend_in=not inside and kept_out(roles | {Role(row.role) for row in given}),
        history=[_told(desk, change, names, person_id) for change in history],
    )


def _names(
    session: Session, desk: Desk, rows: Sequence[RelationRow], history: Sequence[PeopleChange]
) -> dict[str, str]:
    ids = {id_ for row in rows for id_ in (row.person_id, row.other_id)}
    ids |= {id_ for change in history for id_ in (change.person_id, change.other_id, change.by_id) if id_}
    found = people.people_by_id(session, desk.tenant_id, ids)
    return {id_: one.name or one.email or one.shown_name for id_, one in found.items()}


def _lede(person: PersonRow, enrolment: Enrolment | None, inside: bool, roles: set[Role]) -> str:
    parts = []
    if enrolment is not None:
        area = f", {enrolment.area}" if enrolment.area else ""
        parts.append(
            f"Takes part since {full_day(enrolment.enrolled)}{area}." if inside else "Has left the participants."
        )
    words = [role_word(role) for role in sorted(roles - {Role.PARTICIPANT})]
    if words:
        parts.append(sentence(f"{listed(words)} in this run."))
    if person.email:
        parts.append(person.email)
    return " ".join(parts)


def _relation(row: RelationRow, names: dict[str, str], today: date, other: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "role": sentence(role_word(row.kind)),
        "name": names.get(other, "Somebody"),
        "other": other,
        "days": days(row.start, row.end),
        "source": source_words(row.source),
        "later": row.start is not None and row.start > today,
    }


def source_words(source: str) -> str:
    """Where a relation comes from, for people."""
    known = {
        "import": "from a file",
        "lti mentor claim": "from the LMS (mentor claim)",
        "nomination": "named by the participant, and confirmed",
        "nomination by link": "named by the participant, and confirmed by the one named",
        "by hand": "by hand",
    }
    head, _, who = source.partition(", ")
    return f"{known.get(head, head)}{f', {who}' if who else ''}"


def _named(desk: Desk, one: Nomination) -> dict[str, str]:
    who = f"{one.name} ({one.email})" if one.name else one.email
    return {
        "id": one.id,
        "text": f"Names {who} as their {role_word(one.role)}, since {when(one.made, desk.run.run.zone)}.",
        "who": who,
    }


def _told(desk: Desk, change: PeopleChange, names: dict[str, str], person_id: str) -> dict[str, str]:
    role, local = role_word(change.role), change.at.astimezone(desk.run.run.zone)
    other = names.get(change.other_id or "", "somebody")
    if change.other_id is None:
        what = sentence(role) + " in the whole run"
    elif change.person_id == person_id:
        what = f"{other} as {role}"
    else:
        what = f"{sentence(role)} of {names.get(change.person_id, 'somebody')}"
    by = names.get(change.by_id or "") or source_words(change.source)
    shown = f"{by}, {source_words(change.source)}" if change.by_id else by
    return {
        "when": f"{full_day(local.date())}, {local:%H:%M}",
        "what": what,
        "how": _how(change),
        "by": ("Taken back: " if change.undoes else "") + sentence(shown),
    }


def _how(change: PeopleChange) -> str:
    before, after = Span(change.old_start, change.old_end), Span(change.start, change.end)
    if change.action == Action.GONE:
        return "Taken out"
    if change.action == Action.BEGAN:
        return sentence(days(after.start, after.end))
    return f"{sentence(days(after.start, after.end))}. Before: {days(before.start, before.end)}"

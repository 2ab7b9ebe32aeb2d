"""A word on somebody's moment: yes, I can't say, or it was different. Opening the page changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import abort, render_template, request, url_for
from marshmallow import fields, validate

from lrs_bridge.domain import support
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.web import leading
from lrs_bridge.web.acts import Act
from lrs_bridge.web.forms import Acting, act_for, one_of
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_fields import is_link
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import long_day

BASES = (
    Option("observed", "I saw it"),
    Option("discussed", "We talked about it"),
    Option("artefact", "I saw what came of it"),
)
_ABOUT = (Kind.APPLIED, Kind.LACKED_OPPORTUNITY)
_SAID = {Kind.VERIFIED: "yes", Kind.CONFIRMED: "yes", Kind.DISPUTED: "no"}


class Word(Acting):
    word = one_of(("yes", "unsure", "no"), "Choose one of the three.")
    basis = fields.String(load_default="", validate=validate.OneOf(["", *(option.value for option in BASES)]))


def moment_of(situation: Situation, statement: str) -> Fact:
    """A moment the participant has asked about; one they kept to themselves is not there."""
    fact = situation.by_id.get(statement)
    if fact is None or fact.kind not in _ABOUT or fact.actor != situation.person.account:
        abort(404)
    if not situation.asks_for_a_word(fact):
        abort(404)
    return fact


def word_acts(
    visit: Visit, situation: Situation, fact: Fact, data: dict[str, Any], role: Role = Role.MANAGER
) -> list[Act]:
    """A change of mind voids what was said before. "I can't say" writes nothing of its own."""
    before = leading.word_of(situation, fact, visit.account)
    if before is not None and _SAID[before.kind] == data["word"]:
        return []
    acts = [] if before is None else [_void(situation, before, data, role)]
    if data["word"] == "unsure":
        return acts
    used, yes = fact.kind is Kind.APPLIED, data["word"] == "yes"
    kind = (Kind.VERIFIED if used else Kind.CONFIRMED) if yes else Kind.DISPUTED
    return [
        *acts,
        Act(
            id=data["act"],
            kind=kind,
            registration=situation.enrolment.id,
            role=role,
            step=_open_observation(situation) if kind is Kind.VERIFIED and role is Role.MANAGER else None,
            refers_to=fact.id,
            data={"basis": data["basis"]} if data["basis"] else {},
        ),
    ]


def _void(situation: Situation, before: Fact, data: dict[str, Any], role: Role) -> Act:
    return Act(
        id=act_for(data["act"], before.id),
        kind=Kind.VOIDED,
        registration=situation.enrolment.id,
        role=role,
        refers_to=before.id,
    )


def _open_observation(situation: Situation) -> Step | None:
    """The manager's observation step that is open, so that confirming a moment counts as having seen it."""
    found = support.of(situation.journey, situation.evidence, situation.now)
    for step in found.steps:
        if step.step.type == "observation" and not step.done and step.window.contains(situation.today):
            return step.step
    return None


@dataclass(frozen=True)
class Place:
    """Where the answer is sent, and the page to go back to."""

    here: str
    back: str
    back_text: str


def moment_page(
    visit: Visit, situation: Situation, fact: Fact, replies: Mapping[str, str], place: Place | None = None
) -> str:
    """`replies`: what the participant answered to words of others, by their statement. `place`: None, the manager's."""
    behaviours = {behaviour.id: behaviour.title for behaviour in situation.journey.behaviours}
    note = situation.notes.get(fact.id)
    said = leading.word_of(situation, fact, visit.account)
    link = note.texts.get("link", "") if note else ""
    place = place or Place(
        url_for("visit.answer_moment", enrolment=situation.enrolment.id, statement=fact.id),
        url_for("visit.people"),
        "Back to your people",
    )
    return render_template(
        "moment.html",
        visit=visit,
        act=str(uuid4()),
        name=situation.name,
        used=fact.kind is Kind.APPLIED,
        moment=situation.moment_title(fact),
        day=long_day(situation.day(fact)),
        did=[behaviours[id_] for id_ in fact.data.get("behaviours", ()) if id_ in behaviours],
        words=note.texts.get("what_happened") if note else None,
        link=link if is_link(link) else None,
        said=_SAID[said.kind] if said else None,
        reply=replies.get(said.id) if said else None,
        saved=request.args.get("saved"),
        bases=BASES,
        here=place.here,
        back={"href": place.back, "text": place.back_text},
    )

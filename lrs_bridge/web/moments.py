"""Moments that matter on the page: the form that logs one, the chance that did not come, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import marshmallow as ma
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain import applications, completion
from lrs_bridge.domain.applications import Application, Standing
from lrs_bridge.domain.completion import StepState
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import notes
from lrs_bridge.web.acts import Act
from lrs_bridge.web.forms import Dated, Days, Form, dated, one_of, scale, some_of, text
from lrs_bridge.web.situations import KEPT_TO_ONESELF, Situation
from lrs_bridge.web.step_fields import is_link, link
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import day_words, first_name

OWN = "own"
KINDS = (Kind.APPLIED, Kind.LACKED_OPPORTUNITY)
_WORDS = (Kind.VERIFIED, Kind.CONFIRMED, Kind.DISPUTED)
OUTCOMES = (
    Option("4", "A clear result on the goal I agreed", "and I can show it"),
    Option("3", "A clear result"),
    Option("2", "Some effect"),
    Option("1", "Nothing I could see"),
    Option("0", "It went worse"),
)
_TITLE_LIMIT = 200


@dataclass(frozen=True)
class Logged:
    """One entry of "Your moments". `kind` and `sign` go with the state's words; `act` is for taking it back.

    `link` is a web address that was given, `private` what only the participant sees. `word`: the statement of what
    `who` said about it last, to whom one sentence can be answered; `reply` is that sentence.
    """

    statement: str
    act: str
    title: str
    day: date
    words: str
    state: str
    kind: str | None
    sign: str
    link: str = ""
    private: str = ""
    word: str | None = None
    who: str = ""
    reply: str = ""


def days_of(situation: Situation) -> Days:
    """An application counts from the first day of the first application step."""
    found = applications.of(situation.journey, situation.evidence, situation.now)
    return Days(situation.today, found.opens, "Moments count from")


def moment_options(situation: Situation) -> list[Option]:
    """The catalogue, then the participant's own."""
    catalogue = [Option(moment.id, moment.title) for moment in situation.journey.moments]
    return [*catalogue, *(Option(own.id, own.title) for own in situation.own_moments.values())]


class _Moment(Dated):
    """`own_title` is asked for only with "A moment of my own"."""

    own_title = text()
    words = text()
    ask = fields.String(load_default=KEPT_TO_ONESELF, validate=validate.OneOf(["yes", KEPT_TO_ONESELF]))
    step = fields.String(load_default="")
    private = text()
    link = link()

    @ma.validates_schema(skip_on_field_errors=False)
    def names_own(self, data: Mapping[str, Any], **_: Any) -> None:
        title = data.get("own_title", "")
        if data.get("moment") == OWN and not title:
            raise ma.ValidationError("Name your moment in a few words.", "own_title")
        if len(title) > _TITLE_LIMIT:
            raise ma.ValidationError("Name it in fewer words, 200 letters at most.", "own_title")


def schema(situation: Situation, colleagues: Sequence[str] = ()) -> ma.Schema:
    """`colleagues`: ids of the people who may be asked beside the manager."""
    known = [option.value for option in moment_options(situation)]
    behaviours = [behaviour.id for behaviour in situation.journey.behaviours]
    made: dict[str, fields.Field[Any]] = {
        "moment": one_of([*known, OWN], "Choose the moment."),
        "behaviours": some_of(behaviours, "Choose at least one thing you did."),
        "outcome": scale(0, 4, "Say what came of it."),
        "ask_peer": fields.List(fields.String(validate=validate.OneOf(colleagues)), load_default=list),
    }
    return dated(_Moment, made, days_of(situation))


def fresh(situation: Situation, step_id: str | None) -> Form:
    """Remembers the last moment, never the result."""
    applied = situation.of_kind(Kind.APPLIED)
    start = {"when": "today", "ask": "yes", "step": step_id or ""}
    if applied:
        start["moment"] = applied[-1].moment or ""
    return Form(start=start)


def act(session: Session, visit: Visit, situation: Situation, data: Mapping[str, Any]) -> Act:
    """The application as an act; a moment of one's own is named in the same transaction."""
    moment, personal = data["moment"], data["moment"] in situation.own_moments
    if moment == OWN:
        named = notes.add_personal_moment(
            session, visit.tenant_id, situation.enrolment.id, data["own_title"], visit.now
        )
        moment, personal = named.id, True
    return _applied(situation, data, moment, personal)


def as_sent(situation: Situation, data: Mapping[str, Any]) -> Act:
    """The act of a form as far as it can be told without naming a moment of one's own."""
    return _applied(situation, data, data["moment"], data["moment"] in situation.own_moments)


def _applied(situation: Situation, data: Mapping[str, Any], moment: str, personal: bool) -> Act:
    return Act(
        id=data["act"],
        kind=Kind.APPLIED,
        registration=situation.enrolment.id,
        role=Role.PARTICIPANT,
        step=step_for(situation, data["day"] or situation.today, data["step"]),
        day=data["day"],
        moment=moment,
        personal_moment=personal,
        score=Score(data["outcome"], 0, 4),
        data={"behaviours": data["behaviours"]},
        texts={
            "what_happened": data["words"],
            "ask": data["ask"],
            "ask_peer": "\n".join(data["ask_peer"]),
            "private": data["private"],
            "link": data["link"],
        },
    )


def step_for(situation: Situation, day: date, wanted: str | None = None) -> Step | None:
    """The application step an entry of that day belongs to: the one wanted, else the first that waits for one."""
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    waiting = [
        row
        for row in progress.steps
        if row.step.type == applications.STEP_TYPE and row.state(progress.today) in (StepState.OPEN, StepState.OVERDUE)
    ]
    fitting = [row for row in waiting if row.window.opens <= day] or waiting
    named = [row for row in fitting if row.step.id == wanted]
    first = min(named or fitting, key=lambda row: row.window.due, default=None)
    return first.step if first else None


class _NoChance(Dated):
    words = text()


def no_chance_schema(situation: Situation) -> ma.Schema:
    moments = [option.value for option in moment_options(situation)]
    made = {"moment": one_of(moments, "Choose the moment that did not come.")}
    return dated(_NoChance, made, days_of(situation))


def no_chance(situation: Situation, data: Mapping[str, Any]) -> Act:
    return Act(
        id=data["act"],
        kind=Kind.LACKED_OPPORTUNITY,
        registration=situation.enrolment.id,
        role=Role.PARTICIPANT,
        step=step_for(situation, data["day"] or situation.today),
        day=data["day"],
        moment=data["moment"],
        personal_moment=data["moment"] in situation.own_moments,
        texts={"what_happened": data["words"]},
    )


def back(situation: Situation, fact: Fact, data: Mapping[str, Any]) -> Act:
    """A void of one's own entry: the way to correct it is to log it anew."""
    return Act(
        id=data["act"],
        kind=Kind.VOIDED,
        registration=situation.enrolment.id,
        role=Role.PARTICIPANT,
        refers_to=fact.id,
    )


def logged(situation: Situation) -> Sequence[Logged]:
    """The participant's moments, latest first."""
    found = applications.of(situation.journey, situation.evidence, situation.now)
    used = [(one.day, _used(situation, one)) for one in found.applications]
    none = [
        (
            one.day,
            Logged(
                one.fact.id,
                str(uuid4()),
                situation.moment_title(one.fact),
                one.day,
                _words(situation, one.fact.id),
                "No chance, confirmed" if one.confirmed_by else "No chance, not confirmed yet",
                "done" if one.confirmed_by else None,
                "check" if one.confirmed_by else "clock",
            ),
        )
        for one in found.no_opportunities
    ]
    return [entry for _, entry in sorted([*used, *none], key=lambda pair: pair[0], reverse=True)]


def _used(situation: Situation, one: Application) -> Logged:
    who = first_name(situation.called(one.words[-1].actor)) if one.words else ""
    states: dict[Standing, tuple[str, str | None, str]] = {
        Standing.VERIFIED: (f"{who} confirmed it", "done", "check"),
        Standing.DISPUTED: (f"{who} says it was different", "care", "alert"),
        Standing.SELF: (_unconfirmed(situation, one), None, "clock"),
    }
    state, kind, sign = states[one.standing]
    link = _text(situation, one.fact.id, "link")
    last = one.words[-1] if one.words else None
    return Logged(
        one.fact.id,
        str(uuid4()),
        situation.moment_title(one.fact),
        one.day,
        _words(situation, one.fact.id),
        state,
        kind,
        sign,
        link=link if is_link(link) else "",
        private=_text(situation, one.fact.id, "private"),
        word=last.id if last else None,
        who=who,
        reply=situation.replies.get(last.id, "") if last else "",
    )


def word_on_mine(situation: Situation, statement: str) -> Fact | None:
    """What somebody else said about a moment of the participant's that they logged; None for anything else."""
    said = situation.by_id.get(statement)
    about = situation.by_id.get(said.target or "") if said else None
    if said is None or about is None or about.kind not in KINDS or about.actor != situation.person.account:
        return None
    return said if said.actor != situation.person.account and said.kind in _WORDS else None


def _unconfirmed(situation: Situation, one: Application) -> str:
    if not situation.asks_for_a_word(one.fact):
        asked = _text(situation, one.fact.id, "ask_peer")
        return "Your colleague has not answered yet" if asked else "You kept it to yourself"
    return f"{first_name(situation.called(situation.manager))} has not answered yet" if situation.manager else "Logged"


def _words(situation: Situation, statement: str) -> str:
    return _text(situation, statement, "what_happened")


def _text(situation: Situation, statement: str, name: str) -> str:
    note = situation.notes.get(statement)
    return str(note.texts.get(name, "")) if note else ""


def opens_later(situation: Situation) -> str | None:
    """Why nothing can be logged yet; None when it can."""
    found = applications.of(situation.journey, situation.evidence, situation.now)
    if found.opens is None:
        return "There are no applications in this journey."
    return None if found.open else f"Moments can be logged from {day_words(found.opens)}."

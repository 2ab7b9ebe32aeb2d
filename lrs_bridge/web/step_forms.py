"""The form of each step: the schema that reads it, and the act it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.domain.journey import Step, Survey, SurveyItem
from lrs_bridge.domain.people import Role
from lrs_bridge.store import forum
from lrs_bridge.store.consents import Quoting
from lrs_bridge.web import menus, step_fields
from lrs_bridge.web.acts import Act
from lrs_bridge.web.deeds import Asks, Deed, survey_of
from lrs_bridge.web.forms import Acting, Dated, Days, dated, one_of, scale, text
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import number

MAP_TEXTS = {
    "learning_outcome": "What will you be able to do?",
    "performance_outcome": "What will be different in your work?",
    "business_rationale": "What is that good for?",
}
FACTORS = {
    "leader_need": "Somebody above me needed it",
    "preparation_line_of_sight": "Knowing what it was for",
    "timing": "The timing",
    "manager_support": "My manager",
    "managers_manager": "My manager’s manager",
    "incentives": "What is rewarded here",
    "opportunity_to_use": "Chances to use it",
    "peer_norms": "How colleagues do it",
    "tools_resources": "Tools, time and money",
    "skill_not_learned": "How well I had learned it",
    "personal": "Something personal",
    "other": "Something else",
}
SCALES = {"nps": (0, 10), "likert": (1, 5), "use": (0, 3)}
USE_WORDS = (
    ("3", "I used it, with a clear and concrete result"),
    ("2", "I used it, no clear result yet"),
    ("1", "I used it a little and expect no result"),
    ("0", "I did not use it"),
)


@dataclass(frozen=True)
class Option:
    value: str
    text: str
    more: str | None = None


@dataclass(frozen=True)
class Question:
    """One item of a survey as a field. `options` empty: a text. `row`: short options side by side."""

    name: str
    title: str
    options: Sequence[Option]
    row: bool
    hint: str | None


def questions(survey: Survey, prefix: str = "item") -> list[Question]:
    return [_question(item, f"{prefix}_{item.id}") for item in survey.items]


def _question(item: SurveyItem, name: str) -> Question:
    if item.scale == "text":
        return Question(name, item.title, (), False, None)
    if item.scale == "use":
        return Question(name, item.title, [Option(*words) for words in USE_WORDS], False, None)
    low, high = SCALES.get(item.scale, SCALES["likert"])
    hint = f"{low} is not at all, {high} is completely."
    return Question(name, item.title, [Option(str(n), str(n)) for n in range(low, high + 1)], True, hint)


def days_of(situation: Situation, step: Step) -> Days:
    return Days(situation.today, situation.window(step).opens, "This step opened on")


def schema(situation: Situation, step: Step, deed: Deed) -> ma.Schema:
    """What reads the form of this step."""
    if deed.asks is Asks.DAY:
        return Dated(days_of(situation, step))
    if deed.asks is Asks.TEXT:
        return Acting.from_dict({"words": text("Write a sentence or two.")})()
    if deed.asks is Asks.MAP:
        return _map_schema(situation, step)
    if deed.asks is Asks.SURVEY:
        return _survey_schema(situation, step)
    if deed.asks is Asks.FIELDS:
        wanted = step_fields.reading(deed.fields)
        return dated(_DatedFields, wanted, days_of(situation, step)) if deed.dated else _Fields.from_dict(wanted)()
    if deed.asks is Asks.MENU:
        return _menu_schema(situation, step)
    if deed.asks is Asks.FORUM:
        named = fields.String(load_default="no", validate=validate.OneOf(["yes", "no"]))
        to = fields.String(load_default="")
        return Acting.from_dict({"words": text("Write a sentence or two."), "named": named, "reply_to": to})()
    if deed.asks is Asks.CONSENT:
        return Consent()
    if deed.asks is Asks.PRACTICE:
        moments = [moment.id for moment in situation.journey.moments]
        choose: dict[str, fields.Field[Any]] = {
            "moment": one_of(moments, "Choose what you practised."),
            "difficulty": scale(1, 3, "Say how hard."),
            "words": text(),
        }
        return Acting.from_dict(choose)()
    return Acting()


class _NotEmpty:
    @ma.validates_schema(skip_on_field_errors=False)
    def says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """A work is somewhere, or it is here."""
        if "guardian" in data and not data.get("link") and not data.get("words"):
            raise ma.ValidationError("Give a link to it, or its text.", "link")


class _Fields(_NotEmpty, Acting):
    pass


class _DatedFields(_NotEmpty, Dated):
    pass


class Consent(Acting):
    """`quoting` is asked for with a yes only."""

    agreed = one_of(("yes", "no"), "Say yes or no. Both are fine.")
    quoting = fields.String(load_default="", validate=validate.OneOf(["", *Quoting]))

    @ma.validates_schema(skip_on_field_errors=True)
    def says_how(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["agreed"] == "yes" and not data["quoting"]:
            raise ma.ValidationError("Say how you may be quoted.", "quoting")


def quoting_of(data: Mapping[str, Any]) -> Quoting | None:
    """What a consent that was read says; None for a no."""
    return Quoting(data["quoting"]) if data["agreed"] == "yes" else None


def _menu_schema(situation: Situation, step: Step) -> ma.Schema:
    choice = menus.choice_of(situation.journey, step)
    if choice is None:
        return Acting()
    complaint = f"Choose {number(choice.choose)} of these {number(len(choice.steps))}."
    ids = fields.List(
        fields.String(validate=validate.OneOf(list(choice.steps), error=complaint)),
        required=True,
        validate=lambda given: len(set(given)) == choice.choose or _refuse(complaint),
        error_messages={"required": complaint},
    )
    return Acting.from_dict({menus.CHOSEN: ids})()


def _refuse(complaint: str) -> bool:
    raise ma.ValidationError(complaint)


def _map_schema(situation: Situation, step: Step) -> ma.Schema:
    moments = [moment.id for moment in situation.journey.moments]
    made: dict[str, Any] = {name: text() for name in MAP_TEXTS}
    made["moments"] = fields.List(fields.String(validate=validate.OneOf(moments)), load_default=list)
    survey = survey_of(situation.journey, step)
    if survey is not None:
        made |= {f"item_{i.id}": scale(*SCALES["likert"], "Choose a number.") for i in survey.items}
    return _Map.from_dict(made)()


class _Map(Acting):
    @ma.validates_schema(skip_on_field_errors=False)
    def says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not any(data.get(name) for name in (*MAP_TEXTS, "moments")):
            raise ma.ValidationError("Fill in at least one part of the map.", "learning_outcome")


def _survey_schema(situation: Situation, step: Step) -> ma.Schema:
    survey = survey_of(situation.journey, step)
    made: dict[str, Any] = {}
    for item in survey.items if survey else ():
        if item.scale == "text":
            made[f"item_{item.id}"] = text()
        else:
            low, high = SCALES.get(item.scale, SCALES["likert"])
            rule = validate.Range(low, high, error=f"Choose a number from {low} to {high}.")
            made[f"item_{item.id}"] = fields.Integer(load_default=None, validate=rule)
    codes = fields.String(validate=validate.OneOf(list(FACTORS)))
    made["helped"] = fields.List(codes, load_default=list)
    made["hindered"] = fields.List(codes, load_default=list)
    made["talk"] = fields.String(load_default="", validate=validate.OneOf(["", "yes", "no"]))
    return _Answers.from_dict(made)()


class _Answers(Acting):
    @ma.validates_schema(skip_on_field_errors=True)
    def answers_something(self, data: Mapping[str, Any], **_: Any) -> None:
        items = {name: value for name, value in data.items() if name.startswith("item_")}
        if all(value in (None, "") for value in items.values()):
            raise ma.ValidationError("Answer at least one question.", next(iter(items), "helped"))

    @ma.validates_schema(skip_on_field_errors=True)
    def helps_or_hinders(self, data: Mapping[str, Any], **_: Any) -> None:
        both = set(data["helped"]) & set(data["hindered"])
        if both:
            name = FACTORS[min(both, key=list(FACTORS).index)]
            raise ma.ValidationError(f"“{name}” stands in both lists. Leave it in one of them.", "hindered")


def act(situation: Situation, step: Step, deed: Deed, data: Mapping[str, Any]) -> Act:
    """The participant's act from a form that was read."""
    more: dict[str, Any] = {}
    if deed.asks is Asks.TEXT:
        more["texts"] = {"words": data["words"]}
    elif deed.asks is Asks.FIELDS:
        more["texts"] = step_fields.texts_of(deed.fields, data)
    elif deed.asks is Asks.MENU:
        more["texts"] = {menus.CHOSEN: "\n".join(data.get(menus.CHOSEN, ()))}
    elif deed.asks is Asks.FORUM:
        unnamed = "" if data["named"] == "yes" else "yes"
        more["texts"] = {forum.WORDS: data["words"], forum.UNNAMED: unnamed, forum.REPLY_TO: data["reply_to"]}
    elif deed.asks is Asks.MAP:
        more = _map_act(situation, data)
    elif deed.asks is Asks.SURVEY:
        more = _survey_act(data)
    elif deed.asks is Asks.PRACTICE:
        more = {
            "moment": data["moment"],
            "data": {"difficulty": data["difficulty"]},
            "texts": {"words": data["words"]},
        }
    return Act(
        id=data["act"],
        kind=deed.kind,
        registration=situation.enrolment.id,
        role=Role.PARTICIPANT,
        step=step,
        day=data.get("day"),
        **more,
    )


def _map_act(situation: Situation, data: Mapping[str, Any]) -> dict[str, Any]:
    titles = [situation.journey.moment_by_id[id_].title for id_ in data["moments"]]
    texts = {name: data[name] for name in MAP_TEXTS} | {"moments": "\n".join(titles)}
    filled = {name: bool(texts[name]) for name in ("learning_outcome", "moments", *list(MAP_TEXTS)[1:])}
    answers = _numbers(data)
    kept = {"map": filled, "answers": answers} if answers else {"map": filled}
    return {"data": kept, "texts": texts}


def _survey_act(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": said_of(data), "texts": {**texts_of(data), "talk": data["talk"]}}


def said_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a survey goes into its statement."""
    factors = dict.fromkeys(data["helped"], "helped") | dict.fromkeys(data["hindered"], "hindered")
    kept: dict[str, Any] = {"answers": _numbers(data)}
    return kept | {"factors": factors} if factors else kept


def texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a survey by item."""
    return {name.removeprefix("item_"): value for name, value in data.items() if _is_text(name, value) and value}


def _is_text(name: str, value: object) -> bool:
    return name.startswith("item_") and isinstance(value, str)


def _numbers(data: Mapping[str, Any]) -> dict[str, int]:
    return {
        name.removeprefix("item_"): value
        for name, value in data.items()
        if name.startswith("item_") and isinstance(value, int)
    }

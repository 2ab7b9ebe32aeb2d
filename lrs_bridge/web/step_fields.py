"""Forms that are a list of fields: what a step type asks for in words, days and links, how it is read and shown again.

What is typed here is kept as a note beside the statement and never part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.domain.mailing import is_address
from lrs_bridge.web.forms import Trimmed, text
from lrs_bridge.web.words import full_day

_LINE, _LINK = 300, 2000
_YES = "yes"


class Sort(StrEnum):
    """What a field takes."""

    TEXT = "text"
    LINE = "line"
    DAY = "day"
    LINK = "link"
    TICK = "tick"
    MAIL = "mail"


@dataclass(frozen=True)
class StepField:
    """`needed`: the complaint when it is empty, None where it may be. `said`: its name when it is read again.

    `more`: it is folded away until something stands in it.
    """

    name: str
    label: str
    sort: Sort = Sort.TEXT
    hint: str | None = None
    needed: str | None = None
    said: str | None = None
    rows: int = 2
    more: bool = False

    @property
    def called(self) -> str:
        return self.said or self.label


@dataclass(frozen=True)
class Written:
    """One thing that was written, as it is shown: `href` where it is a link, `label` None for a step's only text."""

    label: str | None
    text: str
    href: str | None = None


def _plan() -> Iterable[StepField]:
    for number, which in ((1, "Your first goal"), (2, "A second goal"), (3, "A third goal")):
        needed = "Write down at least one goal." if number == 1 else None
        hint = _GOAL if number == 1 else None
        said = f"Goal {number}"
        yield StepField(f"goal_{number}", which, hint=hint, needed=needed, said=said, more=number > 1)
        yield StepField(f"by_{number}", "By when", Sort.DAY, said=f"Goal {number}, by", more=number > 1)
        yield StepField(f"with_{number}", "With whom", Sort.LINE, said=f"Goal {number}, with", more=number > 1)


_GOAL = "One thing you do, in which situation, and how you will see that it worked."
PLAN = tuple(_plan())
ARTEFACT = (
    StepField("title", "What is it called?", Sort.LINE, needed="Give it a name.", said="Title"),
    StepField("link", "Where is it?", Sort.LINK, "A link, if it lies somewhere. It stays where it is.", said="Link"),
    StepField("words", "Or its text", hint="What you made, or a summary.", said="Text", rows=5),
    StepField("template", "Which version of the template?", Sort.LINE, "As it stands on the page.", said="Template"),
    StepField(
        "guardian", "Who looks after it?", Sort.LINE, "You, or a colleague who keeps it up.", said="Looked after by"
    ),
    StepField(
        "guardian_mail",
        "Their e-mail at work",
        Sort.MAIL,
        "They get one message, a week before the next look. Leave it empty where it is you.",
        said="Reminded at",
    ),
    StepField(
        "review", "When is it looked at again?", Sort.DAY, "It stands on your page from that day.", said="Next look"
    ),
)
CASE = (
    StepField(
        "words", "The case, as it happened", needed="Tell the case in a few sentences.", said="Your case", rows=6
    ),
    StepField(
        "no_people", "No names of people, and nothing by which they are known", Sort.TICK, needed="Take out names."
    ),
    StepField("no_customers", "No customers, products or places", Sort.TICK, needed="Take out customers and places."),
    StepField(
        "no_figures",
        "No figures that only one case can have",
        Sort.TICK,
        needed="Round the figures, or leave them out.",
    ),
)
RECOGNITION = (
    StepField(
        "whom",
        "Whom do you recognise?",
        Sort.LINE,
        "By the name your manager, coach or colleague beside you has here: they read it on their page.",
        needed="Say whom.",
        said="Whom",
    ),
    StepField(
        "words", "What did they do?", hint="What you saw, and what came of it.", needed="Say what they did.", said="For"
    ),
)
CHECK_IN = (
    StepField("words", "What still holds, and what do you want next?", hint="A sentence or two.", said="What you said"),
)
REPORT = (
    StepField("worked", "What worked", needed="Write at least a sentence.", rows=3),
    StepField("failed", "What did not", needed="Nothing works throughout. Write what did not.", rows=3),
    StepField("next", "What comes next", rows=3),
)
_EVERY = {field.name: field for field in (*REPORT, *RECOGNITION, *ARTEFACT, *PLAN)}


class _Day(fields.Field[str]):
    """A day as the browser's picker or a person writes it (2026-04-14), kept as such."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        given = str(value).strip()
        try:
            return date.fromisoformat(given).isoformat() if given else ""
        except ValueError:
            raise ma.ValidationError("There is no such day. Give it like 2026-04-14.") from None


class _Link(Trimmed):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        given = super()._deserialize(value, *args, **kwargs)
        if given and not is_link(given):
            raise ma.ValidationError("A link begins with https:// or http://.")
        return given


class _Mail(Trimmed):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        given = super()._deserialize(value, *args, **kwargs)
        if given and not is_address(given):
            raise ma.ValidationError("Give one whole e-mail address, for example kim@example.org.")
        return given


def is_link(given: str) -> bool:
    return given.lower().startswith(("https://", "http://")) and not any(letter.isspace() for letter in given)


def link(longest: int = _LINK) -> fields.String:
    return _Link(load_default="", validate=validate.Length(max=longest, error="That is too long for a link."))


def reading(wanted: Sequence[StepField]) -> dict[str, fields.Field[Any]]:
    """The schema's fields."""
    return {field.name: _read(field) for field in wanted}


def _read(field: StepField) -> fields.Field[Any]:
    if field.sort is Sort.DAY:
        return _Day(load_default="")
    if field.sort is Sort.LINK:
        return link()
    if field.sort is Sort.MAIL:
        return _Mail(load_default="")
    if field.sort is Sort.TICK:
        return fields.String(
            required=True,
            validate=validate.Equal(_YES, error=field.needed or ""),
            error_messages=dict.fromkeys(("required", "null", "invalid"), field.needed or ""),
        )
    if field.sort is Sort.LINE:
        rules: list[Any] = [validate.Length(max=_LINE, error="Say it in fewer words, 300 letters at most.")]
        if field.needed:
            rules.insert(0, validate.Length(min=1, error=field.needed))
            return Trimmed(
                required=True, validate=rules, error_messages=dict.fromkeys(("required", "null"), field.needed)
            )
        return Trimmed(load_default="", validate=rules)
    return text(field.needed)


def texts_of(wanted: Sequence[StepField], data: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of a form that was read; ticks are promises and are not."""
    return {field.name: data[field.name] for field in wanted if field.sort is not Sort.TICK and data.get(field.name)}


def shown(texts: Mapping[str, str], wanted: Sequence[StepField] = ()) -> list[Written]:
    """The texts of a note in the order of the form; those of no field last, without a label."""
    known = {**_EVERY, **{field.name: field for field in wanted}}
    order = {name: place for place, name in enumerate(known)}
    names = sorted(texts, key=lambda name: order.get(name, len(order)))
    alone = set(texts) == {"words"}
    return [_written(known.get(name), texts[name], alone) for name in names]


def in_one_text(texts: Mapping[str, str]) -> str:
    """For pages that show it in passing."""
    return "; ".join(f"{one.label}: {one.text}" if one.label else one.text for one in shown(texts))


def _written(field: StepField | None, said: str, alone: bool) -> Written:
    if field is None or alone:
        return Written(None, said)
    if field.sort is Sort.DAY:
        return Written(field.called, full_day(date.fromisoformat(said)))
    return Written(field.called, said, said if field.sort is Sort.LINK and is_link(said) else None)

"""Forms: what was typed, what is wrong with it in words, and the schemas that read it.

A form that is wrong is shown again with everything that was typed, a summary with links on top and a line at
the field. `act` is a uuid fixed when the form is shown, so that sending twice is the same as once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn, cast
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import request
from marshmallow import fields, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MultiDict

from lrs_bridge.web.words import day_words, number, sentence

TEXT_LIMIT = 4000


@dataclass
class Form:
    """What a template needs to draw a form. `start` holds what a fresh form proposes, by field name."""

    act: str = field(default_factory=lambda: str(uuid4()))
    start: Mapping[str, Any] = field(default_factory=dict)
    data: MultiDict[str, str] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    def typed(self, name: str) -> str:
        if self.data is not None:
            return self.data.get(name, "")
        return str(self.start.get(name, ""))

    def chosen(self, name: str, value: object) -> bool:
        if self.data is not None:
            return str(value) in self.data.getlist(name)
        proposed = self.start.get(name, ())
        return str(value) in ([str(v) for v in proposed] if isinstance(proposed, list | tuple) else [str(proposed)])

    @property
    def filled(self) -> frozenset[str]:
        """Names of fields in which something stands, or is wrong."""
        typed = self.data if self.data is not None else self.start
        return frozenset(name for name in typed if typed[name]) | frozenset(self.errors)

    @property
    def errors_title(self) -> str:
        count = len(self.errors)
        return "One thing is missing." if count == 1 else f"{sentence(number(count))} things are missing."


class WrongForm(Exception):
    """What was sent cannot be taken; `form` shows it again."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        typed = request.form
        self.form = Form(act=typed.get("act") or str(uuid4()), data=typed, errors=dict(errors))


class _Parser(FlaskParser):
    """webargs' reader of `request.form` with our own way of complaining."""

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> NoReturn:
        messages: Any = error.messages
        raise WrongForm({name: _first(text) for name, text in messages.get("form", messages).items()}) from error


def _first(messages: Any) -> str:
    """marshmallow's messages may be nested per list item; one sentence per field is enough."""
    while not isinstance(messages, str):
        messages = next(iter(messages.values() if isinstance(messages, Mapping) else messages))
    return messages


_parser = _Parser()


def read(schema: ma.Schema) -> dict[str, Any]:
    """The form that was sent, read by the schema. Raises WrongForm."""
    loaded: dict[str, Any] = _parser.parse(schema, request, location="form", unknown=ma.EXCLUDE)
    return loaded


class Acting(ma.Schema):
    """Every form that makes an event."""

    act = fields.UUID(required=True, error_messages=dict.fromkeys(("required", "invalid_uuid"), "Load the page again."))


def text(required: str | None = None) -> fields.String:
    """A text of a few sentences, trimmed; `required` is the complaint when it is empty."""
    longest = validate.Length(max=TEXT_LIMIT, error="That is longer than 4,000 characters. Shorten it.")
    if required is None:
        return Trimmed(load_default="", validate=longest, error_messages=_missing(None))
    filled = validate.Length(min=1, error=required)
    return Trimmed(required=True, validate=[filled, longest], error_messages=_missing(required))


def _missing(complaint: str | None) -> dict[str, Any]:
    return dict.fromkeys(("required", "null", "invalid"), complaint or "We could not read that.")


class Trimmed(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, *args, **kwargs)).strip()


def one_of(values: Sequence[str], complaint: str) -> fields.String:
    rule = validate.OneOf(list(values), error=complaint)
    return fields.String(required=True, validate=rule, error_messages=_missing(complaint))


def some_of(values: Sequence[str], complaint: str) -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.OneOf(list(values), error=complaint)),
        required=True,
        validate=validate.Length(min=1, error=complaint),
        error_messages=_missing(complaint),
    )


def scale(low: int, high: int, complaint: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        validate=validate.Range(low, high, error=complaint),
        error_messages=_missing(complaint),
    )


@dataclass(frozen=True)
class Days:
    """The days that can be given for an act, local to the run: `first` to `today`, both included."""

    today: date
    first: date | None = None
    first_because: str = ""

    @property
    def example(self) -> str:
        return day_words(self.today - timedelta(days=2))


class Dated(Acting):
    """A form that asks when: today, yesterday, or a date. `day` is None when the acting time is meant."""

    when = one_of(("today", "yesterday", "date"), "Say when it happened.")
    by_hand = fields.String(load_default="", data_key="date")

    def __init__(self, days: Days, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.days = days

    @ma.validates_schema(skip_on_field_errors=False)
    def day_is_possible(self, data: Mapping[str, Any], **_: Any) -> None:
        word = data.get("when")
        if word is not None:
            self._fits(self._day(word, data.get("by_hand", "")), "date" if word == "date" else "when")

    @ma.post_load
    def settle_day(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        word, given = data.pop("when"), data.pop("by_hand")
        return {**data, "day": None if word == "today" else self._day(word, given)}

    def _day(self, word: str, given: str) -> date:
        known = {"today": self.days.today, "yesterday": self.days.today - timedelta(days=1)}
        return known.get(word) or self._by_hand(given.strip())

    def _by_hand(self, given: str) -> date:
        if not given:
            raise ma.ValidationError(f"Give the day it happened, for example {self.days.example}.", "date")
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise ma.ValidationError(
                f"There is no such day. Give the day it happened, for example {self.days.example}.", "date"
            ) from None

    def _fits(self, day: date, name: str) -> None:
        if day > self.days.today:
            raise ma.ValidationError("That day is still to come. Give the day it happened.", name)
        if self.days.first and day < self.days.first:
            raise ma.ValidationError(
                f"{self.days.first_because} {day_words(self.days.first)}. Give a day since then.", name
            )


def dated(base: type[Dated], made: Mapping[str, fields.Field[Any]], days: Days) -> Dated:
    """A schema with these fields on top of `base`'s, for acts on one of these days."""
    return cast(type[Dated], base.from_dict(dict(made)))(days)


def acting_time(day: date | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The acting time, or local noon of a day given by hand, whichever is earlier."""
    if day is None:
        return now
    return min(now, datetime.combine(day, time(12), zone))


def act_for(act: UUID, target: str) -> UUID:
    """One act for many people is one event each: ids that follow from the form's."""
    return uuid5(act, target)

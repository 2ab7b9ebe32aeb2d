"""Levels of capabilities as a form and in words: the anchor texts of the journey, lowest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.domain.journey import Capability
from lrs_bridge.domain.rating import Source, Told, View
from lrs_bridge.web.forms import Acting
from lrs_bridge.web.words import plain, plural

PREFIX = "level_"
CANNOT_SAY = "0"
_GROUPS = {
    Source.SELF: "You",
    Source.MANAGER: "Your manager",
    Source.PEER: "Colleagues",
    Source.REPORT: "Others",
}


@dataclass(frozen=True)
class Question:
    """A capability on a form, with its levels as options."""

    name: str
    title: str
    options: tuple[dict[str, str], ...]


def questions(capabilities: Iterable[Capability], of_others: bool) -> list[Question]:
    """`of_others`: whoever rates somebody else may say that they cannot say."""
    found = []
    for capability in capabilities:
        options = [{"value": str(level), "text": text} for level, text in enumerate(capability.levels, 1)]
        options += [{"value": CANNOT_SAY, "text": "I cannot say"}] if of_others else []
        found.append(Question(PREFIX + capability.id, capability.title, tuple(options)))
    return found


def schema(capabilities: Iterable[Capability], of_others: bool) -> ma.Schema:
    made: dict[str, Any] = {}
    for capability in capabilities:
        complaint = f"Choose a level for “{capability.title}”."
        low = 0 if of_others else 1
        made[PREFIX + capability.id] = fields.Integer(
            required=True,
            validate=validate.Range(low, len(capability.levels), error=complaint),
            error_messages=dict.fromkeys(("required", "null", "invalid"), complaint),
        )
    return _Levels.from_dict(made)()


class _Levels(Acting):
    @ma.validates_schema(skip_on_field_errors=True)
    def says_something(self, data: Mapping[str, Any], **_: Any) -> None:
        levels = {name: value for name, value in data.items() if name.startswith(PREFIX)}
        if levels and not any(levels.values()):
            raise ma.ValidationError("Choose at least one level, or say below that you cannot.", next(iter(levels)))


def levels_of(data: Mapping[str, Any]) -> dict[str, int]:
    """What was said, by capability; what somebody cannot say is left out."""
    return {name.removeprefix(PREFIX): value for name, value in data.items() if name.startswith(PREFIX) and value}


def called(sources: Iterable[Source]) -> str:
    """Colleagues and others"""
    names = [_GROUPS[one] for one in sources]
    return " and ".join([names[0], *(name.lower() for name in names[1:])])


def table(told: Told, capabilities: Iterable[Capability]) -> list[dict[str, Any]]:
    """By capability what each group says of it."""
    return [
        {
            "title": capability.title,
            "cells": [
                {"who": _who(view), "says": _says(view, capability), "anchor": _anchor(view, capability)}
                for view in told.views
            ],
        }
        for capability in capabilities
    ]


def _who(view: View) -> str:
    name = called(view.sources)
    return (
        name
        if view.raters == 1 and view.sources[0] in (Source.SELF, Source.MANAGER)
        else (f"{name} ({plural(view.raters, 'person', 'people')})")
    )


def _says(view: View, capability: Capability) -> str:
    if capability.id in view.bands:
        low, high = view.bands[capability.id]
        return f"Between level {low} and {high}"
    if capability.id not in view.levels:
        return "Cannot say"
    level = view.levels[capability.id]
    return "Too few to say" if level is None else f"Level {plain(level, 1)}"


def _anchor(view: View, capability: Capability) -> str | None:
    level = view.levels.get(capability.id)
    return None if level is None else anchor(capability, level)


def anchor(capability: Capability, level: float) -> str:
    """The words of the level that has been reached: 2.7 is level 2, on the way to 3."""
    place = max(1, min(len(capability.levels), int(level + 1e-9)))
    return capability.levels[place - 1]

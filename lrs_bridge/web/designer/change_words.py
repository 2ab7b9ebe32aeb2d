"""Differences between two versions, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.domain.comparing import Difference, What
from lrs_bridge.web.words import sentence

_WORDS = {
    What.CAME: ("New", "done", "check"),
    What.WENT: ("Gone", "care", "minus"),
    What.MOVED: ("Moved", "act", "clock"),
    What.CHANGED: ("Changed", "act", "pencil"),
}


@dataclass(frozen=True)
class Told:
    """`chip`: word, kind and sign of what happened to it."""

    name: str
    chip: dict[str, str]
    details: Sequence[str]


@dataclass(frozen=True)
class Group:
    title: str
    rows: Sequence[Told]


_GROUPS = (
    ("Steps", ("step",)),
    ("Moments that matter and behaviours", ("moment", "behaviour", "capability")),
    ("Surveys, assessments and menus", ("survey", "assessment", "menu")),
)


def chip(what: What) -> dict[str, str]:
    word, kind, sign = _WORDS[what]
    return {"text": word, "kind": kind, "sign": sign}


def told(found: Sequence[Difference]) -> list[Group]:
    """By what they are about; nothing for two versions that say the same."""
    groups = [Group(title, [_row(one) for one in found if one.part in parts]) for title, parts in _GROUPS]
    named = {part for _, parts in _GROUPS for part in parts}
    rest = [one for one in found if one.part not in named]
    groups.append(Group("The rest", [_row(one) for one in rest]))
    return [group for group in groups if group.rows]


def _row(one: Difference) -> Told:
    name = f"{one.id}: {one.title}" if one.id and one.id != one.title else one.title
    if one.part in ("behaviour", "capability", "survey", "assessment", "menu"):
        name = f"{sentence(one.part)} {name}"
    return Told(name, chip(one.what), one.details)

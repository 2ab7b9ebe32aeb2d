"""Why is it this number: the words an evaluator may declare for its page, and the sum with a person's numbers put in.

All of it is optional. An evaluator that declares nothing has a page with its value, statements, settings and version;
its components stand there under their own names for the person they are about, and for nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.indicators import Status

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_NOTHING: Mapping[Status, str] = MappingProxyType({})
_PLACE = re.compile(r"\{([A-Za-z0-9_.]+)\}")


class Seen(StrEnum):
    """Who may see a component beside the name of the person it is about."""

    ALL = "all"  # whoever sees the indicator by name: it says that something took place, not how good it was
    OWN = "own"  # the person alone
    NOBODY = "nobody"  # it is for the computation of other figures


@dataclass(frozen=True)
class Part:
    """Words for a component: `label` ("Different moments"), `unit` behind its value ("of 1", "days"), who sees it."""

    label: str
    unit: str = ""
    seen: Seen = Seen.OWN


@dataclass(frozen=True)
class Words:
    """What people read beside a value.

    `says`: one sentence about what the indicator tells. `formula`: the sum in words, with names in braces of
    components (`{F}`, `{phases.before}`), settings (`{value_weights.F}`) or `{value}`; it is shown once with labels
    and once with numbers. `group`: the same for a cohort, where that is not the mean. `parts`: components by name, in
    the order in which they are shown. `missing`: for a null, what is missing and how it would come. `kept`: settings
    that evaluators of a run see and nobody else.
    """

    says: str = ""
    formula: str = ""
    group: str = ""
    parts: Mapping[str, Part] = field(default_factory=lambda: _EMPTY)
    missing: Mapping[Status, str] = field(default_factory=lambda: _NOTHING)
    kept: tuple[str, ...] = ()


NO_WORDS = Words()


@dataclass(frozen=True)
class Shown:
    """A component for one reader, flat: of `phases.before` the label of `phases`, and `below` it `before`."""

    label: str
    below: str
    value: Any
    unit: str = ""


def parts_for(words: Words, components: Mapping[str, Any], own: bool) -> list[Shown]:
    """The components that this reader may see, flat, declared ones first and in their order."""
    seen = visible(words, components, own)
    order = [*(name for name in words.parts if name in seen), *(name for name in seen if name not in words.parts)]
    return [one for name in order for one in _flat(words.parts.get(name) or Part(readable(name)), seen[name])]


def places(formula: str) -> list[str]:
    """The names that a formula speaks of, in order."""
    return _PLACE.findall(formula)


def visible(words: Words, components: Mapping[str, Any], own: bool) -> dict[str, Any]:
    """The components that this reader may see, as they are."""
    sights = {name: (words.parts.get(name) or Part(name)).seen for name in components}
    return {
        name: value
        for name, value in components.items()
        if sights[name] is Seen.ALL or (own and sights[name] is Seen.OWN)
    }


def in_words(words: Words, formula: str, settings: Mapping[str, Any]) -> str:
    """The formula with labels in the place of components, and with the settings' values."""

    def said(match: re.Match[str]) -> str:
        name = match[1]
        if name == "value":
            return "the value"
        part = words.parts.get(name.partition(".")[0])
        setting = look_up(settings, name)
        if part is None and setting is not None:
            return _number(setting)
        label = part.label if part else readable(name.partition(".")[0])
        below = name.partition(".")[2]
        return f"{label[:1].lower()}{label[1:]}{f' ({readable(below).lower()})' if below else ''}"

    return _PLACE.sub(said, formula)


def with_numbers(
    formula: str, components: Mapping[str, Any], settings: Mapping[str, Any], value: float | None
) -> str | None:
    """The formula with numbers put in; None where one of them is not among these components, which are the reader's to
    see, and where it names nothing but settings."""
    found = {"value": value}
    for name in places(formula):
        if name != "value":
            component = look_up(components, name)
            found[name] = look_up(settings, name) if component is None else component
    if not any(look_up(components, name) is not None for name in found) or any(
        isinstance(one, bool) or not isinstance(one, int | float) for one in found.values()
    ):
        return None
    return _PLACE.sub(lambda match: _number(found[match[1]], 2 if match[1] == "value" else 4), formula)


def look_up(values: Mapping[str, Any], path: str) -> Any:
    """`values["phases"]["before"]` of the path `phases.before`; None where nothing is there."""
    found: Any = values
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, by its path."""
    for name, value in values.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping) and value:
            yield from leaves(value, here)
        else:
            yield here, value


def _flat(part: Part, value: Any) -> Iterator[Shown]:
    if not isinstance(value, Mapping):
        yield Shown(part.label, "", value, part.unit)
        return
    for path, one in leaves(value):
        yield Shown(part.label, path, one, part.unit)


def readable(name: str) -> str:
    """A name in words: `goal_linked` -> "Goal linked"."""
    text = name.replace("_", " ").replace(".", ", ")
    return f"{text[:1].upper()}{text[1:]}"


def _number(value: Any, most: int = 4) -> str:
    if isinstance(value, float):
        text = f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-most), rounding=ROUND_HALF_UP):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)

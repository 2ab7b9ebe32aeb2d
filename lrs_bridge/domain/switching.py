"""Which word counts when evaluators are switched and set in several places: the narrower place before the wider. Pure.

A place is a platform (an LMS), a journey (all its versions and runs) or a course. Between platform and journey stands
the journey's file, whose settings count over the platform's, and which has no switch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Scope(StrEnum):
    """Whose word it is, from the widest to the narrowest; `FILE` is the journey's own file."""

    PLATFORM = "platform"
    FILE = "file"
    JOURNEY = "journey"
    COURSE = "course"


PLACES = (Scope.PLATFORM, Scope.JOURNEY, Scope.COURSE)
"""Where an administrator can switch and set."""
_ORDER = {scope: number for number, scope in enumerate(Scope)}


class Place(NamedTuple):
    """`id` is that of a platform or course, or the slug of a journey."""

    scope: Scope
    id: str


@dataclass(frozen=True)
class Word:
    """What is said of one evaluator in one place. `enabled` None: as the wider place says. `settings` holds only what
    is set here. `column`: whether it has one in the gradebook; None: as the wider place says."""

    enabled: bool | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    column: bool | None = None

    @property
    def says_nothing(self) -> bool:
        return self.enabled is None and self.column is None and not self.settings

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: what the log of changes keeps."""
        return {"enabled": self.enabled, "settings": dict(self.settings), "column": self.column}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Word:
        """The other way round. Raises KeyError, TypeError where it never came from `as_dict`."""
        return cls(kept["enabled"], dict(kept["settings"]), kept.get("column"))


NOTHING_SAID = Word()


@dataclass(frozen=True)
class Layer:
    """A word with its place; `place_id` of a file is the journey's slug."""

    scope: Scope
    place_id: str
    word: Word

    @property
    def place(self) -> Place:
        return Place(self.scope, self.place_id)


def in_order(layers: Sequence[Layer]) -> list[Layer]:
    """Widest first, so that the last word wins."""
    return sorted(layers, key=lambda layer: _ORDER[layer.scope])


def wider_than(layers: Sequence[Layer], scope: Scope) -> list[Layer]:
    """What a place of this scope inherits."""
    return [layer for layer in in_order(layers) if _ORDER[layer.scope] < _ORDER[scope]]


def with_word(layers: Sequence[Layer], place: Place, word: Word) -> list[Layer]:
    """The layers as they would be if this word stood at that place."""
    others = [layer for layer in layers if layer.place != place]
    return in_order([*others, Layer(place.scope, place.id, word)])


def switched(layers: Sequence[Layer]) -> Layer | None:
    """Whose switch counts; None where nobody switched it, and the journey decides."""
    said = [layer for layer in in_order(layers) if layer.word.enabled is not None]
    return said[-1] if said else None


def column_of(layers: Sequence[Layer]) -> Layer | None:
    """Whose word about a column counts; None where nobody said anything, and the journey decides."""
    said = [layer for layer in in_order(layers) if layer.word.column is not None]
    return said[-1] if said else None


def settings_of(layers: Sequence[Layer]) -> list[Mapping[str, Any]]:
    """Settings to lay over one another, widest first."""
    return [layer.word.settings for layer in in_order(layers)]


def said_by(layers: Sequence[Layer], path: str) -> Layer | None:
    """The last that sets `factors.self`; None where the usual value counts."""
    said = [layer for layer in in_order(layers) if at(layer.word.settings, path) is not None]
    return said[-1] if said else None


def at(settings: Mapping[str, Any], path: str) -> Any:
    """What stands at `factors.self`; None where nothing does."""
    found: Any = settings
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


SWITCH, COLUMN = "*switch", "*column"
"""In the place of a setting's name: no setting has such a one."""


class Change(NamedTuple):
    """One setting before and after; None where it is not set in that place. `path`: its name, or `SWITCH`, `COLUMN`."""

    path: str
    was: Any
    became: Any


def changes(was: Word, became: Word) -> list[Change]:
    """The switch first, then the column, then settings in order of their names."""
    before, after = dict(_leaves(was.settings)), dict(_leaves(became.settings))
    found = [Change(SWITCH, was.enabled, became.enabled), Change(COLUMN, was.column, became.column)]
    found = [change for change in found if change.was != change.became]
    paths = sorted(before.keys() | after.keys())
    return found + [
        Change(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    ]


def _leaves(settings: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, here)
        else:
            yield here, value

"""Statement templates and their rules (xAPI Profiles 1.0, part two, 8.0 and 8.1).

What writing needs of them: the determining properties to fill in, and whether a finished statement keeps the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

_SEGMENT = re.compile(r"\.(?P<child>\*|[^.\[\]]+)|\[(?P<union>[^\]]+)\]")
_MEMBER = re.compile(r"\s*(?:(?P<all>\*)|(?P<index>\d+)|'(?P<quoted>[^']*)')\s*")
_ALL = None
_Step = tuple[str | int | None, ...]


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[_Step, ...]:
    """A location as steps, each a union of names, indexes and `_ALL`. Raises ValueError for other JSONPath."""
    steps: list[_Step] = []
    at = 1
    while at < len(path):
        found = _SEGMENT.match(path, at)
        if found is None or not path.startswith("$"):
            raise ValueError(f"not a location of the xAPI Profiles kind: {path}")
        child = found["child"]
        steps.append((_ALL if child == "*" else child,) if child else _union(path, found["union"]))
        at = found.end()
    return tuple(steps)


def _union(path: str, text: str) -> _Step:
    members: list[str | int | None] = []
    for part in text.split(","):
        found = _MEMBER.fullmatch(part)
        if found is None:
            raise ValueError(f"not a location of the xAPI Profiles kind: {path}")
        members.append(int(found["index"]) if found["index"] else _ALL if found["all"] else found["quoted"])
    return tuple(members)


def locate(document: Any, path: str) -> list[Any]:
    """All values at a location: child, `*`, index, and unions of these by comma."""
    values = [document]
    for step in _steps(path):
        values = [below for value in values for key in step for below in _below(value, key)]
    return values


def _below(value: Any, key: str | int | None) -> Sequence[Any]:
    if isinstance(value, dict):
        if key is _ALL:
            return list(value.values())
        return (value[key],) if key in value else ()
    if isinstance(value, list):
        if key is _ALL:
            return value
        return (value[key],) if isinstance(key, int) and key < len(value) else ()
    return ()


@dataclass(frozen=True)
class Rule:
    """Where in a statement, and what must hold there; `any`, `all`, `none` are None where the rule has them not."""

    location: str
    presence: str | None = None
    any: Sequence[Any] | None = None
    all: Sequence[Any] | None = None
    none: Sequence[Any] | None = None

    def broken(self, statement: Mapping[str, Any]) -> str | None:
        """Why a statement does not keep this rule, or None if it does."""
        values = locate(statement, self.location)
        if self.presence == "excluded":
            return "must not be there" if values else None
        if not values:
            missing = self.presence == "included" or (self.presence is None and self.any is not None)
            return "is missing" if missing else None
        if self.all is not None and not all(_among(value, self.all) for value in values):
            return f"must be one of {list(self.all)}"
        if self.any is not None and not any(_among(value, self.any) for value in values):
            return f"must have one of {list(self.any)}"
        if self.none is not None and any(_among(value, self.none) for value in values):
            return f"must be none of {list(self.none)}"
        return None


def _among(value: Any, allowed: Sequence[Any]) -> bool:
    """Equal as JSON, where true is not 1."""
    return any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in allowed)


@dataclass(frozen=True)
class Template:
    """One way in which statements of a profile are made."""

    id: str
    verb: str
    object_type: str | None
    refers_to: tuple[str, ...]
    parent_type: str
    grouping_type: str
    allowed_solo: bool
    rules: tuple[Rule, ...]

    @cached_property
    def name(self) -> str:
        """The last part of its id."""
        return self.id.rpartition("/")[2]

    @cached_property
    def _fixed(self) -> dict[str, Any]:
        return {
            rule.location: rule.all[0]
            for rule in self.rules
            if rule.presence == "included" and rule.all is not None and len(rule.all) == 1
        }

    def fixed(self, location: str) -> Any:
        """The only value the rules allow at a location, else None."""
        return self._fixed.get(location)

    def takes(self, extension: str) -> bool:
        """Whether a rule speaks of this result extension: what no rule knows is not written."""
        place = f"$.result.extensions['{extension}']"
        return any(rule.location.startswith(place) for rule in self.rules)

    def broken(self, statement: Mapping[str, Any]) -> tuple[str, str] | None:
        """The first rule a statement breaks: its location and why; None if it keeps all."""
        for rule in self.rules:
            why = rule.broken(statement)
            if why is not None:
                return rule.location, why
        return None

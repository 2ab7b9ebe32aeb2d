"""Rules of statement templates: where in a statement, and what must hold there (xAPI Profiles, part two, 8.1).

Where the pseudo-code of part three, 2.1 says something else than the MUST text, the text is followed: under
`excluded` nothing is asked of the values, and under `recommended` only if some value can be matched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lrs_bridge.xapi.locations import Location

INCLUDED, EXCLUDED, RECOMMENDED = PRESENCES = ("included", "excluded", "recommended")
_SHOWN = 5


@dataclass(frozen=True)
class Breach:
    """What of a rule is not kept: `demand` is presence, any, all or none; `why` a clause; `values` the culprits."""

    demand: str
    why: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule; `any`, `all`, `none` are None where it has them not."""

    location: Location
    selector: Location | None = None
    presence: str | None = None
    any: Sequence[Any] | None = None
    all: Sequence[Any] | None = None
    none: Sequence[Any] | None = None

    def breaches(self, statement: Any) -> list[Breach]:
        """Everything that is wrong; nothing for a rule that is kept. contextActivities are lists already."""
        values, unmatchable = self._evaluated(statement)
        if self.presence == EXCLUDED:
            return [Breach("presence", "must not be there", tuple(values))] if values else []
        if self.presence == RECOMMENDED and not values:
            return []
        if self.presence == INCLUDED and not values:
            return [Breach("presence", "is missing")]
        found = []
        if self.presence == INCLUDED and unmatchable:
            found.append(Breach("presence", _nothing_in(unmatchable)))
        return found + [breach for judge in self._judges for breach in judge(values, unmatchable)]

    def broken(self, statement: Any) -> str | None:
        """Why a statement does not keep this rule, or None if it does."""
        found = self.breaches(statement)
        return found[0].why if found else None

    def _evaluated(self, statement: Any) -> tuple[list[Any], int]:
        """The matchable values, and in how many places the selector finds nothing."""
        places = self.location.values(statement)
        if self.selector is None:
            return places, 0
        selected = [self.selector.values(place) for place in places]
        return [value for values in selected for value in values], sum(not values for values in selected)

    @cached_property
    def _judges(self) -> list[Callable[[list[Any], int], list[Breach]]]:
        """One for each of any, all, none that the rule has."""
        made: list[Callable[[list[Any], int], list[Breach]]] = []
        if self.any is not None:
            made.append(_judge_any(self.any))
        if self.all is not None:
            made.append(_judge_all(self.all))
        if self.none is not None:
            made.append(_judge_none(self.none))
        return made


def _judge_any(given: Sequence[Any]) -> Callable[[list[Any], int], list[Breach]]:
    among = Values(given)

    def judge(values: list[Any], unmatchable: int) -> list[Breach]:
        if any(value in among for value in values):
            return []
        why = f"must have one of {among}" if values else f"is missing: it must have one of {among}"
        return [Breach("any", why, tuple(values))]

    return judge


def _judge_all(given: Sequence[Any]) -> Callable[[list[Any], int], list[Breach]]:
    among = Values(given)

    def judge(values: list[Any], unmatchable: int) -> list[Breach]:
        wrong = tuple(value for value in values if value not in among)
        found = [Breach("all", f"must be one of {among}", wrong)] if wrong else []
        return [*found, Breach("all", _nothing_in(unmatchable))] if unmatchable else found

    return judge


def _judge_none(given: Sequence[Any]) -> Callable[[list[Any], int], list[Breach]]:
    among = Values(given)

    def judge(values: list[Any], unmatchable: int) -> list[Breach]:
        wrong = tuple(value for value in values if value in among)
        return [Breach("none", f"must be none of {among}", wrong)] if wrong else []

    return judge


def _nothing_in(places: int) -> str:
    return f"has {places} place{'' if places == 1 else 's'} where the selector finds nothing"


class Values:
    """Values to look a value up in, equal as JSON: 1 is 1.0, and neither is true."""

    def __init__(self, given: Sequence[Any]) -> None:
        self._plain = frozenset((isinstance(one, bool), one) for one in given if not isinstance(one, dict | list))
        self._nested = [one for one in given if isinstance(one, dict | list)]
        shown = ", ".join(json.dumps(one, ensure_ascii=False) for one in given[:_SHOWN])
        self._shown = f"[{shown}{f', and {len(given) - _SHOWN} more' if len(given) > _SHOWN else ''}]"

    def __contains__(self, value: Any) -> bool:
        if isinstance(value, dict | list):
            return any(same(value, one) for one in self._nested)
        return (isinstance(value, bool), value) in self._plain

    def __str__(self) -> str:
        return self._shown


def same(one: Any, other: Any) -> bool:
    """Equal as JSON values. As deep as the less deep of the two."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return False
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)

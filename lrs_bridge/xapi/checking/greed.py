"""Patterns that greedy matching does not follow, although they describe it.

Authors "MUST make sure their primary Patterns behave appropriately given the greedy matching rules" (xAPI Profiles,
part two, 9.0): a pattern of "any number of a, then a" describes "a, a", and no statements will ever match it. Found
here by an example, so that there is no false alarm: a row of templates which the pattern describes and which the
matcher refuses. The search is over short rows, and only where a template may stand for two places at once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lrs_bridge.xapi.patterns import ALTERNATES, ONE_OR_MORE, SEQUENCE, TEMPLATE, Node, Outcome, match

_MOST_PLACES = 400
_LONGEST = 8
_MOST_ROWS = 2000


def refused_row(root: Node) -> tuple[str, ...] | None:
    """A shortest row of templates that a pattern describes and greedy matching refuses; None if none was found."""
    places = _Places()
    try:
        whole = places.of(root)
    except _TooMany:
        return None
    starts = [whole.first, *places.follow]
    if not any(places.clash(one) for one in starts):
        return None
    return next((row for row in _rows(whole, places) if _is_refused(root, row)), None)


def _is_refused(root: Node, row: tuple[str, ...]) -> bool:
    return match(root, [(template,) for template in row]).outcome is not Outcome.SUCCESS


def _rows(whole: _Part, places: _Places) -> list[tuple[str, ...]]:
    """Rows that the pattern describes, shortest first."""
    found: list[tuple[str, ...]] = []
    last = set(whole.last)
    waiting: deque[tuple[int, tuple[str, ...]]] = deque((place, (places.templates[place],)) for place in whole.first)
    while waiting and len(found) < _MOST_ROWS and len(waiting) < _MOST_ROWS:
        place, row = waiting.popleft()
        if place in last:
            found.append(row)
        if len(row) < _LONGEST:
            waiting.extend((after, (*row, places.templates[after])) for after in places.follow[place])
    return found


class _TooMany(Exception):
    pass


@dataclass(frozen=True)
class _Part:
    """A pattern as Glushkov sees it: whether it may be empty, and which places may come first and last."""

    empty: bool
    first: list[int]
    last: list[int]


@dataclass
class _Places:
    """Each place of a template in a pattern that is written out, by number, and the places that may follow it."""

    templates: list[str] = field(default_factory=list)
    follow: list[list[int]] = field(default_factory=list)

    def clash(self, places: list[int]) -> bool:
        """Whether one template stands at two of these places."""
        distinct = set(places)
        return len({self.templates[place] for place in distinct}) < len(distinct)

    def of(self, node: Node) -> _Part:
        if node.how == TEMPLATE:
            return self._leaf(node.id)
        parts = [self.of(part) for part in node.parts]
        if node.how == SEQUENCE:
            whole = parts[0]
            for part in parts[1:]:
                whole = self._then(whole, part)
            return whole
        if node.how == ALTERNATES:
            first, last = ([place for part in parts for place in side(part)] for side in (_first, _last))
            return _Part(any(part.empty for part in parts), list(first), list(last))
        (part,) = parts
        if node.how != "optional":
            self._link(part.last, part.first)
        return _Part(part.empty if node.how == ONE_OR_MORE else True, part.first, part.last)

    def _leaf(self, template: str) -> _Part:
        if len(self.templates) == _MOST_PLACES:
            raise _TooMany
        self.templates.append(template)
        self.follow.append([])
        place = len(self.templates) - 1
        return _Part(False, [place], [place])

    def _then(self, before: _Part, after: _Part) -> _Part:
        self._link(before.last, after.first)
        return _Part(
            before.empty and after.empty,
            before.first + after.first if before.empty else before.first,
            before.last + after.last if after.empty else after.last,
        )

    def _link(self, last: list[int], first: list[int]) -> None:
        for place in last:
            self.follow[place] += [after for after in first if after not in self.follow[place]]


def _first(part: _Part) -> list[int]:
    return part.first


def _last(part: _Part) -> list[int]:
    return part.last

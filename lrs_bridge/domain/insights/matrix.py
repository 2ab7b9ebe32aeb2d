"""What helps and what hinders, by group: the closed list of factors, under the rule for small groups. Pure.

Before the start every role says what will get in the way; at the end participants say what helped and what hindered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lrs_bridge.domain import small_groups
from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.publications import Held, Publication, Rule

HELPED, HINDERED = "helped", "hindered"


@dataclass(frozen=True)
class Count:
    """How many of a group named a factor; None where only the `band` is told."""

    number: int | None
    band: str | None = None


@dataclass(frozen=True)
class Group:
    """`key`: a role, or helped or hindered. `size` and `counts` (by factor) are empty where the group is hidden, by
    `rule`."""

    key: str
    size: int | None = None
    counts: Mapping[str, Count] = field(default_factory=dict)
    rule: Rule | None = None


@dataclass(frozen=True)
class Matrix:
    """`before` by role; `after`: what participants said helped and hindered, two groups or none.

    `asked`: whether it was asked before the start and the last day for answers is over. `held`: what of it is held
    back; None where the reader is not told what was expected.
    """

    asked: bool = False
    before: Sequence[Group] = ()
    after: Sequence[Group] = ()
    held: Sequence[Held] | None = None

    @property
    def groups(self) -> Sequence[Group]:
        return [*self.before, *self.after]


def by_role(answers: Sequence[tuple[str, frozenset[str]]], k: int = small_groups.K) -> tuple[list[Group], list[Held]]:
    """One group for each role that answered, in order of role, and what is held back. `answers`: role and factors.

    A total may be shown beside the groups: what is hidden cannot be found from it.
    """
    sizes = Counter(role for role, _ in answers)
    away = small_groups.hidden(sizes, k=k)
    groups, held = [], []
    for role in sorted(sizes):
        if role not in away:
            groups.append(counted(role, [factors for word, factors in answers if word == role]))
            continue
        rule = Rule.FEW if sizes[role] < k else Rule.COMPLEMENT
        groups.append(Group(role, rule=rule))
        held.append(Held(role, rule, sizes[role]))
    return groups, held


def counted(key: str, given: Sequence[frozenset[str]]) -> Group:
    """A group that may be shown: how many named each factor of the closed list."""
    numbers = {code: sum(code in factors for factors in given) for code in THEMES}
    return Group(key, len(given), {code: _count(number, len(given)) for code, number in numbers.items()})


def at_the_end(published: Publication | None, k: int) -> list[Group]:
    """What participants said in the success case survey. Counts of a factor could tell of people who are new even where
    their scores differ, so they are told of the last total only: `published` is that, or None."""
    figure = published.whole if published is not None and published.last else None
    body: Mapping[str, Any] = figure.body if figure is not None else {}
    named = (body.get("components") or {}).get("factor_counts")
    if not isinstance(named, Mapping) or body["n"] < k:
        return []
    size = int(body["n"])
    return [
        Group(key, size, {code: _count(int(named.get(code, {}).get(key, 0)), size) for code in THEMES})
        for key in (HELPED, HINDERED)
    ]


def _count(number: int, of: int) -> Count:
    band = small_groups.band(number, of)
    return Count(None, band) if band else Count(number)

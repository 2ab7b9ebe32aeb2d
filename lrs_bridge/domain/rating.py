"""How several people see one person: levels of capabilities by group of raters, and what of it may be told. Pure.

A group of peers or others is told from three people on (`docs/privacy.md`). Smaller ones are put together; if that is
still too few, they are hidden. What is told is told once: when it is, the round is closed and nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.groups import mean
from lrs_bridge.domain.journey import Capability

K = 3
"""Raters behind whatever is told of peers and of others; nothing lowers it."""


class Source(StrEnum):
    """As what somebody rates, in the words of the profile. `report` is everybody else: people they lead, customers."""

    SELF = "self"
    MANAGER = "manager"
    PEER = "peer"
    REPORT = "report"


UNNAMED = (Source.PEER, Source.REPORT)


@dataclass(frozen=True)
class View:
    """What one group says. `levels`: the mean by capability, or None where all said the same of it or too few did.

    `bands`: lowest and highest level in which such a mean lies. `sources`: one, or two that were put together.
    """

    sources: tuple[Source, ...]
    raters: int
    levels: Mapping[str, float | None]
    bands: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Told:
    """What can be told of a round. `hidden`: groups that answered and are too small."""

    views: tuple[View, ...]
    hidden: tuple[Source, ...]

    @property
    def has_unnamed(self) -> bool:
        return any(view.sources[0] in UNNAMED for view in self.views)


def by_rater(facts: Iterable[Fact]) -> dict[Source, dict[str, dict[str, float]]]:
    """Points by source, rater and capability, from `rated` facts of one round in order; the latest counts."""
    found: dict[Source, dict[str, dict[str, float]]] = {}
    for fact in facts:
        said = fact.data.get("source")
        if fact.score is None or fact.capability is None or said not in set(Source):
            continue
        raters = found.setdefault(Source(str(said)), {})
        raters.setdefault(fact.actor, {})[fact.capability] = fact.score.raw
    return found


def tell(facts: Iterable[Fact], capabilities: Iterable[Capability], k: int = K) -> Told:
    """What each group says, those that are too small put together or left out."""
    answers = by_rater(facts)
    asked = list(capabilities)
    named = [
        View((one,), 1, *_levels(answers[one], asked, 1)) for one in (Source.SELF, Source.MANAGER) if one in answers
    ]
    groups, hidden = _grouped({one: len(answers[one]) for one in UNNAMED if one in answers}, k)
    views = []
    for sources in groups:
        together = {rater: points for one in sources for rater, points in answers[one].items()}
        views.append(View(sources, len(together), *_levels(together, asked, k)))
    return Told((*named, *views), hidden)


def _grouped(sizes: Mapping[Source, int], k: int) -> tuple[list[tuple[Source, ...]], tuple[Source, ...]]:
    """Groups that may be told. Nothing is told of everybody together, so what is hidden cannot be found from it."""
    small = tuple(one for one, size in sizes.items() if 0 < size < k)
    large: list[tuple[Source, ...]] = [(one,) for one, size in sizes.items() if size >= k]
    if len(small) > 1 and sum(sizes[one] for one in small) >= k:
        return [*large, small], ()
    return large, small


def _levels(
    answers: Mapping[str, Mapping[str, float]], capabilities: Iterable[Capability], k: int
) -> tuple[dict[str, float | None], dict[str, tuple[int, int]]]:
    """Means by capability; where a group says one and the same of it, a band instead, since the mean would be what
    each of them said."""
    levels: dict[str, float | None] = {}
    bands: dict[str, tuple[int, int]] = {}
    for capability in capabilities:
        points = [said[capability.id] for said in answers.values() if capability.id in said]
        if not points:
            continue
        if len(points) < k:
            levels[capability.id] = None
        elif k > 1 and len(set(points)) == 1:
            top = len(capability.levels)
            levels[capability.id] = None
            bands[capability.id] = (max(1, int(points[0]) - 1), min(top, int(points[0]) + 1))
        else:
            levels[capability.id] = mean(points)
    return levels, bands


def is_closed(window_over: bool, unnamed_asked: bool, told: Told) -> bool:
    """Whether a round is told and takes no more answers: its days are over, and somebody unnamed can be told, where
    anybody was asked."""
    return window_over and (told.has_unnamed or not unnamed_asked)

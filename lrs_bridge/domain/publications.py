"""Publications: aggregates of content that stand still, so that no new answer can be told from the number before it.

A publication is a cut through the answers, with the figures of that moment. It waits until k more people have said
something new, and comes out then: behind what is shown during a run there are always k people or more who are not in
it yet, so that the last one, at the end of the run, can be complete and still differs from the one before by k people.
Areas come out once, with the last. What can be derived from everything that comes out is then about nobody or about at
least k people, see `areas_to_show`. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import product
from typing import Any

from lrs_bridge.domain.small_groups import K

GROWTH = 0.1
"""Of the people in a publication, the share that has to be new in the next: a large run makes few publications."""
AREAS_AT_MOST = 12
"""Areas that come out beside one another in a run that was published in several cuts; the largest."""


@dataclass(frozen=True)
class Voice:
    """What one person brings into an aggregate. `mark` is another one whenever they answered anew; `said` is what they
    said, alike for people who said the same; `words` are what else of it is counted, such as a bucket, by name."""

    mark: str
    said: Hashable
    area: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)


Voices = Mapping[str, Voice]
"""By person (or by answer, where nobody knows whose it is)."""


class Rule(StrEnum):
    """Why something is not shown."""

    FEW = "few"
    COMPLEMENT = "complement"
    TIME = "time"
    ALIKE = "alike"


@dataclass(frozen=True)
class Held:
    """One suppression: `area` is empty for the run itself; `n` people are kept back."""

    area: str
    rule: Rule
    n: int


@dataclass(frozen=True)
class Cut:
    """Whose answers are in a publication: by person the mark of the answer and the area they came in with.

    `entered`: how many came in by area, in this cut and those before it, the oldest first. `stirred`: the same of
    all who came in or answered anew; `lost`: how many were in one of them and left.
    """

    people: Mapping[str, tuple[str, str | None]]
    entered: Sequence[Mapping[str, int]] = ()
    stirred: Sequence[Mapping[str, int]] = ()
    lost: int = 0

    def fresh(self, voices: Voices) -> list[str]:
        """Who is not in it, or not with what they say now."""
        return [key for key, voice in voices.items() if self.people.get(key, ("", None))[0] != voice.mark]

    def gone(self, voices: Voices) -> bool:
        """Whether somebody is in it who says nothing any more."""
        return any(key not in voices for key in self.people)

    def then(self, voices: Voices) -> Cut:
        """The next cut. People keep the area they came in with."""
        fresh = self.fresh(voices)
        new = [key for key in fresh if key not in self.people]
        came_with = {key: area for key, (_, area) in self.people.items()}
        people = {key: (one.mark, came_with.get(key, one.area)) for key, one in voices.items()}
        return Cut(
            people,
            [*self.entered, Counter(people[key][1] or "" for key in new)],
            [*self.stirred, Counter(people[key][1] or "" for key in fresh)],
            self.lost + sum(key not in voices for key in self.people),
        )


NOTHING_CUT = Cut({})


class Act(StrEnum):
    """What is to be done about an indicator of a run."""

    NOTHING = "nothing"
    CUT = "cut"
    """Cut now, to come out later."""
    LET_OUT = "let out"
    """What was cut comes out, and a new cut is made."""
    NOW = "now"
    """Cut now, and it comes out at once."""
    LAST = "last"
    """The same, and it is the last, with the areas."""
    CLOSE = "close"
    """What is out is the last: its areas come out, and nothing else is new."""


@dataclass(frozen=True)
class Decision:
    act: Act
    held: Sequence[Held] = ()


@dataclass(frozen=True)
class State:
    """What of an indicator of a run is out, and what was cut and waits. `closed`: the last is out."""

    out: Cut | None = None
    waiting: Cut | None = None
    closed: bool = False


def decide(state: State, voices: Voices, *, over: bool, complete: bool, k: int = K) -> Decision:
    """What is to be done. `over`: the run is; `complete`: everybody in the run has said something, or nobody has for so
    long that nobody is waited for."""
    base = state.out or NOTHING_CUT
    fresh = base.fresh(voices)
    if over and not state.closed:
        return _at_the_end(state, voices, fresh, _enough(base, voices, fresh, k), k)
    least = k if over or complete else max(k, GROWTH * len(base.people))
    if not _enough(base, voices, fresh, least):
        return Decision(Act.NOTHING, _held(fresh, voices, k))
    if complete or over:
        return Decision(Act.NOW)
    if state.waiting is None:
        return Decision(Act.CUT, [Held("", Rule.TIME, len(fresh))])
    behind = state.waiting.fresh(voices)
    if _enough(state.waiting, voices, behind, least):
        return Decision(Act.LET_OUT, [Held("", Rule.TIME, len(behind))])
    return Decision(Act.NOTHING, [Held("", Rule.TIME, len(fresh))])


def _at_the_end(state: State, voices: Voices, fresh: Sequence[str], enough: bool, k: int) -> Decision:
    """Everything comes out, unless so few are new in it that they could be told from the number before."""
    if enough:
        return Decision(Act.LAST)
    if state.out is None:
        return Decision(Act.NOTHING, _held(fresh, voices, k))
    if not fresh and not state.out.gone(voices):
        return Decision(Act.CLOSE)
    return Decision(Act.NOTHING, _held(fresh, voices, k))


def _enough(base: Cut, voices: Voices, fresh: Sequence[str], least: float) -> bool:
    """So many people have something new, and not all the same: that would be told by the difference."""
    if len(fresh) < least:
        return False
    return not base.people or not (alike(voices[key] for key in fresh) or _one_word(voices, fresh))


def alike(voices: Iterable[Voice]) -> bool:
    """Whether all said the same, so that a figure of the group is one of each."""
    return len({voice.said for voice in voices}) == 1


def _one_word(voices: Voices, fresh: Sequence[str]) -> bool:
    """Whether all who are new have the same word where others have another: its count would tell it of each of them."""
    names = {name for voice in voices.values() for name in voice.words}
    return any(
        len({voices[key].words.get(name) for key in fresh}) == 1
        and len({voice.words.get(name) for voice in voices.values()}) > 1
        for name in names
    )


def _held(fresh: Sequence[str], voices: Voices, k: int) -> list[Held]:
    if not fresh:
        return []
    if len(voices) < k:
        return [Held("", Rule.FEW, len(voices))]
    return [Held("", Rule.ALIKE if len(fresh) >= k else Rule.TIME, len(fresh))]


def areas_to_show(cut: Cut, voices: Voices, k: int = K) -> tuple[frozenset[str], list[Held]]:
    """Which areas may be shown beside the total of this cut and of those before it, and what is held back.

    `voices` are those in the cut. Who has no area counts for none.
    """
    sizes = Counter(voice.area or "" for voice in voices.values())
    apart = sizes.pop("", 0)
    chosen = _beside_one_total(sizes, apart, k)
    astray = cut.lost + sum(voice.area != cut.people[key][1] for key, voice in voices.items() if key in cut.people)
    if len(cut.entered) > 1:
        shown: list[str] = []
        for area in chosen[:AREAS_AT_MOST]:
            if _keeps_apart([*shown, area], cut, astray, k):
                shown.append(area)
        chosen = shown
    held = [
        Held(area, Rule.FEW if size < k else Rule.COMPLEMENT, size)
        for area, size in sorted(sizes.items())
        if area not in chosen
    ]
    return frozenset(chosen), held


def _beside_one_total(sizes: Mapping[str, int], apart: int, k: int) -> list[str]:
    """The largest first. `apart` are in the total and in no area: they are hidden along."""
    away = {area for area, size in sizes.items() if size < k}
    left = sorted((area for area in sizes if area not in away), key=lambda one: (sizes[one], one), reverse=True)
    while left and 0 < apart + sum(sizes[area] for area in away) < k:
        away.add(left.pop())
    return left


def _keeps_apart(areas: Sequence[str], cut: Cut, astray: int, k: int) -> bool:
    """Whether nothing that follows from the totals of all cuts and of these areas is about 1 to k - 1 people.

    What follows is a sum over cuts and areas. Of each cut the totals take the people of one side, those inside the
    chosen areas or those outside, away: what is left is the smaller side, added up over the cuts. A weighing of areas
    by other numbers than 0 and 1 leaves as many people or more. `astray` left the run or moved to another area since
    they came in: they may be among those taken away.
    """
    for signs in product((False, True), repeat=len(areas)):
        inside = {area for area, sign in zip(areas, signs, strict=True) if sign}
        if not inside:
            continue
        if not astray and not sum(_smaller(counts, inside) for counts in cut.stirred):
            continue
        if sum(_smaller(counts, inside) for counts in cut.entered) - astray < k:
            return False
    return True


def _smaller(counts: Mapping[str, int], inside: set[str]) -> int:
    within = sum(number for area, number in counts.items() if area in inside)
    return min(within, sum(counts.values()) - within)


@dataclass(frozen=True)
class Figure:
    """One frozen aggregate: the body of a result, whether all said the same, and how the values are spread.

    `spread`: low, high, people; only with the last publication.
    """

    body: Mapping[str, Any]
    alike: bool
    spread: Sequence[tuple[float, float, int]] = ()


@dataclass(frozen=True)
class Publication:
    """What is out of an indicator of a run. `figures` by area, the run itself under an empty name."""

    indicator: str
    number: int
    last: bool
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def whole(self) -> Figure | None:
        return self.figures.get("")

    def without_areas(self) -> Publication:
        return replace(self, figures={key: one for key, one in self.figures.items() if not key})

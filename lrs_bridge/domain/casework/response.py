"""Who was asked and who answered, in the run and by area, with small areas hidden; and how the groups came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.worth import Estimate, wilson
from lrs_bridge.domain.publications import Rule
from lrs_bridge.domain.small_groups import K

LOW_RESPONSE = 0.4
"""Below this share of answers, figures are said of respondents only."""
SHARES_FROM = 10
"""Respondents below whom no percentages are said."""


@dataclass(frozen=True)
class Area:
    """`asked` and `answered` are None where the area is hidden; `why` says by which rule."""

    name: str
    asked: int | None
    answered: int | None
    why: Rule | None = None


@dataclass(frozen=True)
class Response:
    """`answered` are people whose answers are in; `too_few` of them answered too little to be sorted.

    `silent`: registrations of people who did not answer; empty where the survey is anonymous.
    """

    asked: int
    answered: int
    too_few: int
    areas: tuple[Area, ...]
    silent: tuple[str, ...]
    anonymous: bool

    @property
    def rate(self) -> float | None:
        """0-1; None where nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def respondents_only(self) -> bool:
        """Under 40 %: a banner says that the figures are about respondents and nobody else."""
        return self.rate is not None and self.rate < LOW_RESPONSE


@dataclass(frozen=True)
class Group:
    """One of High, Middle and Low. Shares are 0-1 and None under ten respondents; `interval` is Wilson's, 95 %."""

    bucket: Bucket
    count: int
    of_respondents: float | None
    of_enrolled: float | None
    interval: Estimate | None


def response(people: Mapping[str, str | None], answered: Collection[str], too_few: int, anonymous: bool) -> Response:
    """`people`: area by registration of everybody in scope; `answered`: registrations."""
    asked = Counter(area for area in people.values() if area)
    back = Counter(area for one, area in people.items() if area and one in answered)
    apart = sum(one in answered for one, area in people.items() if not area)
    hidden = hidden_areas(asked, back, apart)
    areas = tuple(
        Area(name, None, None, hidden[name]) if name in hidden else Area(name, asked[name], back[name])
        for name in sorted(asked)
    )
    silent = () if anonymous else tuple(sorted(one for one in people if one not in answered))
    return Response(len(people), sum(one in answered for one in people), too_few, areas, silent, anonymous)


def hidden_areas(asked: Mapping[str, int], answered: Mapping[str, int], apart: int = 0, k: int = K) -> dict[str, Rule]:
    """Which areas are not shown beside the total, and why: under k people asked or 1 to k-1 answers; and the next
    smallest as long as what is hidden could be found from the total. `apart`: answers of people without an area."""
    found = {name: Rule.FEW for name, n in asked.items() if n < k or 0 < answered.get(name, 0) < k}
    rest = sorted((name for name in asked if name not in found), key=lambda name: (answered.get(name, 0), name))
    while found and rest and ((len(found) == 1 and not apart) or _between(found, answered, apart, k)):
        found[rest.pop(0)] = Rule.COMPLEMENT
    return found


def _between(found: Iterable[str], answered: Mapping[str, int], apart: int, k: int) -> bool:
    return apart + sum(answered.get(name, 0) for name in found) < k


def groups(counts: Mapping[Bucket, int], enrolled: int) -> tuple[Group, ...]:
    """High, Middle and Low with their shares."""
    n = sum(counts.values())
    enough = n >= SHARES_FROM
    found = []
    for bucket in (Bucket.HIGH, Bucket.MIDDLE, Bucket.LOW):
        count = counts.get(bucket, 0)
        interval = Estimate(count / n, *wilson(count, n)) if enough else None
        found.append(
            Group(
                bucket,
                count,
                count / n if enough else None,
                count / enrolled if enough and enrolled else None,
                interval,
            )
        )
    return tuple(found)

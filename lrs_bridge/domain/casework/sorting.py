"""Sorting: who is High, Middle or Low by the rule, whom somebody moved by hand, and what another rule would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class Bucket(StrEnum):
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


@dataclass(frozen=True)
class Rule:
    """High: at least `high_items` answers of 3. Low: no answer above `low_at_most`. Middle: everybody else.

    `min_answered`: the share of items, 0-1, that must be answered to be sorted at all.
    """

    high_items: int = 2
    low_at_most: int = 1
    min_answered: float = 0.6667


def usual_rule(items: int, high_items: int = 2, min_answered: float = 0.6667) -> Rule:
    """The rule a study begins with: one clear result is enough where the survey has three items or fewer."""
    return Rule(1 if items <= 3 else high_items, 1, min_answered)


@dataclass(frozen=True)
class Answered:
    """One person's latest answer. `points` 0-3 by item in the survey's order, None where nothing was said.

    `factors`: `helped` or `hindered` by code.
    """

    registration: str
    points: tuple[int | None, ...]
    factors: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def given(self) -> tuple[int, ...]:
        return tuple(point for point in self.points if point is not None)

    @property
    def value(self) -> float:
        """100 x points / (3 x answered)."""
        return 100.0 * sum(self.given) / (3 * len(self.given)) if self.given else 0.0


@dataclass(frozen=True)
class Moved:
    """Somebody was put elsewhere by hand. `reason` is what the evaluator wrote; None where it was erased."""

    to: Bucket
    reason: str | None
    by: str
    at: datetime
    act: str


@dataclass(frozen=True)
class Case:
    """One person as the board shows them: under a code, never by name."""

    code: str
    registration: str
    answer: Answered
    by_rule: Bucket
    moved: Moved | None = None

    @property
    def bucket(self) -> Bucket:
        return self.moved.to if self.moved else self.by_rule


@dataclass(frozen=True)
class Sorted:
    """`cases` by points, the most first, then by code; `too_few`: people who answered too little to be sorted.

    `alike`: at least two people are sorted and all gave the same answers, so that the survey tells nobody apart.
    """

    cases: tuple[Case, ...]
    too_few: tuple[Answered, ...] = ()
    alike: bool = False

    def of(self, bucket: Bucket) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.bucket is bucket)

    @property
    def counts(self) -> dict[Bucket, int]:
        return {bucket: len(self.of(bucket)) for bucket in Bucket}


@dataclass(frozen=True)
class Effect:
    """What another rule would do: counts by bucket, who would change, and how many could not be sorted any more."""

    before: Mapping[Bucket, int]
    after: Mapping[Bucket, int]
    changed: tuple[tuple[str, Bucket | None, Bucket | None], ...]


def bucket_of(given: Sequence[int], rule: Rule) -> Bucket:
    if sum(point == 3 for point in given) >= rule.high_items:
        return Bucket.HIGH
    return Bucket.LOW if max(given) <= rule.low_at_most else Bucket.MIDDLE


def sort(
    answers: Iterable[Answered], rule: Rule, codes: Mapping[str, str], moves: Mapping[str, Moved] | None = None
) -> Sorted:
    """Sort by the rule, then by hand. `codes` and `moves` by registration."""
    cases, too_few = [], []
    for answer in answers:
        given = answer.given
        # The setting has four decimals: two of three, .66666..., is enough for .6667.
        if not given or round(len(given) / len(answer.points), 4) < rule.min_answered:
            too_few.append(answer)
            continue
        moved = (moves or {}).get(answer.registration)
        known = codes[answer.registration]
        cases.append(Case(known, answer.registration, answer, bucket_of(given, rule), moved))
    cases.sort(key=lambda case: (-case.answer.value, case.code))
    alike = len(cases) > 1 and len({case.answer.points for case in cases}) == 1
    return Sorted(tuple(cases), tuple(too_few), alike)


def effect(before: Sorted, after: Sorted) -> Effect:
    """What keeping `after` in the place of `before` would change."""
    old = {case.code: case.bucket for case in before.cases}
    new = {case.code: case.bucket for case in after.cases}
    codes = sorted(old.keys() | new.keys())
    changed = tuple((code, old.get(code), new.get(code)) for code in codes if old.get(code) is not new.get(code))
    return Effect(before.counts, after.counts, changed)


def codes(registrations: Iterable[str], run_id: str) -> dict[str, str]:
    """A code such as K-0713 for each person of a run, the same whenever it is asked for; it says nothing of a name.

    Two people whose numbers fall together are told apart in the order of their random ids.
    """
    found: dict[str, str] = {}
    taken: set[int] = set()
    for registration in sorted(set(registrations)):
        number = int(sha256(f"{run_id}|{registration}".encode()).hexdigest(), 16) % 10_000
        while number in taken:
            number = (number + 1) % 10_000
        taken.add(number)
        found[registration] = f"K-{number:04d}"
    return found

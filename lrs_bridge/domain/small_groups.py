"""Small groups: what of an aggregate may be shown (`docs/privacy.md`). Pure.

A group under k people is hidden, and with it the next smallest where it could be found by subtraction. Aggregates are
frozen: a new one only when at least k people have something new in it, or at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

K = 5
"""People behind whatever is shown; a setting may raise it, nothing lowers it."""
K_AT_MOST = 15
OF_SENSITIVE = 10
"""People behind the figures of sensitive questions, such as what supervisors do to those who try something."""
OF_RATERS = 3
"""People in a group of raters of one person."""
OF_FREE_TEXT = 10
"""People who were asked, before anything they wrote is shown, and that only after a person cleaned it."""
SENSITIVE = frozenset({"supervisor_sanctions"})
"""Factors whose figures are about what somebody's manager does to them."""
HARDLY_ANY, NEARLY_ALL = "hardly any", "nearly all"
_LEAST, _MOST = 0.05, 0.95

_Item = TypeVar("_Item")
_Group = TypeVar("_Group")


def fewest(k: int, sensitive: bool = False) -> int:
    """How many people have to stand behind a figure, `k` being what is set."""
    return max(OF_SENSITIVE if sensitive else K, min(k, K_AT_MOST))


def hidden(sizes: Mapping[_Group, int], total_shown: bool = True, k: int = K) -> frozenset[_Group]:
    """Which of these groups, by number of people, are not shown beside one another.

    Examples (k 5): 9 + 4 both; 9 + 6 neither; 4 + 4 + 12 both fours; with a total, nothing hidden may be found from it.
    """
    found = {group for group, size in sizes.items() if 0 < size < k}
    if not found or not total_shown:
        return frozenset(found)
    rest = sorted((size, str(group), group) for group, size in sizes.items() if size >= k)
    while rest and (len(found) == 1 or sum(sizes[group] for group in found) < k):
        found.add(rest.pop(0)[2])
    return frozenset(found)


def frozen(items: Sequence[_Item], person: Callable[[_Item], str], over: bool = False, k: int = K) -> Sequence[_Item]:
    """The part of `items`, oldest first, that makes the latest publication: whole batches of at least k people each.

    The same items always make the same publications, so nothing has to be kept. The latest whole batch is held back
    until there is another, so that all that is left at the end comes with it. `over`: the run is; all are in it, as
    soon as there are k people.
    """
    if over:
        return items if len({person(item) for item in items}) >= k else items[:0]
    ends, batch = [0, 0], set[str]()
    for number, item in enumerate(items, 1):
        batch.add(person(item))
        if len(batch) >= k:
            ends.append(number)
            batch = set()
    return items[: ends[-2]]


def band(count: int, of: int) -> str | None:
    """`nobody or hardly anybody`, `nearly all`, or None where the count itself may be shown."""
    if of and count / of < _LEAST:
        return HARDLY_ANY
    if of and count / of > _MOST:
        return NEARLY_ALL
    return None


def counted(items: Iterable[tuple[str, Iterable[str]]]) -> dict[str, int]:
    """Of (person, codes): by code, with how many different people it was named."""
    people: dict[str, set[str]] = {}
    for person, codes in items:
        for code in codes:
            people.setdefault(code, set()).add(person)
    return {code: len(named) for code, named in people.items()}


def range_of(value: float, bounds: tuple[float, float] = (0.0, 100.0), alike: bool = False) -> tuple[float, float]:
    """The ends of a band to be shown in the place of `value`, or the value twice where it may be shown itself.

    Values within 5 % of an end of the scale, and of people who are all `alike`, would tell what each of them said.
    """
    low, high = bounds
    share = (value - low) / (high - low)
    if share < _LEAST:
        return low, low + _LEAST * (high - low)
    if share > _MOST:
        return low + _MOST * (high - low), high
    if alike:
        width = (high - low) / 5
        start = low + min(4, int((value - low) // width)) * width
        return start, start + width
    return value, value


def without_few(components: Mapping[str, Any], k: int = K) -> dict[str, Any]:
    """The parts of an aggregate without those factors that too few people spoke of."""
    kept = dict(components)
    answers = kept.get("answers")
    if isinstance(answers, Mapping) and isinstance(kept.get("factors"), Mapping):
        told = {name for name, number in answers.items() if number >= fewest(k, name in SENSITIVE)}
        for part in ("factors", "answers"):
            kept[part] = {name: value for name, value in kept[part].items() if name in told}
    return kept

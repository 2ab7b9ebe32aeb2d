"""Whether sums that were told, taken from one another in any way, tell of few people: over the rationals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

AT_MOST = 10
"""Groups that no told sum tells apart; of more than so many not every choice is tried."""


def rank(rows: Sequence[Sequence[int]]) -> int:
    """Without rounding: fraction-free elimination."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for number in range(found + 1, len(left)):
            factor = left[number][column]
            if factor:
                left[number] = [pivot[column] * x - factor * y for x, y in zip(left[number], pivot, strict=True)]
        found += 1
    return found


def told_of(few: Iterable[str], everybody: Sequence[str], told: Sequence[Iterable[str]]) -> bool:
    """Whether something follows from the told sums that is about people among `few` alone."""
    those = set(few)
    rows = [[int(key in group) for key in everybody] for group in map(set, told)]
    outside = [place for place, key in enumerate(everybody) if key not in those]
    return rank(rows) > rank([[row[place] for place in outside] for row in rows])


def groups_found(everybody: Sequence[str], told: Sequence[Iterable[str]], k: int) -> Iterator[set[str]]:
    """Groups of fewer than k people of whom something follows.

    People whom no told sum tells apart stand together: what follows is about whole such groups.
    """
    sums = [set(group) for group in told]
    cells: dict[tuple[bool, ...], set[str]] = {}
    for key in everybody:
        cells.setdefault(tuple(key in group for group in sums), set()).add(key)
    small = [cell for pattern, cell in cells.items() if any(pattern) and len(cell) < k]
    for choice in range(1, 2 ** min(len(small), AT_MOST)):
        few = set().union(*(cell for place, cell in enumerate(small) if choice >> place & 1))
        if len(few) < k and told_of(few, everybody, sums):
            yield few

"""Long lists, a part at a time: a page costs the same in a larger run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

AT_ONCE = 25

T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """`items` are those of page `at` of `pages`, counted from one."""

    items: Sequence[T]
    at: int
    pages: int


def part_of(items: Sequence[T], at: int) -> Part[T]:
    """The page asked for, or the one next to it that is there."""
    pages = max(1, -(-len(items) // AT_ONCE))
    at = min(max(1, at), pages)
    return Part(items[(at - 1) * AT_ONCE : at * AT_ONCE], at, pages)

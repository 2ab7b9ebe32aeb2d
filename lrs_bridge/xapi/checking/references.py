"""Statements that refer to statements: whether these follow the templates that are asked for (part two, 8.0).

"A Statement matching at least one of the specified Statement Templates" is taken as following it, rules and its own
references included. Where statements refer to one another in a circle, each is taken to hold until another breaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """What a template asks of a statement: at `where` a reference to one that follows a template of `allowed`.

    `target` is the id that stands there, in lower case; None for anything but a StatementRef.
    """

    number: int
    template: str
    where: str
    allowed: tuple[str, ...]
    target: str | None


def resolve(
    references: Sequence[Reference], kept: Mapping[int, set[str]], numbers: Mapping[str, int]
) -> tuple[int, list[tuple[Reference, str]]]:
    """Take from `kept` every template whose reference is wrong; how many lead outside, and the wrong ones with why.

    `kept` are the templates that each statement follows by its rules, by number; `numbers` are by statement id.
    """
    inside = [one for one in references if one.target in numbers]
    by_target: dict[int, list[Reference]] = {}
    for one in inside:
        by_target.setdefault(numbers[one.target or ""], []).append(one)
    wrong = {one: f"{one.where} must be a StatementRef" for one in references if one.target is None}
    waiting = [*wrong, *(one for one in inside if _fails(one, kept, numbers))]
    while waiting:
        one = waiting.pop()
        wrong.setdefault(one, "")
        if one.template in kept[one.number]:
            kept[one.number].discard(one.template)
            waiting += [other for other in by_target.get(one.number, ()) if _fails(other, kept, numbers)]
    outside = sum(one.target is not None and one.target not in numbers for one in references)
    return outside, [(one, wrong[one] or _why(one, kept, numbers)) for one in references if one in wrong]


def _fails(one: Reference, kept: Mapping[int, set[str]], numbers: Mapping[str, int]) -> bool:
    return kept[numbers[one.target or ""]].isdisjoint(one.allowed)


def _why(one: Reference, kept: Mapping[int, set[str]], numbers: Mapping[str, int]) -> str:
    number = numbers[one.target or ""]
    follows = " and ".join(sorted(kept[number])) or "no template"
    asked = " or ".join(one.allowed)
    return f"{one.where} refers to statement {number}, which follows {follows}; it must follow {asked}"

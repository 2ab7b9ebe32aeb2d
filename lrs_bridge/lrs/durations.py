"""Durations by what they say, for stores that write them their own way (Data 4.6). Pure.

Between two precisions of a second or two ways of spelling half an hour there is no difference; between 30 minutes and a
month of unknown length there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_PARTS = re.compile(
    r"P(?:(?P<W>[\d.,]+)W)?(?:(?P<Y>[\d.,]+)Y)?(?:(?P<MO>[\d.,]+)M)?(?:(?P<D>[\d.,]+)D)?"
    r"(?:T(?:(?P<H>[\d.,]+)H)?(?:(?P<M>[\d.,]+)M)?(?:(?P<S>[\d.,]+)S)?)?"
)
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}
_MONTHS = {"Y": 12, "MO": 1}
_PRECISION = Decimal("0.01")


def length_of(duration: str) -> tuple[Decimal, Decimal] | None:
    """Months, and seconds to a hundredth, which is all that stores have to keep; None where it is no duration."""
    match = _PARTS.fullmatch(duration)
    if match is None:
        return None
    try:
        parts = {name: Decimal(value.replace(",", ".")) for name, value in match.groupdict().items() if value}
    except ArithmeticError:
        return None
    months = sum((parts.get(name, Decimal(0)) * factor for name, factor in _MONTHS.items()), Decimal(0))
    seconds = sum((parts.get(name, Decimal(0)) * factor for name, factor in _SECONDS.items()), Decimal(0))
    return months, (seconds // _PRECISION) * _PRECISION


def with_lengths(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with the lengths of its durations in their place, also in the statement inside it."""
    found = dict(statement)
    result, inner = found.get("result"), found.get("object")
    if isinstance(result, dict) and isinstance(result.get("duration"), str):
        found["result"] = {**result, "duration": length_of(result["duration"]) or result["duration"]}
    if isinstance(inner, dict) and inner.get("objectType") == "SubStatement":
        found["object"] = with_lengths(inner)
    return found

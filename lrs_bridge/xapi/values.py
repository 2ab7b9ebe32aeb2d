"""What the values of extensions and scores may be: the same for those who read and those who write.

Each function gives the value, or of it what can be kept, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrs_bridge.xapi.names import extension

_LARGEST = 1e300


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def number(value: Any) -> float | None:
    """Neither a boolean, nor NaN, nor an integer that no float holds."""
    if type(value) is not float and type(value) is not int:
        return None
    return float(value) if -_LARGEST < value < _LARGEST else None


def _whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found.is_integer() else None


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _list_of(fits: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def kept(value: Any) -> list[Any] | None:
        return [e for e in value if fits(e) is not None] if isinstance(value, list) else None

    return kept


def _numbers(value: Any) -> dict[str, Any] | None:
    """As `_map_of(number)`, for answers, of which each statement may have dozens."""
    if not isinstance(value, dict):
        return None
    return {k: v for k, v in value.items() if (type(v) is float or type(v) is int) and -_LARGEST < v < _LARGEST}


def _map_of(fits: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def kept(value: Any) -> dict[str, Any] | None:
        return {k: v for k, v in value.items() if fits(v) is not None} if isinstance(value, dict) else None

    return kept


def _rubric(value: Any) -> int | str | None:
    whole = _whole(value)
    return text(value) if whole is None else whole


RESULT_EXTENSIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    extension(name): (name, fits)
    for name, fits in {
        "answers": _numbers,
        "basis": text,
        "behaviours": _list_of(text),
        "criteria": _numbers,
        "difficulty": _whole,
        "factors": _map_of(text),
        "goal-agreed": boolean,
        "goal-linked": boolean,
        "level": _whole,
        "map": _map_of(boolean),
        "route": text,
        "rubric-version": _rubric,
        "source": text,
        "themes": _list_of(text),
    }.items()
}


def fits(iri: str, value: Any) -> bool:
    """Whether a result extension can have this value as it stands, with nothing to drop."""
    known = RESULT_EXTENSIONS.get(iri)
    return known is not None and bool(known[1](value) == value)

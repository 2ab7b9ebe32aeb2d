"""Locations and selectors of template rules: JSONPath as xAPI Profiles has it (part two, 8.1).

It is narrower than RFC 9535 (names, indexes from 0, `*`, unions of these, `..`; no filters, no slices) and wider
(several paths joined by `|`). Published profiles are dirty: what leaves no doubt is read, with a remark.

An RFC 9535 library reads the text, where quoting and escapes are easy to get wrong. The few selectors that are
allowed are evaluated here, several times faster than its nodes with their paths; tests hold one against the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError
from jsonpath_rfc9535.segments import JSONPathRecursiveDescentSegment
from jsonpath_rfc9535.selectors import IndexSelector, JSONPathSelector, NameSelector, SliceSelector, WildcardSelector

_RFC = JSONPathEnvironment()
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_PATHS = re.compile(rf"(?:{_QUOTED}|[^|'\"])*")
_SCRIPT = re.compile(rf"{_QUOTED}|(\[\s*[?(])")
_NAME = r"[\w@$-]+"
_UNQUOTED = re.compile(rf"{_QUOTED}|\.({_NAME})(?=[.\[]|$)|\[\s*((?![0-9-]){_NAME})\s*\]")
_SHORTHAND = re.compile(r"[A-Za-z_\u0080-\U0010FFFF][A-Za-z0-9_\u0080-\U0010FFFF]*")

_EVERY = None
_Key = str | int | None


class LocationError(ValueError):
    """A text that is no location: `why` completes the sentence "the location ..."."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text!r} {why}")
        self.text = text
        self.why = why


@dataclass(frozen=True)
class Step:
    """From a value to values below it: a union of names, indexes and `*` (None); `deep` for `..`."""

    keys: tuple[_Key, ...]
    deep: bool = False

    def below(self, value: Any) -> list[Any]:
        start = _within(value) if self.deep else (value,)
        return [found for inner in start for key in self.keys for found in _children(inner, key)]


@dataclass(frozen=True)
class Location:
    """`text` as in the profile, `written` as it should be there, `remarks` what was wrong and read all the same."""

    text: str
    paths: tuple[tuple[Step, ...], ...]
    written: str
    remarks: tuple[str, ...] = ()

    def values(self, document: Any) -> list[Any]:
        """All values there, in the order of the paths; none twice by two ways is left out (flattened, not a set)."""
        if self._names is not None:
            return _at(document, self._names)
        found: list[Any] = []
        for path in self.paths:
            values = [document]
            for step in path:
                values = [below for value in values for below in step.below(value)]
            found += values
        return found

    @cached_property
    def _names(self) -> tuple[str, ...] | None:
        """The way, where it is one path of single names: most locations are."""
        if len(self.paths) != 1:
            return None
        names = [step.keys[0] for step in self.paths[0] if len(step.keys) == 1 and not step.deep]
        plain = tuple(name for name in names if isinstance(name, str))
        return plain if len(plain) == len(self.paths[0]) else None


@lru_cache(maxsize=4096)
def parse(text: str) -> Location:
    """A location or selector. Raises LocationError."""
    parts = [part.strip() for part in _split(text)]
    if not all(parts):
        raise LocationError(text, "is empty, or has an empty path beside a `|`")
    read = [_path(text, part) for part in parts]
    written = " | ".join(way for _, way, _ in read)
    remarks = tuple(dict.fromkeys(remark for _, _, found in read for remark in found))
    return Location(text, tuple(steps for steps, _, _ in read), written, remarks)


def _split(text: str) -> list[str]:
    """The paths between the pipes that stand outside quotes."""
    parts, at = [], 0
    while True:
        found = _PATHS.match(text, at)
        end = found.end() if found else at
        parts.append(text[at:end])
        if end == len(text):
            return parts
        if text[end] != "|":
            raise LocationError(text, "has a quote that is not closed")
        at = end + 1


def _path(text: str, part: str) -> tuple[tuple[Step, ...], str, list[str]]:
    if any(_SCRIPT.findall(part)):
        raise LocationError(text, "has a filter or script expression, which profiles must not use")
    way, remarks = _mended(part)
    try:
        query = _RFC.compile(way)
    except JSONPathError as error:
        raise LocationError(text, f"is no JSONPath: {error.args[0] if error.args else 'it cannot be read'}") from None
    steps = tuple(
        Step(
            tuple(_key(text, selector) for selector in segment.selectors),
            isinstance(segment, JSONPathRecursiveDescentSegment),
        )
        for segment in query.segments
    )
    return steps, way, remarks


def _mended(part: str) -> tuple[str, list[str]]:
    """The path as RFC 9535 has it, and what had to be changed."""
    remarks = []
    if not part.startswith("$"):
        part = f"${part}" if part[0] in ".[" else f"$.{part}"
        remarks.append("does not begin with `$`")
    quoted = _UNQUOTED.sub(_quoted, part)
    if quoted != part:
        remarks.append("has a part that belongs in brackets")
    return quoted, remarks


def _quoted(found: re.Match[str]) -> str:
    dotted, bracketed = found[1], found[2]
    if bracketed is not None:
        return f"['{bracketed}']"
    if dotted is None or _SHORTHAND.fullmatch(dotted):
        return found[0]
    return f"[{dotted}]" if dotted.isascii() and dotted.isdigit() else f"['{dotted}']"


def _key(text: str, selector: JSONPathSelector) -> _Key:
    if isinstance(selector, NameSelector):
        return selector.name
    if isinstance(selector, WildcardSelector):
        return _EVERY
    if isinstance(selector, IndexSelector):
        if selector.index >= 0:
            return selector.index
        raise LocationError(text, "counts from the end of a list, which profiles must not do")
    what = "slice" if isinstance(selector, SliceSelector) else "filter"
    raise LocationError(text, f"has a {what}, which profiles must not use")


def _at(value: Any, names: tuple[str, ...]) -> list[Any]:
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return []
        value = value[name]
    return [value]


def _children(value: Any, key: _Key) -> Sequence[Any]:
    if isinstance(value, dict):
        if key is _EVERY:
            return list(value.values())
        return (value[key],) if key in value else ()
    if isinstance(value, list):
        if key is _EVERY:
            return value
        return (value[key],) if isinstance(key, int) and key < len(value) else ()
    return ()


def _within(value: Any) -> list[Any]:
    """A value and all below it, parents first."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += reversed(list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else [])
    return found

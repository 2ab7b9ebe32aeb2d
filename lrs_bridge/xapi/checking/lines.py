"""On which line of a JSON text each value stands.

The decoders tell no places. This reader runs over the tokens of a text that a decoder has accepted, and keeps the
line of every value by its JSON pointer (RFC 6901).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
DEEPEST = 64
_TOO_DEEP = f"is nested more than {DEEPEST} deep"


class NotJson(ValueError):
    """A text that is no JSON, or nested too deep to be a profile: `line` and `why`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


@dataclass(frozen=True)
class Lines:
    """Lines by pointer; `twice` are the pointers of keys that stand more than once in one object."""

    by_pointer: dict[str, int]
    twice: list[str] = field(default_factory=list)

    def of(self, pointer: str) -> int | None:
        """The line of a value; for one that is missing, of the nearest value around it."""
        while pointer and pointer not in self.by_pointer:
            pointer = pointer.rpartition("/")[0]
        return self.by_pointer.get(pointer)


def decode(text: str) -> tuple[Any, Lines]:
    """A JSON text and the lines of its values. Raises NotJson. Of a key given twice the last value counts."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno, error.msg) from None
    except ValueError as error:  # NaN and its like; an integer of more digits than Python reads
        raise NotJson(1, str(error)) from None
    except RecursionError:
        raise NotJson(1, _TOO_DEEP) from None
    _refuse_depth(text)
    return document, _lines(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _refuse_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "{[":
            depth += 1
            if depth > DEEPEST:
                raise NotJson(text.count("\n", 0, token.start()) + 1, _TOO_DEEP)
        elif first in "}]":
            depth -= 1


@dataclass
class _Open:
    """A list (`index` counts) or an object (`key` is the one read last) that is not closed yet."""

    pointer: str
    index: int | None
    key: str | None = None

    @property
    def inner(self) -> str:
        return f"{self.pointer}/{self.key if self.index is None else self.index}"


def _lines(text: str) -> Lines:
    lines = Lines({})
    around: list[_Open] = []
    line, at = 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        _take(token[0], line, around, lines)
    return lines


def _take(mark: str, line: int, around: list[_Open], lines: Lines) -> None:
    inside = around[-1] if around else None
    if mark == ":":
        return
    if mark in ("}", "]"):
        around.pop()
    elif mark == ",":
        if inside is not None and inside.index is not None:
            inside.index += 1
        elif inside is not None:
            inside.key = None
    elif inside is not None and inside.index is None and inside.key is None:
        _key(mark, line, inside, lines)
    else:
        here = inside.inner if inside is not None else ""
        lines.by_pointer.setdefault(here, line)
        if mark in ("{", "["):
            around.append(_Open(here, 0 if mark == "[" else None))


def _key(mark: str, line: int, inside: _Open, lines: Lines) -> None:
    inside.key = json.loads(mark).replace("~", "~0").replace("/", "~1")
    if inside.inner in lines.by_pointer:
        lines.twice.append(inside.inner)
    lines.by_pointer[inside.inner] = line

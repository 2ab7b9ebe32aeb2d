"""Reading one mapping of a file key by key, noting every problem and going on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from lrs_bridge.journeyfile.marks import Listing, Node, Scalar, Table, is_null, plain
from lrs_bridge.journeyfile.problems import Problem, nearest

Word = TypeVar("Word", bound=StrEnum)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
ID_RULE = "must be letters, digits, dot, hyphen or underscore, beginning with a letter or digit"


class Notes:
    """The problems of one file while it is read."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems

    def add(self, line: int, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, line, key, message))


class Section:
    """One mapping. Every reader answers the value, or `default` where the key is missing, null or wrong.

    A wrong value is a problem, never an exception; `close` makes problems of the keys nobody asked for.
    """

    def __init__(self, notes: Notes, table: Table, path: str = "") -> None:
        self.notes = notes
        self.table = table
        self.path = path
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def line(self, key: str) -> int:
        entry = self.table.entries.get(key)
        return entry.line if entry else self.table.line

    def wrong(self, key: str, message: str) -> None:
        self.notes.add(self.line(key), self.at(key), message)

    def has(self, key: str) -> bool:
        return self.node(key) is not None

    def node(self, key: str, needed: bool = False) -> Node | None:
        """What stands under the key; None (a problem where it is needed) for a missing key and for null."""
        self._asked.add(key)
        entry = self.table.entries.get(key)
        if entry is not None and not is_null(entry.node):
            return entry.node
        if needed:
            self.notes.add(self.line(key), self.at(key), "is missing: add it." if entry is None else "has no value.")
        return None

    def close(self) -> None:
        for key, entry in self.table.entries.items():
            if key not in self._asked:
                self.notes.add(entry.line, self.at(key), f"is not a key here. {nearest(key, self._asked)}")

    # Single values

    def _scalar(self, key: str, needed: bool, wanted: str, read: Callable[[Scalar], Any]) -> Any:
        node = self.node(key, needed)
        if node is None:
            return None
        value = read(node) if isinstance(node, Scalar) else None
        if value is None:
            self.wrong(key, f"{wanted}, not {_shown(node)}.")
        return value

    def text(self, key: str, needed: bool = False) -> str | None:
        found: str | None = self._scalar(key, needed, "must be a text", lambda node: node.text.strip() or None)
        return found

    def id(self, key: str, needed: bool = False) -> str | None:
        found: str | None = self._scalar(key, needed, ID_RULE, lambda n: n.text if _ID.fullmatch(n.text) else None)
        return found

    def iri(self, key: str, needed: bool = False) -> str | None:
        wanted = "must be an IRI such as https://example.org/thing"
        found: str | None = self._scalar(key, needed, wanted, lambda n: n.text if _IRI.fullmatch(n.text) else None)
        return found

    def uuid(self, key: str, needed: bool = False) -> str | None:
        found: str | None = self._scalar(key, needed, "must be a uuid (8-4-4-4-12 hexadecimal digits)", _uuid)
        return found

    def day(self, key: str, needed: bool = False) -> date | None:
        found: date | None = self._scalar(key, needed, "must be a day such as 2026-03-02", _day)
        return found

    def flag(self, key: str, default: bool) -> bool:
        found = self._scalar(
            key, False, "must be true or false", lambda n: n.value if isinstance(n.value, bool) else None
        )
        return default if found is None else bool(found)

    def whole(self, key: str, least: int, most: int, needed: bool = False) -> int | None:
        def read(node: Scalar) -> int | None:
            value = node.value
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, int):
                return None
            return value if least <= value <= most else None

        found: int | None = self._scalar(key, needed, f"must be a whole number from {least} to {most}", read)
        return found

    def number(self, key: str, least: float, most: float, needed: bool = False) -> float | None:
        def read(node: Scalar) -> float | None:
            value = node.value
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            return float(value) if least <= value <= most else None

        found: float | None = self._scalar(key, needed, f"must be a number from {least:g} to {most:g}", read)
        return found

    def one_of(self, key: str, words: Collection[str], needed: bool = False) -> str | None:
        node = self.node(key, needed)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text in words:
            return node.text
        hint = nearest(node.text, words) if isinstance(node, Scalar) else f"Write one of {', '.join(sorted(words))}."
        self.wrong(key, f"{_shown(node)} is none of what can stand here. {hint}")
        return None

    def word(self, key: str, words: type[Word], needed: bool = False) -> Word | None:
        found = self.one_of(key, [word.value for word in words], needed)
        return None if found is None else words(found)

    # Values with parts

    def section(self, key: str, needed: bool = False) -> Section | None:
        node = self.node(key, needed)
        if node is None:
            return None
        if not isinstance(node, Table):
            self.wrong(key, f"must be a mapping (`key: value`), not {_shown(node)}.")
            return None
        return Section(self.notes, node, self.at(key))

    def sections(self, key: str, needed: bool = False) -> Iterator[Section]:
        """Each mapping of a list."""
        for where, item in self._items(key, needed):
            if isinstance(item, Table):
                yield Section(self.notes, item, where)
            else:
                self.notes.add(item.line, where, f"must be a mapping (`key: value`), not {_shown(item)}.")

    def named(self, key: str) -> Iterator[tuple[str, Section]]:
        """Each name with its mapping (empty where nothing stands behind the name)."""
        section = self.section(key)
        if section is None:
            return
        for name, entry in section.table.entries.items():
            if not _ID.fullmatch(name):
                self.notes.add(entry.line, section.at(name), f"the name {ID_RULE}.")
            elif is_null(entry.node):
                yield name, Section(self.notes, Table(entry.line), section.at(name))
            else:
                inner = section.section(name)
                if inner is not None:
                    yield name, inner

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text alone."""
        node = self.node(key)
        if isinstance(node, Scalar):
            return (node.text,)
        return tuple(text for _, text in self.words(key))

    def words(self, key: str, needed: bool = False) -> list[tuple[int, str]]:
        """A list of texts, each with its line."""
        found = []
        for where, item in self._items(key, needed):
            if isinstance(item, Scalar) and not is_null(item):
                found.append((item.line, item.text))
            else:
                self.notes.add(item.line, where, f"must be a text, not {_shown(item)}.")
        return found

    def values(self, key: str) -> dict[str, Any]:
        """A mapping taken as it is."""
        section = self.section(key)
        return {} if section is None else dict(plain(section.table))

    def _items(self, key: str, needed: bool) -> Iterator[tuple[str, Node]]:
        node = self.node(key, needed)
        if node is None:
            return
        if not isinstance(node, Listing):
            self.wrong(key, f"must be a list, not {_shown(node)}.")
            return
        for index, item in enumerate(node.items):
            yield f"{self.at(key)}[{index}]", item


def _uuid(node: Scalar) -> str | None:
    try:
        found = str(UUID(node.text))
    except ValueError:
        return None
    return found if found == node.text.lower() else None


def _day(node: Scalar) -> date | None:
    if not _DAY.fullmatch(node.text):
        return None
    try:
        found = date.fromisoformat(node.text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def _shown(node: Node) -> str:
    if isinstance(node, Scalar):
        return repr(node.text if len(node.text) <= 60 else node.text[:57] + "...")
    return "a list" if isinstance(node, Listing) else "a mapping"

"""YAML or JSON text as a tree that knows its lines.

Built from PyYAML's events with a stack of our own: no Python object is ever made from a tag, no alias is followed, so
neither a bomb nor a deep nesting does harm. Plain words are read by the core schema of YAML 1.2 (10.3.2) plus the
on, off, yes and no that people write, and only where something other than a text is wanted: `area: NO` stays NO.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import yaml

from lrs_bridge.journeyfile.problems import JourneyFileError, Problem

DEEPEST = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NOT_IN_YAML = re.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]")
_HIGH_AND_LOW = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass
class Scalar:
    """A text as written; `quoted` ones are texts and nothing else."""

    text: str
    line: int
    quoted: bool

    @property
    def value(self) -> str | bool | int | float | None:
        """What the word means: null, switch, number or text."""
        if self.quoted:
            return self.text
        if self.text in _NULLS:
            return None
        if self.text.lower() in _WORDS:
            return _WORDS[self.text.lower()]
        if _WHOLE.fullmatch(self.text):
            return int(self.text)
        if _NUMBER.fullmatch(self.text):
            number = float(self.text)
            return number if abs(number) < 1e300 else self.text
        return self.text


@dataclass
class Entry:
    key: str
    line: int
    node: Node


@dataclass
class Table:
    line: int
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass
class Listing:
    line: int
    items: list[Node] = field(default_factory=list)


Node: TypeAlias = Scalar | Table | Listing


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def plain(node: Node) -> Any:
    """The tree as Python values."""
    if isinstance(node, Table):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return node.value


def line_of(root: Node, path: tuple[str, ...]) -> int:
    """The line of the deepest key on this path that is there."""
    line = root.line
    for key in path:
        entry = root.entries.get(key) if isinstance(root, Table) else None
        if entry is None:
            break
        root, line = entry.node, entry.line
    return line


def read_tree(text: str, name: str) -> tuple[Table, list[Problem]]:
    """The one mapping a file holds, and what is wrong with its writing (a key twice, an alias, a tag).

    Raises JourneyFileError where the text cannot be read to its end or holds no mapping.
    """
    builder = _Builder(name)
    try:
        for event in yaml.parse(_prepared(text), Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        builder.fail(mark.line + 1 if mark else 1, f"this is not YAML: {said}. Check indentation, quotes and colons.")
    except (yaml.YAMLError, UnicodeError) as error:
        said = str(error).splitlines()[0]
        builder.fail(1, f"this is not YAML: {said}. Save the file as plain UTF-8 text.")
    return builder.finished()


def _prepared(text: str) -> str:
    """JSON is YAML but for tabs between its parts, characters in two halves, and some that YAML wants escaped."""
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith(("{", "[")):
        return text
    joined = _HIGH_AND_LOW.sub(_joined, text.replace("\t", " "))
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", joined)


def _joined(halves: re.Match[str]) -> str:
    both = bytes.fromhex(halves[1] + halves[2])
    return both.decode("utf-16-be")


class _Builder:
    """Puts events together to a tree."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._problems: list[Problem] = []
        self._root: Node | None = None
        self._open: list[Table | Listing] = []
        self._keys: list[Entry | None] = []
        self._documents = 0

    def report(self, line: int, message: str, key: str = "") -> None:
        self._problems.append(Problem(self._name, line, key, message))

    def fail(self, line: int, message: str) -> NoReturn:
        self.report(line, message)
        raise JourneyFileError(self._problems)

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self.report(line, "a second document begins here (`---`): put one in a file.")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.NodeEvent) and self._documents == 1:
            self._node(event, line)

    def _node(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.report(line, f"the alias *{event.anchor} is not followed here: write the value out.")
            self._add(Scalar("", line, quoted=False))
            return
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self.report(line, f"the tag {event.tag} is not read here: write the value without it.")
        if isinstance(event, yaml.ScalarEvent):
            self._add(Scalar(event.value, line, quoted=bool(event.style)))
            return
        self._enter(Table(line) if isinstance(event, yaml.MappingStartEvent) else Listing(line))

    def _enter(self, node: Table | Listing) -> None:
        if len(self._open) >= DEEPEST:  # at once: the parser takes ever longer the deeper it gets
            self.fail(node.line, f"this is nested more than {DEEPEST} levels deep: nothing here needs that.")
        self._add(node)
        self._open.append(node)
        self._keys.append(None)

    def _close(self) -> None:
        if self._open:
            self._open.pop()
            self._keys.pop()

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
            return
        waiting = self._keys[-1]
        if waiting is not None:
            waiting.node = node
            self._keys[-1] = None
            return
        self._keys[-1] = self._entry(parent, node)

    def _entry(self, table: Table, key: Node) -> Entry:
        nothing = Scalar("", key.line, quoted=False)
        if not isinstance(key, Scalar):
            self.report(key.line, "a list or mapping cannot be a key: write a word.")
            return Entry("", key.line, nothing)
        entry = Entry(key.text, key.line, nothing)
        known = table.entries.get(key.text)
        if known is not None:
            self.report(key.line, f"stands here twice, first on line {known.line}: keep one.", key.text)
            return entry
        table.entries[key.text] = entry
        return entry

    def finished(self) -> tuple[Table, list[Problem]]:
        if not isinstance(self._root, Table):
            found = "a list" if isinstance(self._root, Listing) else "nothing" if self._root is None else "one text"
            self.fail(1, f"this holds {found}, where keys with values (`key: value`) are needed.")
        return self._root, self._problems

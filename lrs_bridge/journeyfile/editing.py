"""Changing a journey file key by key, so that comments, order and writing of everything else stay as they are.

What is written is not judged here: whoever typed something wrong finds it in the file, and `load_journey` says what is
wrong with it. ruamel.yaml writes; what may be read is decided by `marks.read_tree` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from lrs_bridge.journeyfile.marks import Listing, Node, Scalar, Table, is_null, read_tree
from lrs_bridge.journeyfile.problems import JourneyFileError, Problem

Typed: TypeAlias = "str | dict[str, Typed] | list[Typed]"
Path = Sequence[str | int]
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"[-+]?[0-9]+\.[0-9]+", re.ASCII)
_VERSION = re.compile(r"((?<!\w)version[\"']?[ \t]*:[ \t]*)[^\s,}#]+")
_WIDTH = 120


def typed(text: str, name: str) -> dict[str, Typed]:
    """What stands in the file, every value as the text it is written with; null is an empty text.

    Raises JourneyFileError where the text cannot be read to its end. Other problems are not looked for.
    """
    tree, _ = read_tree(text, name)
    found = _typed(tree)
    return found if isinstance(found, dict) else {}


def require_editable(text: str, name: str) -> None:
    """Raises JourneyFileError for a file that holds what is not taken here (an alias, a tag, a key twice)."""
    _, problems = read_tree(text, name)
    if problems:
        raise JourneyFileError(problems)


def _typed(node: Node) -> Typed:
    if isinstance(node, Table):
        return {key: _typed(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [_typed(item) for item in node.items]
    return "" if is_null(node) else node.text


def number_or_text(said: str) -> int | float | str:
    """What was typed where a number belongs; what is none stays as it was typed."""
    said = said.strip()
    if _WHOLE.fullmatch(said):
        return int(said)
    return float(said) if _NUMBER.fullmatch(said) else said


def put(text: str, name: str, path: Path, values: Mapping[str, Any]) -> str:
    """The file with these keys of the mapping at `path` (made where it is missing); None takes a key out.

    An empty mapping that this leaves behind is taken out as well. Raises JourneyFileError.
    """

    def work(top: CommentedMap) -> None:
        table = _mapping(top, path)
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            elif key not in table or table[key] != value:
                table[key] = _written(value)
        if path and not table and isinstance(path[-1], str):
            _at(top, path[:-1]).pop(path[-1], None)

    return _changed(text, name, work)


def add(text: str, name: str, key: str, item: Mapping[str, Any], at: int | None = None) -> str:
    """The file with one more mapping in the list under this key. Raises JourneyFileError."""

    def work(top: CommentedMap) -> None:
        if not isinstance(top.get(key), CommentedSeq):
            top[key] = CommentedSeq()
        found = top[key]
        value = _written({name_: part for name_, part in item.items() if part is not None})
        found.insert(len(found) if at is None else at, value)

    return _changed(text, name, work)


def remove(text: str, name: str, key: str, index: int) -> str:
    """The file without this item of the list; raises JourneyFileError, and IndexError where there is none."""
    return _changed(text, name, lambda top: _list(top, key).pop(index))


def move(text: str, name: str, key: str, index: int, to: int) -> str:
    """The file with this item of the list at another place."""

    def work(top: CommentedMap) -> None:
        found = _list(top, key)
        found.insert(to, found.pop(index))

    return _changed(text, name, work)


def with_version(text: str, name: str, version: int) -> str:
    """The file with this version, and nothing else touched. Raises JourneyFileError."""
    tree, _ = read_tree(text, name)
    entry = tree.entries.get("version")
    if entry is not None and isinstance(entry.node, Scalar):
        lines = text.split("\n")
        changed = _VERSION.sub(rf"\g<1>{version}", lines[entry.line - 1], count=1)
        if changed != lines[entry.line - 1] or _VERSION.search(changed):
            lines[entry.line - 1] = changed
            return "\n".join(lines)
    return put(text, name, (), {"version": version})


def _changed(text: str, name: str, work: Callable[[CommentedMap], Any]) -> str:
    tree, problems = read_tree(text, name)
    if problems or not isinstance(tree, Table):
        raise JourneyFileError(problems)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    if re.search(r"(?m)^\w[^\n]*:[ \t]*\n- ", text):
        yaml.indent(mapping=2, sequence=2, offset=0)
    try:
        top = yaml.load(text.removeprefix("\ufeff"))
        work(top)
        written = StringIO()
        yaml.dump(top, written)
    except YAMLError as error:
        said = str(error).splitlines()[0]
        raise JourneyFileError([Problem(name, 1, "", f"this cannot be changed by a form: {said}.")]) from error
    return written.getvalue()


def _mapping(top: CommentedMap, path: Path) -> CommentedMap:
    here: Any = top
    for part in path:
        if isinstance(part, str) and not isinstance(here.get(part), CommentedMap | CommentedSeq):
            here[part] = CommentedMap()
        here = here[part]
    if not isinstance(here, CommentedMap):
        raise IndexError(path)
    return here


def _at(top: CommentedMap, path: Path) -> Any:
    here: Any = top
    for part in path:
        here = here[part]
    return here


def _list(top: CommentedMap, key: str) -> CommentedSeq:
    found = top.get(key)
    if not isinstance(found, CommentedSeq):
        raise IndexError(key)
    return found


def _written(value: Any) -> Any:
    """Lists of texts one to a line, and mappings in the order given."""
    if isinstance(value, Mapping):
        found = CommentedMap()
        for key, part in value.items():
            found[key] = _written(part)
        return found
    if isinstance(value, list | tuple):
        return CommentedSeq([_written(part) for part in value])
    return value

"""The statements file: a JSON array, JSON lines, or pages as an LRS returns them."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from lrs_bridge.journeyfile.problems import JourneyFileError, Problem

_BOM = b"\xef\xbb\xbf"
_listed = msgspec.json.Decoder(list[msgspec.Raw]).decode
_in_lines = msgspec.json.Decoder(msgspec.Raw).decode_lines


def read_statements(data: bytes, name: str) -> list[dict[str, Any]]:
    """All statements of a file, in its order, as plain JSON. An empty file holds none.

    A statement result (`{"statements": [...], "more": ...}`) counts as its statements.
    Raises JourneyFileError naming the line.
    """
    data = data.removeprefix(_BOM)
    if not data.strip():
        return []
    try:
        whole = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if not data.lstrip().startswith(b"{"):
            raise _broken(name, error.lineno, error.msg) from None
        return _lines(data, name)
    return _unpacked(whole, name, 1)


def statement_texts(data: bytes, name: str) -> list[bytes]:
    """The same statements, each as its JSON text, for whoever does not want all of what they say."""
    try:
        data.decode()  # msgspec does not look at the characters of what it passes over
        raw = (_listed if data.removeprefix(_BOM).lstrip().startswith(b"[") else _in_lines)(data.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = []
    texts = [bytes(text) for text in raw]
    if texts and all(text.startswith(b"{") and b'"statements"' not in text for text in texts):
        return texts
    return [orjson.dumps(statement) for statement in read_statements(data, name)]


def _lines(data: bytes, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise _broken(name, number, error.msg) from None
        found += _unpacked(value, name, number)
    return found


def _unpacked(value: Any, name: str, line: int) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        if not isinstance(value.get("statements"), list):
            return [value]
        value = value["statements"]
    if not isinstance(value, list):
        raise JourneyFileError([Problem(name, line, "", "this is no statement: objects in a list, or one a line.")])
    wrong = [
        Problem(name, line, f"[{index}]", "this is no statement: an object is needed here.")
        for index, item in enumerate(value)
        if not isinstance(item, dict)
    ]
    if wrong:
        raise JourneyFileError(wrong)
    return value


def _broken(name: str, line: int, said: str) -> JourneyFileError:
    message = f"this is not JSON: {said}. A JSON array or one statement a line is needed."
    return JourneyFileError([Problem(name, line, "", message)])

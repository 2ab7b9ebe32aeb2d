"""What a pure function must not do, watched while it is asked: reach out of the program, or look at the clock."""

from __future__ import annotations

import dis
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import CodeType, FunctionType, ModuleType
from typing import Any

_REACHING_OUT = {
    "socket.connect": "opens a connection",
    "socket.getaddrinfo": "looks up a host",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a program",
    "os.system": "starts a program",
    "os.remove": "removes a file",
    "os.rename": "renames a file",
    "os.mkdir": "makes a folder",
}
"""Audit events of Python (PEP 578), in words."""
_PRESENT = frozenset({"now", "utcnow", "today"})
_HARMLESS = frozenset({"strptime", "strftime", "mktime", "asctime"})

_here = threading.local()
_hung = threading.Event()


class ReachedOut(BaseException):
    """Not an Exception, so that nobody's `except Exception` hides it. The text says what was done."""


@contextmanager
def watching() -> Iterator[None]:
    """Raise ReachedOut where this thread reaches out of the program meanwhile. Reading a file is let pass: Python does
    that by itself, for time zones and modules."""
    if not _hung.is_set():
        sys.addaudithook(_heard)
        _hung.set()
    _here.watched = True
    try:
        yield
    finally:
        _here.watched = False


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook can never be taken down again, so it looks whether it is wanted."""
    if not getattr(_here, "watched", False):
        return
    what = _REACHING_OUT.get(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        what = f"writes the file {arguments[0]}"
    if what is not None:
        _here.watched = False
        raise ReachedOut(what)


def asks_for_the_time(function: Callable[..., Any]) -> str | None:
    """How this function, or one of its own package that it calls, asks a clock; None where none does. Read from the
    code: whether it matters may show on another day only."""
    seen: set[int] = set()
    waiting: list[Any] = [function]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, FunctionType) or id(one) in seen:
            continue
        seen.add(id(one))
        for name, value in (found for code in _codes(one.__code__) for found in _named(code, one.__globals__)):
            if _is_clock(value):
                return f"{one.__qualname__} asks for the time ({name})"
            if _package(value) == _package(one):
                waiting.append(value)
    return None


def _named(code: CodeType, known: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the code reaches by global names, and by dotted names that begin with one: `datetime.now`."""
    name, value = "", None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            name, value = str(instruction.argval), known.get(str(instruction.argval))
        elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(value, ModuleType | type):
            name, value = f"{name}.{instruction.argval}", getattr(value, str(instruction.argval), None)
        elif instruction.opname not in ("PUSH_NULL", "CACHE"):
            value = None
        if value is not None:
            yield name, value


def _is_clock(value: Any) -> bool:
    """A function of the module `time`, or what makes a date or time of the present."""
    owner = getattr(value, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, date):
        return getattr(value, "__name__", "") in _PRESENT
    return owner is time and getattr(value, "__name__", "") not in _HARMLESS


def _package(thing: Any) -> str:
    return str(getattr(thing, "__module__", "")).partition(".")[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)

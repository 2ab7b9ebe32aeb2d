"""Asking evaluators with a limit of time: each call is timed, and one that takes too long is stopped.

An evaluator runs in our process, so that a call costs microseconds. What holds the thread for too long in Python is
stopped by an exception raised in it from outside (`PyThreadState_SetAsyncExc`, as in the C API's documentation; it
takes effect at the next bytecode). What waits inside a C function cannot be stopped so: it is told who holds the
worker, and noted, so that after a restart the evaluator is known.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from lrs_bridge.domain.failing import TooSlow
from lrs_bridge.domain.indicators import Subject

log = logging.getLogger("lrs_bridge.evaluate")

AGAIN_SECONDS = 1.0
"""How long after a stop without effect the next one is tried: a plugin may catch whatever is raised."""


class _Stop(BaseException):
    """Raised inside an evaluator from outside. No `Exception`, which a plugin may well catch."""


@dataclass(eq=False)
class _Call:
    """A call under way."""

    key: str
    thread: int
    began: float
    fired: float | None = None


@dataclass(frozen=True)
class Timing:
    """How long an evaluator took about one subject, in seconds."""

    key: str
    subject: Subject
    seconds: float


@dataclass
class Asking:
    """Asks for one thread; a context, while which another thread keeps watch.

    `seconds`: the limit. `held`: told once for each call that is over it, with the evaluator's key. `before`: told
    before each call, and with None after it.
    """

    seconds: float
    held: Callable[[str], None] = lambda _key: None
    before: Callable[[str | None], None] | None = None
    ticks: Callable[[], float] = time.perf_counter
    timings: list[Timing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._call: _Call | None = None
        self._watch = threading.Thread(target=self._keep_watch, name="lrs-bridge-asking", daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._watch.join()

    def __call__(self, key: str, subject: Subject, ask: Callable[[], Any]) -> Any:
        """What the evaluator answers. Raises TooSlow, or whatever it raises."""
        if self.before is None:
            return self._within_limit(key, subject, ask)
        self.before(key)
        try:
            answer = self._within_limit(key, subject, ask)
        except (Exception, SystemExit):
            self.before(None)
            raise
        self.before(None)  # not where the process ends: then it is known who was at work
        return answer

    def _within_limit(self, key: str, subject: Subject, ask: Callable[[], Any]) -> Any:
        call = _Call(key, threading.get_ident(), self.ticks())
        try:
            try:
                self._call = call
                return ask()
            finally:
                self._end(call)
        except _Stop:
            self._end(call)
            raise TooSlow(f"It took longer than {self.seconds:g} seconds and was stopped.") from None
        finally:
            self.timings.append(Timing(key, subject, self.ticks() - call.began))

    def _end(self, call: _Call) -> None:
        """From here on nothing is raised for this call; what was about to be is taken back."""
        with self._lock:
            self._call = None
            if call.fired is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(call.thread), None)

    def _keep_watch(self) -> None:
        while not self._over.wait(min(self.seconds / 4, 0.5)):
            late = self._stop_what_is_late()
            if late is not None:
                log.error("evaluator %s holds the worker for longer than %g seconds", late, self.seconds)
                self.held(late)

    def _stop_what_is_late(self) -> str | None:
        """The evaluator that is stopped for the first time."""
        with self._lock:
            call, now = self._call, self.ticks()
            if call is None or now - call.began <= self.seconds:
                return None
            first = call.fired is None
            if first or now - (call.fired or 0.0) > AGAIN_SECONDS:
                call.fired = now
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(call.thread), ctypes.py_object(_Stop))
            return call.key if first else None

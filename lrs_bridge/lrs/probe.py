"""Testing a record store: what it can and cannot do, in words for whoever administers an LMS.

First what can be asked without leaving a trace, then (`lrs.probe_writing`) a few statements of nobody, which are voided
at the end whatever happened in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.probing import Finding, Probed, Traits, Verdict
from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lrs.probe_writing import Writing
from lrs_bridge.lrs.remote import newest_of, versions_in

SECONDS = 25.0
"""A page waits for the test, so nothing new is begun after that, but for voiding."""


class _Hopeless(Exception):
    """What was found leaves nothing else to try."""


class Probe:
    """One test. `base` begins the ids of what is written. `rest` sleeps, `tick` counts seconds."""

    def __init__(
        self,
        endpoint: Endpoint,
        base: str,
        clock: Callable[[], datetime],
        rest: Callable[[float], None] = sleep,
        tick: Callable[[], float] = monotonic,
    ) -> None:
        self._endpoint = endpoint
        self._base = base
        self._clock = clock
        self._rest = rest
        self._tick = tick
        self._findings: list[Finding] = []

    def run(self, write: bool = True) -> Probed:
        """Try everything; without `write` only what leaves no trace."""
        traits = Traits()
        try:
            version = self._address()
            traits = Traits(version=version)
            self._key(version)
            self._anybody(version)
            if write:
                writing = Writing(self._endpoint, version, self._base, self._clock, self._rest, self._in_time())
                traits = writing.run(self._findings)
            else:
                self._note("Writing", Verdict.LEFT_OUT, "Not tried, as you asked.")
        except _Hopeless:
            pass
        except Unavailable as problem:
            self._note("The connection", Verdict.BAD, problem.reason, "Test again when the store is back.")
        return Probed(self._endpoint.name, self._clock(), tuple(self._findings), traits)

    def _in_time(self) -> Callable[[], bool]:
        until = self._tick() + SECONDS
        return lambda: self._tick() < until

    def _address(self) -> str:
        try:
            about = self._endpoint.ask("GET", "about")
        except Unavailable as problem:
            self._stop("Address", problem.reason, "Check the address, and whether this machine may go there.")
        if 300 <= about.status < 400:
            self._stop("Address", self._endpoint.said("being asked", about), "Use the address it sends us on to.")
        versions = versions_in(about)
        if not versions:
            self._note(
                "Address",
                Verdict.CARE,
                f"{self._endpoint.name} answers, but does not say which versions of xAPI it speaks. We use 1.0.3.",
                "Make sure that this is the part of the address before /statements.",
            )
            return newest_of(versions)
        if not any(one.startswith(("1.0", "2.0")) for one in versions):
            text = f"It speaks xAPI {', '.join(versions)}. We need 1.0 or 2.0."
            self._stop("Version", text, "Update the store, or use another one.")
        version = newest_of(versions)
        self._note("Address", Verdict.OK, f"{self._endpoint.name} answers as a record store does.")
        self._note("Version", Verdict.OK, f"It speaks xAPI {', '.join(versions)}. We use {version}.")
        return version

    def _key(self, version: str) -> None:
        answer = self._endpoint.ask("GET", "statements", version, {"limit": "1"})
        if answer.status == 200 and is_page(answer):
            return self._note("Key", Verdict.OK, "It lets us in and lets us read.")
        said = self._endpoint.said("reading statements", answer)
        if answer.status == 401:
            self._stop("Key", said, "Check key and secret. Some stores call them user name and password.")
        if answer.status == 403:
            self._stop("Key", said, "Give this key the right to read all statements, not only its own.")
        if answer.status == 200:
            said = f"{self._endpoint.name} answers with something else than statements: {answer.words()[:100]}"
        self._stop("Key", said, "The address should be the part before /statements; ask whoever runs the store for it.")

    def _anybody(self, version: str) -> None:
        answer = self._endpoint.ask("GET", "statements", version, {"limit": "1"}, signed=False)
        if answer.status == 200 and is_page(answer):
            text = "It shows statements to whoever asks, without a key."
            self._note("Strangers", Verdict.CARE, text, "Have the store ask for a key before it shows anything.")
        else:
            self._note("Strangers", Verdict.OK, "Without a key it shows nothing.")

    def _note(self, about: str, verdict: Verdict, text: str, advice: str = "") -> None:
        self._findings.append(Finding(about, verdict, text, advice))

    def _stop(self, about: str, text: str, advice: str) -> None:
        self._note(about, Verdict.BAD, text, advice)
        raise _Hopeless


def is_page(answer: Answer) -> bool:
    """Whether this is a StatementResult."""
    try:
        found = answer.json()
    except ValueError:
        return False
    return isinstance(found, dict) and isinstance(found.get("statements"), list)

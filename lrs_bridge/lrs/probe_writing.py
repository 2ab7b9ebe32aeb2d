"""The part of testing a record store that writes: statements of nobody, two of them with reversed timestamps, voided
at the end whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.probing import Finding, Traits, Verdict
from lrs_bridge.lrs.batches import is_same
from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lrs.formats import read_timestamp, write_timestamp
from lrs_bridge.lrs.probe_trial import Statement, Trial
from lrs_bridge.lrs.remote import THROUGH_HEADER

_DAY = timedelta(days=1)
_CLOCKS_APART = timedelta(minutes=1)
_TAKEN = frozenset({200, 204})
_AGAIN = "We read this store again from time to time, so that nothing is missed; it may be seen later."


class _Enough(Exception):
    """The next tries need what failed."""


class Writing:
    """The tries in their order. `in_time` says whether a new one may begin."""

    def __init__(
        self,
        endpoint: Endpoint,
        version: str,
        base: str,
        clock: Callable[[], datetime],
        rest: Callable[[float], None],
        in_time: Callable[[], bool],
    ) -> None:
        self._trial = Trial(endpoint, version, base, rest, in_time)
        self._clock = clock
        self._findings: list[Finding] = []
        self._found: dict[str, Any] = {"version": version}

    def run(self, findings: list[Finding]) -> Traits:
        """Try everything, and void what was written; adds to `findings`."""
        self._findings = findings
        now = self._clock()
        try:
            first = self._trial.statement(now)
            shown = self._write_and_read(first)
            stored = read_timestamp(shown.get("stored"))
            self._clocks(stored)
            tries: Sequence[Callable[[], None]] = (
                lambda: self._twice(first),
                lambda: self._taken_id(first, shown),
                lambda: self._batch(now),
                lambda: self._order(first, stored, self._trial.statement(now - _DAY)),
                lambda: self._pages(min(now, stored or now) - 2 * _DAY),
                lambda: self._gzip(first),
            )
            for attempt in tries:
                if not self._trial.in_time():
                    self._note("The rest", Verdict.LEFT_OUT, "The store answers so slowly that we stopped here.")
                    break
                attempt()
        except _Enough:
            pass
        except Unavailable as problem:
            self._note("The connection", Verdict.BAD, problem.reason, "Test again when the store is back.")
        finally:
            self._void()
        self._note("Attachments", Verdict.OK, "Not needed: we send none.")
        return Traits(**self._found)

    # Writing

    def _write_and_read(self, statement: Statement) -> Mapping[str, Any]:
        """What the store shows of it."""
        answer = self._trial.post(statement)
        if answer.status not in _TAKEN:
            rights = "Give this key the right to write statements."
            advice = rights if answer.status == 403 else "The log of the store may say more; ask whoever runs it."
            self._note("Writing", Verdict.BAD, self._trial.endpoint.said("writing a statement", answer), advice)
            raise _Enough
        self._note("Writing", Verdict.OK, "It took a statement of nobody.")
        kept = self._trial.wait_for(statement["id"])
        if kept is None:
            text = "It took the statement and did not show it within five seconds."
            self._note("Keeping", Verdict.BAD, text, "Give this key the right to read all statements, then test again.")
            raise _Enough
        if is_same(statement, kept):
            self._note("Keeping", Verdict.OK, "It gives the statement back as it was.")
        else:
            text = "It gives the statement back changed. Sent twice, ours may then look like another one."
            self._note("Keeping", Verdict.CARE, text, "Ask whoever runs the store what rewrites statements.")
        return kept

    def _clocks(self, stored: datetime | None) -> None:
        apart = timedelta(0) if stored is None else stored - self._clock()
        if abs(apart) < _CLOCKS_APART:
            return self._note("Clock", Verdict.OK, "Its clock and ours agree.")
        seconds, way = abs(apart).total_seconds(), "ahead of" if apart > timedelta(0) else "behind"
        text = f"Its clock is {seconds:,.0f} seconds {way} ours."
        advice = "Have both set by a time server: some stores refuse what seems to happen in the future."
        self._note("Clock", Verdict.CARE, text, advice)

    def _twice(self, statement: Statement) -> None:
        answer = self._trial.post(statement)
        if answer.status in {200, 204, 409}:
            text = "The same statement sent again stays one statement. That is how nothing is lost when a line breaks."
            self._note("Sending again", Verdict.OK, text)
        else:
            said = self._trial.endpoint.said("the same statement sent again", answer)
            advice = "Without that, broken connections lose or double statements."
            self._note("Sending again", Verdict.BAD, said, advice)

    def _taken_id(self, statement: Statement, shown: Mapping[str, Any]) -> None:
        answer = self._trial.post({**statement, "object": self._trial.activity("other")})
        kept = self._trial.kept(statement["id"])
        if kept is None:
            self._note("Overwriting", Verdict.LEFT_OUT, "The statement is not shown any more, so we cannot tell.")
        elif not is_same(shown, kept):
            text = "Another statement with the same id replaces the first. The record can be overwritten."
            self._note("Overwriting", Verdict.BAD, text, "Use a store that keeps what it took.")
        elif answer.status == 409:
            self._note("Overwriting", Verdict.OK, "Another statement with the same id is refused.")
        else:
            text = f"Another statement with the same id is answered with {answer.status}; the first one stays."
            self._note("Overwriting", Verdict.CARE if answer.status < 300 else Verdict.OK, text)

    def _batch(self, now: datetime) -> None:
        good, bad = self._trial.statement(now), {**self._trial.statement(now), "verb": {"id": "this is no IRI"}}
        answer = self._trial.post(good, bad)
        if answer.status < 300:
            text = "It takes statements that are not valid. Ours are; others may write what nobody can read."
            return self._note("Checking", Verdict.CARE, text)
        if self._trial.kept(good["id"]) is not None:
            text = "A batch with one bad statement is refused, and kept in part. Sent again, nothing is doubled."
            return self._note("Checking", Verdict.CARE, text)
        text = "A batch with one bad statement is refused as a whole. We find the bad one, and the others arrive."
        self._note("Checking", Verdict.OK, text)

    # Reading what is new

    def _order(self, first: Statement, stored: datetime | None, second: Statement) -> None:
        """`second` is written later and happened a day earlier."""
        if self._trial.post(second).status not in _TAKEN or self._trial.wait_for(second["id"]) is None:
            return self._note("What is new", Verdict.LEFT_OUT, "The second statement of the test did not arrive.")
        if stored is None:
            text = "It does not say when it stored a statement, so we cannot ask for what is new."
            return self._note("What is new", Verdict.BAD, text, "Use a store that sets `stored`.")
        since = {"since": write_timestamp(stored - timedelta(seconds=1)), "ascending": "true", "format": "exact"}
        ids, answer = self._trial.ids(since)
        if answer.status != 200:
            said = self._trial.endpoint.said("being asked for what is new", answer)
            return self._note("What is new", Verdict.BAD, said, "Without that, nothing can be read from this store.")
        self._judge_order(ids, first["id"], second["id"])
        self._through(answer, stored)

    def _judge_order(self, ids: Sequence[str], first: str, second: str) -> None:
        by_stored = first in ids and second in ids and ids.index(first) < ids.index(second)
        self._found["by_stored"] = by_stored
        if by_stored:
            text = "Asked for what is new, it shows what was stored since, in the order in which it was stored."
            self._note("What is new", Verdict.OK, text)
        elif second in ids:
            text = "What is new comes in the order in which it happened, not in which it was stored."
            self._note("What is new", Verdict.CARE, text, _AGAIN)
        else:
            text = "Asked for what is new, it goes by when things happened, so what arrives late is not shown."
            self._note("What is new", Verdict.CARE, text, _AGAIN)
        if ids.count(first) > 1 or ids.count(second) > 1:
            text = "It shows a statement twice that was sent twice."
            self._note("Sending again", Verdict.BAD, text, "Use a store that knows statements by their id.")

    def _through(self, answer: Answer, stored: datetime) -> None:
        through = read_timestamp(answer.headers.get(THROUGH_HEADER))
        self._found["through"] = through is not None and through >= stored - timedelta(minutes=5)
        if through is None:
            text = "It does not say up to when its answers are complete. We read the last moments again each time."
            self._note("Complete up to", Verdict.CARE, text)
        elif self._found["through"]:
            self._note("Complete up to", Verdict.OK, "It says up to when its answers are complete.")
        else:
            text = f"It says that its answers are complete up to {through.isoformat()} only, long before what it shows."
            self._note("Complete up to", Verdict.CARE, text, "We do not go by it. Ask whoever runs the store.")

    def _pages(self, since: datetime) -> None:
        """As we read: of everybody. Both statements are newer than `since`, whichever time and clock it goes by."""
        one_each = {"since": write_timestamp(since), "ascending": "true", "format": "exact", "limit": "1"}
        try:
            ids, answer = self._trial.ids(one_each)
        except Refused as problem:
            advice = "Have the store told its address as others see it; proxies often hide it."
            return self._note("Pages", Verdict.BAD, problem.reason, advice)
        if answer.status != 200:
            return self._note("Pages", Verdict.CARE, self._trial.endpoint.said("reading one by one", answer))
        if len(set(ids)) > 1:
            return self._note("Pages", Verdict.OK, "A long answer comes in pages, and the next page can be had.")
        text = "A long answer ends after its first page, without a way to the next."
        self._note("Pages", Verdict.BAD, text, "We would never see the rest. Use another store, or ask its makers.")

    def _gzip(self, statement: Statement) -> None:
        try:
            answer = self._trial.post(statement, compress=True)
            self._found["compress"] = answer.status in {200, 204, 409}
        except Unavailable:
            self._found["compress"] = False
        reads = "It reads compressed statements, so we compress them."
        plain = "It does not read compressed statements, so we send them plain."
        self._note("Compression", Verdict.OK, reads if self._found["compress"] else plain)

    # Leaving

    def _void(self) -> None:
        """Whatever may have arrived, also where the answer was lost. Raises nothing: other trouble may be under way."""
        try:
            self._void_once()
        except Unavailable:
            try:  # a store that was irritated by what we tried may have cut the line, and take a new one
                self._void_once()
            except Unavailable as problem:
                self._left((), f"{problem.reason} So the test statements could not be voided.")

    def _void_once(self) -> None:
        written = self._trial.written()
        if not written:
            return
        answer = self._trial.void(written, self._clock())
        voided = self._found["voids"] = answer.status in _TAKEN and self._trial.is_voided(written[0])
        if voided:
            text = f"It hides what was voided, as the {len(written)} statements of this test are now. The voids stay."
            self._note("Voiding", Verdict.OK, text)
        elif answer.status in _TAKEN:
            self._left(written, "It took the voids of the test statements, and shows them all the same.")
        else:
            self._left(written, self._trial.endpoint.said("voiding the test statements", answer))

    def _left(self, written: Sequence[str], text: str) -> None:
        number = f"{len(written)} statements" if written else "Statements"
        advice = (
            "What is withdrawn here may still be seen there. "
            f"{number} of this test stay, by {self._trial.actor()['account']['name']}."
        )
        self._note("Voiding", Verdict.CARE, text, advice)

    def _note(self, about: str, verdict: Verdict, text: str, advice: str = "") -> None:
        self._findings.append(Finding(about, verdict, text, advice))

"""Scores on their way: claimed, sent several at once, and settled, one lane for each LMS.

A lane leases a few scores in a transaction, has them sent by a handful of threads without any, and writes down what
became of them in the transaction that leases the next. A stop in between sends the same score once more when its
lease is over, which leaves the gradebook as it is.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import LineItemGone, Refused, Unavailable
from lrs_bridge.domain.retry import next_attempt, next_look
from lrs_bridge.domain.scores import ActivityProgress, Score, stamp_after
from lrs_bridge.flows.columns import LEASE, Columns, NotYet
from lrs_bridge.flows.lanes import Turn
from lrs_bridge.flows.ports import Gradebook
from lrs_bridge.store import due_scores, gradebook_pauses, scores
from lrs_bridge.store.due_scores import DueScore
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.scores import ScoreRow

log = logging.getLogger("lrs_bridge.grade")

AT_ONCE = 6
LANES = 8
IN_HAND = 4  # times what is sent at once: enough that no thread waits for the database
_BEGIN_WITHIN = LEASE / 2
_SETTLE_SECONDS = 0.1
_OUR_FAULT = "Something went wrong on our side; the log says what."


@dataclass(frozen=True)
class Sent:
    """The LMS took the score with this timestamp."""

    stamp: datetime


@dataclass(frozen=True)
class Held:
    """Not even tried, since the LMS was found down by another score of the same lane."""

    reason: str


Outcome = Sent | Held | Unavailable | Refused | NotYet


def _unheard(number: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True)
class Sending:
    """What sending takes. `at_once`: how many scores one LMS is given at the same time. `posted` hears how many it
    took."""

    sessions: Sessions
    gradebook: Gradebook
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    at_once: int = AT_ONCE
    posted: Callable[[int], object] = _unheard


def send_due(sending: Sending) -> int:
    """Send all that is due to every LMS, and wait for the end of it; answers how many were claimed."""
    lanes = Lanes(sending)
    lanes.look()
    return lanes.finish()


class Lanes:
    """One lane for each LMS with something due, so that a slow one holds up nobody else; so many side by side."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._pool = ThreadPoolExecutor(LANES, "lrs-bridge-lane")
        self._running: dict[str, Future[int]] = {}
        self._stop = threading.Event()

    def look(self) -> int:
        """Open a lane for each LMS that has none; answers how many were opened. Does not wait for them."""
        for platform_id in [one for one, lane in self._running.items() if lane.done()]:
            _report(platform_id, self._running.pop(platform_id))
        with self._sending.sessions.read() as session:
            due = due_scores.platforms_due(session, self._sending.clock())
        opened = [one for one in due if one not in self._running]
        for platform_id in opened:
            self._running[platform_id] = self._pool.submit(self._serve, platform_id)
        return len(opened)

    def _serve(self, platform_id: str) -> int:
        return Lane(self._sending, platform_id, Turn(self._stop, self._crowded)).serve()

    def _crowded(self) -> bool:
        return len(self._running) > LANES

    def finish(self) -> int:
        """Wait for the lanes that are open; answers how many scores they claimed. Raises what stopped them."""
        self._pool.shutdown()
        return sum(lane.result() for lane in self._running.values())

    def stop(self) -> None:
        """Send what is in hand, claim no more, and end."""
        self._stop.set()
        self._pool.shutdown()


def _report(platform_id: str, lane: Future[int]) -> None:
    problem = lane.exception()
    if problem is not None:
        log.error("sending to platform %s failed, the next round tries again", platform_id, exc_info=problem)


class Lane:
    """The way to one LMS. One that is found down is asked no more until its pause is over."""

    def __init__(self, sending: Sending, platform_id: str, turn: Turn) -> None:
        self._with = sending
        self._platform_id = platform_id
        self._turn = turn
        self._columns = Columns(sending.sessions, sending.gradebook, sending.clock)
        self._down: Unavailable | None = None
        self._paused_until: datetime | None = None

    def serve(self) -> int:
        """Claim, send and settle until nothing is due; answers how many were claimed."""
        claimed, hands, finished = 0, IN_HAND * self._with.at_once, _Finished()
        with ThreadPoolExecutor(self._with.at_once, "lrs-bridge-score") as pool:
            while True:
                taken = self._settle_and_claim(finished.take_all(), hands - finished.awaited)
                claimed += len(taken)
                for due in taken:
                    finished.await_(due, pool.submit(self._attempt, due))
                if not finished.awaited:
                    return claimed
                finished.gather(down_to=hands // 2 if taken else 0)

    def _settle_and_claim(self, ended: list[tuple[DueScore, Outcome]], room: int) -> list[DueScore]:
        now = self._with.clock()
        self._with.posted(sum(isinstance(outcome, Sent) for _, outcome in ended))
        with self._with.sessions.write() as session:
            if any(isinstance(outcome, Sent) for _, outcome in ended):
                gradebook_pauses.resume(session, self._platform_id)
            if self._down is not None and self._paused_until is None:
                self._paused_until = self._pause(session, self._down, now)
            rows = scores.current(session, [due.row for due, _ in ended])
            for due, outcome in ended:
                if due.row.key in rows:
                    _settle(rows[due.row.key], due.row, outcome, now, self._with.chance(), self._paused_until)
            if self._down is None and not self._turn.over:
                return due_scores.claim(session, self._platform_id, now, room, LEASE)
        return []

    def _pause(self, session: Session, problem: Unavailable, now: datetime) -> datetime:
        failures = gradebook_pauses.failures_of(session, self._platform_id)
        until = next_attempt(now, failures, self._with.chance(), problem.retry_after)
        gradebook_pauses.pause(session, self._platform_id, problem.reason, until)
        log.warning("nothing is sent to platform %s until %s: %s", self._platform_id, until, problem.reason)
        return until

    def _attempt(self, due: DueScore) -> Outcome:
        """Send one score; what becomes of it is the answer, and nothing is written here."""
        if self._down is not None:
            return Held(self._down.reason)
        if self._with.clock() - due.leased > _BEGIN_WITHIN:
            return NotYet("It waited for too long behind others.", timedelta(0))
        try:
            return self._send(due)
        except (Refused, NotYet) as outcome:
            return outcome
        except Unavailable as problem:
            if not problem.alone:
                self._down = self._down or problem
            return problem
        except Exception:
            log.exception("score %s of %s", due.row.indicator, due.row.enrolment_id)
            return Unavailable(_OUR_FAULT, alone=True)

    def _send(self, due: DueScore) -> Sent:
        if due.user_id is None:
            raise Refused("The LMS has never named this person to us, so it could not take a score for them.")
        url = self._columns.url(due)
        try:
            return self._post(due, url, due.user_id)
        except LineItemGone:
            log.warning("line item of %s is gone, looking for it again", due.row.indicator)
        try:
            return self._post(due, self._columns.url(due, gone=url), due.user_id)
        except LineItemGone:
            raise Refused("The LMS does not find the column it has just named.") from None

    def _post(self, due: DueScore, url: str, user_id: str) -> Sent:
        """Stamped at the moment of sending, since an LMS wants every score later than its own last change."""
        row = due.row
        stamp = stamp_after(row.stamp, self._with.clock())
        score = Score(user_id, row.wanted, row.maximum, ActivityProgress(row.progress), stamp)
        self._with.gradebook.send(due.platform_id, url, score)
        return Sent(stamp)


class _Finished:
    """What is on its way, and what has come back of it."""

    def __init__(self) -> None:
        self._ways: dict[Future[Outcome], DueScore] = {}
        self._back: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        self._ended: list[tuple[DueScore, Outcome]] = []

    @property
    def awaited(self) -> int:
        return len(self._ways)

    def await_(self, due: DueScore, way: Future[Outcome]) -> None:
        self._ways[way] = due
        way.add_done_callback(self._back.put)

    def gather(self, down_to: int) -> None:
        """Wait for the first, and go on until so few are awaited or none comes for a moment."""
        self._note(self._back.get())
        while self.awaited > down_to:
            try:
                self._note(self._back.get(timeout=_SETTLE_SECONDS))
            except queue.Empty:
                return

    def _note(self, way: Future[Outcome]) -> None:
        self._ended.append((self._ways.pop(way), way.result()))

    def take_all(self) -> list[tuple[DueScore, Outcome]]:
        ended, self._ended = self._ended, []
        return ended


def _settle(
    row: ScoreRow, sent: ScoreRow, outcome: Outcome, now: datetime, chance: float, paused: datetime | None
) -> None:
    """Write down what became of a score that was claimed as `sent`. `paused`: until when this LMS is sent nothing."""
    if isinstance(outcome, Sent):
        scores.accepted(row, sent.wanted, sent.maximum, sent.progress, outcome.stamp, now)
    elif isinstance(outcome, NotYet):
        scores.postpone(row, outcome.reason, now + outcome.wait)
    elif isinstance(outcome, Held):
        scores.hold(row, outcome.reason, paused or now)
    elif isinstance(outcome, Unavailable) and not outcome.alone:
        scores.postpone(row, outcome.reason, paused or now)
    elif isinstance(outcome, Unavailable):
        scores.postpone(row, outcome.reason, next_attempt(now, sent.attempts, chance, outcome.retry_after))
        log.warning("score %s of %s postponed: %s", row.indicator, row.enrolment_id, outcome.reason)
    else:
        scores.refuse(row, outcome.reason, next_look(now, sent.attempts))
        log.warning("score %s of %s refused: %s", row.indicator, row.enrolment_id, outcome.reason)

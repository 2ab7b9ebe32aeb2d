"""Handing letters to the mail server: leases, one connection for a batch, another try later, or a person's word.

What can be promised: a letter is never given to the server twice, unless the server said that it did not take it. What
cannot: where we are stopped, or the line breaks, between the last line of a letter and the server's answer, nobody
knows whether it arrived. Such a letter is `unsure` and waits for a person.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.mailing import Letter, Unsure
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.letters import Desk, NoLetter, compose, not_before
from lrs_bridge.flows.ports import MailLine
from lrs_bridge.store import messages
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.messages import MessageRow

log = logging.getLogger("lrs_bridge.post")

LEASE = timedelta(minutes=15)
BATCH = 20
FIRST_WAIT = 5
"""Attempts that the first failure counts as: half a minute and not a second, since mail servers greylist."""
_OUR_FAULT = "Something broke on our side; the log says what."


class _NotOurs(Exception):
    """The lease of a letter is about to run out, so another worker may take it. The server was not told its end."""


@dataclass(frozen=True)
class Postman:
    """`per_minute`: letters of all tenants together."""

    sessions: Sessions
    desk: Desk
    per_minute: int
    clock: Callable[[], datetime]
    chance: Callable[[], float]


def post_due(postman: Postman, tenant_id: str) -> int:
    """Send a batch of a tenant's letters that are due; answers how many were dealt with, 0 when there was nothing or no
    room this minute."""
    now = postman.clock()
    with postman.sessions.write() as session:
        room = min(BATCH, messages.room(session, now, postman.per_minute))
        rows = messages.claim(session, tenant_id, now, room, LEASE) if room else []
        letters = [(row, letter) for row in rows if (letter := _composed(postman, session, row, now))]
    if letters:
        _send(postman, letters)
    return len(rows)


def _composed(postman: Postman, session: Session, row: MessageRow, now: datetime) -> Letter | None:
    """The letter, or None where there is none to send now, which is written down."""
    morning = not_before(session, row, now)
    if morning > now:
        messages.postpone(session, row.id, row.reason, morning, failed=False)
        return None
    try:
        return compose(session, postman.desk, row, now)
    except NoLetter as nothing:
        messages.drop(session, row.id, str(nothing))
    except Exception:
        log.exception("letter %s could not be written", row.id)
        messages.refuse(session, row.id, _OUR_FAULT)
    return None


def _send(postman: Postman, letters: Sequence[tuple[MessageRow, Letter]]) -> None:
    """All over one line; where that breaks, the rest waits."""
    left = list(letters)
    try:
        with postman.desk.mailing.line() as line:
            while left:
                _hand_over(postman, line, *left[0])
                left.pop(0)
    except _NotOurs:
        log.warning("%d letters took too long, they are claimed anew", len(left))
    except Unavailable as problem:
        log.warning("%d letters wait: %s", len(left), problem.reason.split(":")[0])
        for row, _ in left:
            _postpone(postman, row, problem)


def _hand_over(postman: Postman, line: MailLine, row: MessageRow, letter: Letter) -> None:
    """One letter. Raises Unavailable where the line itself is the trouble; a letter that is unsure waits no more, so
    that to postpone it then changes nothing."""

    def about_to() -> None:
        with postman.sessions.write() as session:
            if not messages.handing(session, row.id, postman.clock()):
                raise _NotOurs

    try:
        line.hand_over(letter, about_to)
    except Refused as problem:
        log.error("letter %s was refused", row.id)
        with postman.sessions.write() as session:
            messages.refuse(session, row.id, problem.reason)
    except Unsure as problem:
        log.error("letter %s may or may not have arrived: %s", row.id, problem)
        with postman.sessions.write() as session:
            messages.unsure(session, row.id, f"The mail server had it and did not answer: {problem}")
        raise Unavailable(f"The mail server went away: {problem}") from None
    except Unavailable as problem:
        if not problem.alone:
            raise
        _postpone(postman, row, problem)
    else:
        with postman.sessions.write() as session:
            messages.sent(session, row.id, postman.clock())


def _postpone(postman: Postman, row: MessageRow, problem: Unavailable) -> None:
    now = postman.clock()
    at = next_attempt(now, row.attempts + FIRST_WAIT, postman.chance(), problem.retry_after)
    with postman.sessions.write() as session:
        messages.postpone(session, row.id, problem.reason, at)

"""A limit for logins from one address, for tools that nothing in front of them protects.

Counted in this process, by the minute, and off until it is set: behind a proxy all browsers have the proxy's address,
and a whole classroom may have one.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from threading import Lock

from werkzeug.exceptions import TooManyRequests

SECONDS = 60


class Flood:
    """`limit`: how many logins one address may begin in a minute; None is any number."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._minute = 0
        self._begun: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, address: str | None, now: datetime) -> None:
        """One more login. Raises TooManyRequests, with the seconds to wait."""
        if self._limit is None:
            return
        minute, second = divmod(int(now.timestamp()), SECONDS)
        with self._lock:
            if minute != self._minute:
                self._minute, self._begun = minute, Counter()
            self._begun[address or ""] += 1
            if self._begun[address or ""] > self._limit:
                raise TooManyRequests(retry_after=SECONDS - second)

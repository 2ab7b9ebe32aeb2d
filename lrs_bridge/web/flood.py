"""Limits for what one address may begin or try in a minute, for tools that nothing in front of them protects.

Counted in each process: a limit is there to keep those who try from being a burden, which each process has for itself.
With n processes it is n times as much, and none of them asks a database that somebody wants to wear out.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from threading import Lock

from werkzeug.exceptions import TooManyRequests

log = logging.getLogger(__name__)

SECONDS = 60
ADDRESSES = 100_000
"""Counted at most; where more come within a minute, counting begins anew."""


class Flood:
    """`limit`: how many one address may begin in a minute; None is any number. `door`: what the log calls it."""

    def __init__(self, limit: int | None, door: str = "logins") -> None:
        self._limit = limit
        self._door = door
        self._minute = 0
        self._begun: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, address: str | None, now: datetime) -> None:
        """One more. Raises TooManyRequests, with the seconds to wait; the first one in a minute is logged."""
        if self._limit is None:
            return
        minute, second = divmod(int(now.timestamp()), SECONDS)
        who = _household(address)
        with self._lock:
            if minute != self._minute or len(self._begun) > ADDRESSES:
                self._minute, self._begun = minute, Counter()
            self._begun[who] += 1
            number = self._begun[who]
        if number == self._limit + 1:
            log.warning("%s: more than %d in a minute from %s", self._door, self._limit, who)
        if number > self._limit:
            raise TooManyRequests(retry_after=SECONDS - second)


def _household(address: str | None) -> str:
    """The address; of IPv6 the network, since one customer has 2^64 addresses of it."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return address or "nowhere"
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or f"{IPv6Address(int(known) >> 64 << 64)}/64")

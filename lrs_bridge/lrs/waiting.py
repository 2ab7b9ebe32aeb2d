"""How long the other side asks us to wait (RFC 9110, 10.2.3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from a number or from a date; the date counts from the answer's own Date, not from our clock."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        until, since = _moment(value), _moment(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, (until - since).total_seconds())


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

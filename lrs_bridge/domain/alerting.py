"""Alerts: what has gone on for too long, told once when it begins and once when it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """From when on something is told: how long the oldest waits, and how many were given up or refused."""

    statements: timedelta = HOUR
    scores: timedelta = HOUR
    letters: timedelta = HOUR
    refused: int = 1


@dataclass(frozen=True)
class Trouble:
    """Something that waits for a person. `key` is the same as long as it goes on; `text` quotes nobody's data."""

    key: str
    text: str


@dataclass(frozen=True)
class Notice:
    """What is told of a trouble: that it began, or (`over`) that it is gone. `tenant` is the tenant's name."""

    tenant: str
    key: str
    text: str
    since: datetime
    over: datetime | None = None

    @property
    def subject(self) -> str:
        """For a line of its own: short, and without figures that change."""
        return f"{'Over' if self.over else 'Not everything arrives'}: {self.key.replace('-', ' ')} ({self.tenant})"

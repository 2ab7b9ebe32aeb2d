"""Everything about letters that flows and pages ask for: `flows.ports.Mailing` on templates and a mail server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.mailing import Entry, Words
from lrs_bridge.mail import calendars, writing
from lrs_bridge.mail.smtp import Line, MailServer


@dataclass(frozen=True)
class Post:
    """`server` None: letters are written and not sent."""

    server: MailServer | None = None

    def language(self, wanted: str | None) -> str:
        return writing.nearest(wanted)

    def words(self, template: str, language: str, context: Mapping[str, Any]) -> Words:
        return writing.write(template, language, context)

    def calendar(self, entries: Sequence[Entry], now: datetime) -> bytes:
        return calendars.calendar_of(entries, now)

    @contextmanager
    def line(self) -> Iterator[Line]:
        if self.server is None:
            raise Unavailable("No mail server is set.")
        with self.server.line() as line:
            yield line

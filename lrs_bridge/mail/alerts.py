"""Ways to tell an alert: an e-mail to fixed addresses, and a POST to a web address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from uuid import uuid4

import requests

from lrs_bridge.domain.alerting import Notice
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.mailing import Letter, Mailbox
from lrs_bridge.mail.smtp import MailServer

SECONDS = 20.0


@dataclass(frozen=True)
class AlertMail:
    """By e-mail, to each address a letter of its own. `where`: the page that says more."""

    server: MailServer
    sender: Mailbox
    to: Sequence[str]
    where: str

    def tell(self, notice: Notice) -> None:
        """Raises Unavailable, Refused, Unsure; where some of several addresses took it, they get it again."""
        text = f"{in_words(notice)}\n\n{self.where}\n"
        with self.server.line() as line:
            for address in self.to:
                html = "".join(f"<p>{escape(part)}</p>" for part in text.strip().split("\n\n"))
                letter = Letter(str(uuid4()), address, self.sender, notice.subject, text, html, "")
                line.hand_over(letter, _nothing)


@dataclass(frozen=True)
class Webhook:
    """By a POST of JSON. `limit`: bounds the exchange as a whole. The address may hold a secret: it is not told."""

    url: str = field(repr=False)
    http: requests.Session = field(repr=False)
    limit: Callable[[float], AbstractContextManager[Any]]
    where: str

    def tell(self, notice: Notice) -> None:
        """Raises Unavailable, Refused."""
        try:
            with self.limit(SECONDS):
                answer = self.http.post(self.url, json=self.body(notice), timeout=SECONDS, allow_redirects=False)
        except (requests.RequestException, OSError) as problem:
            raise Unavailable(f"The address cannot be reached: {type(problem).__name__}.") from None
        if 200 <= answer.status_code < 300:
            return
        said = f"The address answers {answer.status_code}."
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            raise Unavailable(said)
        raise Refused(said)

    def body(self, notice: Notice) -> dict[str, Any]:
        """`text` is what chat systems show; the rest is for programs."""
        return {
            "text": f"{notice.subject}. {in_words(notice)} {self.where}",
            "state": "over" if notice.over else "began",
            "tenant": notice.tenant,
            "key": notice.key,
            "since": notice.since.isoformat(),
            "over": notice.over.isoformat() if notice.over else None,
            "details": notice.text,
            "url": self.where,
        }


def in_words(notice: Notice) -> str:
    since = f"{notice.since:%Y-%m-%d %H:%M} UTC"
    if notice.over:
        return f"It is over since {notice.over:%Y-%m-%d %H:%M} UTC. It began {since}: {notice.text}"
    return f"{notice.text[:1].upper()}{notice.text[1:]} (found {since}). Nothing is lost meanwhile."


def _nothing() -> None:
    """Nobody keeps note of what is underway: an alert may be told twice."""

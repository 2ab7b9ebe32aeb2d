"""Everybody's mail in the demo, on one page of the LMS: no letter leaves the machine, and every link in one works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template
from sqlalchemy.orm import Session

from lrs_bridge.domain.mailing import Letter
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.store import messages, people, tenants
from lrs_bridge.store.messages import MessageRow
from lrs_bridge.wiring import Bridge

MOST = 100


@dataclass(frozen=True)
class Mail:
    """A letter as somebody finds it. `lines` are the words, each with the address it leads to, or None."""

    id: str
    name: str
    to: str
    subject: str
    written: datetime
    lines: Sequence[tuple[str, str | None]]


Mailbox = Callable[[], Sequence[Mail]]


def mailbox_of(bridge: Bridge) -> Mailbox:
    """What the tool would send, newest first; looked up anew each time."""

    def mails() -> Sequence[Mail]:
        now = bridge.clock()
        with bridge.sessions.read() as session:
            tenant_id = tenants.tenant_named(session, tenants.MAIN).id
            rows = messages.latest(session, tenant_id, MOST)
            known = people.people_by_id(session, tenant_id, [row.person_id for row in rows])
            found = [(row, letter) for row in rows if (letter := _letter(session, bridge, row, now))]
        base = bridge.settings.base_url
        return [_mail(row, letter, known[row.person_id].shown_name, base) for row, letter in found]

    return mails


def mail_pages(mailbox: Mailbox) -> Blueprint:
    """`/mail` and `/mail/<id>` of the LMS."""
    pages = Blueprint("mail", __name__, url_prefix="/mail")

    @pages.get("/")
    def inbox() -> str:
        return render_template("lms/mail.html", mails=mailbox())

    @pages.get("/<id_>")
    def letter(id_: str) -> str:
        mail = next((mail for mail in mailbox() if mail.id == id_), None)
        if mail is None:
            abort(404)
        return render_template("lms/letter.html", mail=mail)

    return pages


def _letter(session: Session, bridge: Bridge, row: MessageRow, now: datetime) -> Letter | None:
    try:
        return compose(session, bridge.desk, row, now)
    except NoLetter:
        return None


def _mail(row: MessageRow, letter: Letter, name: str, base_url: str) -> Mail:
    return Mail(row.id, name, letter.to, letter.subject, row.created, _lines(letter.text, base_url))


def _lines(text: str, base_url: str) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for line in text.splitlines():
        start = line.find(f"{base_url}/")
        found.append((line, None) if start < 0 else (line[:start].rstrip(": ") or line, line[start:]))
    return found

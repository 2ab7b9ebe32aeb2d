"""Letters: what goes to a mail server, and the one thing that can become of them beside `domain.delivery`'s words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from lrs_bridge.domain.journey import Step, Window

_PLAIN = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


class Unsure(Exception):
    """The mail server had the whole letter and never said whether it took it: it may or may not arrive."""


@dataclass(frozen=True)
class Mailbox:
    """Who a letter comes from: the address, and the name that is shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Calendar:
    """A calendar file beside a letter: its name and its text (RFC 5545)."""

    name: str
    text: bytes


@dataclass(frozen=True)
class Letter:
    """One e-mail to one person. `id` is the same each time the letter is tried; `stop_url` takes its reader off,
    empty where the settings name the reader."""

    id: str
    to: str
    sender: Mailbox
    subject: str
    text: str
    html: str
    stop_url: str
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Words:
    """What stands in a letter."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Entry:
    """A line of a calendar file. `id` is the same each time, so that a calendar replaces what it has. `last` is
    included: a journey knows days and no hours."""

    id: str
    title: str
    first: date
    last: date
    text: str = ""


DATED = frozenset({"live_event", "conversation", "observation", "coaching_group", "coaching_2_1", "mentor_session"})
"""Types of steps that people meet for, which belong in a calendar."""


def entry_of(step: Step, window: Window, enrolment: str, host: str, name: str | None = None) -> Entry:
    """A step in a calendar: on its days where these are two at the most, else on the last day to do it.

    `name`: whom a manager meets; `host` makes the id one of this installation.
    """
    short = window.due - window.opens <= timedelta(days=1)
    title = f"{step.title}: {name}" if name else step.title
    first = window.opens if short else window.due
    return Entry(f"{step.id}.{enrolment}@{host}", title, first, window.due, "\n".join(step.guide))


def is_address(text: str) -> bool:
    """Whether this is one plain address: no name, no list, no line break, nothing that could become a header."""
    return len(text) <= LONGEST_ADDRESS and _PLAIN.fullmatch(text) is not None

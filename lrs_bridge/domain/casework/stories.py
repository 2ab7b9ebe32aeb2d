"""Stories: told from one case, read for what could tell who it was, released, and pulled when consent is withdrawn."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

CHECKLIST: Mapping[str, str] = MappingProxyType(
    {
        "names": "No name of a person, a team or a customer stands in it.",
        "role": "No title, team size or task that only one person has.",
        "place": "No site, area or office.",
        "dates": "No exact day; at most a month or “in the first weeks”.",
        "numbers": "No exact amount or count that somebody would recognise.",
        "words": "No turn of phrase by which colleagues would know who speaks.",
        "five": "At least five people of the run could be meant.",
        "read": "Somebody who knows the run read it and could not say who it is, or the person read it and agrees.",
    }
)
"""What has to be true before a story is released, by id."""

_DATE = re.compile(
    r"\b\d{1,2}[./]\d{1,2}([./]\d{2,4})?\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\.? "
    r"(January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_AMOUNT = re.compile(r"\b\d[\d.,\u202f ]{2,}\d\b|[€$£]\s?\d+|\b\d+\s?(EUR|USD|GBP|CHF)\b")


class State(StrEnum):
    """`PULLED`: the person withdrew, or does not want to be quoted any more."""

    DRAFT = "draft"
    CHECKED = "checked"
    RELEASED = "released"
    PULLED = "pulled"


@dataclass(frozen=True)
class Story:
    """`text` is None where it was erased. `checked`: items of the list that are done for this very text.

    `named`: the person wants to be named, so that names and titles may stand in it. `from_high`: a success.
    """

    id: str
    registration: str
    code: str
    title: str
    text: str | None
    from_high: bool
    state: State
    checked: frozenset[str]
    named: bool
    written: datetime
    by: str
    released: datetime | None = None
    released_by: str | None = None
    pulled: datetime | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What of the list is not done yet."""
        return tuple(item for item in CHECKLIST if item not in self.checked)


def mark_of(title: str, text: str) -> str:
    """Another one for each text: what was ticked counts for the text that was read, and for no other."""
    return sha256(f"{title}\n{text}".encode()).hexdigest()[:16]


def telling(text: str, names: Iterable[str], areas: Collection[str], own: str | None = None) -> list[str]:
    """What in a text may tell who it is about: names of people of the run, areas, days and amounts, in its order.

    `own`: a name that may stand there, since the person wants to be named.
    """
    free = {part.lower() for part in own.split()} if own else set()
    words = {part for name in names for part in name.split() if len(part) > 2 and part.lower() not in free}
    found: dict[str, int] = {}
    for word in (*words, *areas):
        match = re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)
        if match:
            found[match.group()] = match.start()
    for pattern in (_DATE, _AMOUNT):
        for match in pattern.finditer(text):
            found.setdefault(match.group().strip(), match.start())
    return sorted(found, key=lambda one: (found[one], one))


def names_in(text: str, names: Iterable[str], own: str | None = None) -> list[str]:
    """Names of people of the run in a text: with one of these a story cannot be released."""
    return telling(_DATE.sub("", _AMOUNT.sub("", text)), names, (), own)

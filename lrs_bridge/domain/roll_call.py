"""A list of who was there, as it comes out of a meeting tool or somebody's notes: lines with names and e-mails.

A line is somebody's if it holds their e-mail, or else their name and nobody else's. Whoever is not found is said by
line; the others can be taken all the same, since guests stand on such lists.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_MAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
_BRACKETS = re.compile(r"[(\[<{].*?[)\]>}]")
_SPLIT = re.compile(r"[,;\t|]")
_HEADINGS = frozenset(
    "name;email;e-mail;mail;participant;participants;attendee;full name;first name;last name;user name;user email;"
    "email address;e-mail address;name (original name)".split(";")
)
LONGEST = 100_000  # characters of a list


@dataclass(frozen=True)
class Guest:
    """Somebody who may be on the list."""

    account: str
    name: str
    email: str | None = None


@dataclass(frozen=True)
class Line:
    """`account`: who it is; else `problem` says why it is nobody. `number` counts from 1."""

    number: int
    text: str
    account: str | None = None
    problem: str | None = None


def read_roll(text: str, guests: Iterable[Guest]) -> tuple[Line, ...]:
    """The lines of a list, without empty ones and a heading; the same person twice is two lines of one account."""
    known = list(guests)
    by_email: dict[str, list[Guest]] = {}
    by_name: dict[str, list[Guest]] = {}
    for guest in known:
        by_name.setdefault(plain(guest.name), []).append(guest)
        if guest.email:
            by_email.setdefault(guest.email.casefold(), []).append(guest)
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.strip(" \t,;|\"'") and not (number == 1 and _is_heading(line)):
            found.append(_line(number, line.strip(), by_email, by_name))
    return tuple(found)


def _is_heading(line: str) -> bool:
    cells = [cell.strip(" \"'").casefold() for cell in _SPLIT.split(line)]
    return "@" not in line and any(cell in _HEADINGS for cell in cells)


def _line(number: int, text: str, by_email: dict[str, list[Guest]], by_name: dict[str, list[Guest]]) -> Line:
    mails = [mail.strip(".").casefold() for mail in _MAIL.findall(text)]
    for mail in mails:
        if len({guest.account for guest in by_email.get(mail, ())}) == 1:
            return Line(number, text, by_email[mail][0].account)
    for name in _names(text):
        same = by_name.get(name, ())
        if len(same) == 1:
            return Line(number, text, same[0].account)
        if len(same) > 1:
            return Line(number, text, problem=f"there are {len(same)} people of that name. Give the e-mail.")
    what = "that e-mail" if mails else "that name"
    return Line(number, text, problem=f"nobody who is expected here has {what}.")


def _names(text: str) -> Sequence[str]:
    """What could be a name in the line, as `plain` spells it: a cell, two cells beside each other, either way round."""
    cells = [plain(_MAIL.sub(" ", _BRACKETS.sub(" ", cell))) for cell in _SPLIT.split(text.replace('"', " "))]
    found = [cell for cell in cells if cell]
    for one, other in pairwise(cells):
        if one and other:
            found += [f"{one} {other}", f"{other} {one}"]
    return found


def plain(name: str) -> str:
    """A name without accents, case and needless spaces, by which two spellings of it are one."""
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("'", "’").casefold().split())

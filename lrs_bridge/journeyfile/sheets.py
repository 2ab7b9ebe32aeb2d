"""What spreadsheets make of a CSV file: encodings, separators and days as they write them, or a sentence that says
why it cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SEP_LINE = re.compile(r"\A\s*\"?sep=(.)\"?[^\n\S]*\r?\n", re.IGNORECASE)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_OTHER_DAY = re.compile(r"\d{1,4}([/.-])\d{1,2}\1\d{2,4}")
_NUMBER = re.compile(r"\d{5}")


@dataclass(frozen=True)
class Decoded:
    """`note`: something a person should look at, since the file did not say how it is written."""

    text: str
    note: str | None = None


class NotText(ValueError):
    """This is no text file; the message says what it is and how to make one."""


def decoded(content: bytes) -> Decoded:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, else Windows' Western European.

    Raises NotText for a workbook and for what is no text at all.
    """
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotText("this is a workbook and no CSV file. Save the sheet as CSV, UTF-8, and send that.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return Decoded(content.decode("utf-16"))
        except UnicodeDecodeError:
            raise NotText("this is no text that we can read. Save the sheet as CSV, UTF-8.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        line = content[: _first_odd(content)].count(b"\n") + 1
        note = (
            f"The file is not UTF-8 (line {line}); it was read as Windows writes Western European text. "
            "Check the names with accents, or save the sheet as CSV, UTF-8."
        )
        return _no_nul(Decoded(text, note))
    return _no_nul(Decoded(text))


def _no_nul(found: Decoded) -> Decoded:
    if "\x00" in found.text[:1000]:
        raise NotText("this is no text that we can read. Save the sheet as CSV, UTF-8.")
    return found


def _first_odd(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def separated(text: str) -> tuple[str, str, int]:
    """The text without the line in which Excel names the separator, the separator, and how many lines were dropped.

    Without such a line it is the one that stands most often in the first line; European spreadsheets write semicolons.
    """
    text = text.removeprefix("\ufeff")
    told = _SEP_LINE.match(text)
    if told is not None and told.group(1) in ",;\t|":
        return text[told.end() :], told.group(1), told.group(0).count("\n")
    first = text.lstrip("\r\n").partition("\n")[0]
    return text, max(",;\t", key=first.count), 0


def day(name: str, word: str, wrong: list[str]) -> date | None:
    """A day as 2026-03-31 or 31.03.2026; None where nothing stands, or (with a line in `wrong`) where it is none."""
    if not word:
        return None
    dotted = _DOTTED.fullmatch(word)
    year_first = f"{dotted[3]}-{dotted[2]:0>2}-{dotted[1]:0>2}" if dotted else word
    try:
        found = date.fromisoformat(year_first)
    except ValueError:
        wrong.append(f"{name} {word[:50]!r} {_why_no_day(word)}. Write it as 2026-03-31, or leave it empty.")
        return None
    if not 1900 <= found.year <= 2200:
        wrong.append(f"{name} {word[:50]!r} is no day we can use. Write it as 2026-03-31, or leave it empty.")
        return None
    return found


def _why_no_day(word: str) -> str:
    if _NUMBER.fullmatch(word):
        return "is how a spreadsheet counts days"
    if _OTHER_DAY.fullmatch(word) and not _DOTTED.fullmatch(word):
        return "can be read in more than one way"
    return "is no day"

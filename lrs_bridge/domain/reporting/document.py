"""A report as a value: sections of paragraphs, tables and figures, which the page and the PDF draw alike. Pure.

What did not work, and what it was made from, are in every document: without them there is none. Nothing takes a
section out of a document again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FIXED, FIXED_TITLE = "left", "What did not work, and what was left on the table"
SOURCES = "sources"
LANGUAGE = "en"


class NoReport(ValueError):
    """Something would be left out that every report has."""


class Kind(StrEnum):
    """What a block is. `HELD`: something is not shown, with the reason. `CARE`: to be read before what follows."""

    TEXT = "text"
    SMALL = "small"
    QUOTE = "quote"
    HELD = "held"
    CARE = "care"
    TABLE = "table"
    FIGURE = "figure"


@dataclass(frozen=True)
class Bar:
    """`text` is what is read at the end of the bar; `low` and `high` the range of `value`, where it has one."""

    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Figure:
    """Bars from 0 to `most`. `of` says of what; the same numbers stand in a table or in words beside it."""

    title: str
    of: str
    bars: tuple[Bar, ...]
    most: float

    @property
    def summary(self) -> str:
        """For whoever hears it."""
        return "; ".join(f"{bar.label}: {bar.text}" for bar in self.bars) + "."


@dataclass(frozen=True)
class Table:
    """The first cell of a row names the row. `numbers`: places of the columns that hold figures; `first`: the share of
    the width, 0-1, that the first column has."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    first: float | None = None


@dataclass(frozen=True)
class Block:
    """`title` stands before the text, as a heading of its own or in bold."""

    kind: Kind
    text: str = ""
    title: str = ""
    table: Table | None = None
    figure: Figure | None = None


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """`audience` says for whom; `as_of` is the time it is true of, `mark` (64 hexadecimal digits) another one for
    another content. Raises NoReport without the parts that every report has."""

    audience: str
    title: str
    subtitle: str
    as_of: datetime
    mark: str
    sections: tuple[Section, ...]
    language: str = LANGUAGE

    def __post_init__(self) -> None:
        fixed = [section for section in self.sections if section.key == FIXED]
        if len(fixed) != 1 or fixed[0].title != FIXED_TITLE or not fixed[0].blocks:
            raise NoReport("Every report says what did not work, and what was left on the table.")
        if not self.sections or self.sections[-1].key != SOURCES or not self.sections[-1].blocks:
            raise NoReport("Every report ends with what it was made from.")


def text(said: str, title: str = "") -> Block:
    return Block(Kind.TEXT, said, title)


def small(said: str) -> Block:
    return Block(Kind.SMALL, said)


def held(what: str, why: str) -> Block:
    return Block(Kind.HELD, why, what)


def care(said: str) -> Block:
    return Block(Kind.CARE, said)


def table(
    title: str,
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    numbers: tuple[int, ...] = (),
    first: float | None = None,
) -> Block:
    return Block(Kind.TABLE, table=Table(title, head, rows, numbers, first))


def figure(title: str, of: str, bars: tuple[Bar, ...], most: float) -> Block:
    return Block(Kind.FIGURE, figure=Figure(title, of, bars, most))

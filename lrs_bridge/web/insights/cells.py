"""Tables of figures: cells that say in words when there is no number. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.domain.insights.shares import Share, Why
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.words import plain

HIDDEN, BAND = "hidden", "band"
FEW = "Too few people stand behind it."
HIDDEN_BY = {
    Why.FEW: "Fewer than {k} people stand behind it.",
    Why.COMPLEMENT: "Together with the total it would tell of a smaller group.",
    Why.LATER: "It comes out at the end of the run.",
    Why.UNKNOWN: "Nothing is known yet, and nothing counts as zero.",
}


@dataclass(frozen=True)
class Cell:
    """`text` is what is read; `number` is the same for a spreadsheet, where it is one. `state`: hidden or a band.
    `more`: small print under it."""

    text: str
    number: float | None = None
    state: str = ""
    more: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table. The first cell of a row names it. `held`: what of it is not shown and why, in sentences; `notes`: what
    else a reader has to know. `empty`: title and text where there is no row."""

    key: str
    title: str
    lede: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    held: Sequence[str] = ()
    notes: Sequence[str] = ()
    chart: Chart | None = None
    empty: tuple[str, str] | None = None


BLANK = Cell("")


def word(text: str, more: str = "") -> Cell:
    return Cell(text, more=more)


def count(number: int) -> Cell:
    return Cell(str(number), number)


def number(text: str, unit: str = "") -> Cell:
    """A number as it is read, rounded: no file holds more places than the page."""
    return Cell(text + unit, float(text))


def hidden() -> Cell:
    return Cell("Hidden", state=HIDDEN)


def band(text: str) -> Cell:
    return Cell(text, state=BAND)


def percent(share: Share) -> Cell:
    """The share, or the word for why there is none."""
    if share.rate is not None:
        return number(plain(100 * share.rate, 1), " %")
    if share.band:
        return band(share.band)
    return Cell("Not yet") if share.why in (Why.UNKNOWN, Why.LATER) else hidden()


def of_count(share: Share) -> Cell:
    return BLANK if share.rate is None else Cell(f"{share.count} of {share.of}")

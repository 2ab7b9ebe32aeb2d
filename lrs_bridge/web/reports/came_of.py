"""Tables of the page of results as blocks of a report: the same cells, no more and no less. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lrs_bridge.domain.reporting.document import Bar, Block, figure, held, small, table, text
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.insights.cells import Sheet
from lrs_bridge.web.words import plain

_DRAWN = frozenset({"impact", "funnel"})
_OWN_SECTION = frozenset({"matrix"})
_NUMBERS = {"goal": (), "pair": (2, 3)}
IN_NUMBERS = "The same in numbers"
"""Title of a table under its figure."""


def questions(sheet: Sheet | None) -> Iterator[Block]:
    """What has to be decided, with the figure that asks it."""
    if sheet is None:
        return
    for about, ask in sheet.rows:
        yield text(about.text, ask.text)


def tables(sheets: Mapping[str, Sheet], keys: Sequence[str]) -> Iterator[Block]:
    for key in keys:
        if key in sheets:
            yield from _blocks(sheets[key])


def _blocks(sheet: Sheet) -> Iterator[Block]:
    if not sheet.rows:
        if sheet.empty and any(sheet.empty):
            title = sheet.empty[0] if sheet.key in _OWN_SECTION else sheet.title
            yield text(sheet.empty[1], f"{title}.")
        return
    if sheet.chart is not None and sheet.key in _DRAWN:
        yield _figure(sheet.chart)
    rows = tuple(tuple(cell.text or "–" for cell in row) for row in sheet.rows)
    numbers = _NUMBERS.get(sheet.key, tuple(range(1, len(sheet.head))))
    drawn = sheet.chart is not None and sheet.key in _DRAWN
    title = IN_NUMBERS if drawn else "By group" if sheet.key in _OWN_SECTION else sheet.title
    yield table(title, tuple(sheet.head), rows, numbers, 0.3 if len(sheet.head) > 4 else 0.44)
    for line in sheet.held:
        yield held(sheet.title, line)
    for line in (*([sheet.lede] if sheet.lede else []), *sheet.notes):
        yield small(line)


def _figure(chart: Chart) -> Block:
    unit = " %" if chart.of.startswith("Percent") else ""
    bars = tuple(Bar(row[0], float(row[1]), plain(float(row[1])) + unit) for row in chart.table.rows)
    most = max([bar.value for bar in bars] + [1.0])
    return figure(chart.title, chart.of, bars, 100.0 if chart.of.startswith("Percent") else most)

"""Tables and bars of a report's PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Table as Grid

from lrs_bridge.domain.reporting.document import Figure, Table

PLAIN, BOLD = "Report", "Report-Bold"
_BAR, _TRACK, _RANGE, _INK = map(HexColor, ("#27509b", "#eeece6", "#1a2233", "#1a2233"))
_ROW, _THICK = 19, 10
_CELL_SIZE, _PAD = 8.5, 4
_WIDEST = 190.0  # points that a column asks for at most


def columns(table: Table, width: float) -> list[float]:
    """Widths that break no word and add up to `width`: the first column its share, the others what they hold."""
    count = len(table.head)
    if count == 1:
        return [width]
    first = width * (table.first or 1 / count)
    least = [_words(table, place) for place in range(1, count)]
    wished = [max(least[place - 1], min(_WIDEST, _lines(table, place))) for place in range(1, count)]
    room = width - first
    if table.first and sum(wished) < room and table.numbers and len(table.numbers) == count - 1:
        first = width - max(sum(wished), room / 2)
        room = width - first
    if sum(least) >= room:
        return [first, *(room * one / sum(least) for one in least)]
    spare, wanted = room - sum(least), sum(wished) - sum(least)
    if wanted <= spare:
        share = (spare - wanted) / (count - 1)
        return [first, *(one + share for one in wished)]
    return [first, *(low + spare * (high - low) / wanted for low, high in zip(least, wished, strict=True))]


def _words(table: Table, place: int) -> float:
    """The longest word of a column."""
    texts = [(table.head[place], BOLD, 8.0), *((row[place], PLAIN, _CELL_SIZE) for row in table.rows)]
    return max(
        (pdfmetrics.stringWidth(word, font, size) for text, font, size in texts for word in text.split()), default=0.0
    ) + 2 * (_PAD + 1)


def _lines(table: Table, place: int) -> float:
    texts = [line for row in table.rows for line in row[place].split("\n")]
    return max((pdfmetrics.stringWidth(line, PLAIN, _CELL_SIZE) for line in texts), default=0.0) + 2 * (_PAD + 1)


def grid(head: Sequence[Any] | None, rows: Sequence[Sequence[Any]], widths: Sequence[float], line: Color) -> Grid:
    """Lines between rows; the head once more on every page."""
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, line),
        ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
    if head is None:
        return Grid(
            [list(row) for row in rows], colWidths=widths, style=[*style, ("LINEABOVE", (0, 0), (-1, 0), 0.4, line)]
        )
    style += [("VALIGN", (0, 0), (-1, 0), "BOTTOM"), ("LINEBELOW", (0, 0), (-1, 0), 0.9, line)]
    return Grid([list(head), *map(list, rows)], colWidths=widths, repeatRows=1, style=style)


def bars(figure: Figure, width: float) -> Drawing:
    """A bar for each value on its track, its label before it, its number behind it, its range as a whisker."""
    label = min(width * 0.36, max((pdfmetrics.stringWidth(bar.label, PLAIN, 9) for bar in figure.bars), default=0) + 10)
    said = max((pdfmetrics.stringWidth(bar.text, BOLD, 9) for bar in figure.bars), default=0) + 10
    track = width - label - said
    drawing = Drawing(width, _ROW * len(figure.bars) + 4)
    for place, bar in enumerate(figure.bars):
        y = drawing.height - _ROW * (place + 1) + 3
        length = track * max(0.0, min(1.0, bar.value / figure.most)) if figure.most else 0
        drawing.add(String(0, y + 2, bar.label, fontName=PLAIN, fontSize=9, fillColor=_INK))
        drawing.add(Rect(label, y, track, _THICK, fillColor=_TRACK, strokeColor=None))
        drawing.add(Rect(label, y, length, _THICK, fillColor=_BAR, strokeColor=None))
        if bar.low is not None and bar.high is not None and figure.most:
            left, right = (label + track * min(1.0, end / figure.most) for end in (bar.low, bar.high))
            middle = y + _THICK / 2
            drawing.add(Line(left, middle, right, middle, strokeColor=_RANGE, strokeWidth=1))
            for end in (left, right):
                drawing.add(Line(end, middle - 3, end, middle + 3, strokeColor=_RANGE, strokeWidth=1))
        drawing.add(String(width, y + 2, bar.text, fontName=BOLD, fontSize=9, fillColor=_INK, textAnchor="end"))
    return drawing

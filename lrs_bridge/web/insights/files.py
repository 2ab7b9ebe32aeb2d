"""A run's results as CSV and as an Excel workbook: the tables of the page, no more and no less. Pure.

A cell whose text begins like a formula would be worked out by the program that opens the file, with whatever somebody
wrote into it; such text gets an apostrophe before it (OWASP, CSV Injection). Numbers of ours are written as numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lrs_bridge.web.insights.cells import Cell, Sheet

HEAD = ("table", "row", "column", "value")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDE, _NARROW = 44, 18  # characters
_TITLE_AT_MOST = 31  # characters of the name of a sheet in Excel
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def safe(text: str) -> str:
    """The text, with an apostrophe before it where it begins like a formula; without control characters."""
    clean = text.translate(_UNWRITABLE)
    return f"'{clean}" if clean.lstrip(" ").startswith(_STARTS) or clean.startswith(_STARTS) else clean


def as_csv(sheets: Sequence[Sheet]) -> bytes:
    """One line for each cell: table, row, column, value; with a mark for Excel that it is UTF-8."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for sheet in sheets:
        writer.writerows([safe(part) for part in line] for line in _lines(sheet))
    return out.getvalue().encode("utf-8-sig")


def count(sheets: Sequence[Sheet]) -> int:
    """Rows of all tables."""
    return sum(len(sheet.rows) for sheet in sheets)


def _lines(sheet: Sheet) -> Iterator[tuple[str, str, str, str]]:
    if not sheet.rows and sheet.empty:
        yield sheet.title, "", "", ". ".join(sheet.empty)
    for row in sheet.rows:
        for column, cell in zip(sheet.head[1:], row[1:], strict=True):
            if cell.text:
                yield sheet.title, row[0].text, column, cell.text
    for note in sheet.notes:
        yield sheet.title, "Note", "", note


def as_excel(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with one sheet for each table."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(_name(sheet.title)), sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _name(title: str) -> str:
    """Without what Excel allows in no name of a sheet."""
    return "".join(letter for letter in title if letter not in r"[]:*?/\'")[:_TITLE_AT_MOST]


def _fill(page: Worksheet, sheet: Sheet) -> None:
    _put(page, 1, 1, sheet.title).font = Font(bold=True, size=14)
    row = 2
    for text in (sheet.lede, *sheet.notes, *(sheet.held if sheet.rows else ())):
        if text:
            _put(page, row, 1, text)
            row += 1
    if not sheet.rows and sheet.empty:
        _put(page, row, 1, ". ".join(sheet.empty))
    if sheet.rows:
        row += 1
        for column, name in enumerate(sheet.head, 1):
            _put(page, row, column, name).font = Font(bold=True)
        page.freeze_panes = page.cell(row + 1, 2)
    for number, cells in enumerate(sheet.rows, row + 1):
        for column, cell in enumerate(cells, 1):
            _put_cell(page, number, column, cell)
    for column in range(1, len(sheet.head) + 1):
        page.column_dimensions[get_column_letter(column)].width = _WIDE if column == 1 else _NARROW


def _put_cell(page: Worksheet, row: int, column: int, cell: Cell) -> None:
    if cell.number is not None:
        page.cell(row, column, cell.number)
        return
    put = _put(page, row, column, cell.text)
    put.alignment = Alignment(wrap_text=True, vertical="top")


def _put(page: Worksheet, row: int, column: int, text: str) -> ExcelCell:
    """Text that stays text, whatever it begins with."""
    found = page.cell(row, column)
    found.value = safe(text)
    found.data_type = "s"
    return found

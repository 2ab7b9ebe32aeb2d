"""A report as a PDF: A4, page numbers, bookmarks, its language, figures as lines and areas.

The same document gives the same bytes: times come from the document, ids from its content, and of the fonts in
`fonts/` only what is used goes in. Text outside Latin, Greek and Cyrillic has no glyphs there and is drawn as boxes.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)

from lrs_bridge.domain.reporting.document import Block, Document, Kind, Section
from lrs_bridge.web.reports.pdf_parts import BOLD, PLAIN, bars, columns, grid

INK, QUIET, LINE, ACT, CARE = map(HexColor, ("#1a2233", "#475063", "#cfcbc0", "#27509b", "#8a4b00"))
MARGIN, FOOT = 20 * mm, 18 * mm
WIDTH = A4[0] - 2 * MARGIN
_FONTS = Path(__file__).with_name("fonts")
_ROWS_TOGETHER = 14  # a table of so many rows is not broken over two pages
_ROOM_FOR_SECTION = 42 * mm


@cache
def fonts() -> None:
    """Make the report's own face known; no system has to have it."""
    for name, file in ((PLAIN, "NotoSans-Regular.ttf"), (BOLD, "NotoSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / file)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def _style(size: float, leading: float, **more: Any) -> ParagraphStyle:
    known = {"fontName": PLAIN, "textColor": INK, "allowOrphans": 0, "allowWidows": 0, "splitLongWords": 1}
    return ParagraphStyle("", fontSize=size, leading=leading, **(known | more))


H1 = _style(22, 27, fontName=BOLD, spaceAfter=3 * mm)
LEDE = _style(11, 15.5, textColor=QUIET, spaceAfter=2 * mm)
H2 = _style(14, 18, fontName=BOLD, spaceBefore=7 * mm, spaceAfter=2.5 * mm, keepWithNext=1)
CAPTION = _style(9, 12, fontName=BOLD, spaceBefore=2 * mm, spaceAfter=1.5 * mm, keepWithNext=1)
OF = _style(8.5, 11.5, textColor=QUIET, spaceAfter=1.5 * mm, keepWithNext=1)
_BODY = _style(10, 14.5, spaceAfter=2.2 * mm)
_BY_KIND = {
    Kind.TEXT: _BODY,
    Kind.SMALL: _style(8.5, 12, textColor=QUIET, spaceAfter=2.2 * mm),
    Kind.QUOTE: _style(10, 14.5, leftIndent=5 * mm, rightIndent=5 * mm, spaceAfter=3.5 * mm),
    Kind.HELD: _style(9, 13, textColor=QUIET, borderColor=LINE, borderWidth=0.6, borderPadding=5, leftIndent=6,
                      rightIndent=6, spaceBefore=2.5 * mm, spaceAfter=4 * mm),
    Kind.CARE: _style(10, 14.5, textColor=CARE, borderColor=CARE, borderWidth=0.6, borderPadding=5, leftIndent=6,
                      rightIndent=6, spaceBefore=2.5 * mm, spaceAfter=4.5 * mm),
}  # fmt: skip
CELL = _style(8.5, 11.5)
NUMBER = _style(8.5, 11.5, alignment=TA_RIGHT)
HEAD = _style(8, 10.5, fontName=BOLD, textColor=QUIET)
HEAD_NUMBER = _style(8, 10.5, fontName=BOLD, textColor=QUIET, alignment=TA_RIGHT)


def render(document: Document) -> bytes:
    """The file. It is laid out twice, since only then is known how many pages there are."""
    fonts()
    return _lay_out(document, _lay_out(document, None)[1])[0]


def _lay_out(document: Document, pages: int | None) -> tuple[bytes, int]:
    out = BytesIO()
    book = _Book(out, document, pages)
    story: list[Flowable] = [Paragraph(escape(document.title), H1), Paragraph(escape(document.subtitle), LEDE)]
    for section in document.sections:
        story += _section(section)
    book.build(story, canvasmaker=book.canvas)
    return out.getvalue(), book.page


class _Heading(Paragraph):  # type: ignore[misc]
    """The title of a section, which is a bookmark."""

    def __init__(self, section: Section) -> None:
        super().__init__(escape(section.title), H2)
        self.key, self.title = section.key, section.title


class _Book(BaseDocTemplate):  # type: ignore[misc]
    def __init__(self, out: BytesIO, document: Document, pages: int | None) -> None:
        super().__init__(
            out,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN + FOOT / 2,
            title=document.title,
            subject=document.subtitle,
            author="lrs_bridge",
            creator="lrs_bridge",
            lang=document.language,
            displayDocTitle=1,
        )
        self._document, self._pages = document, pages
        frame = Frame(MARGIN, MARGIN + FOOT / 2, WIDTH, A4[1] - 2 * MARGIN - FOOT / 2, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._foot))

    def canvas(self, *args: Any, **more: Any) -> Canvas:
        """Without the clock: dates are those of the document."""
        made = Canvas(*args, **{**more, "invariant": 1})
        made._doc._timeStamp = _Stamp(self._document)
        made._doc.signature.update(self._document.mark.encode())
        made.setViewerPreference("DisplayDocTitle", "true")
        return made

    def _foot(self, canvas: Canvas, _book: BaseDocTemplate) -> None:
        if self.page == 1:
            canvas.bookmarkPage("top")
            canvas.addOutlineEntry(self._document.title, "top", 0)
            canvas.showOutline()
        canvas.saveState()
        canvas.setFont(PLAIN, 8)
        canvas.setFillColor(QUIET)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, FOOT, A4[0] - MARGIN, FOOT)
        of = f" of {self._pages}" if self._pages else ""
        canvas.drawRightString(A4[0] - MARGIN, FOOT - 12, f"Page {self.page}{of}")
        canvas.drawString(MARGIN, FOOT - 12, _cut(self._document.title, WIDTH - 80))
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the library's name
        if isinstance(flowable, _Heading):
            self.canv.bookmarkHorizontal(flowable.key, 0, self.frame._y + flowable.height)
            self.canv.addOutlineEntry(flowable.title, flowable.key, 1)


class _Stamp(TimeStamp):  # type: ignore[misc]
    """The time of a document, in UTC."""

    def __init__(self, document: Document) -> None:
        super().__init__(invariant=1)
        self.t = document.as_of.timestamp()
        self.lt = document.as_of.utctimetuple()
        self.YMDhms = tuple(self.lt)[:6]
        self.dhh = self.dmm = 0
        self.tzname = "UTC"


def _cut(text: str, width: float) -> str:
    while text and pdfmetrics.stringWidth(text, PLAIN, 8) > width:
        text = text[:-2].rstrip() + "…"
    return text


def _section(section: Section) -> list[Flowable]:
    """A title stays with its first block."""
    blocks = [_block(block) for block in section.blocks]
    first = blocks[0] if blocks else []
    together: list[Flowable] = [_Heading(section), *first]
    if first and isinstance(first[0], KeepTogether):
        together = [KeepTogether([_Heading(section), *first[0]._content]), *first[1:]]
    return [CondPageBreak(_ROOM_FOR_SECTION), *together, *(one for block in blocks[1:] for one in block)]


def _block(block: Block) -> list[Flowable]:
    if block.table is not None:
        cells = [
            [_cell(text, place in block.table.numbers) for place, text in enumerate(row)] for row in block.table.rows
        ]
        head = [Paragraph(escape(name), HEAD_NUMBER if place in block.table.numbers else HEAD)
                for place, name in enumerate(block.table.head)]  # fmt: skip
        shown = grid(head if any(block.table.head) else None, cells, columns(block.table, WIDTH), LINE)
        caption = Paragraph(escape(block.table.title), CAPTION)
        if len(cells) <= _ROWS_TOGETHER:
            return [KeepTogether([caption, shown]), Spacer(1, 3 * mm)]
        return [caption, shown, Spacer(1, 3 * mm)]
    if block.figure is not None:
        found = block.figure
        titles = [Paragraph(escape(found.title), CAPTION), Paragraph(escape(found.of), OF)]
        return [KeepTogether([*titles, bars(found, WIDTH)]), Spacer(1, 2 * mm)]
    return [_words(block)]


def _words(block: Block) -> Paragraph:
    title = f"<b>{escape(block.title)}</b>" if block.title else ""
    between = "<br/>" if block.kind is Kind.QUOTE else ": " if block.kind is Kind.HELD else " "
    text = escape(block.text).replace("\n", "<br/>")
    return Paragraph(f"{title}{between if title else ''}{text}", _BY_KIND[block.kind])


def _cell(text: str, number: bool) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), NUMBER if number else CELL)

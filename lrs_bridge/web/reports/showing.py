"""A document as it is kept, as a page shows it, and as a file goes out."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response

from lrs_bridge.domain.casework.acts import Report
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reporting.audiences import TITLES, Audience
from lrs_bridge.domain.reporting.document import FIXED, Document, Figure
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import charts, doors
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.record_looks import TOTALS, Notebook
from lrs_bridge.web.reports.pdf import render
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge

REPORT = "report"
"""In the filter of a look: the id of the report."""


def written(document: Document) -> str:
    return msgspec.json.encode(document).decode()


def read(report: Report) -> Document:
    """As it was made. Raises Door for one that was withdrawn, or whose words are gone."""
    if report.text is None or report.stale:
        raise withdrawn()
    return msgspec.json.decode(report.text, type=Document)


def withdrawn(newer: bool = False) -> doors.Door:
    what = "There is a newer one in its place." if newer else "It is not to be used or handed on any more."
    return doors.Door(
        410,
        "This report was withdrawn",
        what,
        (("Go back", "to see whether there is another one."), doors.BACK, doors.HELP_DESK),
        reason="a report that was withdrawn",
    )


def chart(figure: Figure) -> Chart:
    """For the page; in the PDF the same is drawn by itself."""
    bars = [(bar.label, bar.value) for bar in figure.bars]
    return charts.levels(figure.title, figure.of, bars, high=figure.most)


def content(document: Document) -> dict[str, Any]:
    return {"document": document, "chart": chart, "fixed": FIXED, "for_whom": TITLES[Audience(document.audience)]}


def note(bridge: Bridge, visit: Visit, role: Role, report: Report, file: str) -> None:
    """That somebody read it, before they do."""
    viewer = Viewer(str(role), account=visit.account, run_id=visit.run_row.id if visit.run_row else None)
    notebook = Notebook(bridge.sessions, visit.tenant_id, viewer, False, visit.now)
    notebook.note(Looked.REPORT, {TOTALS: f"{file} for {report.audience}", REPORT: report.id}, 1)


def as_file(run: RunRow, document: Document) -> Response:
    """The PDF, to be opened in the browser."""
    answer = Response(render(document), content_type="application/pdf")
    name = f"report-{run.journey_row.slug}-{run.day_zero.isoformat()}-{document.audience}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer

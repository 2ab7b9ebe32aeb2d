"""One version of the report as a document, in the order in which it is read. Pure.

Everything comes from what is told to its readers (`domain.reporting.telling`) and from the tables of the page of
results as they see it; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from lrs_bridge.domain.fingerprint import canonical, digest
from lrs_bridge.domain.reporting.audiences import SEES, TITLES
from lrs_bridge.domain.reporting.document import FIXED, FIXED_TITLE, SOURCES, Document, Section
from lrs_bridge.domain.reporting.telling import Told
from lrs_bridge.web.insights.cells import Sheet
from lrs_bridge.web.reports import behind, came_of, chapters, left
from lrs_bridge.web.words import full_day

_IN_RESULTS = ("impact", "funnel", "areas", "chain")


def compose(told: Told, sheets: Sequence[Sheet]) -> Document:
    """`sheets`: tables of the page of results, as far as these readers see them there. The same make the same."""
    study, about = told.study, told.study.about
    wanted = SEES[told.audience].results
    known = {sheet.key: sheet for sheet in sheets if sheet.key in wanted}
    parts = [
        Section("brief", "In brief", tuple(chapters.brief(told))),
        Section("questions", "To decide", tuple(came_of.questions(known.get("questions")))),
        Section("method", "How the study was made", tuple(chapters.method(told))),
        Section("answers", "Who answered", tuple(chapters.answers(told))),
        Section("groups", "Who used it, and who did not", tuple(chapters.groups(told))),
        Section("results", "How far people came", tuple(came_of.tables(known, _IN_RESULTS))),
        Section("factors", "What made the difference", tuple(chapters.factors(told))),
        Section("matrix", "What helps, what gets in the way", tuple(came_of.tables(known, ("matrix",)))),
        Section("worth", "What it was worth", (*chapters.value(told), *came_of.tables(known, ("pair", "goal")))),
        Section("stories", "Stories of success", tuple(chapters.stories(told))),
        Section(FIXED, FIXED_TITLE, tuple(left.left(told, known))),
        Section("cases", "The cases", tuple(behind.cases(told)) if SEES[told.audience].cases else ()),
        Section("runs", "Runs of this journey", tuple(came_of.tables(known, ("runs",)))),
        Section("held", "What is not shown, and why", tuple(behind.held(told, list(known.values())))),
    ]
    made_of = digest(canonical([[asdict(part) for part in parts], study.inputs_hash, study.settings]))
    sources = Section(SOURCES, "What this report was made from", tuple(behind.sources(told, made_of)))
    return Document(
        audience=str(told.audience),
        title=about.journey,
        subtitle=_subtitle(told),
        as_of=study.as_of,
        mark=made_of,
        sections=(*(part for part in parts if part.blocks or part.key == FIXED), sources),
    )


def _subtitle(told: Told) -> str:
    about = told.study.about
    course = about.course or "Course without a title"
    pilot = ", a pilot" if about.pilot else ""
    day = full_day(told.study.as_of.astimezone(ZoneInfo(about.time_zone)).date())
    return f"Success case study of {course}, from {full_day(about.day_zero)}{pilot}. {TITLES[told.audience]}, {day}."

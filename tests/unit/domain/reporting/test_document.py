"""A document has the parts that every report has, or there is none; and it comes out the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.reporting.audiences import Audience
from lrs_bridge.domain.reporting.document import FIXED, FIXED_TITLE, SOURCES, Document, NoReport, Section, text
from lrs_bridge.domain.reporting.telling import told
from lrs_bridge.web.reports.compose import compose
from lrs_bridge.web.reports.pdf import render
from tests.unit.domain.casework.making import HIGH, LOW, MIDDLE, Eva, answered, sources

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LEFT = Section(FIXED, FIXED_TITLE, (text("Nobody knows."),))
LAST = Section(SOURCES, "Made from", (text("Nothing."),))
NAMES = "Łukasz Świątek, Žofie Čížková, Ægir Þórsson, Σοφία Παπαδοπούλου, Дмитрий Щербаков, Nguyễn Thị Hồng, − ÷ ×"


def made(*sections: Section) -> Document:
    return Document("sponsor", "Ninety days", "A study", NOON, "0" * 64, sections)


@pytest.mark.parametrize(
    "sections",
    [
        (),
        (LAST,),
        (LEFT,),
        (LAST, LEFT),
        (LEFT, LEFT, LAST),
        (replace(LEFT, blocks=()), LAST),
        (replace(LEFT, title="What went well"), LAST),
    ],
)
def test_without_what_did_not_work_there_is_no_report(sections: tuple[Section, ...]) -> None:
    """Nor with another title, nor empty, nor without what it was made from at the end."""
    with pytest.raises(NoReport):
        made(*sections)
    assert made(LEFT, LAST).sections[0].title == FIXED_TITLE


@pytest.mark.parametrize("audience", list(Audience))
def test_the_same_record_gives_the_same_bytes(audience: Audience) -> None:
    """Made twice, from acts and answers on."""
    files = set()
    for _ in range(2):
        eva = Eva()
        for number in range(6):
            eva.interviews(f"p{number:03}", 900.0 * number, "verified", factors={"timing": "helped"})
        eva.does(Action.MONEY, currency="EUR", cost=5000.0, cost_source="", target=0.4, target_source="")
        study = eva.study(sources(60, answered((20, HIGH), (20, MIDDLE), (10, LOW))))
        files.add(render(compose(told(study, audience), [])))
    assert len(files) == 1


def test_names_of_many_languages_can_be_read_from_the_file() -> None:
    story = Section("stories", "Stories", (text(NAMES, "Zażółć gęślą jaźń"),))
    reader = PdfReader(BytesIO(render(made(story, LEFT, LAST))))
    found = " ".join(reader.pages[0].extract_text().split())
    assert NAMES in found
    assert "Zażółć gęślą jaźń" in found


def test_what_somebody_wrote_is_text_and_no_markup() -> None:
    story = Section("stories", "Stories", (text("<b>5 < 6 & 7</b> <img src='x'>"),))
    reader = PdfReader(BytesIO(render(made(story, LEFT, LAST))))
    assert "<b>5 < 6 & 7</b> <img src='x'>" in reader.pages[0].extract_text()


def test_a_long_word_stays_on_the_page() -> None:
    story = Section("stories", "Stories", (text("W" * 400),))
    reader = PdfReader(BytesIO(render(made(story, LEFT, LAST))))
    assert max(len(line) for line in reader.pages[0].extract_text().split("\n")) < 100

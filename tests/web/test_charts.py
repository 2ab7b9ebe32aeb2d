"""Pictures of numbers: heard as a sentence, read as a table, painted by our own style sheet, and no number made up."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.web import charts
from lrs_bridge.web.charts import Chart

DAYS = ["2 Mar", "9 Mar", "16 Mar", "23 Mar"]


def line(*values: float | None) -> Chart:
    found = charts.over_time("Completion", "Petra", list(zip(DAYS, values, strict=False)))
    assert found is not None
    return found


def pictures() -> list[Chart]:
    shares = charts.shares(
        "Steps", "Everybody", [("Before", (3, 1, 0)), ("After", (0, 0, 2))], ("in time", "late", "open")
    )
    assert shares is not None
    return [
        line(0, 50, None, 100),
        charts.counts("Spread", "Ten people", [("0 to 50", 4), ("50 to 100", 6)]),
        charts.levels("Phases", "Everybody", [("Before", 83.33), ("After", 0.0)]),
        shares,
    ]


def shown(drawing: str) -> list[str]:
    """The texts in a drawing."""
    root = ElementTree.fromstring(drawing)
    return [text for one in root.iter("text") if (text := "".join(one.itertext()))]


@pytest.mark.parametrize("chart", pictures(), ids=lambda chart: chart.title)
def test_a_picture_holds_up_under_the_policy_and_is_heard(chart: Chart) -> None:
    """Neither style nor script, nothing from elsewhere; title and description; one drawing for each width."""
    assert [re.search(r'class="chart-svg (\S+)"', one)[1] for one in chart.drawings] == ["chart-wide", "chart-narrow"]  # type: ignore[index]
    for drawing in chart.drawings:
        assert not re.search(r"<script|<style|style=|\son\w+=|https?:|fill=|stroke=", drawing)
        root = ElementTree.fromstring(drawing)
        said = {one.get("id"): one.text for one in root}
        assert root.get("role") == "img"
        assert said[root.get("aria-labelledby")] == chart.title
        assert said[root.get("aria-describedby")] == chart.summary
    ids = re.findall(r'\bid="([^"]+)"', "".join(chart.drawings))
    assert len(ids) == len(set(ids)) == 4


def test_what_people_wrote_stays_text() -> None:
    chart = charts.counts("<b>R&D</b>", "of us", [("<script>", 3)])
    assert "<b>" not in chart.drawings[0]
    assert "&lt;b&gt;R&amp;D" in chart.drawings[0]
    assert "<script" not in chart.drawings[0]


def test_a_gap_is_a_gap_and_no_zero() -> None:
    """In the line, in the table and in what is heard."""
    chart = line(10, None, 30, 40)
    assert chart.table.rows[1] == ["9 Mar", "–"]
    assert chart.summary == "From 10 on 2 Mar to 40 on 23 Mar."
    assert chart.drawings[0].count("<circle") == 3


def test_days_before_the_first_value_are_left_out() -> None:
    assert [row[0] for row in line(None, 20, 30).table.rows] == ["9 Mar", "16 Mar"]


def test_of_one_value_there_is_no_line() -> None:
    assert charts.over_time("Completion", "Petra", [("2 Mar", None), ("9 Mar", 3.0)]) is None


def test_bands_and_shares_are_told_in_numbers() -> None:
    chart = charts.counts("Spread", "Ten people", [("0 to 50", 4), ("50 to 100", 6)])
    assert chart.table.rows == [["0 to 50", "4", "40 %"], ["50 to 100", "6", "60 %"]]
    assert {"4", "6", "0 to 50"} <= set(shown(chart.drawings[0]))
    assert charts.shares("Steps", "Nobody", [("Before", (0, 0, 0))], ("in time", "late", "open")) is None


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=2, max_size=14),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=5),
)
def test_any_values_can_be_drawn_and_are_in_the_table(values: list[float | None], people: list[int]) -> None:
    points = [(f"{number} Mar", value) for number, value in enumerate(values, 1)]
    chart = charts.over_time("Completion", "Petra", points)
    known = sum(value is not None for value in values)
    assert (chart is None) == (known < 2)
    if chart is not None:
        assert sum(row[1] != "–" for row in chart.table.rows) == known
        assert chart.drawings[0].count("<circle") == known
    bars = charts.counts("Spread", "Everybody", [(f"{number}", count) for number, count in enumerate(people)])
    assert [int(row[1]) for row in bars.table.rows] == people

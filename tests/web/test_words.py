"""Dates, numbers and the drawing of the path: pure functions behind the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge import journeyfile
from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import Progress
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.journey import Journey, Phase, Step
from lrs_bridge.domain.people import Cohort, Person, Role, Run
from lrs_bridge.journeyfile import load_journey
from lrs_bridge.web import paths, security, words
from tests.flows.world import DAY_ZERO

SAMPLE = load_journey(journeyfile.sample_text("field-coaching-90"), "sample")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 3, 16), date(2026, 3, 30), "16 to 30 March"),
        (date(2026, 3, 30), date(2026, 4, 16), "30 March to 16 April"),
        (date(2026, 3, 2), date(2026, 3, 2), "2 March"),
        (date(2026, 3, 2), date(2027, 3, 4), "2 March to 4 March"),
    ],
)
def test_a_span_names_the_month_once_where_it_can(first: date, last: date, expected: str) -> None:
    """As a person would say it."""
    assert words.span(first, last) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "no steps"), (1, "one step"), (9, "nine steps"), (10, "10 steps"), (-1, "-1 steps")]
)
def test_numbers_under_ten_are_words(count: int, expected: str) -> None:
    """In prose."""
    assert words.plural(count, "step") == expected


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_rounding_is_half_up_like_everywhere_a_number_is_shown(value: float, places: int) -> None:
    """38.885 is 38.89, whatever binary floats make of it."""
    unit = Decimal(1).scaleb(-places)
    assert Decimal(words.rounded(value, places)) == Decimal(repr(value)).quantize(unit, rounding=ROUND_HALF_UP)
    assert float(words.plain(value, places)) == float(words.rounded(value, places))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Live virtual kick-off, small group, 90-120 min", "Live virtual kick-off"),
        ("Goal conversation: agree", "Goal conversation"),
        ("Application 2", "Application 2"),
        (": odd", ": odd"),
    ],
)
def test_a_brief_title_ends_at_the_first_stop(title: str, expected: str) -> None:
    """And is never empty."""
    assert words.brief(title) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("Petra Novak", "PN"), ("Cher", "C"), ("Ana de la Cruz", "AC"), ("", "")]
)
def test_initials_are_first_and_last(name: str, expected: str) -> None:
    """Two letters at the most."""
    assert words.initials(name) == expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://lms.example/auth?x=1", "https://lms.example"),
        ("https://user:word@lms.example:8443/a", "https://lms.example:8443"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("ftp://lms.example", None),
        ("not a url", None),
        (None, None),
    ],
)
def test_the_origin_of_a_url(url: str | None, origin: str | None) -> None:
    """For frame-ancestors: scheme, host and port, and nothing else."""
    assert security.origin_of(url) == origin


@dataclass(frozen=True)
class Day:
    """A participant of a journey on one day."""

    journey: Journey
    today: int
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        from datetime import UTC, datetime

        run = Run("run", self.journey.slug, 1, DAY_ZERO, "UTC")
        person = Person("petra", Role.PARTICIPANT, registration="r", enrolled=DAY_ZERO - timedelta(days=30))
        evidence = Evidence(run, Cohort(run, "https://b", (person,)), Subject.person("petra"), person)
        now = datetime(DAY_ZERO.year, DAY_ZERO.month, DAY_ZERO.day, 12, tzinfo=UTC) + timedelta(days=self.today)
        object.__setattr__(self, "progress", completion.of(self.journey, evidence, now))


@given(st.integers(-60, 200))
@settings(max_examples=40)
def test_the_path_stays_in_its_box_on_any_day(today: int) -> None:
    """Stops from left to right, each in its bank, and today between the first and the last."""
    drawing = paths.draw(SAMPLE, Day(SAMPLE, today).progress, None)
    assert drawing
    xs = [stop.x for stop in drawing.stops]
    assert xs == sorted(set(xs))
    assert (drawing.start, drawing.end) == (xs[0], xs[-1])
    assert 0 < xs[0] <= xs[-1] < drawing.width
    assert all(one.x + one.width <= two.x for one, two in zip(drawing.banks, drawing.banks[1:], strict=False))
    assert drawing.banks[-1].x + drawing.banks[-1].width <= drawing.width
    if drawing.today is not None:
        assert 25 <= drawing.today <= xs[-1]


@given(st.lists(st.tuples(st.sampled_from(Phase), st.integers(-30, 60)), min_size=1, max_size=40), st.integers(-40, 70))
@settings(max_examples=60)
def test_any_journey_can_be_drawn(steps: list[tuple[Phase, int]], today: int) -> None:
    """However many steps, and in whatever order the file has them."""
    made = tuple(
        Step(f"S{i}", phase, "self_study", Role.PARTICIPANT, f"Step {i}", opens_day=day, due_day=day + 1)
        for i, (phase, day) in enumerate(steps)
    )
    drawing = paths.draw(Journey("j", 1, "J", made), Day(Journey("j", 1, "J", made), today).progress, None)
    assert drawing
    assert len(drawing.stops) == len(steps)
    assert sum(bank.total for bank in drawing.banks) == len(steps)
    assert drawing.width >= 760


def test_a_journey_without_own_steps_has_no_path() -> None:
    """Nothing is drawn."""
    journey = Journey("j", 1, "J", (Step("S1", Phase.AFTER, "conversation", Role.MANAGER, "Talk"),))
    assert paths.draw(journey, Day(journey, 0).progress, None) is None

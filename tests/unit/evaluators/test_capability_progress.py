"""capability_progress: the worked example, and every clause of its page."""

import pytest

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.indicators import Status
from lrs_bridge.domain.journey import Capability
from lrs_bridge.hooks.testing import fact, journey, outcome, step
from tests.unit.evaluators.installed import EVALUATORS

PROGRESS = EVALUATORS["capability_progress"]
JOURNEY = journey(
    step("R1", opens=0, due=90),
    capabilities=(
        Capability("asking", "Asking", ("tells", "asks", "listens", "waits")),
        Capability("noting", "Noting", ("seldom", "always")),
    ),
)
RATERS = {"self": "petra", "manager": "mark", "peer": "otto", "report": "rosa"}


def rated(points, day, source="manager", capability="asking", **parts):
    parts = {"actor": RATERS[source], "data": {"source": source}, "score": Score(points, 1, 4), **parts}
    return fact(Kind.RATED, day, parts.pop("of", "R1"), capability=capability, **parts)


def series(*points, **parts):
    return [rated(one, 10 * n, **parts) for n, one in enumerate(points)]


def progress(facts, settings=None, design=JOURNEY):
    return outcome(PROGRESS, design, facts, day=90, settings=settings)


def test_the_worked_example():
    """Ratings 2, 3, 3, 4 make 3.533; from start 2 to target 4 that is .77."""
    result = progress(series(2, 3, 3, 4))
    assert result.components["level"]["asking"] == pytest.approx(3.533, abs=0.0005)
    assert result.components["progress"]["asking"] == pytest.approx(0.77, abs=0.005)
    assert result.value == pytest.approx(76.67, abs=0.005)
    assert result.n == 4


def test_the_recursive_formula():
    """D_n = .65 x_n + .35 D_(n-1) makes 3.607."""
    result = progress(series(2, 3, 3, 4), {"formula": "recursive"})
    assert result.components["level"]["asking"] == pytest.approx(3.607, abs=0.0005)


def test_one_rating_is_the_level():
    result = progress(series(2))
    assert (result.value, result.components["level"]["asking"]) == (0.0, 2)


def test_falling_below_the_start_is_no_progress():
    assert progress(series(3, 1)).value == 0.0


def test_who_starts_at_the_top_has_nowhere_to_go():
    """Null, never zero; the other capabilities still count."""
    assert progress(series(4, 4)).status is Status.NOT_APPLICABLE
    both = [*series(4, 4), rated(1, 5, capability="noting"), rated(2, 9, capability="noting")]
    assert progress(both).value == pytest.approx(65.0)


def test_the_target_is_a_setting():
    assert progress(series(2, 3), {"targets": {"asking": 3}}).value == pytest.approx(65.0)


def test_the_managers_word_goes_before_ones_own():
    own = series(1, 4, source="self")
    assert progress(own).components["source"] == {"asking": "self"}
    both = progress([*own, *series(2, 3)])
    assert both.components["source"] == {"asking": "manager"}
    assert set(both.components["sources"]["asking"]) == {"manager", "self"}
    assert progress([*own, *series(2, 3)], {"source": "self"}).components["source"] == {"asking": "self"}


def test_nobody_speaks_for_another():
    """Who says `self` is the participant, and the participant says nothing else."""
    assert progress([rated(3, 1, "self", actor="mark")]).value is None
    assert progress([rated(3, 1, "manager", actor="petra")]).value is None


@pytest.mark.parametrize(("source", "word"), [("peer", "peers"), ("report", "reports")])
def test_groups_of_raters_count_from_three_on(source, word):
    two = [rated(2, 10, source, actor=f"r{n}") for n in range(2)]
    assert progress(two, {"source": word}).status is Status.INSUFFICIENT_DATA
    three = [*two, rated(3.5, 11, source, actor="r2")]
    result = progress(three, {"source": word})
    assert result.components["level"]["asking"] == pytest.approx(2.5)
    assert "sources" not in progress(two).components


def test_a_second_round_is_a_second_rating():
    first = [rated(2, 10, "peer", actor=f"a{n}") for n in range(3)]
    second = [rated(3, 60, "peer", actor=f"b{n}", of="R2") for n in range(3)]
    level = progress([*second, *first], {"source": "peers"}).components["level"]["asking"]
    assert level == pytest.approx(0.65 * 3 + 0.35 * 2)


def test_no_ratings_and_no_capabilities():
    assert progress([]).status is Status.NOT_STARTED
    assert progress(series(2), design=journey(step("R1"))).status is Status.NOT_APPLICABLE


def test_ratings_of_nothing_we_know_say_nothing():
    assert progress(series(3, capability="unheard-of")).value is None

"""mtm_application: the worked example, and every clause of its page."""

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Targets
from lrs_bridge.hooks.settings import SettingsError
from lrs_bridge.hooks.testing import fact, group_outcome, journey, on, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

APPLICATION = EVALUATORS["mtm_application"]
TARGETS = Targets(applications=6, moments=3, periods=6, period_days=14)
DESIGN = journey(
    step("A1", type="mtm_application", opens=3, due=14),
    moments=("A", "B", "C"),
    behaviours=("B1", "B2"),
    targets=TARGETS,
)


def applied(day, moment, r, **parts):
    return fact(Kind.APPLIED, day, moment=moment, score=r, **{"data": {"behaviours": ["B1"]}, **parts})


def verified(about, day, role="manager", actor="mark"):
    return fact(Kind.VERIFIED, day, target=about.id, actor=actor, role=role)


def example():
    """A verified r3, A self r2, B self r1, A verified r4, one duplicate of the same day; three periods."""
    first, last = applied(5, "A", 3), applied(40, "A", 4)
    return [
        first,
        verified(first, 6),
        applied(on(5, 18), "A", 4),
        applied(15, "A", 2),
        applied(16, "B", 1),
        last,
        verified(last, 41, "coach", "carl"),
    ]


def test_the_worked_example():
    result = outcome(APPLICATION, DESIGN, example(), day=54)
    assert result.value == pytest.approx(55.83, abs=0.005)
    parts = result.components
    assert parts["N_eff"] == pytest.approx(3.2)
    assert parts["F"] == pytest.approx(0.5333, abs=5e-5)
    assert parts["C"] == pytest.approx(0.6667, abs=5e-5)
    assert parts["S"] == 0.5
    assert parts["O"] == pytest.approx(0.6875)
    assert parts["index"] == pytest.approx(58.42, abs=0.005)
    assert parts["recency"] == pytest.approx(0.63, abs=0.005)
    assert result.n == 4


def test_the_worked_example_with_one_confirmed_no_opportunity():
    """It lowers the target to five: 61.17."""
    lacked = fact(Kind.LACKED_OPPORTUNITY, 20, moment="C")
    confirmed = fact(Kind.CONFIRMED, 21, target=lacked.id, actor="mark", role="manager")
    assert outcome(APPLICATION, DESIGN, [*example(), lacked, confirmed], day=54).value == pytest.approx(
        61.17, abs=0.005
    )


def test_an_open_window_without_an_application_is_zero():
    """Nothing is known of outcome, index and recency then."""
    result = outcome(APPLICATION, DESIGN, day=3)
    assert result.value == 0
    assert [result.components[name] for name in ("O", "index", "recency")] == [None, None, None]


@pytest.mark.parametrize(
    ("design", "status"),
    [
        pytest.param(DESIGN, Status.NOT_STARTED, id="not open"),
        pytest.param(journey(step("S1"), targets=TARGETS), Status.NOT_APPLICABLE, id="no application step"),
        pytest.param(journey(step("S1", type="mtm_application")), Status.NOT_APPLICABLE, id="no targets"),
    ],
)
def test_null_says_why(design, status):
    result = outcome(APPLICATION, design, day=2)
    assert (result.value, result.status) == (None, status)


def test_a_disputed_application_counts_nowhere():
    """Not in F, C, S, nor recency; the outcome is unknown again."""
    one = applied(10, "A", 4)
    disputed = fact(Kind.DISPUTED, 12, target=one.id, actor="mark", role="manager")
    result = outcome(APPLICATION, DESIGN, [one, verified(one, 11), disputed], day=20)
    assert result.value == 0
    assert {name: result.components[name] for name in ("N_eff", "C", "S", "O", "index", "recency")} == {
        "N_eff": 0,
        "C": 0,
        "S": 0,
        "O": None,
        "index": None,
        "recency": None,
    }
    assert result.components["impact"] is False


def test_a_personal_moment_counts_but_for_coverage():
    result = outcome(APPLICATION, DESIGN, [applied(10, "own", 2, personal_moment=True)], day=20)
    assert (result.components["N_eff"], result.components["C"]) == (0.6, 0)
    assert result.value == pytest.approx(100 * (0.5 * 0.1 + 0.25 / 6))


def test_every_share_stops_at_one():
    facts = [applied(day, moment, 4) for day in range(3, 103) for moment in "ABC"]
    result = outcome(APPLICATION, DESIGN, facts, day=110)
    assert result.value == 100
    assert result.components["index"] == 100


def test_the_target_never_falls_under_one():
    lacked = [fact(Kind.LACKED_OPPORTUNITY, day, moment="C") for day in range(4, 24)]
    confirmed = [fact(Kind.CONFIRMED, 30, target=one.id, actor="mark", role="manager") for one in lacked]
    assert outcome(APPLICATION, DESIGN, [*lacked, *confirmed], day=40).components["N"] == 1


def test_periods_go_on_after_the_last_one():
    """Day 200 lies in the fifteenth period of fourteen days; it is a period of its own."""
    result = outcome(APPLICATION, DESIGN, [applied(5, "A", 2), applied(200, "A", 2)], day=201)
    assert result.components["S"] == pytest.approx(2 / 6)


@pytest.mark.parametrize(("late_by", "v"), [(14, 1.0), (15, 0.6)])
def test_entered_more_than_a_fortnight_later_it_is_worth_ones_own_word(late_by, v):
    one = applied(10, "A", 4, recorded=on(10 + late_by))
    result = outcome(APPLICATION, DESIGN, [one, verified(one, 30)], day=40)
    assert result.components["N_eff"] == v
    assert result.components["impact"] is (v == 1.0)


def test_factors_and_weights_are_settings():
    settings = {"factors": {"self": 0.3}, "value_weights": {"F": 1, "C": 0, "S": 0}, "half_life_days": 10}
    result = outcome(APPLICATION, DESIGN, [applied(10, "A", 4)], day=20, settings=settings)
    assert result.value == pytest.approx(5)
    assert result.components["recency"] == 0.5


def test_weights_that_do_not_make_one_are_refused():
    with pytest.raises(SettingsError, match="must make 1"):
        outcome(APPLICATION, DESIGN, day=20, settings={"value_weights": {"F": 1}})


def test_impact_is_rated_over_everybody_enrolled():
    """One of four has a verified application with a clear result; two have not started."""
    people = [participant(name) for name in "abcd"]
    clear, vague = applied(10, "A", 3), applied(10, "A", 2)
    with_impact = outcome(APPLICATION, DESIGN, [clear, verified(clear, 11)], day=20)
    without = outcome(APPLICATION, DESIGN, [vague, verified(vague, 11), applied(12, "B", 4)], day=20)
    none = Outcome.none(Status.NOT_STARTED)
    members = list(zip(people, [with_impact, without, none, none], strict=True))
    result = group_outcome(APPLICATION, DESIGN, members, day=20)
    assert result.components["impact_rate"] == 0.25
    assert (result.value, result.n, result.coverage) == (pytest.approx((with_impact.value + without.value) / 2), 2, 0.5)

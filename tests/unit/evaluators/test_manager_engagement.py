"""manager_engagement: the worked example, and every clause of its page."""

from datetime import timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Phase
from lrs_bridge.domain.people import Relation, Role
from lrs_bridge.hooks.testing import DAY_ZERO, fact, group_outcome, journey, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

ENGAGEMENT = EVALUATORS["manager_engagement"]
ASKS = {"corroborated_by": Role.PARTICIPANT}

EXAMPLE = journey(
    step("goal", "manager", phase=Phase.BEFORE, weight=2, opens=-10, due=-3, **ASKS),
    step("approve", "manager", phase=Phase.BEFORE, weight=1, opens=-5, due=-2, **ASKS),
    step("attend", "manager", phase=Phase.DURING, weight=1, opens=0, due=0, corroborated_by=Role.SYSTEM),
    step("open_day", "manager", phase=Phase.DURING, weight=1, opens=0, due=1, **ASKS),
    step("debrief", "manager", weight=2, opens=3, due=10, **ASKS),
    step("observe", "manager", weight=3, opens=14, due=45, expected=3, **ASKS),
    step("report", "manager", weight=1, opens=40, due=45),
)


def act(kind, day, of, **parts):
    return fact(kind, day, of, **{"actor": "mark", "role": "manager", **parts})


def said(kind, about, day):
    return fact(kind, day, target=about.id)


def example():
    goal, approve = act(Kind.TALKED_WITH, -5, "goal"), act(Kind.APPROVED, -1, "approve")
    seen = [act(Kind.OBSERVED, 20, "observe"), act(Kind.OBSERVED, 30, "observe")]
    return [
        goal,
        said(Kind.CONFIRMED, goal, -4),
        approve,
        said(Kind.CONFIRMED, approve, 0),
        act(Kind.ATTENDED, 0, "attend"),
        act(Kind.ATTENDED, 0, "open_day"),
        *seen,
        *[said(Kind.CONFIRMED, one, 31) for one in seen],
        act(Kind.COMPLETED, 44, "report"),
    ]


def test_the_worked_example():
    """P = .8333, .85, .5 make 68.67."""
    result = outcome(ENGAGEMENT, EXAMPLE, example(), day=46)
    assert result.value == pytest.approx(68.67, abs=0.005)
    assert result.components["phases"] == pytest.approx({"before": 2.5 / 3, "during": 0.85, "after": 0.5})
    assert result.components["steps"] == pytest.approx(
        {"goal": 1, "approve": 0.5, "attend": 1, "open_day": 0.7, "debrief": 0, "observe": 2 / 3, "report": 1}
    )
    assert result.components["help_hinder"] == {
        "goal": "done",
        "approve": "late",
        "attend": "done",
        "open_day": "done",
        "debrief": "missing",
        "observe": "done",
        "report": "done",
    }


def test_the_worked_example_before_anything_after_has_entered():
    """The weights of the phases that have begun are shared among them: 83.94."""
    result = outcome(ENGAGEMENT, EXAMPLE, example(), day=10)
    assert result.value == pytest.approx(83.94, abs=0.005)
    assert set(result.components["phases"]) == {"before", "during"}


def test_weights_and_factors_are_settings():
    settings = {"phase_weights": {"before": 0, "during": 50, "after": 50}, "late": 0, "claimed": 0.5}
    result = outcome(ENGAGEMENT, EXAMPLE, example(), day=46, settings=settings)
    assert result.value == pytest.approx(100 * (0.75 + 0.5) / 2)
    assert result.components["phases"]["before"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("design", "person", "day", "status"),
    [
        pytest.param(journey(step("S1")), participant(), 30, Status.NOT_APPLICABLE, id="no step of a manager"),
        pytest.param(EXAMPLE, participant(manager=None), 30, Status.NOT_APPLICABLE, id="nobody managed them"),
        pytest.param(EXAMPLE, participant(manager=None), -90, Status.NOT_APPLICABLE, id="not applicable goes first"),
        pytest.param(
            EXAMPLE,
            participant(managers=(Relation("mark", start=DAY_ZERO + timedelta(days=46)),)),
            90,
            Status.NOT_APPLICABLE,
            id="the relation began after the last window",
        ),
        pytest.param(EXAMPLE, participant(), -10, Status.NOT_STARTED, id="no step has entered"),
    ],
)
def test_null_says_why(design, person, day, status):
    result = outcome(ENGAGEMENT, design, person=person, day=day)
    assert (result.value, result.status) == (None, status)


def test_nothing_done_is_zero_once_a_window_has_closed():
    assert outcome(ENGAGEMENT, EXAMPLE, day=-3).status is Status.NOT_STARTED
    assert outcome(ENGAGEMENT, EXAMPLE, day=-2).value == 0


def chain(change_day):
    """Mark until the day before, Nina from that day on."""
    change = DAY_ZERO + timedelta(days=change_day)
    return participant(managers=(Relation("mark", end=change - timedelta(days=1)), Relation("nina", start=change)))


TWO = journey(
    step("first", "manager", opens=0, due=10),
    step("second", "manager", opens=11, due=30, expected=2),
    step("third", "manager", opens=31, due=60, weight=2),
)


def test_after_a_change_each_manager_answers_for_their_own_steps():
    """A step belongs to whoever began it, a missing one to the manager on the last day of its window."""
    facts = [act(Kind.TALKED_WITH, 5, "first"), act(Kind.OBSERVED, 20, "second")]
    facts.append(act(Kind.OBSERVED, 36, "second", actor="nina"))
    person = chain(35)
    result = outcome(ENGAGEMENT, TWO, facts, person=person, day=61)
    assert result.components["steps"] == {"first": 1, "second": 0.75, "third": 0}
    assert result.value == pytest.approx(100 * 1.75 / 4)
    assert result.components["by_manager"] == {"mark": pytest.approx(87.5), "nina": 0}
    assert group_outcome(ENGAGEMENT, TWO, [(person, result)], day=61, manager="mark").value == pytest.approx(87.5)


def test_a_manager_is_the_mean_over_participants_with_a_step_of_theirs():
    people = [participant("a"), participant("b"), participant("c")]
    outcomes = [
        Outcome(80.0, components={"by_manager": {"mark": 80.0, "nina": 10.0}}),
        Outcome(40.0, components={"by_manager": {"mark": 40.0}}),
        Outcome.none(Status.NOT_STARTED, by_manager={"mark": None, "omar": None}),
    ]
    members = list(zip(people, outcomes, strict=True))
    mark = group_outcome(ENGAGEMENT, TWO, members, day=61, manager="mark")
    assert (mark.value, mark.n, mark.coverage) == (60, 2, pytest.approx(2 / 3))
    assert group_outcome(ENGAGEMENT, TWO, members, day=61, manager="nina").value == 10
    assert group_outcome(ENGAGEMENT, TWO, members, day=61, manager="omar").status is Status.NOT_STARTED
    assert group_outcome(ENGAGEMENT, TWO, members, day=61, manager="zoe").status is Status.NOT_APPLICABLE


def test_a_missing_step_of_nobody_does_not_enter():
    """Mark left before the window closed and nobody followed."""
    person = participant(managers=(Relation("mark", end=DAY_ZERO + timedelta(days=20)),))
    result = outcome(ENGAGEMENT, TWO, [act(Kind.TALKED_WITH, 5, "first")], person=person, day=61)
    assert (result.value, result.components["steps"]) == (100, {"first": 1})


def test_the_cohort_is_the_mean_over_participants():
    members = [(participant("a"), Outcome(68.0)), (participant("b"), Outcome.none(Status.NOT_APPLICABLE))]
    result = group_outcome(ENGAGEMENT, TWO, members, day=61)
    assert (result.value, result.n, result.coverage) == (68, 1, 0.5)

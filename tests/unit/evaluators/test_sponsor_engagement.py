"""sponsor_engagement: the worked example, and every clause of its page."""

from datetime import timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.people import Person, Relation, Role
from lrs_bridge.hooks.testing import DAY_ZERO, fact, group_outcome, journey, participant, step
from tests.unit.evaluators.installed import EVALUATORS

SPONSORS = EVALUATORS["sponsor_engagement"]
EXAMPLE = journey(
    step("message", "sponsor", opens=-7, due=-1),
    step("call", "sponsor", opens=0, due=5),
    step("thanks", "sponsor", opens=10, due=20),
)
ASKS = journey(step("ask", "sponsor", opens=10, due=20, counterpart="manager", corroborated_by=Role.MANAGER))


def manager(account, **relation):
    return Person(account, Role.MANAGER, sponsors=(Relation("sofia", **relation),))


def led_by(*managers):
    """A participant for each of these managers."""
    return [(participant(f"of-{one}", manager=one), Outcome.none(Status.NOT_STARTED)) for one in managers]


def act(kind, day, of, **parts):
    return fact(kind, day, of, **{"actor": "sofia", "role": "sponsor", "registration": "of-mark-enrolment", **parts})


def sponsor(design, facts, *, day=30, managers=("mark",), values=(), people=None, **more):
    """Sofia's outcome; `values` of manager_engagement by manager."""
    return group_outcome(
        SPONSORS,
        design,
        led_by(*managers),
        day=day,
        sponsor="sofia",
        people=[manager(one) for one in managers] if people is None else people,
        facts=facts,
        needed={"manager_engagement": {account: Outcome(value) for account, value in values}},
        **more,
    )


def test_the_worked_example():
    """Own credits 1, 0 and .5, managers 68.67, 90 and 40, make 58.11."""
    facts = [act(Kind.ACKNOWLEDGED, -3, "message"), act(Kind.RECOGNISED, 25, "thanks")]
    three = ("mark", "mona", "mike")
    result = sponsor(EXAMPLE, facts, managers=three, values=list(zip(three, (68.67, 90.0, 40.0), strict=True)))
    assert result.value == pytest.approx(58.11, abs=0.005)
    assert result.components["steps"] == {"message": 1.0, "call": 0.0, "thanks": 0.5}
    assert result.components["own"] == 0.5
    assert result.evidence == tuple(one.id for one in facts)


def test_without_a_managers_value_only_the_own_half_counts():
    assert sponsor(EXAMPLE, [act(Kind.ACKNOWLEDGED, -3, "message")]).value == pytest.approx(100 / 3)


def test_the_shares_are_a_setting():
    facts = [act(Kind.ACKNOWLEDGED, -3, "message")]
    own = {"own_share": 1.0}
    assert sponsor(EXAMPLE, facts, values=[("mark", 90.0)], settings=own).value == pytest.approx(100 / 3)


def test_a_step_is_done_once_whatever_the_registration():
    """A message to everybody is a statement for each; one of anybody's enrolment, or of none, is enough."""
    for registration in ("of-mark-enrolment", "somebody-who-left", None):
        facts = [act(Kind.TALKED_WITH, 2, "call", registration=registration) for _ in range(3)]
        assert sponsor(EXAMPLE, facts).components["steps"]["call"] == 1


def test_what_another_run_says_does_not_count():
    other = act(Kind.TALKED_WITH, 2, "call", registration="elsewhere", run="another-run")
    assert sponsor(EXAMPLE, [other]).components["steps"]["call"] == 0


@pytest.mark.parametrize("kind", [Kind.ANSWERED, Kind.APPLIED, Kind.CONFIRMED, Kind.WAIVED])
def test_other_statements_are_no_acts(kind):
    assert sponsor(EXAMPLE, [act(kind, 2, "call")]).components["steps"]["call"] == 0


def test_somebody_elses_act_is_not_the_sponsors():
    assert sponsor(EXAMPLE, [act(Kind.TALKED_WITH, 2, "call", actor="mark")]).components["steps"]["call"] == 0


def test_a_step_with_managers_expects_one_for_each():
    """Named in the statement, or whoever manages the participant it is about."""
    both = {"managers": ("mark", "mona")}
    one = act(Kind.TALKED_WITH, 12, "ask", counterpart="mark")
    again = act(Kind.TALKED_WITH, 13, "ask", counterpart="mark")
    said = [fact(Kind.CONFIRMED, 14, target=one.id, actor="mark", role="manager")]
    assert sponsor(ASKS, [one, again, *said], **both).components["steps"] == {"ask": 0.5}
    other = act(Kind.TALKED_WITH, 12, "ask", registration="of-mona-enrolment")
    said.append(fact(Kind.CONFIRMED, 14, target=other.id, actor="mona", role="manager"))
    assert sponsor(ASKS, [one, other, *said], **both).components["steps"] == {"ask": 1.0}


def test_a_sponsor_without_managers_in_the_window_owes_no_talk():
    """Null, never zero."""
    gone = manager("mark", end=DAY_ZERO + timedelta(days=5))
    assert sponsor(ASKS, [], people=[gone]).status is Status.NOT_STARTED


@pytest.mark.parametrize(
    ("words", "credit"),
    [
        ([], 0.7),
        ([(Kind.CONFIRMED, "mark", "manager")], 1.0),
        ([(Kind.CONFIRMED, "mark", None)], 1.0),
        ([(Kind.CONFIRMED, "of-mark", "participant")], 0.7),
        ([(Kind.CONFIRMED, "sofia", "manager")], 0.7),
        ([(Kind.DISPUTED, "mark", "manager")], 0.0),
        ([(Kind.DISPUTED, "mark", "manager"), (Kind.CONFIRMED, "mark", "manager")], 1.0),
    ],
)
def test_the_role_that_the_step_names_corroborates(words, credit):
    talk = act(Kind.TALKED_WITH, 12, "ask", counterpart="mark")
    said = [
        fact(kind, 13 + n, target=talk.id, actor=actor, role=role, registration="of-mark-enrolment")
        for n, (kind, actor, role) in enumerate(words)
    ]
    assert sponsor(ASKS, [talk, *said]).components["steps"]["ask"] == credit


def test_a_voided_act_never_was():
    talk = act(Kind.TALKED_WITH, 2, "call")
    assert sponsor(EXAMPLE, [talk, fact(Kind.VOIDED, 90, target=talk.id)]).components["steps"]["call"] == 0


def test_an_optional_step_enters_with_an_act_only():
    design = journey(step("a", "sponsor", opens=0, due=5), step("b", "sponsor", opens=0, due=5, required=False))
    done = [act(Kind.TALKED_WITH, 2, "a")]
    assert sponsor(design, done).components["steps"] == {"a": 1}
    assert sponsor(design, [*done, act(Kind.TALKED_WITH, 2, "b")]).components["steps"] == {"a": 1, "b": 1}


def test_before_any_step_has_entered_there_is_no_value():
    assert sponsor(EXAMPLE, [], day=-30, values=[("mark", 90.0)]).status is Status.NOT_STARTED


def test_a_journey_without_a_sponsors_step_has_none():
    assert sponsor(journey(step("S1")), []).status is Status.NOT_APPLICABLE


def test_the_cohort_is_the_mean_over_sponsors():
    sponsors = [(Person(name, Role.SPONSOR), Outcome(value)) for name, value in (("sofia", 40.0), ("sam", 70.0))]
    result = group_outcome(SPONSORS, EXAMPLE, sponsors, day=30)
    assert (result.value, result.n, result.coverage) == (55.0, 2, 1.0)

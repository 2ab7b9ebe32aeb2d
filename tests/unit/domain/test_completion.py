"""What completes a participant's steps, which of them count, and on which route."""

from datetime import UTC, datetime, timedelta

import pytest

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepState
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.journey import Assessment, Choice, Criterion, Late, Matches, RouteRule, Routes
from lrs_bridge.domain.people import Run
from lrs_bridge.hooks.testing import DAY_ZERO, RUN, evidence, fact, journey, on, participant, step


def progress(design, facts=(), day=20, **who):
    as_of = day if isinstance(day, datetime) else on(day)
    return completion.of(design, evidence(facts, as_of, **who), as_of)


def times_done(design, facts, step="S1", **who):
    return len(progress(design, facts, **who).by_id[step].completions)


OWN_ACTS = """completed attended acknowledged planned practised applied answered reflected commented""".split()


@pytest.mark.parametrize("kind", OWN_ACTS)
def test_the_participants_own_acts_complete_a_step(kind):
    assert times_done(journey(step("S1")), [fact(Kind(kind), 1, "S1")]) == 1


@pytest.mark.parametrize(
    "kind",
    """waived routed verified confirmed disputed lacked-opportunity registered withdrew talked-with observed recognised
    coached mentored assessed interviewed approved other""".split(),
)
def test_other_statements_complete_nothing(kind):
    assert times_done(journey(step("S1")), [fact(Kind(kind), 1, "S1")]) == 0


def test_a_rating_completes_a_step_only_of_oneself():
    design = journey(step("S1"))
    assert times_done(design, [fact(Kind.RATED, 1, "S1", data={"source": "self"})]) == 1
    assert times_done(design, [fact(Kind.RATED, 1, "S1", data={"source": "peer"})]) == 0


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"completion": False}, id="it says that it is not complete"),
        pytest.param({"actor": "mark"}, id="somebody else acted"),
        pytest.param({"registration": "another-enrolment"}, id="another enrolment"),
        pytest.param({"registration": None}, id="no enrolment"),
        pytest.param({"step": "S2"}, id="another step"),
    ],
)
def test_what_does_not_count(parts):
    parts = {"step": "S1", **parts}
    assert times_done(journey(step("S1"), step("S2")), [fact(Kind.COMPLETED, 1, **parts)]) == 0


COURSE = Matches("http://adlnet.gov/expapi/verbs/passed", "https://courses.example/7")
MATCHED = journey(step("S1", matches=COURSE))


def elsewhere(**parts):
    passed = {"verb": COURSE.verb, "activity": COURSE.activity, "registration": None, "actor": "mbox|mailto:p@x.org"}
    return fact(Kind.OTHER, 1, **{**passed, **parts})


@pytest.mark.parametrize(
    ("parts", "times"),
    [
        pytest.param({}, 1, id="under a name another system knows, without registration"),
        pytest.param({"actor": "petra"}, 1, id="under the account"),
        pytest.param({"registration": "petra-enrolment"}, 1, id="with this registration"),
        pytest.param({"registration": "other"}, 0, id="with another registration"),
        pytest.param({"actor": "mbox|mailto:q@x.org"}, 0, id="somebody else"),
        pytest.param({"verb": "http://adlnet.gov/expapi/verbs/failed"}, 0, id="another verb"),
        pytest.param({"activity": "https://courses.example/8"}, 0, id="another activity"),
        pytest.param({"completion": False}, 0, id="it says that it is not complete"),
        pytest.param({"kind": Kind.VERIFIED}, 0, id="a word about something"),
    ],
)
def test_a_statement_of_another_system_completes_the_step_it_matches(parts, times):
    person = participant(identities=("mbox|mailto:p@x.org",))
    kind = parts.pop("kind", None)
    facts = [fact(kind, 1, **{"verb": COURSE.verb, "activity": COURSE.activity})] if kind else [elsewhere(**parts)]
    assert times_done(MATCHED, facts, person=person) == times


def test_a_statement_that_names_the_step_and_matches_it_is_one_completion():
    both = fact(Kind.COMPLETED, 1, "S1", verb=COURSE.verb, activity=COURSE.activity)
    assert times_done(MATCHED, [both]) == 1


@pytest.mark.parametrize("type", ["coaching_group", "coaching_2_1", "mentor_session"])
def test_what_several_people_say_of_one_day_is_one_session(type):
    """By whoever held it or was there, on that local day."""
    design = journey(step("S1", type=type, expected=3))
    facts = [
        fact(Kind.ATTENDED, 3, "S1"),
        fact(Kind.COACHED, on(3, 17), "S1", actor="carl", role="coach"),
        fact(Kind.MENTORED, 10, "S1", actor="carl", role="mentor"),
    ]
    found = progress(design, facts).by_id["S1"].completions
    assert [len(done.facts) for done in found] == [2, 1]


def test_nobody_coaches_themselves_and_no_coach_completes_other_steps():
    coached = fact(Kind.COACHED, 3, "S1", actor="carl")
    assert times_done(journey(step("S1", type="self_study")), [coached]) == 0
    assert times_done(journey(step("S1", type="coaching_2_1")), [fact(Kind.COACHED, 3, "S1")]) == 0


def test_acts_on_one_day_are_several_completions_elsewhere():
    facts = [fact(Kind.COMMENTED, on(3, hour), "S1") for hour in (9, 10, 11)]
    assert times_done(journey(step("S1", expected=3)), facts) == 3


def test_days_are_local_to_the_run():
    """23:30 UTC on the last day is the next day in Berlin."""
    berlin = Run(RUN.id, RUN.journey, 1, DAY_ZERO, "Europe/Berlin")
    done = fact(Kind.COMPLETED, datetime(2026, 3, 9, 23, 30, tzinfo=UTC), "S1")
    design = journey(step("S1", due=7), late=Late("decay", rate=0.1))
    assert progress(design, [done], run=berlin).by_id["S1"].credit == 0.9
    assert progress(design, [done]).by_id["S1"].credit == 1


def test_a_late_joiner_has_windows_from_their_own_enrolment():
    """Only in steps that say so."""
    late = participant(enrolled=DAY_ZERO + timedelta(days=10))
    design = journey(step("S1", due=7, from_enrolment=True), step("S2", due=7))
    found = progress(design, [fact(Kind.COMPLETED, 15, "S1"), fact(Kind.COMPLETED, 15, "S2")], person=late)
    assert [row.late for row in found.steps] == [False, True]


@pytest.mark.parametrize(
    ("late", "credit"),
    [
        (Late(), 1.0),
        (Late("decay", rate=0.1), 0.7),
        (Late("decay", rate=0.1, floor=0.8), 0.8),
        (Late("decay", rate=0.5), 0.0),
    ],
)
def test_three_days_late(late, credit):
    """Counted from the last day of the window, grace included."""
    design = journey(step("S1", due=5, grace_days=2), late=late)
    row = progress(design, [fact(Kind.COMPLETED, 10, "S1")]).by_id["S1"]
    assert row.credit == pytest.approx(credit)
    assert row.late


@pytest.mark.parametrize(
    ("actor", "waived"), [("carl", True), ("mark", True), ("petra", False), ("mbox|mailto:p@x.org", False)]
)
def test_nobody_waives_their_own_step(actor, waived):
    person = participant(identities=("mbox|mailto:p@x.org",))
    row = progress(journey(step("S1")), [fact(Kind.WAIVED, 1, "S1", actor=actor)], person=person).by_id["S1"]
    assert (row.waiver is not None, row.counts) == (waived, not waived)


MENU = journey(step("A"), step("B"), step("C"), choices=(Choice("menu", 2, ("C", "A", "B")),))


@pytest.mark.parametrize(
    ("done", "counting"),
    [((), {"A", "C"}), (("B",), {"B", "C"}), (("A", "B"), {"A", "B"}), (("A", "B", "C"), {"A", "C"})],
)
def test_of_a_menu_the_best_credited_count(done, counting):
    """Of equal credit the first in the menu's own list: C, A, B."""
    found = progress(MENU, [fact(Kind.COMPLETED, 1, id) for id in done])
    assert {row.step.id for row in found.counting} == counting


def test_a_menu_is_taken_from_what_was_not_waived():
    found = progress(MENU, [fact(Kind.WAIVED, 1, "C", actor="carl")])
    assert {row.step.id for row in found.counting} == {"A", "B"}


FORK = (step("pre", "assessor", assessment="note"), step("fork", "system"), step("l", route="l"), step("h", route="h"))
NOTE = {"note": Assessment("note", 1, (Criterion("a", "A", 4), Criterion("b", "B", 4)))}
RULES = Routes("fork", "pre", (RouteRule("h", at_least=60), RouteRule("l", below=60)))


def assessed(points, day=1, actor="anna", **parts):
    return fact(Kind.ASSESSED, day, "pre", **{"actor": actor, "score": Score(points, 0, 10), **parts})


@pytest.mark.parametrize(
    ("facts", "route"),
    [
        pytest.param([], None, id="without an assessment the coach is asked"),
        pytest.param([assessed(6)], "h", id="60 percent is at least 60"),
        pytest.param([assessed(5.9)], "l", id="59 percent is below"),
        pytest.param([assessed(9), assessed(2, actor="arne")], "l", id="the mean over assessors"),
        pytest.param([assessed(2), assessed(9, day=2)], "h", id="an assessor's latest word"),
        pytest.param([assessed(5, score=Score(5))], "h", id="the rubric's maximum where the score has none"),
        pytest.param([assessed(0, score=None, data={"criteria": {"a": 1, "b": 2}})], "l", id="the criteria alone"),
        pytest.param([assessed(9, score=None)], None, id="an assessment without points is none"),
        pytest.param(
            [assessed(9), fact(Kind.ROUTED, 2, "fork", actor="carl", data={"route": "l"})], "l", id="a decision first"
        ),
        pytest.param(
            [
                fact(Kind.ROUTED, 3, "fork", actor="carl", data={"route": "h"}),
                fact(Kind.ROUTED, 2, "fork", actor="carl", data={"route": "l"}),
            ],
            "h",
            id="the latest decision",
        ),
        pytest.param([fact(Kind.ROUTED, 2, "fork", data={"route": "ask_coach"})], None, id="the coach is still asked"),
        pytest.param(
            [fact(Kind.ROUTED, 2, "fork", registration="other", data={"route": "l"})], None, id="somebody else's"
        ),
    ],
)
def test_the_route(facts, route):
    found = progress(journey(*FORK, routes=RULES, assessments=NOTE), facts).route
    assert (found.name, found.pending) == (route, route is None)


def test_a_percent_that_no_rule_covers_decides_nothing():
    gap = Routes("fork", "pre", (RouteRule("h", at_least=80),), missing="l")
    found = progress(journey(*FORK, routes=gap, assessments=NOTE), [assessed(5)]).route
    assert (found.name, found.pending) == (None, True)


def test_a_journey_without_branches_has_nothing_pending():
    assert progress(journey(step("S1"))).route.pending is False


@pytest.mark.parametrize(
    ("facts", "day", "state"),
    [
        ([], 9, StepState.UPCOMING),
        ([], 10, StepState.OPEN),
        ([], 14, StepState.OPEN),
        ([], 15, StepState.OVERDUE),
        ([fact(Kind.COMPLETED, 2, "S1")], 3, StepState.DONE),
        ([fact(Kind.COMPLETED, 16, "S1")], 17, StepState.DONE_LATE),
        ([fact(Kind.WAIVED, 2, "S1", actor="carl")], 17, StepState.WAIVED),
    ],
)
def test_how_a_step_stands(facts, day, state):
    """Open from its first day to the end of its grace."""
    found = progress(journey(step("S1", opens=10, due=12, grace_days=2)), facts, day)
    assert found.by_id["S1"].state(found.today) is state


def test_a_step_of_another_route_stands_off_the_route():
    found = progress(journey(*FORK, routes=RULES), [fact(Kind.ROUTED, 2, "fork", data={"route": "l"})])
    assert found.by_id["h"].state(found.today) is StepState.OFF_ROUTE


def test_it_is_worked_out_once_for_all_who_ask():
    design, asked = journey(step("S1")), evidence([], on(3))
    assert completion.of(design, asked, on(3)) is completion.of(design, asked, on(3))

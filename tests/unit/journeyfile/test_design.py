"""The design check says what a designer may want to know, and refuses nothing."""

from __future__ import annotations

import pytest

from lrs_bridge.journeyfile import design_check, load_journey, sample, samples


def topics(steps: str, more: str = "") -> list[str]:
    text = f"journey: j\nversion: 1\ntitle: t\n{more}\nsteps:\n{steps}"
    return [remark.topic for remark in design_check(load_journey(text, "j.yaml"))]


def one(id_: str, phase: str, owner: str, opens: int, due: int, type_: str = "self_study", more: str = "") -> str:
    return (
        f"  - {{id: {id_}, phase: {phase}, type: {type_}, owner: {owner}, opens_day: {opens}, due_day: {due}{more}}}\n"
    )


MANAGER = "".join(one(f"m{n}", phase, "manager", n, n) for n, phase in enumerate(("before", "during", "after")))
SURVEY = one("s", "after", "participant", 5, 9, "survey", ", survey: sc")
MOMENTS = "behaviours: [{id: B}]\nmoments: [{id: M, behaviours: [B]}]\nsurveys: {sc: {kind: success_case}}"


@pytest.mark.parametrize("slug", samples())
def test_the_samples_leave_nothing_to_say(slug: str):
    """The shipped journeys are good examples."""
    assert design_check(sample(slug)) == []


def test_a_thin_journey_gets_its_remarks():
    """No manager step in three phases, nothing after the course, no success case survey."""
    assert topics(one("a", "before", "participant", -5, 0)) == ["manager"] * 3 + ["after", "success_case"]


def test_a_gap_over_three_weeks_is_told():
    """22 days between the end of one window and the next beginning are too many, 21 are not."""
    near = MANAGER + SURVEY + one("b", "after", "participant", 30, 31)
    far = MANAGER + SURVEY + one("b", "after", "participant", 31, 31)
    assert topics(near, MOMENTS) == []
    assert topics(far, MOMENTS) == ["gap"]


def test_a_heavy_week_is_told():
    """Four required steps of one role due in one week."""
    steps = "".join(one(f"x{n}", "after", "participant", 7, 8) for n in range(4))
    assert topics(MANAGER + SURVEY + steps, MOMENTS) == ["load"]


def test_a_menu_weighs_what_is_chosen_of_it():
    """Of five steps due in one week, a menu of which two count and the survey make three."""
    steps = "".join(one(f"x{n}", "after", "participant", 7, 8) for n in range(5))
    menu = "\nchoices: [{id: c, choose: %d, steps: [x0, x1, x2, x3, x4]}]"
    assert topics(MANAGER + SURVEY + steps, MOMENTS + menu % 2) == []
    assert topics(MANAGER + SURVEY + steps, MOMENTS + menu % 3) == ["load"]


def test_a_moment_no_step_uses_is_told():
    """Neither an application, nor practice, nor a survey is about it."""
    own = MOMENTS.replace("success_case}", "success_case, items: [{id: other}]}")
    assert topics(MANAGER + SURVEY, own) == ["moment"]
    assert topics(MANAGER + SURVEY + one("a", "after", "participant", 5, 9, "mtm_application"), own) == []


def test_routes_of_unequal_weight_are_told():
    """A route with no step of its own weighs nothing."""
    routes = "\nroutes: {step: r, from: p, rules: [{at_least: 5, route: up}, {below: 5, route: down}]}"
    routes += "\nassessments: {note: {criteria: [{id: c, max: 4}]}}"
    steps = MANAGER + SURVEY + one("p", "before", "assessor", -3, -2, "assessment", ", assessment: note")
    steps += one("r", "during", "system", 0, 0, "route") + one(
        "u", "after", "participant", 5, 9, "reflection", ", route: up"
    )
    assert topics(steps, MOMENTS + routes) == ["routes"]
    steps += one("d", "after", "participant", 5, 9, "reflection", ", route: down")
    assert topics(steps, MOMENTS + routes) == []


def test_empty_survey_and_assessment_steps_are_told():
    """A survey step without survey has nothing to answer."""
    steps = MANAGER + SURVEY + one("e", "after", "participant", 5, 9, "survey")
    assert topics(steps + one("f", "after", "assessor", 5, 9, "assessment"), MOMENTS) == ["survey", "survey"]

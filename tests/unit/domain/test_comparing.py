"""Two versions of a journey held against each other."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.comparing import What, compare
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.migrating import turns, weakened
from lrs_bridge.journeyfile import load_journey, sample_text

SAMPLE = sample_text("field-coaching-90")


def changed(*changes: tuple[str, str]):
    text = SAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return load_journey(text, "x")


@pytest.mark.parametrize(
    ("old", "new", "part", "what", "detail"),
    [
        ("due_day: 14\n", "due_day: 21\n", "step", What.MOVED, "due day: 14 → 21"),
        (
            '    title: "Application 2"\n',
            '    required: false\n    title: "Application 2"\n',
            "step",
            What.CHANGED,
            "required: yes → no",
        ),
        ("title: One observed fact before any advice", "title: A fact", "behaviour", What.CHANGED, "→ A fact"),
        (", behaviours: [B2, B3]}", ", behaviours: [B3]}", "moment", What.CHANGED, "behaviours: B2, B3 → B3"),
        (
            "kind: climate, confidentiality: anonymous",
            "kind: climate",
            "survey",
            What.CHANGED,
            "anonymous → confidential",
        ),
        ("rubric_version: 1", "rubric_version: 2", "assessment", What.CHANGED, "rubric version: 1 → 2"),
        ("max: 4}", "max: 5}", "assessment", What.CHANGED, "criterion fact changed (points: 4 → 5)"),
        ("at_least: 60", "at_least: 70", "routes", What.CHANGED, "mid_high from 70"),
        ("applications: 6", "applications: 5", "targets", What.CHANGED, "applications: 6 → 5"),
        ("  skill_gain: {}\n", "", "evaluators", What.CHANGED, "skill_gain went"),
        ("goal_owner: Vice", "goal_owner: A vice", "goal owner", What.CHANGED, "→ A vice president"),
        (
            "late: {policy: full}",
            "late: {policy: decay, rate: 0.1}",
            "late policy",
            What.CHANGED,
            "policy: full → decay",
        ),
    ],
)
def test_each_difference_is_one_in_words(old: str, new: str, part: str, what: What, detail: str) -> None:
    """And nothing else is."""
    (found,) = compare(changed(), changed((old, new)))
    assert (found.part, found.what) == (part, what)
    assert any(detail in one for one in found.details), found.details


def test_the_same_is_no_difference_and_a_number_is_none_either() -> None:
    """Nor is another way of writing."""
    assert compare(changed(), changed(("version: 1\n", "version: 9\n"), ("steps:\n", "steps: # all\n"))) == ()


def test_answers_are_weakened_where_more_would_be_seen() -> None:
    """By the step that asks, whatever the survey is called; a step that keeps nothing from anybody is not."""
    weaker = changed(("kind: climate, confidentiality: anonymous", "kind: climate"))
    assert [(step.id, old, new) for step, old, new in weakened(changed(), weaker)] == [
        ("S25", "anonymous", "confidential")
    ]
    assert weakened(weaker, changed()) == []


def test_people_are_counted_by_what_their_value_would_do() -> None:
    """No value is no zero."""
    none, one, two = Outcome.none(Status.NOT_STARTED), Outcome(1.0), Outcome(2.0)
    pairs = [("k", one, two), ("k", two, one), ("k", one, one), ("k", none, one), ("k", one, None), ("k", none, none)]
    found = turns(pairs)["k"]
    assert (found.rise, found.fall, found.stay, found.come, found.go, found.changes) == (1, 1, 2, 1, 1, 4)

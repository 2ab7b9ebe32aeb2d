"""The words an evaluator declares, and what of its components a reader sees."""

import pytest

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.explaining import Part, Seen, Words, in_words, parts_for, places, visible, with_numbers
from lrs_bridge.hooks.registry import load

WORDS = Words(
    formula="{weight} × {held} ÷ {phases.before} = {value}",
    parts={
        "held": Part("Sessions held", "sessions", Seen.ALL),
        "phases": Part("Share earned", "of 1", Seen.ALL),
        "rating": Part("Rating"),
        "inner": Part("Inner", seen=Seen.NOBODY),
    },
)
COMPONENTS = {"rating": 3, "inner": 1, "other_one": 2, "held": 2, "phases": {"before": 0.5, "after": None}}


def names(own):
    return [f"{one.label} {one.below}".strip() for one in parts_for(WORDS, COMPONENTS, own)]


def test_declared_parts_come_first_and_in_their_order():
    assert names(own=True) == ["Sessions held", "Share earned before", "Share earned after", "Rating", "Other one"]


def test_what_nobody_declared_is_for_the_person_alone():
    assert names(own=False) == ["Sessions held", "Share earned before", "Share earned after"]
    assert set(visible(WORDS, COMPONENTS, own=False)) == {"held", "phases"}


def test_a_formula_is_read_in_words_and_with_numbers():
    settings = {"weight": 0.25}
    assert in_words(WORDS, WORDS.formula, settings) == "0.25 × sessions held ÷ share earned (before) = the value"
    assert with_numbers(WORDS.formula, COMPONENTS, settings, 66.666) == "0.25 × 2 ÷ 0.5 = 66.67"


@pytest.mark.parametrize(
    ("formula", "components"),
    [("{held}", {}), ("{held} of {rating}", {"held": 2}), ("{held}", {"held": None}), ("{held}", {"held": True})],
)
def test_without_all_its_numbers_a_formula_has_none(formula, components):
    assert with_numbers(formula, components, {}, 5.0) is None


def test_a_formula_of_settings_alone_says_nothing_of_a_person():
    assert with_numbers("{weight}", COMPONENTS, {"weight": 1}, 5.0) is None
    assert with_numbers("no numbers", COMPONENTS, {}, 5.0) is None


@pytest.mark.parametrize("evaluator", load().evaluators.values(), ids=lambda one: one.key)
def test_the_built_in_evaluators_speak_of_what_they_have(evaluator: Evaluator):
    """Every name in a formula is a part, a setting or the value, and every null is explained."""
    settings = evaluator.schema().fields if evaluator.schema else {}
    words = evaluator.words
    for place in places(words.formula) + places(words.group):
        assert place == "value" or place.partition(".")[0] in {*words.parts, *settings}
    assert words.says
    assert words.missing
    assert set(words.kept) <= set(settings)

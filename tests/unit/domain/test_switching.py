"""The narrower place has the last word about switch, column and each setting; words survive the log."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.switching import (
    COLUMN,
    PLACES,
    SWITCH,
    Change,
    Layer,
    Place,
    Scope,
    Word,
    at,
    changes,
    column_of,
    in_order,
    said_by,
    switched,
    wider_than,
    with_word,
)

switch = st.sampled_from([None, True, False])
plain = st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
names = st.sampled_from(["each", "days", "shares"])
inner = st.dictionaries(names, plain, min_size=1, max_size=2)
settings = st.fixed_dictionaries({}, optional={"each": plain, "days": plain, "shares": inner})
words = st.builds(Word, enabled=switch, settings=settings, column=switch)
layers = st.lists(st.builds(Layer, st.sampled_from(list(Scope)), st.just("x"), words), unique_by=lambda one: one.scope)


def layer(scope: Scope, enabled: bool | None = None, **given: Any) -> Layer:
    return Layer(scope, "x", Word(enabled, given))


def test_the_narrower_switch_counts_and_nothing_said_is_no_word():
    said = [layer(Scope.COURSE), layer(Scope.PLATFORM, True), layer(Scope.JOURNEY, False)]
    assert switched(said) == layer(Scope.JOURNEY, False)
    assert switched([layer(Scope.COURSE)]) is None


def test_the_files_settings_count_over_the_platforms_and_under_the_journeys():
    said = [layer(Scope.FILE, each=2), layer(Scope.PLATFORM, each=1, days=1), layer(Scope.JOURNEY, days=3)]
    assert said_by(said, "each") == layer(Scope.FILE, each=2)
    assert said_by(said, "days") == layer(Scope.JOURNEY, days=3)
    assert said_by(said, "shares.deeds") is None


@given(layers, st.permutations(range(4)))
def test_the_order_in_which_words_are_found_says_nothing(said: list[Layer], order: list[int]):
    mixed = [said[number] for number in order if number < len(said)]
    assert in_order(mixed) == in_order(said)
    assert (switched(mixed), column_of(mixed)) == (switched(said), column_of(said))


@given(layers, st.sampled_from(PLACES), words)
def test_a_word_put_in_a_place_stands_there_alone_and_leaves_the_others(said: list[Layer], scope: Scope, word: Word):
    put = with_word(said, Place(scope, "x"), word)
    assert [one.word for one in put if one.scope is scope] == [word]
    assert [one for one in put if one.scope is not scope] == in_order([one for one in said if one.scope is not scope])
    assert all(one.scope is not scope for one in wider_than(put, scope))


@given(words)
def test_the_log_keeps_a_word_as_it_was(word: Word):
    assert Word.of(word.as_dict()) == word
    assert changes(word, word) == []


@given(words, words)
def test_two_words_that_differ_differ_in_something_that_is_told(was: Word, became: Word):
    told = changes(was, became)
    assert all(change.was != change.became for change in told)
    for change in told:
        if change.path not in (SWITCH, COLUMN):
            assert (at(was.settings, change.path), at(became.settings, change.path)) == (change.was, change.became)


def test_a_change_is_told_setting_by_setting():
    was = Word(None, {"shares": {"deeds": 0.5, "words": 0.5}})
    became = Word(True, {"shares": {"deeds": 0.7, "words": 0.5}, "days": 3}, column=False)
    assert changes(was, became) == [
        Change(SWITCH, None, True),
        Change(COLUMN, None, False),
        Change("days", None, 3),
        Change("shares.deeds", 0.5, 0.7),
    ]

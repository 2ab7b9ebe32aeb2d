"""Totals that stand still: what comes out when, and that nothing that comes out tells of fewer than k people."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain import small_groups
from lrs_bridge.domain.publications import (
    NOTHING_CUT,
    Act,
    Rule,
    State,
    Voice,
    Voices,
    areas_to_show,
    decide,
)
from tests.subtracting import groups_found, told_of

K = 5


def voices(**areas: int) -> dict[str, Voice]:
    """So many people in each area, each saying something else; `nowhere`: without an area."""
    return {
        f"{area}-{number}": Voice("1", f"{area}-{number}", None if area == "nowhere" else area)
        for area, size in areas.items()
        for number in range(size)
    }


def shown(k: int = K, **areas: int) -> set[str]:
    found = voices(**areas)
    return set(areas_to_show(NOTHING_CUT.then(found), found, k)[0])


@dataclass
class Run:
    """An indicator of a run as it goes on. `totals` are the people behind each total that came out, in order."""

    k: int = K
    state: State = field(default_factory=State)
    totals: list[Voices] = field(default_factory=list)
    areas: list[frozenset[str]] = field(default_factory=list)
    waiting: Voices = field(default_factory=dict)

    def look(self, said: Voices, *, over: bool = False, complete: bool = False) -> Act:
        act = decide(self.state, said, over=over, complete=complete, k=self.k).act
        out = self.state.out or NOTHING_CUT
        if act is Act.CUT:
            self.state, self.waiting = replace(self.state, waiting=out.then(said)), dict(said)
        elif act is Act.LET_OUT:
            assert self.state.waiting is not None
            self.totals.append(self.waiting)
            self.state = replace(self.state, out=self.state.waiting, waiting=self.state.waiting.then(said))
            self.waiting = dict(said)
        elif act in (Act.NOW, Act.LAST):
            self.totals.append(dict(said))
            self.state = State(out.then(said), None, self.state.closed or act is Act.LAST)
        elif act is Act.CLOSE:
            self.state = replace(self.state, closed=True, waiting=None)
        if act in (Act.LAST, Act.CLOSE):
            assert self.state.out is not None
            self.areas.append(areas_to_show(self.state.out, said, self.k)[0])
        return act


# the examples of the rules


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({"a": 9, "b": 4}, set()),
        ({"a": 9, "b": 6}, {"a", "b"}),
        ({"a": 4, "b": 4, "c": 12}, {"c"}),
        ({"a": 3, "b": 1, "c": 6, "d": 12}, {"d"}),
        ({"a": 12, "nowhere": 3}, set()),
        ({"a": 4, "b": 6, "nowhere": 12}, {"b"}),
    ],
)
def test_areas_beside_a_total(areas: dict[str, int], expected: set[str]):
    assert shown(**areas) == expected


def test_the_area_of_four_in_the_demonstration_stays_hidden_and_another_with_it():
    assert shown(North=4, South=9, East=11) == {"East"}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30)), st.integers(5, 15))
def test_both_ways_of_saying_which_groups_are_hidden_agree(sizes: dict[str, int], k: int):
    assert shown(k, **sizes) == sizes.keys() - small_groups.hidden(sizes, k=k)


def test_a_pilot_of_six_who_all_answered_is_shown_at_once_and_as_a_whole_only():
    run = Run()
    people = voices(a=4, b=2)
    assert run.look(people, complete=True) is Act.NOW
    assert len(run.totals[-1]) == 6
    assert run.look(people, over=True, complete=True) is Act.CLOSE
    assert run.areas == [frozenset()]


def test_a_pilot_of_which_four_answered_shows_nothing_ever():
    run = Run()
    assert run.look(voices(a=4)) is Act.NOTHING
    assert run.look(voices(a=4), over=True) is Act.NOTHING
    assert not run.totals


# time


def test_a_total_waits_until_as_many_again_have_answered():
    """So that what comes at the end differs from it by k people, too."""
    run = Run()
    assert run.look(voices(a=5)) is Act.CUT
    assert [run.look(voices(a=number)) for number in (6, 9)] == [Act.NOTHING] * 2
    assert run.look(voices(a=10)) is Act.LET_OUT
    assert len(run.totals[-1]) == 5
    assert run.look(voices(a=11), over=True) is Act.LAST
    assert [len(one) for one in run.totals] == [5, 11]


def test_it_stands_still_however_often_it_is_looked_at():
    run = Run()
    for number in (5, 10, 10, 10, 12, 12):
        run.look(voices(a=number))
    assert [len(one) for one in run.totals] == [5]


def test_an_answer_that_comes_after_the_last_total_is_in_none():
    run = Run()
    run.look(voices(a=9), over=True)
    assert run.look(voices(a=10), over=True) is Act.NOTHING
    assert run.look(voices(a=14), over=True) is Act.NOW
    assert [len(one) for one in run.totals] == [9, 14]


def test_answering_anew_is_new_and_leaving_is_not():
    run = Run()
    people = voices(a=8)
    run.look(people, complete=True)
    again = {key: replace(one, mark="2") for key, one in people.items()}
    assert run.look({**people, "a-0": again["a-0"]}, over=True) is Act.NOTHING
    assert run.look({key: people[key] for key in list(people)[1:]}, over=True) is Act.NOTHING
    assert run.look({**people, **{f"a-{n}": again[f"a-{n}"] for n in range(5)}}, over=True) is Act.LAST


def test_five_who_say_the_same_are_no_new_total():
    """The difference to the one before would be what each of them said."""
    run = Run()
    run.look(voices(a=6), complete=True)
    same = {f"b-{number}": Voice("1", "the same", "a") for number in range(6)}
    assert run.look({**voices(a=6), **same}, complete=True) is Act.NOTHING
    held = decide(run.state, {**voices(a=6), **same}, over=True, complete=True, k=K).held
    assert [(one.rule, one.n) for one in held] == [(Rule.ALIKE, 6)]


def test_five_with_one_bucket_are_no_new_total_where_others_have_another():
    """Their scores differ, but how many are high would tell that none of the five is."""
    run = Run()
    first = {f"a-{number}": Voice("1", number, words={"bucket": "high" if number else "low"}) for number in range(10)}
    run.look(first, complete=True)
    low = first | {f"b-{number}": Voice("1", number, words={"bucket": "low"}) for number in range(5)}
    assert run.look(low, complete=True) is Act.NOTHING
    mixed = low | {"b-5": Voice("1", 5, words={"bucket": "high"})}
    assert run.look(mixed, complete=True) is Act.NOW


def test_a_word_that_everybody_has_holds_nothing_up():
    run = Run()
    people = {f"a-{number}": Voice("1", number, words={"unit": "days"}) for number in range(10)}
    assert [run.look(dict(list(people.items())[:count]), complete=True) for count in (5, 10)] == [Act.NOW, Act.NOW]


def test_what_is_held_back_is_told_with_its_reason():
    found = voices(a=9, b=4)
    _, held = areas_to_show(NOTHING_CUT.then(found), found)
    assert [(one.area, one.rule, one.n) for one in held] == [("a", Rule.COMPLEMENT, 9), ("b", Rule.FEW, 4)]
    assert [(one.rule, one.n) for one in decide(State(), voices(a=4), over=False, complete=False).held] == [
        (Rule.FEW, 4)
    ]


def test_a_large_run_makes_few_publications():
    run = Run()
    for number in range(5, 1000, 5):
        run.look(voices(a=number))
    assert len(run.totals) < 60


# attacks


@st.composite
def _histories(draw: st.DrawFn) -> tuple[list[str], int]:
    """In which area each next answer comes in, and how many answer between two looks."""
    areas = draw(st.integers(1, 3))
    arriving = draw(st.lists(st.sampled_from("abc"[:areas]), min_size=1, max_size=26))
    return arriving, draw(st.integers(1, 7))


@given(_histories())
def test_nobody_learns_a_sum_about_fewer_than_k_people_from_all_that_was_published(history: tuple[list[str], int]):
    """Totals of every moment and areas of the last, taken from one another in any way.

    Groups of people whom no published sum tells apart stand for all groups: what follows is about whole ones.
    """
    arriving, step = history
    people = {f"p{number}": Voice("1", number, area) for number, area in enumerate(arriving)}
    keys, run = list(people), Run()
    for number in range(step, len(keys) + step, step):
        run.look({key: people[key] for key in keys[:number]})
    run.look(people, over=True)
    published = [set(total) for total in run.totals]
    for areas in run.areas:
        published += [{key for key in run.totals[-1] if people[key].area == area} for area in areas]
    assert not list(groups_found(keys, published, K))


@given(_histories(), st.data())
def test_whoever_knows_all_answers_but_those_of_k_people_of_one_total_cannot_tell_these_apart(
    history: tuple[list[str], int], data: st.DataObject
):
    """The adversary knows everybody else's answers but k - 1, and sees each total during the run and at its end."""
    arriving, step = history
    keys, run = [f"p{number}" for number in range(len(arriving))], Run()
    for number in range(step, len(keys) + step, step):
        run.look({key: Voice("1", key) for key in keys[:number]})
    run.look({key: Voice("1", key) for key in keys}, over=True)
    before: set[str] = set()
    for total in run.totals:
        new = sorted(set(total) - before)
        unknown = data.draw(st.permutations(new))[:K]
        before = set(total)
        assert len(unknown) == K
        assert not any(told_of({one}, unknown, [set(t) & set(unknown) for t in run.totals]) for one in unknown)

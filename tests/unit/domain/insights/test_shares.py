"""The impact rate, its areas, what helps and hinders, and the pair of values: what of them is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.insights import matrix
from lrs_bridge.domain.insights.pair import BUSINESS, INSTEAD, PERSON, pair
from lrs_bridge.domain.insights.shares import Share, Why, by_area, impact
from lrs_bridge.domain.publications import NOTHING_CUT, Figure, Publication, Rule, Voice, areas_to_show
from tests.subtracting import groups_found

K = 5
AT = datetime(2026, 5, 1, tzinfo=UTC)
FACTOR = THEMES[0]


def figure(n: int, value: float | None = 50.0, alike: bool = False, **components: Any) -> Figure:
    outcome = Outcome(value, n=n, coverage=1.0, components=components)
    return Figure(Result("x", Subject.cohort("run"), AT, outcome, {}, "x", "1", "d", "").as_dict(), alike)


def out(last: bool = True, **figures: Figure) -> Publication:
    return Publication("x", 1, last, {name if name != "whole" else "": one for name, one in figures.items()})


NOW = Outcome(50.0, n=24, components={"impact_rate": 0.99})


# the impact rate


def test_the_rate_is_that_of_the_publication_and_not_of_now() -> None:
    found = impact(figure(24, impact_rate=0.375), NOW, K)
    assert (found.count, found.of, found.rate) == (9, 24, 0.375)


@pytest.mark.parametrize(
    ("published", "present", "why"),
    [
        (None, Outcome.none(Status.NOT_STARTED), Why.UNKNOWN),
        (None, Outcome(50.0, n=4, components={"impact_rate": 0.5}), Why.FEW),
        (None, NOW, Why.LATER),
        (figure(4, impact_rate=0.5), NOW, Why.FEW),
        (figure(24, impact_rate=0.0), NOW, Why.BAND),
        (figure(24, impact_rate=1.0), NOW, Why.BAND),
    ],
)
def test_where_there_is_no_rate_there_is_a_reason(published: Figure | None, present: Outcome, why: Why) -> None:
    found = impact(published, present, K)
    assert (found.rate, found.why) == (None, why)


def test_a_setting_raises_how_many_people_it_takes() -> None:
    assert impact(figure(9, impact_rate=0.5), NOW, 10).why is Why.FEW


# areas


def test_the_area_of_four_and_the_next_smallest_are_hidden_with_their_reasons() -> None:
    published = out(whole=figure(24, impact_rate=0.5), East=figure(11, impact_rate=5 / 11))
    found = by_area(published, {"North": 4, "South": 9, "East": 11}, K)
    assert [(one.area, one.people, one.share) for one in found] == [
        ("East", 11, Share(5, 11)),
        ("South", 9, Share(None, None, Why.COMPLEMENT)),
        ("North", 4, Share(None, None, Why.FEW)),
    ]


def test_no_area_is_told_of_before_one_came_out() -> None:
    sizes = {"North": 9, "East": 11}
    assert by_area(None, sizes, K) == []
    assert by_area(out(whole=figure(20, impact_rate=0.5)), sizes, K) == []


# what helps and hinders

ANSWERS = st.dictionaries(st.sampled_from(["participant", "manager", "sponsor", "coach", "mentor"]), st.integers(0, 14))


@given(ANSWERS, st.integers(5, 15))
def test_no_group_of_fewer_than_k_follows_from_the_groups_and_everybody(sizes: Mapping[str, int], k: int) -> None:
    """The total stands on another page, as long as k people answered."""
    people = {f"{role} {number}": role for role, size in sizes.items() for number in range(size)}
    groups, held = matrix.by_role([(role, frozenset()) for role in people.values()], k)
    told = [{one for one, role in people.items() if role == group.key} for group in groups if group.rule is None]
    if len(people) >= k:
        told.append(set(people))
    assert not list(groups_found(list(people), told, k))
    assert {one.area for one in held} == {group.key for group in groups if group.rule}
    assert all(not group.counts and group.size is None for group in groups if group.rule)


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 12), min_size=1))
def test_no_sum_about_fewer_than_k_follows_from_areas_and_the_whole(sizes: dict[str, int]) -> None:
    """What the publication left out stays out."""
    voices = {f"{area}{n}": Voice("1", f"{area}{n}", area) for area, size in sizes.items() for n in range(size)}
    shown, _ = areas_to_show(NOTHING_CUT.then(voices), voices, K)
    published = out(
        whole=figure(len(voices), impact_rate=0.5), **{area: figure(sizes[area], impact_rate=0.5) for area in shown}
    )
    told = [one.area for one in by_area(published, sizes, K) if one.share.rate is not None]
    sums = [{key for key, one in voices.items() if one.area == area} for area in told]
    if len(voices) >= K:
        sums.append(set(voices))
    assert not list(groups_found(list(voices), sums, K))


def test_reasons_for_hidden_groups_are_kept() -> None:
    answers = [
        *[("participant", frozenset({FACTOR}))] * 9,
        *[("manager", frozenset())] * 6,
        *[("coach", frozenset())] * 3,
    ]
    groups, held = matrix.by_role(answers)
    assert [(one.area, one.rule, one.n) for one in held] == [
        ("coach", Rule.FEW, 3),
        ("manager", Rule.COMPLEMENT, 6),
    ]
    (shown,) = [group for group in groups if group.rule is None]
    assert shown.counts[FACTOR] == matrix.Count(None, "nearly all")


NAMED = {FACTOR: {"helped": 7, "hindered": 2}}


def test_what_participants_said_at_the_end_is_told_of_the_last_total_only() -> None:
    """Five who are new may all have named the same factor."""
    last = matrix.at_the_end(out(whole=figure(12, factor_counts=NAMED)), K)
    assert [(group.key, group.size, group.counts[FACTOR].number) for group in last] == [
        ("helped", 12, 7),
        ("hindered", 12, 2),
    ]
    assert matrix.at_the_end(out(last=False, whole=figure(12, factor_counts=NAMED)), K) == []
    assert matrix.at_the_end(None, K) == []
    assert matrix.at_the_end(out(whole=figure(4, factor_counts=NAMED)), K) == []
    assert matrix.at_the_end(out(whole=figure(12)), K) == []


# the pair


def test_both_sides_are_told_with_how_many_people() -> None:
    means = {PERSON: 4.25, BUSINESS: 2.5, "answered": {PERSON: 12, BUSINESS: 11}}
    found = pair(out(whole=figure(12, **means)), frozenset({PERSON, BUSINESS, INSTEAD}), K)
    assert found.person is not None
    assert found.business is not None
    assert (found.person.low, found.person.high, found.person.people) == (4.25, 4.25, 12)
    assert (found.business.low, found.business.people) == (2.5, 11)


def test_usefulness_stands_in_where_nothing_else_is_asked() -> None:
    found = pair(out(whole=figure(12, usefulness=4.0, answered={INSTEAD: 12})), frozenset({INSTEAD}), K)
    assert found.person is not None
    assert found.person.item == INSTEAD
    assert found.business is None


@pytest.mark.parametrize(
    ("published", "why"),
    [
        (None, Why.LATER),
        (out(last=False, whole=figure(12, usefulness=4.0, answered={INSTEAD: 12})), Why.LATER),
        (out(whole=figure(12, usefulness=4.0)), Why.LATER),
        (out(whole=figure(12, usefulness=4.0, answered={INSTEAD: 4})), Why.FEW),
        (out(whole=figure(12, usefulness=4.95, answered={INSTEAD: 12})), Why.BAND),
        (out(whole=figure(12, usefulness=3.0, alike=True, answered={INSTEAD: 12})), Why.BAND),
    ],
)
def test_a_side_that_is_not_told_says_why(published: Publication | None, why: Why) -> None:
    """Few may have answered one question of a survey that many answered."""
    found = pair(published, frozenset({INSTEAD}), K).person
    assert found is not None
    assert found.why is why
    assert found.low is None or found.low < (found.high or 0)

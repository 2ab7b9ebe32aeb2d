"""Rules and seeds: what they do, what they would do, and that the same gives the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.response import hidden_areas
from lrs_bridge.domain.casework.sampling import Sizes, draw, in_order, sample
from lrs_bridge.domain.casework.sorting import Bucket, Rule, codes, effect, sort, usual_rule
from tests.unit.domain.casework.making import HIGH, LOW, MIDDLE, Eva, answered, sources

PEOPLE = [f"p{number:03}" for number in range(200)]


def test_one_clear_result_is_enough_in_a_short_survey() -> None:
    assert usual_rule(3).high_items == 1
    assert usual_rule(4).high_items == 2
    assert usual_rule(5, high_items=3).high_items == 3


def test_another_rule_is_shown_with_what_it_changes() -> None:
    known = codes(PEOPLE, "run-1")
    answers = answered((2, HIGH), (3, MIDDLE), (1, LOW))
    now, then = sort(answers, Rule(2), known), sort(answers, Rule(1), known)
    found = effect(now, then)
    assert (found.before[Bucket.HIGH], found.after[Bucket.HIGH]) == (2, 5)
    assert {code for code, _, _ in found.changed} == {known[f"p00{n}"] for n in (2, 3, 4)}


def test_a_rule_that_is_kept_sorts_and_one_that_is_undone_does_not() -> None:
    eva, found = Eva(), sources(6, answered((2, HIGH), (3, MIDDLE), (1, LOW)))
    kept = eva.does(Action.RULE, high_items=1, low_at_most=1, min_answered=0.6667)
    assert eva.study(found).board.counts[Bucket.HIGH] == 5
    assert [one.late for one in eva.study(found).rules] == [False, True]
    undo = eva.does(Action.UNDO, undoes=kept)
    assert eva.study(found).board.counts[Bucket.HIGH] == 2
    eva.does(Action.UNDO, undoes=undo)
    assert eva.study(found).board.counts[Bucket.HIGH] == 5
    assert [line.undone for line in eva.study(found).log] == [False, True, False]


def test_somebody_is_moved_by_hand_with_a_reason_on_record() -> None:
    eva, found = Eva(), sources(6, answered((2, HIGH), (3, MIDDLE), (1, LOW)))
    moved = eva.does(Action.MOVE, "p002", {"reason": "Told us of a result in the hall"}, to="high")
    case = eva.study(found).by_registration["p002"]
    assert (case.by_rule, case.bucket) == (Bucket.MIDDLE, Bucket.HIGH)
    assert case.moved is not None
    assert (case.moved.reason, case.moved.by) == ("Told us of a result in the hall", "Eva Lang")
    eva.does(Action.UNDO, undoes=moved)
    assert eva.study(found).by_registration["p002"].bucket is Bucket.MIDDLE


@given(some.integers(), some.sets(some.sampled_from(PEOPLE)), some.sampled_from(list(Bucket)))
def test_the_same_seed_gives_the_same_order_and_a_newcomer_moves_nobody(
    seed: int, people: set[str], bucket: Bucket
) -> None:
    order = in_order(people, seed, bucket)
    assert order == in_order(sorted(people, reverse=True), seed, bucket)
    with_one_more = in_order(people | {"newcomer"}, seed, bucket)
    assert tuple(one for one in with_one_more if one != "newcomer") == order


def test_another_seed_draws_others() -> None:
    assert in_order(PEOPLE, 1, Bucket.HIGH) != in_order(PEOPLE, 2, Bucket.HIGH)
    assert in_order(PEOPLE, 1, Bucket.HIGH) != in_order(PEOPLE, 1, Bucket.LOW)


@given(some.integers(0, 9), some.sets(some.sampled_from(PEOPLE[:24]), max_size=24))
def test_whoever_declines_is_followed_by_the_next_until_nobody_is_left(seed: int, out: set[str]) -> None:
    """As many as wanted, or as there are; nobody twice, nobody who declined; the order is that of the seed."""
    board = sort(answered((10, HIGH), (4, MIDDLE), (10, LOW)), Rule(2), codes(PEOPLE, "run-1"))
    made = draw(board, seed, Sizes(6, 2, 6))
    found = sample(made, out)
    chosen = [one.registration for one in found]
    assert len(chosen) == len(set(chosen))
    assert not out & set(chosen)
    for bucket, wanted in ((Bucket.HIGH, 6), (Bucket.MIDDLE, 2), (Bucket.LOW, 6)):
        willing = [one for one in made.order[bucket] if one not in out]
        mine = [one for one in found if one.bucket is bucket]
        assert [one.registration for one in mine] == willing[:wanted]
        replaced = [one for one in mine if one.instead_of]
        assert {one.instead_of for one in replaced} <= out
        assert len({one.instead_of for one in replaced}) == len(replaced)


def test_fewer_than_wanted_are_all_drawn() -> None:
    board = sort(answered((2, HIGH), (1, LOW)), Rule(2), codes(PEOPLE, "run-1"))
    assert len(sample(draw(board, 1, Sizes()), ())) == 3


def test_codes_are_of_one_person_each_and_stay() -> None:
    many = [f"person-{number}" for number in range(2_000)]
    known = codes(many, "run-1")
    assert len(set(known.values())) == 2_000
    assert codes(reversed(many), "run-1") == known
    assert codes(many, "run-2") != known


@given(
    some.dictionaries(some.sampled_from("abcdef"), some.tuples(some.integers(1, 20), some.integers(0, 20)), min_size=1)
)
def test_no_area_can_be_worked_out_from_the_total(areas: dict[str, tuple[int, int]]) -> None:
    """What is hidden beside the total is nothing, everything, or at least five answers in two areas or more."""
    asked = {name: max(pair) for name, pair in areas.items()}
    answered_ = {name: min(pair) for name, pair in areas.items()}
    hidden = hidden_areas(asked, answered_)
    for name in asked.keys() - hidden.keys():
        assert asked[name] >= 5
        assert answered_[name] == 0 or answered_[name] >= 5
    if hidden and len(hidden) < len(asked):
        assert len(hidden) > 1
        assert sum(answered_[name] for name in hidden) >= 5

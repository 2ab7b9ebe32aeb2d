"""Patterns: greedy, without going back; against regular expressions and a naive reading of the specification."""

import re
import time
from itertools import count, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.patterns import ALTERNATES, DEEPEST, SEQUENCE, Outcome, Pattern, PatternError, compiled, match

SUCCESS, PARTIAL, FAILURE = Outcome.SUCCESS, Outcome.PARTIAL, Outcome.FAILURE
LETTERS = "abcde"

# A pattern is written as ("sequence", "a", ("zeroOrMore", "b")): templates are letters.
Written = str | tuple[Any, ...]


def built(written: Written, templates: str = LETTERS):
    """The pattern, ready to match."""
    patterns: dict[str, Pattern] = {}
    numbers = count()

    def add(part: Written) -> str:
        if isinstance(part, str):
            return part
        iri = f"p{next(numbers)}"
        patterns[iri] = Pattern(iri, part[0], tuple(add(inner) for inner in part[1:]))
        return iri

    return compiled(add(written), patterns, templates)


def outcome(written: Written, statements: str) -> Outcome:
    return match(built(written), [{letter} for letter in statements]).outcome


AB = ("sequence", "a", "b")


@pytest.mark.parametrize(
    ("written", "statements", "expected"),
    [
        ("a", "a", SUCCESS),
        ("a", "", PARTIAL),
        ("a", "b", FAILURE),
        ("a", "aa", FAILURE),
        (AB, "ab", SUCCESS),
        (AB, "a", PARTIAL),
        (AB, "ba", FAILURE),
        (("alternates", "a", "b"), "b", SUCCESS),
        (("alternates", "a", AB), "ab", SUCCESS),
        (("alternates", "a", AB), "a", SUCCESS),
        (("optional", "a"), "", SUCCESS),
        (("optional", "a"), "aa", FAILURE),
        (("optional", AB), "a", PARTIAL),
        (("zeroOrMore", "a"), "", SUCCESS),
        (("zeroOrMore", "a"), "aaa", SUCCESS),
        (("zeroOrMore", AB), "aba", PARTIAL),
        (("zeroOrMore", AB), "a", PARTIAL),
        (("zeroOrMore", AB), "abc", FAILURE),
        (("oneOrMore", "a"), "", PARTIAL),
        (("oneOrMore", "a"), "aa", SUCCESS),
        (("oneOrMore", AB), "abab", SUCCESS),
        (("oneOrMore", ("optional", "a")), "", SUCCESS),
        (("sequence", ("zeroOrMore", ("optional", "a")), "b"), "aab", SUCCESS),
    ],
)
def test_a_pattern_matches_partly_or_fails(written, statements, expected):
    """Each sort of pattern, and the middle of each."""
    assert outcome(written, statements) == expected


@pytest.mark.parametrize(
    ("written", "statements"),
    [
        (("sequence", ("zeroOrMore", "a"), "a"), "aab"),
        (("sequence", ("optional", "a"), AB), "ab"),
        (("sequence", ("alternates", "a", AB), "b", "c"), "abc"),
    ],
)
def test_matching_is_greedy_and_never_goes_back(written, statements):
    """A regular expression would match the last two; the specification forbids it."""
    assert outcome(written, statements) == FAILURE


def test_a_statement_may_follow_several_templates():
    """It then fits wherever one of them is looked for."""
    assert match(built(AB), [{"a", "b"}, {"c", "b"}]).outcome == SUCCESS
    assert match(built(AB), [{"b"}, set()]).outcome == FAILURE


def test_a_match_says_how_far_it_came_and_what_was_looked_for():
    """For a failure, the first statement that does not fit; for the others, what may come next."""
    pattern = built(("sequence", "a", ("alternates", "b", ("sequence", "c", "d")), "e"))

    def told(statements: str) -> tuple[int, tuple[str, ...]]:
        found = match(pattern, [{letter} for letter in statements])
        return found.taken, found.next

    assert told("") == (0, ("a",))
    assert told("a") == (1, ("b", "c"))
    assert told("aca") == (2, ("d",))
    assert told("acd") == (3, ("e",))
    assert told("abe") == (3, ())
    assert told("abeb") == (3, ())


# Against regular expressions: with no template twice, greedy matching and a regular expression are the same thing.

LEAVES = st.just("x")


def _bigger(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    single = st.tuples(st.sampled_from(["optional", "oneOrMore", "zeroOrMore"]), inner)
    many = st.lists(inner, min_size=2, max_size=3)
    return single | st.tuples(st.sampled_from([SEQUENCE, ALTERNATES]), many).map(lambda made: (made[0], *made[1]))


SHAPES = st.recursive(LEAVES, _bigger, max_leaves=5)


def lettered(shape: Written, letters: Any) -> Written:
    if isinstance(shape, str):
        return next(letters)
    return (shape[0], *(lettered(part, letters) for part in shape[1:]))


DISTINCT = SHAPES.map(lambda shape: lettered(shape, iter(LETTERS)))
STATEMENTS = st.text(LETTERS, max_size=7)


def regular(written: Written) -> str:
    if isinstance(written, str):
        return written
    how, *parts = written
    if how == SEQUENCE:
        return "".join(map(regular, parts))
    if how == ALTERNATES:
        return f"(?:{'|'.join(map(regular, parts))})"
    return f"(?:{regular(parts[0])}){ {'optional': '?', 'oneOrMore': '+', 'zeroOrMore': '*'}[how] }"


def beginnings(written: Written) -> str:
    """A regular expression of all beginnings of what `written` matches."""
    if isinstance(written, str):
        return f"{written}?"
    how, *parts = written
    if how == SEQUENCE:
        before = ["".join(map(regular, parts[:number])) for number in range(len(parts))]
        return f"(?:{'|'.join(done + beginnings(part) for done, part in zip(before, parts, strict=True))})"
    if how == ALTERNATES:
        return f"(?:{'|'.join(map(beginnings, parts))})"
    return beginnings(parts[0]) if how == "optional" else f"(?:{regular(parts[0])})*{beginnings(parts[0])}"


@given(DISTINCT, STATEMENTS)
def test_patterns_without_a_template_twice_are_regular_expressions(written, statements):
    """Success is a full match, partial a beginning of one, failure neither."""
    full, begun = (re.fullmatch(made(written), statements) for made in (regular, beginnings))
    assert outcome(written, statements) == (SUCCESS if full else PARTIAL if begun else FAILURE)


# Against the specification's words: with templates again and again.

AGAIN = st.recursive(st.sampled_from("abc"), _bigger, max_leaves=6)


def ends(written: Written, statements: str, start: int) -> int | None:
    """Greedy, the longest choice, no way back: on slices of a text, with nothing remembered."""
    if isinstance(written, str):
        return start + 1 if statements[start : start + 1] == written else None
    how, *parts = written
    if how == SEQUENCE:
        for part in parts:
            end = ends(part, statements, start)
            if end is None:
                return None
            start = end
        return start
    if how == ALTERNATES:
        return max((end for part in parts if (end := ends(part, statements, start)) is not None), default=None)
    end = ends(parts[0], statements, start)
    if end is None:
        return None if how == "oneOrMore" else start
    if how == "optional" or end == start:
        return end
    return ends(("zeroOrMore", parts[0]), statements, end)


@given(AGAIN, st.text("abc", max_size=6))
def test_matching_is_what_the_specification_says(written, statements):
    """Success exactly where the greedy reading takes all statements."""
    assert (outcome(written, statements) == SUCCESS) == (ends(written, statements, 0) == len(statements))


@given(AGAIN, st.text("abc", max_size=4))
def test_no_success_comes_after_a_failure(written, statements):
    """Whatever follows: up to two more statements are tried."""
    if outcome(written, statements) == FAILURE:
        further = [*"abc", *("".join(two) for two in product("abc", repeat=2))]
        assert SUCCESS not in {outcome(written, statements + more) for more in further}


def test_a_success_can_always_be_begun():
    """Every beginning of a success is a success or partial."""
    written = ("oneOrMore", ("sequence", "a", ("zeroOrMore", ("alternates", "b", "c")), ("optional", "d")))
    statements = "abccbdaabd"
    assert outcome(written, statements) == SUCCESS
    assert all(outcome(written, statements[:cut]) in (SUCCESS, PARTIAL) for cut in range(len(statements)))


# What cannot be matched


def test_a_pattern_inside_itself_is_refused():
    """With the way from itself to itself."""
    patterns = {"p": Pattern("p", "optional", ("q",)), "q": Pattern("q", "sequence", ("a", "p"))}
    with pytest.raises(PatternError, match="p: contains itself: p > q > p"):
        compiled("p", patterns, "a")


def test_a_part_that_nobody_has_is_refused():
    """Instead of never matching."""
    with pytest.raises(PatternError, match="p: refers to z, which is no known"):
        compiled("p", {"p": Pattern("p", "sequence", ("a", "z"))}, "a")


def test_patterns_nested_without_end_are_refused():
    """Before they exhaust the stack."""
    patterns = {f"p{n}": Pattern(f"p{n}", "optional", (f"p{n + 1}",)) for n in range(2000)}
    with pytest.raises(PatternError, match="p0: is nested more than"):
        compiled("p0", patterns, "a")


def test_what_is_used_again_and_again_is_looked_at_once():
    """Each level uses the one below twice: 2 to the 60th ways, were they all tried."""
    patterns = {f"p{n}": Pattern(f"p{n}", "sequence", (f"p{n + 1}", f"p{n + 1}")) for n in range(DEEPEST - 4)}
    patterns[f"p{DEEPEST - 4}"] = Pattern(f"p{DEEPEST - 4}", "optional", ("a",))
    began = time.perf_counter()
    assert match(compiled("p0", patterns, "a"), [{"b"}]).outcome == FAILURE
    assert time.perf_counter() - began < 5

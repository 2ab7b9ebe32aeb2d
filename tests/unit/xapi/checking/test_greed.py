"""Patterns whose words greedy matching does not follow: found by example, and never without one."""

import re

import pytest
from hypothesis import given

from lrs_bridge.xapi.checking.greed import refused_row
from lrs_bridge.xapi.patterns import Outcome, Pattern, compiled, match
from tests.unit.xapi.test_patterns import AB, AGAIN, DISTINCT, built, regular


@pytest.mark.parametrize(
    ("written", "row"),
    [
        (("sequence", ("zeroOrMore", "a"), "a"), ("a",)),
        (("sequence", ("optional", "a"), AB), ("a", "b")),
        (("sequence", "c", ("alternates", "a", AB), "b"), ("c", "a", "b")),
        (("alternates", "a", AB), None),
        (("sequence", ("zeroOrMore", "a"), "b", "a"), None),
    ],
)
def test_a_shortest_row_that_greed_refuses_is_named(written, row):
    """Where a choice of the longest helps, nothing is said."""
    assert refused_row(built(written)) == row


@given(AGAIN)
def test_a_row_that_is_named_is_described_and_refused(written):
    """So the warning is never wrong."""
    root = built(written)
    row = refused_row(root)
    if row is not None:
        assert re.fullmatch(regular(written), "".join(row))
        assert match(root, [{letter} for letter in row]).outcome != Outcome.SUCCESS


@given(DISTINCT)
def test_where_no_template_stands_twice_nothing_is_named(written):
    """There greed and the words agree."""
    assert refused_row(built(written)) is None


def test_patterns_that_write_out_endlessly_are_let_alone():
    """Each uses the one below twice."""
    patterns = {f"p{n}": Pattern(f"p{n}", "sequence", (f"p{n + 1}", f"p{n + 1}")) for n in range(40)}
    assert refused_row(compiled("p0", patterns, {"p40"})) is None

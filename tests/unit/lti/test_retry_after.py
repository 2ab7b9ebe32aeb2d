"""Retry-After: seconds or a date."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.lti.retry_after import seconds_to_wait
from tests.fakes.launching import NOON


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("Thu, 26 Mar 2026 12:00:30 GMT", 30.0),
        ("Thu, 26 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),
        ("Thu, 26 Mar 2026 12:00:00 +99999999", None),
        ("", None),
    ],
)
def test_the_wait_is_read_in_both_forms(value: str, expected: float | None) -> None:
    """RFC 9110, 10.2.3; what is neither is as if it were not there."""
    assert seconds_to_wait({"Retry-After": value}, NOON) == expected


def test_without_the_header_there_is_no_wait() -> None:
    """The usual case."""
    assert seconds_to_wait({}, NOON) is None


@given(st.text(st.characters(max_codepoint=255)) | st.integers().map(str))
def test_whatever_stands_there_is_a_wait_or_none(value: str) -> None:
    """Never a negative one, and no fault of ours."""
    wait = seconds_to_wait({"Retry-After": value}, NOON)
    assert wait is None or (wait >= 0 and not math.isnan(wait))

"""Retry-After: seconds or a date."""

from __future__ import annotations

import pytest

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
        ("", None),
    ],
)
def test_the_wait_is_read_in_both_forms(value: str, expected: float | None) -> None:
    """RFC 9110, 10.2.3; what is neither is as if it were not there."""
    assert seconds_to_wait({"Retry-After": value}, NOON) == expected


def test_without_the_header_there_is_no_wait() -> None:
    """The usual case."""
    assert seconds_to_wait({}, NOON) is None

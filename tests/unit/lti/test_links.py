"""The next page, as LMSs really write it."""

from __future__ import annotations

import pytest

from lrs_bridge.lti.links import next_link

ASKED = "https://lms.example/api/lineitems?type_id=1"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ('<https://lms.example/p2>; rel="next"', "https://lms.example/p2"),
        ("<https://lms.example/p2>; rel=next", "https://lms.example/p2"),
        ('<https://lms.example/p2>;REL="Next"', "https://lms.example/p2"),
        (
            '<https://lms.example/p1>; rel="first", <https://lms.example/p2?a=1,2>; rel="next"',
            "https://lms.example/p2?a=1,2",
        ),
        ('<https://lms.example/p2>; rel="last next"; title="more"', "https://lms.example/p2"),
        ('</api/lineitems?from=2>; rel="next"', "https://lms.example/api/lineitems?from=2"),
        ('<https://lms.example/p1>; rel="prev", <https://lms.example/p9>; rel="last"', None),
        ('<https://lms.example/p2>; rel="nextish"', None),
        ("<https://lms.example/p?a=1&amp;b=2>; rel=“next”", "https://lms.example/p?a=1&b=2"),
        (
            "<https://lms.example/p?a=1&amp;b=2>; rel=“next”".encode().decode("latin-1"),
            "https://lms.example/p?a=1&b=2",
        ),
    ],
)
def test_the_relation_next_is_found_in_any_spelling(header: str | None, expected: str | None) -> None:
    """Among others, in any casing, relative, and with Moodle's quotes and entities."""
    assert next_link(header, ASKED) == expected

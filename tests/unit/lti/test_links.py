"""The next page, as LMSs really write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.delivery import Refused
from lrs_bridge.lti.links import next_link, origin

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


def test_a_next_page_that_is_no_address_ends_the_reading() -> None:
    """In words, since it is for a person to mend."""
    with pytest.raises(Refused, match="which is none"):
        next_link('<http://[lms>; rel="next"', ASKED)


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from(["{}", "<{}>; rel=next", '<{}>; rel="next {}"']))
def test_no_header_is_a_fault_of_ours(text: str, form: str) -> None:
    """Headers are Latin-1, and anything may stand in one."""
    try:
        found = next_link(form.replace("{}", text), ASKED)
    except Refused:
        return
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://LMS.Example:443/other?x=1", True),
        ("https://lms.example", True),
        ("https://user@lms.example/", True),
        ("https://lms.example:8443/", False),
        ("http://lms.example/", False),
        ("https://lms.example.evil.example/", False),
        ("https://lms.example:99999999/", False),
        ("https://[lms.example/", False),
        ("", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, same: bool) -> None:
    """However it is written."""
    assert (origin(url) == origin(ASKED)) is same

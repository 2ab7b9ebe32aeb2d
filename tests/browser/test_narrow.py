"""From 320 px, the frame of an LMS on a small phone and a page at 400 % on a screen (WCAG 1.4.10), to a screen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.browser.looking import Look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_no_page_is_wider_than_its_window(looks: Sequence[Look]) -> None:
    """Of all pages in all states, with everything unfolded; what sticks out is named."""
    assert {str(look.stop): look.wide for look in looks if look.wide} == {}

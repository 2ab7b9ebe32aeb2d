"""The pages for each LMS say what the admin page says: the same fields, and the same to paste."""

from __future__ import annotations

import pytest

from lrs_bridge.lti.setup import Addresses
from lrs_bridge.web.admin.guides import Guide, guides
from tests import pages
from tests.pages import DOCS

BASE = "https://bridge.example"
GUIDES = guides(Addresses(BASE))


def page_of(guide: Guide) -> str:
    return pages.page(f"lms/{guide.key}.md")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda one: one.key)
def test_every_field_is_on_the_page_with_the_same_value(guide: Guide) -> None:
    """Written with `<base>` for the address of the installation."""
    told = {row[0]: row[1] for row in pages.rows(page_of(guide)) if len(row) == 2}
    for label, value in guide.rows:
        shown = value.replace(BASE, "<base>").replace("bridge.example", "the host of `<base>`")
        assert shown in told[label], label


@pytest.mark.parametrize("guide", GUIDES, ids=lambda one: one.key)
def test_every_page_says_how_to_register_and_how_to_keep_columns_out_of_the_total(guide: Guide) -> None:
    """And whether the LMS does it by itself."""
    sections = pages.sections(page_of(guide), 2)
    assert sections["Keep the other columns out of the total"].strip()
    assert sections["Place it"].strip()
    assert any("registers itself" in heading for heading in sections) is guide.registers
    assert ("`<base>/lti/register`" in page_of(guide)) is guide.registers


@pytest.mark.parametrize("guide", GUIDES, ids=lambda one: one.key)
def test_every_page_says_what_was_tried_and_what_never_was(guide: Guide) -> None:
    """In rows of their own, so that neither is read into the other."""
    rows = pages.rows(pages.sections(page_of(guide), 2)["What was tried"])
    told = {row[0]: row[1] for row in rows if len(row) == 2}
    kinds = [kind for kind in told if kind.startswith("tried with")]
    assert len(kinds) == 2
    assert told["never tried"]


def test_every_page_is_linked_and_has_a_guide() -> None:
    """From docs/connecting-an-lms.md, which says of each whether it registers itself."""
    files = {path.stem for path in (DOCS / "lms").glob("*.md")}
    assert files == {guide.key for guide in GUIDES}
    rows = {row[2]: row[1].split(",")[0] for row in pages.rows(pages.page("connecting-an-lms.md")) if len(row) == 3}
    for guide in GUIDES:
        (answer,) = [said for link, said in rows.items() if f"lms/{guide.key}.md" in link]
        assert (answer == "yes") is guide.registers

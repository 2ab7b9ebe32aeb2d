"""docs/checking-xapi.md explains each rule by which a check can find something, in the words of the code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lrs_bridge.xapi.checking import profile_notes, statement_findings
from tests import pages


@pytest.mark.parametrize(
    ("heading", "rules"), [("A profile", profile_notes.RULES), ("Statements", statement_findings.RULES)]
)
def test_the_rules_of_the_page_are_those_of_the_code(heading: str, rules: Mapping[str, str]) -> None:
    """All of them, and no others."""
    section = pages.sections(pages.page("checking-xapi.md"), 2)[heading]
    told = {row[0].strip("`"): row[1] for row in pages.rows(section) if row[0].startswith("`")}
    assert told == dict(rules)

"""`docs/coverage.md` names pages, types of step and tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lrs_bridge.config import from_environment
from lrs_bridge.domain.journey import STEP_TYPES
from lrs_bridge.web import create_app
from lrs_bridge.wiring import build
from tests import pages
from tests.pages import ROOT

TEXT = pages.page("coverage.md")
PARTS = pages.sections(TEXT, 2)
DESCRIBED = pages.rows(PARTS["What was described"])[1:]
TYPES = pages.rows(PARTS["Types of step"])[1:]
TESTS = sorted({code for code in pages.codes(TEXT) if "::" in code})
_NAMED = re.compile(r"tests/[\w/]+\.py\b")


def codes_of(cell: str) -> set[str]:
    return set(pages.codes(cell))


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("coverage")
    app = create_app(build(from_environment({"LRS_BRIDGE_DATA_DIR": str(folder)})))
    return {rule.endpoint for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("test", TESTS)
def test_every_named_test_is_there(test: str) -> None:
    """A function of that name in that file, which is not skipped."""
    path, _, name = test.partition("::")
    found = [
        one for one in ast.parse((ROOT / path).read_text(encoding="utf-8")).body if getattr(one, "name", "") == name
    ]
    assert len(found) == 1
    assert isinstance(found[0], ast.FunctionDef)
    assert not [mark for mark in found[0].decorator_list if "skip" in ast.unparse(mark)]


def test_every_named_file_is_there() -> None:
    """Also those that are named without a test."""
    assert [name for name in _NAMED.findall(TEXT) if not Path(ROOT / name).is_file()] == []


def test_every_named_page_is_there(endpoints: set[str]) -> None:
    """Pages are named as Flask names them."""
    named = {code for row in DESCRIBED for code in codes_of(row[2])} | {
        code for row in TYPES for code in codes_of(row[1])
    }
    assert named - endpoints == set()


def test_every_named_type_is_one_and_all_are_listed() -> None:
    """The second table has each once."""
    assert {code for row in DESCRIBED for code in codes_of(row[3])} <= STEP_TYPES
    listed = [code for row in TYPES for code in codes_of(row[0])]
    assert sorted(listed) == sorted(STEP_TYPES)


def test_every_row_has_a_page_and_a_test() -> None:
    """And says how it is done."""
    for row in DESCRIBED:
        assert len(row) == 5
        assert row[1]
        assert codes_of(row[2])
        assert any("::" in code for code in codes_of(row[4]))
    for row in TYPES:
        assert codes_of(row[1])
        assert any("::" in code for code in codes_of(row[2]))
    assert len(DESCRIBED) == 28

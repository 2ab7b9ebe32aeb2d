"""The threat model names a test in every row, and each of them exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/threat-model.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_there_are_rows():
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_is_held_by_tests_that_exist(row: str):
    threat, who, stops, held = (cell.strip() for cell in row.strip("|").split("|"))
    assert threat
    assert who
    assert stops
    named = _TEST.findall(held)
    assert len(named) == held.count("::") >= 1
    assert [name for file, name in named if name not in _tests_in(file)] == []


@cache
def _tests_in(file: str) -> frozenset[str]:
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))

"""`lrs-bridge journey install`: a version is installed once and never changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main
from tests.unit.cli.conftest import JOURNEY


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, ["journey", *words], catch_exceptions=False)


def _install(text: str) -> Result:
    Path("j.yaml").write_text(text)
    return _run("install", "j.yaml")


def test_an_installed_journey_stands_in_the_list():
    result = _install(JOURNEY)
    assert result.exit_code == 0
    assert result.stdout.endswith(" is installed.\n")
    slug = result.stdout.split()[0]
    assert slug in _run("list").stdout


def test_installing_the_same_again_changes_nothing():
    _install(JOURNEY)
    assert _install(JOURNEY).stdout.endswith(" is installed already.\n")


def test_another_content_under_the_same_version_is_refused_and_says_which_is_free():
    _install(JOURNEY)
    result = _install(JOURNEY.replace("title: ", "title: Changed ", 1))
    assert result.exit_code == 1
    assert "Give the changed journey the version 2." in result.stderr


def test_a_broken_file_is_refused_with_file_line_and_key():
    result = _install("journey: Not a slug\n")
    assert result.exit_code == 1
    assert "j.yaml:1: journey:" in result.stderr

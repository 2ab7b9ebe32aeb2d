"""`lrs-bridge keys`: changing our signing key without an LMS that refuses us meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main

Run = Callable[..., Result]


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on an installation of its own."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["keys", *arguments], catch_exceptions=False)

    return run


def listed(keys: Run) -> dict[str, str]:
    lines = keys("list").stdout.splitlines()
    return {kid: " ".join(standing.split()[:2]) for kid, standing in (line.split("  ") for line in lines)}


def test_a_new_key_is_published_before_it_signs(keys: Run) -> None:
    """The first signs at once; the one that signs cannot be retired, nor can one that is not there."""
    assert listed(keys) == {}
    old = keys("rotate").stdout.split()[0]
    assert listed(keys) == {old: "signs since"}
    new = keys("rotate").stdout.split()[0]
    assert listed(keys) == {old: "signs since", new: "signs from"}
    refused = keys("retire", old)
    assert refused.exit_code == 1
    assert "signs at present" in refused.stderr
    for nothing in ("nothing", "-nothing", "--_nothing-"):
        assert f"There is no key '{nothing}'" in keys("retire", nothing).stderr
    assert len(listed(keys)) == 2


def test_after_a_theft_the_new_key_signs_at_once_and_the_old_one_goes(keys: Run) -> None:
    """Two commands."""
    old, new = (keys("rotate", "--after", "0").stdout.split()[0] for _ in range(2))
    assert listed(keys) == {old: "published only", new: "signs since"}
    assert keys("retire", old).stdout.strip() == f"retired: {old}"
    assert listed(keys) == {new: "signs since"}


@pytest.mark.parametrize("hours", ["-1", "soon", "9000"])
def test_a_time_that_is_none_is_told(hours: str, keys: Run) -> None:
    """And nothing is made."""
    assert keys("rotate", "--after", hours).exit_code == 2
    assert listed(keys) == {}

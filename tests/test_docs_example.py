"""The evaluator that docs/evaluators.md builds is built: installed from the page's own text, found, asked, tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pages

FILE = re.compile(r"^\*\*`([\w.]+)`\*\*\n\n```\w+\n(.*?)^```", re.M | re.S)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(FILE.findall(pages.page("evaluators.md")))


@pytest.fixture(scope="module")
def example(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with the example's distribution in it."""
    sources, site = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("site")
    for name, text in files.items():
        (sources / name).write_text(text, encoding="utf-8")
    here = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    run(sources, sys.executable, "-m", "pip", "install", *here, "--target", str(site), str(sources))
    return site


def run(folder: Path, *command: str, site: Path | None = None) -> str:
    env = {**os.environ, **({"PYTHONPATH": str(site)} if site else {})}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_shows_a_whole_distribution(files: dict[str, str]) -> None:
    """Nothing but these three files is needed."""
    assert list(files) == ["pyproject.toml", "practice_breadth.py", "test_practice_breadth.py"]


def test_the_example_is_found_once_it_is_installed(example: Path, tmp_path: Path) -> None:
    """It stands in the list beside the built-in ones, under its own distribution."""
    listed = run(tmp_path, str(Path(sys.executable).with_name("lrs-bridge")), "plugins", "list", site=example)
    assert "practice_breadth  1.0.0  practice-breadth 1.0.0  Breadth of practice (person, cohort)" in listed
    assert "journey_completion" in listed


def test_the_tests_of_the_example_pass(example: Path, files: dict[str, str], tmp_path: Path) -> None:
    """The author's tests on the page, the contract check among them."""
    (tmp_path / "test_practice_breadth.py").write_text(files["test_practice_breadth.py"], encoding="utf-8")
    told = run(tmp_path, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", site=example)
    assert "3 passed" in told

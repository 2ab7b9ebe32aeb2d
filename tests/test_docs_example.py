"""What docs/evaluators.md shows is what `lrs-bridge plugins new` writes, and works as the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from lrs_bridge.cli import main
from lrs_bridge.cli.plugin_new import skeleton
from lrs_bridge.hooks import Unavailable
from lrs_bridge.hooks.testing import change, check_plugin, tell
from tests import pages

FILE = re.compile(r"^\*\*`([\w./]+)`\*\*\n\n```\w+\n(.*?)^```", re.M | re.S)
PAGE = pages.page("evaluators.md")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(FILE.findall(PAGE))


@pytest.fixture(scope="module")
def sources(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, copied off the page."""
    return written(files, tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def site(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages with that distribution in it."""
    found = tmp_path_factory.mktemp("site")
    here = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    run(sources, sys.executable, "-m", "pip", "install", *here, "--target", str(found), str(sources))
    return found


def written(files: Mapping[str, str], folder: Path) -> Path:
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *command: str, site: Path | None = None) -> str:
    env = {**os.environ, **({"PYTHONPATH": str(site)} if site else {})}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lrs_bridge(folder: Path, site: Path, *words: str) -> str:
    return run(folder, str(Path(sys.executable).with_name("lrs-bridge")), *words, site=site)


def test_the_page_shows_every_file_of_the_skeleton_as_it_is_written(files: dict[str, str]) -> None:
    """Whoever copies the page and whoever calls the command have the same in hand."""
    assert files == skeleton("practice-breadth")


def test_the_tests_of_the_skeleton_pass_before_anything_is_installed(sources: Path) -> None:
    """The command that the page gives."""
    told = run(sources, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    assert "6 passed" in told


def test_a_plugin_of_another_name_passes_its_tests_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by the command itself; nothing in it goes by the name on the page."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["plugins", "new", "x2-follow-through"]).exit_code == 0
    told = run(tmp_path / "x2-follow-through", sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    assert "6 passed" in told


def test_it_is_found_once_it_is_installed(site: Path, tmp_path: Path) -> None:
    """By the line that the page foretells, beside the built-in ones."""
    (line,) = [code for code in pages.codes(PAGE) if code.startswith("practice_breadth  ")]
    listed = lrs_bridge(tmp_path, site, "plugins", "list").splitlines()
    assert line in listed
    assert any(one.startswith("journey_completion  ") for one in listed)


def test_it_computes_the_table_on_the_page(sources: Path, site: Path) -> None:
    """With the settings of the journey in `try/`, by the command on the page."""
    (command,) = [words for words in pages.commands(PAGE, "lrs-bridge") if words[0] == "evaluate"]
    (table,) = pages.fenced(PAGE, "text")
    assert lrs_bridge(sources, site, *command) == table


def test_a_journey_that_names_it_is_in_order_and_can_be_installed(
    sources: Path, site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its settings are checked by its own schema."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    assert "practice_breadth" not in lrs_bridge(sources, site, "journey", "check", "try/journey.yaml")
    assert "first-calls" in lrs_bridge(sources, site, "journey", "install", "try/journey.yaml")


def test_the_listener_on_the_page_works() -> None:
    """It keeps the contract, sends what it hears, and says what went wrong."""
    (block,) = [one for one in pages.fenced(PAGE, "python") if "Listener(" in one]
    module = ModuleType("teller")
    exec(block, vars(module))  # the page's own text
    check_plugin(module)
    settings = {"url": "https://flows.example.org/hook"}
    (sent,) = tell(module.TELLER, change(value=50), change(value=60), settings=settings)
    assert (sent.method, sent.url) == ("POST", "https://flows.example.org/hook")
    assert '"value": 60' in sent.more["data"]
    with pytest.raises(Unavailable, match="answered 502"):
        tell(module.TELLER, change(), settings=settings, answers=(502,))

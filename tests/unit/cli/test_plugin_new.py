"""`lrs-bridge plugins new`: a folder that works at once, or a clear word and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs_bridge.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plugins", "new", *arguments], catch_exceptions=False)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_that_is_written_is_named(here: Path) -> None:
    result = new("follow-through")
    assert result.exit_code == 0
    assert {line.removeprefix("follow-through/") for line in result.stdout.splitlines()} == files(
        here / "follow-through"
    )


def test_nothing_is_left_to_fill_in(here: Path) -> None:
    """The name stands everywhere, as distribution, as package and as a title."""
    new("follow-through")
    folder = here / "follow-through"
    texts = [(folder / name).read_text() for name in files(folder)]
    assert not [text for text in texts if "$" in text]
    assert 'name = "follow-through"' in (folder / "pyproject.toml").read_text()
    assert 'key="follow_through"' in (folder / "follow_through" / "__init__.py").read_text()
    assert (folder / "README.md").read_text().startswith("# Follow through\n")


def test_the_folder_can_be_named(here: Path) -> None:
    assert new("follow-through", "--folder", "a/b").exit_code == 0
    assert (here / "a" / "b" / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Follow Through", "Try 'follow-through'."),
        ("follow_through", "Try 'follow-through'."),
        ("1st", "small letters and digits"),
        ("../up", "Try 'up'."),
        ("", "small letters and digits"),
        ("x" * 65, "65 characters; 64 are the most"),
        ("class", "a word of Python"),
        ("json", "a word of Python"),
        ("tests", "or of this tool"),
        ("journey-completion", "already, of lrs-bridge"),
        ("webhook", "already, of lrs-bridge"),
        ("marshmallow", "installed here already"),
    ],
)
def test_a_name_that_would_make_trouble_later_is_refused_now(name: str, said: str, here: Path) -> None:
    result = new("--", name)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not files(here)


def test_what_is_there_is_not_touched(here: Path) -> None:
    (here / "follow-through").mkdir()
    (here / "follow-through" / "mine.txt").write_text("mine")
    result = new("follow-through")
    assert result.exit_code == 2
    assert "is there already, and nothing in it was touched" in result.stderr
    assert files(here) == {"follow-through/mine.txt"}


def test_a_place_where_nothing_can_be_written_is_told(here: Path) -> None:
    (here / "file").write_text("")
    result = new("follow-through", "--folder", "file/within")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr

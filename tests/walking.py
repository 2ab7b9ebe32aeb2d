"""One walk through all pages of the demo's house, for every test that looks at what was found there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.touring import House, Tour
from bench.visiting import tour


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House, Tour]:
    """The house, what was found in it, and the folder in which it stands. Tests that ask for it belong to the group
    `browser`, so that one process walks once."""
    folder: Path = tmp_path_factory.mktemp("walk")
    return folder, *tour(folder)


@pytest.fixture(scope="session")
def walked(walk: tuple[Path, House, Tour]) -> Tour:
    """Every page, as everybody finds it."""
    return walk[2]

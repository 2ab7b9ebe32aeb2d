"""Pages on a real database, with the personas in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs_bridge.store.engine import Sessions
from tests.fakes.launching import Browser, Tool
from tests.fakes.platform import FakePlatform
from tests.flows.world import build
from tests.personas import House, move_in


@pytest.fixture
def house(sessions: Sessions) -> House:
    return move_in(build(sessions))


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    tool = Tool(tmp_path, lms.http())
    tool.register(lms)
    return tool


@pytest.fixture
def petra(tool: Tool) -> Browser:
    return tool.browser()

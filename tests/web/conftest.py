"""Pages on a real database, with the personas in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from lrs_bridge.store.engine import Sessions
from tests.databases import DATABASES
from tests.fakes.launching import Browser, Tool
from tests.fakes.platform import FakePlatform
from tests.flows.world import build
from tests.personas import House, move_in

HERE = Path(__file__).parent
ON_BOTH = ("test_lrs_", "test_ingest_")
"""Files of pages that are themselves the record's."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A page is tested on one database, half of the tests on each: the store and the flows beneath are tested on both,
    and pages on both took the gate five minutes more. `make test ENGINES=both` asks for it."""
    if config.getoption("--both-engines") or len(DATABASES) == 1:
        return
    left = [item for item in items if item.path.parent == HERE and _is_for_the_other(item)]
    gone = set(left)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=left)


def _is_for_the_other(item: Any) -> bool:
    engine = item.callspec.params.get("sessions") if hasattr(item, "callspec") else None
    chosen = DATABASES[crc32(f"{item.path.name} {item.originalname}".encode()) % 2]
    return engine not in (None, chosen) and not item.path.name.startswith(ON_BOTH)


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

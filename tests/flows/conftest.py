"""The flows run on the same real databases as the store."""

from __future__ import annotations

import pytest

from lrs_bridge.store.engine import Sessions
from tests.flows.world import World, build


@pytest.fixture
def world(sessions: Sessions) -> World:
    return build(sessions)

"""An installation like the demo's, on SQLite in a folder: a cohort with three months of history, evaluated."""

from __future__ import annotations

from pathlib import Path

from lrs_bridge.config import PREFIX, from_environment
from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.seed import seed, write_letters
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.wiring import Bridge, build, prepare
from lrs_bridge.worker.tick import tick

LMS, TOOL = "http://localhost:8001", "http://localhost:8000"


def opened(folder: Path, **settings: str) -> Bridge:
    """The installation in a folder."""
    env = {f"{PREFIX}DATA_DIR": str(folder), f"{PREFIX}BASE_URL": TOOL}
    return build(from_environment(env | {PREFIX + name: value for name, value in settings.items()}))


def fill(folder: Path) -> Bridge:
    """Nothing of it has reached an LMS."""
    bridge = opened(folder)
    prepare(bridge)
    SigningKeys(bridge.sessions, bridge.settings.secret_key).rotate(bridge.clock(), bridge.clock())
    seed(bridge, cast(), campus.course(cast(), TOOL, LMS), f"{LMS}/lineitems/1", lambda *_: None)
    while tick(bridge, send=_nothing, sync=_nothing):
        pass
    write_letters(bridge)
    return bridge


def _nothing() -> int:
    return 0

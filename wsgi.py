"""`gunicorn wsgi:app`: the pages, in as many processes as wanted. `lrs-bridge worker` does the background work."""

from __future__ import annotations

import gc

from lrs_bridge import logs
from lrs_bridge.config import from_environment
from lrs_bridge.web import create_app
from lrs_bridge.wiring import build, prepare
from lrs_bridge.worker.starting import hang_doorbell

_settings = from_environment()
logs.set_up(_settings)
_bridge = build(_settings)
prepare(_bridge)
_bridge.engine.dispose()  # with --preload, each process opens connections of its own

app = create_app(_bridge)
_bridge.tally.keep_adding()
hang_doorbell(_bridge)
gc.collect()
gc.freeze()  # what is here by now stays; the collector need not walk it with every batch of statements

"""The tool behind a gunicorn of its own on the loopback, for whatever speaks HTTP with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, sleep

from bench import lives
from bench.installation import SECRET_KEY, installed
from lrs_bridge.store.lrs_keys import ALL, add_key

_ROOT = Path(__file__).resolve().parents[1]
_START_SECONDS = 30


@contextmanager
def served(folder: Path, workers: int = 1) -> Iterator[tuple[str, str, str]]:
    """Endpoint of the embedded record store, and a key and secret for it."""
    bridge, tenant = installed(folder, lives.HOME, datetime.now(UTC))
    with bridge.sessions.write() as session:
        row, secret = add_key(session, tenant.id, "benchmark", [ALL], bridge.settings.secret_key, bridge.clock())
    bridge.engine.dispose()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "LRS_BRIDGE_DATA_DIR": str(folder),
        "LRS_BRIDGE_DATABASE_URL": bridge.settings.database_url,
        "LRS_BRIDGE_BASE_URL": lives.HOME,
        "LRS_BRIDGE_SECRET_KEY": SECRET_KEY,
        "LRS_BRIDGE_LOG_LEVEL": "WARNING",
    }
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "2", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, "wsgi:app"]
    server = subprocess.Popen(command, cwd=_ROOT, env=os.environ | settings)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/xapi/", row.key, secret
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    last = perf_counter() + _START_SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            return
        except OSError:
            if perf_counter() > last:
                raise
            sleep(0.1)
        finally:
            connection.close()

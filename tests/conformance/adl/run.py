"""Run ADL's LRS conformance suite against this tool, each version of xAPI on a fresh store, and print what came out.

    python tests/conformance/adl/run.py CHECKOUT [--database-url postgresql://...] [--version 1.0.3] [--json FILE]

CHECKOUT is one of github.com/adlnet/lrs-conformance-test-suite after `npm install --ignore-scripts`; it is not changed,
but for the logs it writes into its own folder. Exits 1 where a test fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

VERSIONS = ("1.0.3", "2.0.0")
LONGEST = 900  # seconds a version may take
BRIDGE = Path(sys.executable).with_name("lrs-bridge")


@dataclass(frozen=True)
class Outcome:
    """`failed` names each failing test by its place in the suite."""

    version: str
    passed: int
    total: int
    seconds: float
    failed: list[str]


def main() -> int:
    given = _arguments()
    outcomes = []
    for version in given.version or VERSIONS:
        with _database(given.database_url) as url, tempfile.TemporaryDirectory() as folder:
            outcome = _run(given.checkout, version, url, Path(folder))
        outcomes.append(outcome)
        print(f"{version}: {outcome.passed} of {outcome.total} in {outcome.seconds:.0f} s", flush=True)
        for name in outcome.failed:
            print(f"  failed: {name}", flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=2))
    return 0 if all(one.passed == one.total for one in outcomes) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkout", type=Path, help="the suite, with its packages installed")
    parser.add_argument("--database-url", help="PostgreSQL to make a schema in; SQLite in a file of its own without")
    parser.add_argument("--version", action="append", choices=VERSIONS, help="may be repeated; both without")
    parser.add_argument("--json", type=Path, help="write the outcomes there too")
    return parser.parse_args()


@contextmanager
def _database(url: str | None) -> Iterator[str | None]:
    """A store with nothing in it: a schema of its own, dropped afterwards."""
    if url is None:
        yield None
        return
    schema = f"adl_{uuid4().hex}"
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        inside = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
        yield inside.render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


def _run(checkout: Path, version: str, database_url: str | None, folder: Path) -> Outcome:
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LRS_BRIDGE_")},
        "LRS_BRIDGE_DATA_DIR": str(folder),
        "LRS_BRIDGE_BASE_URL": f"http://127.0.0.1:{port}",
        "LRS_BRIDGE_LOG_LEVEL": "WARNING",
    }
    if database_url:
        environment["LRS_BRIDGE_DATABASE_URL"] = database_url
    key, secret = _key(environment)
    with _served(port, environment, folder / "server.log"):
        command = ["node", "bin/console_runner.js", "-x", version, "-e", f"http://127.0.0.1:{port}/xapi"]
        command += ["-a", "-u", key, "-p", secret, "-z"]
        began = time.monotonic()
        told = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=LONGEST)
        return _outcome(version, told.stdout + told.stderr, time.monotonic() - began)


def _key(environment: Mapping[str, str]) -> tuple[str, str]:
    command = [BRIDGE, "lrs-key", "add", "--name", "ADL conformance suite", "--scope", "all"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
    return found["key"], found["secret"]


@contextmanager
def _served(port: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """The tool, answering. What it logs is shown if something goes wrong."""
    with log.open("wb") as file:
        server = subprocess.Popen([BRIDGE, "serve", "--port", str(port)], env=environment, stdout=file, stderr=file)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/ready")
        yield
    except BaseException:
        print(log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _outcome(version: str, told: str, seconds: float) -> Outcome:
    """The last summary the suite prints, and the failing leaves of the log it writes."""
    summaries = [line for line in told.splitlines() if line.startswith('{"total"')]
    log = re.search(r"Full run log written to (.+)", told)
    if not summaries or not log:
        raise RuntimeError(f"the suite came to no end:\n{told[-2000:]}")
    summary = json.loads(summaries[-1])
    if not summary.get("total"):
        raise RuntimeError(f"the suite ran no test:\n{told[-2000:]}")
    failed = list(_failing(json.loads(Path(log[1]).read_text()).get("log")))
    return Outcome(version, summary["passed"], summary["total"], seconds, failed)


def _failing(log: Any, above: str = "") -> Iterator[str]:
    if not log or log.get("status") != "failed":
        return
    name = f"{above} / {log['title']}" if above else log.get("title") or ""
    inner = [found for test in log.get("tests", ()) for found in _failing(test, name)]
    yield from inner or [f"{name}: {log.get('error')}"]


if __name__ == "__main__":
    sys.exit(main())

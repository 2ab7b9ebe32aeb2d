"""The log: ids that belong together, and nothing that opens anything."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from lrs_bridge import logs
from lrs_bridge.web import create_app
from tests.fakes.launching import Browser
from tests.fakes.platform import FakePlatform
from tests.personas import House

SECRET = "s3cret-" + "a" * 36
PATHS = [f"/s/{SECRET}/week", f"/admin/s/{SECRET}/record", f"/admin/enter/{SECRET}", f"/m/{SECRET}", f"/mail/{SECRET}"]


def line(formatter: logging.Formatter, message: str, *args: object, **more: object) -> str:
    record = logging.LogRecord("lrs_bridge.test", logging.INFO, "here", 1, message, args, None)
    record.__dict__.update(more)
    return formatter.format(record)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_address_that_opens_something_is_logged_without_its_token(log_format: str, path: str) -> None:
    """Whoever logged it, and also where it is the whole of a trace."""
    for message in (f"Error handling request {path}?next=1", f'"GET {path} HTTP/1.1"', f"at https://x.example{path}"):
        written = line(logs.formatter(log_format), message)
        assert SECRET not in written
        assert path.split(SECRET)[0] in written
    try:
        raise RuntimeError(path)
    except RuntimeError:
        written = line(logs.formatter(log_format), "a fault", exc_info=sys.exc_info())
    assert SECRET not in written
    assert "RuntimeError" in written


def test_a_line_of_json_has_the_ids_of_request_and_launch() -> None:
    logs.REQUEST.set("r1")
    logs.LAUNCH.set("l1")
    try:
        found = json.loads(line(logs.formatter("json"), "so many: %d", 3, data={"status": 200}))
    finally:
        logs.REQUEST.set(None)
        logs.LAUNCH.set(None)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "INFO",
        "logger": "lrs_bridge.test",
        "message": "so many: 3",
        "request": "r1",
        "launch": "l1",
        "status": 200,
    }


def test_a_request_is_logged_by_its_rule_and_its_id_is_in_the_answer(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    petra = house.petra
    with caplog.at_level(logging.INFO, "lrs_bridge.access"):
        answer = petra.client.get(petra.path())
    (record,) = [one for one in caplog.records if one.name == "lrs_bridge.access"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])
    assert record.getMessage().startswith("GET /s/<token>")
    assert petra.token not in caplog.text


def test_an_id_from_outside_counts_only_behind_a_proxy(house: House) -> None:
    """And only if it looks like one."""
    given = {"X-Request-ID": "from-the-proxy-1"}
    assert house.client().get("/health/live", headers=given).headers["X-Request-ID"] != "from-the-proxy-1"
    settings = replace(house.bridge.settings, proxies=1)
    behind = create_app(replace(house.bridge, settings=settings)).test_client()
    assert behind.get("/health/live", headers=given).headers["X-Request-ID"] == "from-the-proxy-1"
    odd = behind.get("/health/live", headers={"X-Request-ID": "x\tlevel=ERROR"}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", odd)


def test_a_launch_and_what_follows_have_the_same_id(
    petra: Browser, lms: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = petra.launch(lms)
    launch = logs.launch_of(answer.location)
    assert launch is not None
    assert f"launch {launch} let in" in caplog.text
    assert answer.location.split("/s/")[1][:10] not in caplog.text


def test_gunicorn_with_our_settings_logs_no_token(tmp_path: Path) -> None:
    """The real server, its access log switched on: what it writes opens nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    command = [sys.executable, "-m", "gunicorn", "-c", "python:lrs_bridge.web.gunicorn_conf", "wsgi:app"]
    command += ["--access-logfile", "-", "--workers", "1", "--bind", f"127.0.0.1:{port}", "--log-level", "debug"]
    env = {**os.environ, "LRS_BRIDGE_DATA_DIR": str(tmp_path / "data"), "LRS_BRIDGE_LOG_FORMAT": "json"}
    root = Path(__file__).resolve().parents[2]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=root, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/live", server)
            for path in PATHS:
                request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
                request.add_header("Referer", f"https://x.example{path}")
                with pytest.raises(urllib.error.HTTPError):
                    urllib.request.urlopen(request, timeout=30)
        finally:
            server.terminate()
            server.wait(timeout=60)
    text = log.read_text()
    assert SECRET not in text
    assert len(re.findall(r'"GET /s/…/week HTTP/1.1" 4', text)) == 1
    assert text.count('"rule": "/admin/enter/<token>"') == 1


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            try:
                server.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise AssertionError("the server did not begin")

"""The running demo: tool and LMS on two origins in one process, with the background work between them."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lrs_bridge.config import PREFIX, Settings, from_environment
from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.lms import create_lms
from lrs_bridge.demo.mailbox import mailbox_of
from lrs_bridge.demo.platform.course import Course
from lrs_bridge.demo.platform.keeping import Keeping
from lrs_bridge.demo.platform.personality import MOODLE, Personality
from lrs_bridge.demo.reported import write_reports
from lrs_bridge.demo.seed import Progress, Seeded, seed, settle, write_letters
from lrs_bridge.store import admins, tenants
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge, build, prepare
from lrs_bridge.worker.loop import Loop

LOOPBACK = "127.0.0.1"
LMS_FILE = "lms.db"
OWN_FILES = ("lrs_bridge.db", LMS_FILE, "secret_key")


class PortTakenError(RuntimeError):
    """Another program listens there; the message says how to choose another port."""


@dataclass(frozen=True)
class Site:
    """What is running, and where to click."""

    bridge: Bridge
    lms: Flask
    course: Course
    seeded: Seeded
    admin_url: str
    stop: Callable[[], None]

    @property
    def lms_url(self) -> str:
        return self.course.url

    @property
    def tool_url(self) -> str:
        return self.bridge.settings.base_url


def open_site(
    folder: Path,
    port: int,
    lms_port: int,
    progress: Progress,
    fresh: bool = False,
    host: str = "localhost",
    lms_like: Personality = MOODLE,
) -> Site:
    """Start both servers, fill an empty folder, and begin the background work. Port 0 takes any free one.

    `host` is the tool's name in addresses: to a browser, localhost and 127.0.0.1 are two sites. `lms_like`: whose
    manners the LMS has.
    Raises PortTakenError, seed.OtherPlaceError. Whatever was started is stopped again when something fails.
    """
    with ExitStack() as opened:
        doors = [_listen(port, "--port"), _listen(lms_port, "--lms-port")]
        for door in doors:
            opened.callback(door.close)
        if fresh:
            forget(folder)
        tool_url, lms_url = (
            f"http://{name}:{door.getsockname()[1]}" for name, door in zip((host, "localhost"), doors, strict=True)
        )
        bridge = build(_settings(folder, tool_url))
        opened.callback(bridge.engine.dispose)
        prepare(bridge)
        people = cast()
        course = campus.course(people, tool_url, lms_url, lms_like)
        keeping = Keeping(folder / LMS_FILE)
        opened.callback(keeping.close)
        lms = create_lms(course, keeping, mailbox=mailbox_of(bridge))
        own_column = next(column for column in keeping.columns() if column.coupled)
        seeded = seed(bridge, people, course, course.line_item_url(own_column.number), progress)
        for door, app in zip(doors, (create_app(bridge), lms), strict=True):
            _serve(door, app, opened)
        if seeded.new:
            keeping.put_link(campus.pilot_link(course))
            keeping.put_link(campus.consulted_link(course))
            keeping.put_link(campus.earlier_link(course))
            settle(bridge, progress)
            write_reports(bridge, people.by_key["eva"].account)
            write_letters(bridge)
        loop = Loop(bridge)
        loop.start()
        opened.callback(loop.stop)
        return Site(bridge, lms, course, seeded, _admin_url(bridge), opened.pop_all().close)


def forget(folder: Path) -> None:
    """Remove what earlier demos left in their folder, and nothing else."""
    for name in OWN_FILES:
        for left in folder.glob(f"{name}*"):
            left.unlink()


def _settings(folder: Path, tool_url: str) -> Settings:
    """The demo's own: made-up people never reach the database or record store of the environment."""
    return from_environment(
        {PREFIX + "DATA_DIR": str(folder), PREFIX + "BASE_URL": tool_url, PREFIX + "LOG_LEVEL": "WARNING"}
    )


def _listen(port: int, option: str) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((LOOPBACK, port))
        door.listen()
    except OSError as problem:
        door.close()
        if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTakenError(
            f"Port {port} is not free: another program listens there, or it may not be used. "
            f"Stop that program, or choose another port with {option}."
        ) from problem
    return door


class _QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 keeps the connections of browser and gradebook open; the log stays for what matters."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are not written down: launch sessions stand in their paths."""


def _serve(door: socket.socket, app: Flask, opened: ExitStack) -> BaseWSGIServer:
    """With threads, since each side asks the other while it is being asked."""
    address, port = door.getsockname()
    server = make_server(address, port, app, threaded=True, request_handler=_QuietHandler, fd=door.fileno())
    thread = threading.Thread(target=server.serve_forever, name=f"demo-{port}", daemon=True)
    thread.start()
    opened.callback(thread.join, 5)
    opened.callback(server.server_close)
    opened.callback(server.shutdown)
    return server


def _admin_url(bridge: Bridge) -> str:
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        token = admins.make_link(session, tenant.id, bridge.clock())
    return f"{bridge.settings.base_url}/admin/enter/{token}"

"""A record store on a real socket that keeps statements by id, and misbehaves by a script: one line a request."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import requests

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.lrs.remote import RemoteRecordStore

Trouble = Callable[["Request"], None]


@dataclass
class ScriptedLrs:
    """`script`: what happens to the next POSTs, None is nothing. `arrivals` counts what each id was stored for."""

    port: int = 0
    script: list[Trouble | None] = field(default_factory=list)
    statements: dict[str, Any] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)
    posts: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/xapi"

    def store(self, seconds: float = 30.0) -> RemoteRecordStore:
        """A client that waits so long for an answer."""
        http = requests.Session()
        http.trust_env = False
        return RemoteRecordStore(Endpoint(self.url, "key", "secret", http, (5.0, seconds)))

    def keep(self, batch: list[dict[str, Any]]) -> int:
        """All of them or none, as the specification says; answers a status."""
        with self.lock:
            kept = [(self.statements.get(one["id"]), one) for one in batch]
            if any(there is not None and not same_statement(there, one) for there, one in kept):
                return 409
            for there, one in kept:
                if there is None:
                    self.statements[one["id"]] = one
                    self.arrivals[one["id"]] = self.arrivals.get(one["id"], 0) + 1
        return 200


class Request(BaseHTTPRequestHandler):
    """One exchange; troubles are functions of it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lrs: ScriptedLrs
    batch: list[dict[str, Any]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/about"):
            return self.answer(200, {"version": ["1.0.3"]})
        if "tatementId" not in parts.query:
            return self.answer(200, {"statements": list(self.lrs.statements.values()), "more": ""})
        (wanted,) = parse_qs(parts.query).get("statementId", [""])
        kept = self.lrs.statements.get(wanted)
        self.answer(200 if kept else 404, kept or {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.batch = orjson.loads(body)
        with self.lrs.lock:
            self.lrs.posts += 1
            trouble = self.lrs.script.pop(0) if self.lrs.script else None
        (trouble or do_as_told)(self)

    def answer(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def do_as_told(request: Request) -> None:
    status = request.lrs.keep(request.batch)
    request.answer(status, [one["id"] for one in request.batch] if status == 200 else {"error": "conflict"})


def store_and_say(status: int, body: Any = b"", **headers: str) -> Trouble:
    """Keep the statements, and answer something else than their ids."""

    def trouble(request: Request) -> None:
        request.lrs.keep(request.batch)
        request.answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return trouble


def say(status: int, body: Any = b"", **headers: str) -> Trouble:
    """Keep nothing."""
    return lambda request: request.answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def reset(store: bool) -> Trouble:
    """Cut the connection with a RST instead of an answer."""

    def trouble(request: Request) -> None:
        if store:
            request.lrs.keep(request.batch)
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.close()
        request.close_connection = True

    return trouble


def break_off(request: Request) -> None:
    """Promise more than comes."""
    request.lrs.keep(request.batch)
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n[")
    request.close_connection = True


def babble(request: Request) -> None:
    """What answers is no web server."""
    request.wfile.write(b"220 mail.example.org ESMTP\r\n")
    request.close_connection = True


def hang(request: Request) -> None:
    """Keep the statements and say nothing until the test is over."""
    request.lrs.keep(request.batch)
    request.lrs.let_go.wait(30)
    request.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Connections that end early are what is tried here."""


@contextmanager
def scripted_lrs(*script: Trouble | None) -> Iterator[ScriptedLrs]:
    lrs = ScriptedLrs(script=list(script))
    server = _Server(("127.0.0.1", 0), type("_Bound", (Request,), {"lrs": lrs}))
    lrs.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield lrs
    finally:
        lrs.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)

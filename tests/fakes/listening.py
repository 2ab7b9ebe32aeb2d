"""A server on a real socket of this machine, for what a fake transport cannot show: addresses, TLS, and slowness."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

Script = Callable[[socket.socket], None]
LOOPBACK = "127.0.0.1"


@dataclass
class Listening:
    """`heard` holds the Host header of each request."""

    port: int
    heard: list[str | None] = field(default_factory=list)

    def url(self, host: str = LOOPBACK, scheme: str = "http", path: str = "/") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def answering(
    body: bytes = b"{}", status: int = 200, tls: SSLContext | None = None, **headers: str
) -> Iterator[Listening]:
    """A server that answers every GET and POST alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listening.heard.append(self.headers.get("Host"))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    listening = Listening(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listening
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def dripping(parts: Iterator[bytes], every: float) -> Iterator[Listening]:
    """A server that answers one request with these bytes, one part at a time."""
    door = socket.create_server((LOOPBACK, 0))
    stop = threading.Event()

    def serve() -> None:
        try:
            caller, _ = door.accept()
            with caller:
                caller.recv(65_536)
                while not stop.wait(every):
                    caller.sendall(next(parts))
        except OSError:
            """The caller went away, which is what is wanted."""

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Listening(door.getsockname()[1])
    finally:
        stop.set()
        door.close()
        thread.join(5)

"""A line to a server that can be cut and mended: for servers that a test must not stop."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class CutLine:
    """Listens at `port` and hands everything on, until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._ends: list[socket.socket] = []
        self._listen(0)
        self.port: int = self._door.getsockname()[1]

    def cut(self) -> None:
        """Nothing gets through any more, and nobody is let in."""
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for end in self._ends:
            _close(end)
        self._ends.clear()

    def mend(self) -> None:
        """From now on it works again, at the same port."""
        self._listen(self.port)

    def _listen(self, port: int) -> None:
        self._door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._door.bind(("127.0.0.1", port))
        self._door.listen()
        threading.Thread(target=self._let_in, args=(self._door,), daemon=True).start()

    def _let_in(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
                far = socket.create_connection(self._there, timeout=5)
            except OSError:
                return
            far.settimeout(None)
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_hand_on, args=(one, other), daemon=True).start()


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while some := one.recv(65_536):
            other.sendall(some)
    except OSError:
        pass
    finally:
        _close(one)
        _close(other)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

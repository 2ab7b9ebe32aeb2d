"""The doorbell of a broker: who has made work for the background says so, without waiting and without failing.

A thread of its own rings. While it does, more is asked of it, and then it rings once for all of them. Where the broker
is away the page has saved everything already, and a worker finds it when it looks next.
"""

from __future__ import annotations

import logging
import threading

from celery import Celery
from kombu.connection import Connection

log = logging.getLogger("lrs_bridge.worker")

POKE_KEPT = 10
"""Seconds after which a message that nobody took is not worth taking: others have come since."""
ENOUGH = 10
"""So many messages that nobody took tell all there is to tell."""
_REST_SECONDS = 0.05
_AWAY_SECONDS = 5.0


class Doorbell:
    """Asks for `task` of whichever worker has time."""

    def __init__(self, app: Celery, task: str) -> None:
        self._app, self._task = app, task
        self._rung = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._away = False

    def ring(self) -> None:
        """There is something to do. Answers at once, whatever the broker does."""
        self._rung.set()
        if self._thread is None or not self._thread.is_alive():  # also in a process that was forked from this one
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="lrs-bridge-doorbell", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Ring no more."""
        self._stop.set()
        self._rung.set()

    def _run(self) -> None:
        self._connection = None
        while not self._stop.is_set():
            self._rung.wait()
            self._rung.clear()
            if self._stop.is_set():
                break
            self._stop.wait(_REST_SECONDS if self.send() else _AWAY_SECONDS)
        self.drop()

    def send(self) -> bool:
        """One message, in the calling thread; whether the broker answered."""
        try:
            if self._connection is None:
                self._connection = self._app.connection_for_write()
                self._connection.ensure_connection(max_retries=1, timeout=2)
            if waiting(self._connection, self._app.conf.task_default_queue) < ENOUGH:
                self._app.send_task(self._task, expires=POKE_KEPT, connection=self._connection, retry=False)
        except Exception as problem:  # a broker that is away, however it shows
            self.drop()
            if not self._away:
                log.warning("the broker does not answer (%s); workers look by themselves", type(problem).__name__)
            self._away = True
            return False
        if self._away:
            log.warning("the broker answers again")
        self._away = False
        return True

    def drop(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.release()  # type: ignore[no-untyped-call]
            except Exception:
                log.debug("the connection to the broker could not be closed", exc_info=True)


def waiting(connection: Connection, queue: str) -> int:
    """How many messages nobody has taken."""
    channel = connection.channel()  # type: ignore[no-untyped-call]
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # no such queue; with Redis that is an empty one
        return 0
    finally:
        channel.close()

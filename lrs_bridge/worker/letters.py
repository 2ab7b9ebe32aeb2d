"""Letters beside the worker's rounds: each morning what is to be said, all day what waits for the mail server; and
each minute, whether somebody has to be told that something does not arrive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from lrs_bridge.flows.alerting import alert_due
from lrs_bridge.flows.messages import plan_due
from lrs_bridge.flows.post import post_due
from lrs_bridge.store import message_links, messages
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.worker")

REST_SECONDS = 5.0
ALERT_SECONDS = 60.0
_DAY_SECONDS = 86_400


class Letters:
    """Looks every few seconds until stopped, in a thread of its own: a slow mail server holds up nothing else."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lrs-bridge-letters", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception:  # a database that is away for a while must not end the loop
                log.exception("looking for letters failed, the next look tries again")
            self._stop.wait(REST_SECONDS)


class LetterRound:
    """One look after another: what is to be said is written, what waits is sent, and once a day what is over goes."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._swept: datetime | None = None
        self._alerted: datetime | None = None
        self.stop = threading.Event()

    def look(self) -> int:
        """Answers how many letters were dealt with."""
        bridge, now = self._bridge, self._bridge.clock()
        if self._swept is None or (now - self._swept).total_seconds() > _DAY_SECONDS:
            with bridge.sessions.write() as session:
                messages.sweep(session, now)
                message_links.sweep(session, now)
            self._swept = now
        if self._alerted is None or (now - self._alerted).total_seconds() > ALERT_SECONDS:
            self._alerted = now
            _alert(bridge)
        plan_due(bridge.sessions, bridge.settings.secret_key, now)
        return post(bridge, self.stop)


def _alert(bridge: Bridge) -> None:
    """What goes wrong here keeps no letter from being sent."""
    try:
        alert_due(bridge.alerting)
    except Exception:
        log.exception("alerting failed, it is tried again in a minute")


def post(bridge: Bridge, stop: threading.Event | None = None) -> int:
    """Send what is due, where a mail server is set; answers how many letters were dealt with."""
    postman, done = bridge.postman, 0
    if postman is None:
        return 0
    with bridge.sessions.read() as session:
        due = messages.tenants_due(session, bridge.clock())
    for tenant_id in due:
        while not (stop and stop.is_set()) and (count := post_due(postman, tenant_id)):
            done += count
    return done

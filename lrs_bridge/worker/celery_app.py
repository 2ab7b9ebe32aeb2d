"""Background work called by Celery, where `LRS_BRIDGE_BROKER_URL` names a broker (RabbitMQ or Redis).

A message says no more than "look now". What there is to do stands in the database, so that a message may be lost, come
twice or come late, and the broker may be emptied: Celery's beat, which every worker brings along, has somebody look
again within a second. For the same reason several beats do no harm.
"""

from __future__ import annotations

import logging
from time import monotonic

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.doorbell import POKE_KEPT, Doorbell
from lrs_bridge.worker.work import Work

log = logging.getLogger("lrs_bridge.worker")

QUEUE = "lrs_bridge"
LOOK, DELIVER, LETTERS = "lrs_bridge.look", "lrs_bridge.deliver", "lrs_bridge.letters"
EVERY = {DELIVER: 0.5, LOOK: 1.0, LETTERS: 5.0}
"""Seconds between two looks without a poke."""
THREADS = 6
_AT_A_STRETCH = 5.0

for _name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):  # several lines for every look
    logging.getLogger(_name).setLevel(logging.WARNING)


def make_app(broker_url: str, queue: str = QUEUE) -> Celery:
    """A Celery application that knows its broker and no task; enough to poke. `queue`: what it calls its queue there.

    A broker that is away is given up on after two seconds by who pokes, and never by a worker.
    """
    app = Celery("lrs_bridge", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_default_exchange=queue,
        task_default_routing_key=queue,
        task_ignore_result=True,
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2.0,
        broker_transport_options={"socket_connect_timeout": 2.0} if broker_url.startswith("redis") else {},
        beat_max_loop_interval=1.0,
        beat_schedule={
            name: {"task": name, "schedule": seconds, "options": {"expires": POKE_KEPT}}
            for name, seconds in EVERY.items()
        },
    )
    return app


def add_tasks(app: Celery, work: Work) -> None:
    """The three things that may be asked of a worker."""

    def deliver() -> None:  # Celery counts the arguments of a method wrongly
        work.deliver()

    def look() -> None:
        """Go round while there is something to do, and let others of this worker come to their turn now and then."""
        until = monotonic() + _AT_A_STRETCH
        work.deliver()
        while work.round():
            if monotonic() > until:
                app.send_task(LOOK, expires=POKE_KEPT)
                return

    def letters() -> None:
        work.letters()

    for name, do in ((DELIVER, deliver), (LOOK, look), (LETTERS, letters)):
        app.task(name=name, shared=False)(do)


class CeleryWorker:
    """A worker and its beat, in one process. Threads, since the work waits for networks and databases."""

    def __init__(self, bridge: Bridge, broker_url: str, queue: str = QUEUE, threads: int = THREADS) -> None:
        self._app = make_app(broker_url, queue)
        self._bell = Doorbell(self._app, LOOK)
        bridge.bell.ring = self._bell.ring
        self._work = Work(bridge, "celery", self._bell.ring)
        add_tasks(self._app, self._work)
        self._worker = WorkController(
            self._app,
            pool="threads",
            concurrency=threads,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._beat = EmbeddedService(self._app, thread=True, scheduler_cls="celery.beat:Scheduler")

    def run(self) -> None:
        """Work until told to stop, in the calling thread. While the broker is away, wait for it."""
        log.info("worker started")
        self._app.set_default()  # in its threads Celery looks for tasks there
        self._beat.start()
        try:
            self._worker.start()
        finally:
            state.should_stop = None
            self._beat.service.stop()
            self._bell.stop()
            self._work.stop()
        log.info("worker stopped")

    def ask_to_stop(self) -> None:
        """End after what is in hand; safe to call from a signal handler."""
        state.should_stop = 0

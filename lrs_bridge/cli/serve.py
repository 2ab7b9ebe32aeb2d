"""`lrs-bridge serve` and `lrs-bridge worker`: the two processes of an installation."""

from __future__ import annotations

import gc
import signal
from typing import Any

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.config import ConfigError
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.loop import Loop
from lrs_bridge.worker.starting import hang_doorbell, place_of, worker_of


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--threads", default=16, show_default=True, type=click.IntRange(2, 256), help="Requests at once.")
@with_bridge
def serve(bridge: Bridge, host: str, port: int, threads: int) -> None:
    """Serve the tool from one process, with the background work in it.

    Behind a broker (LRS_BRIDGE_BROKER_URL) the background work is left to `lrs-bridge worker`.
    """
    from gunicorn.app.base import BaseApplication  # not on Windows, and not needed by the other commands

    app = create_app(bridge)
    gc.collect()
    gc.freeze()  # as in wsgi.py

    class OneProcess(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            # Threads are a must: Moodle fetches our key set during our first token request.
            options = {"bind": f"{host}:{port}", "workers": 1, "threads": threads, "accesslog": None}
            options["post_worker_init"] = lambda worker: _work_inside(bridge)
            options["control_socket_disable"] = True
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return app

    click.echo(f"lrs_bridge listens on http://{host}:{port}, as {bridge.settings.base_url} to the outside.")
    bridge.engine.dispose()  # the worker process opens connections of its own
    OneProcess().run()


def _work_inside(bridge: Bridge) -> None:
    bridge.tally.keep_adding()
    if bridge.settings.broker_url is None:
        Loop(bridge).start()
    else:
        hang_doorbell(bridge)


@click.command()
@with_bridge
def worker(bridge: Bridge) -> None:
    """Do the background work: deliver, take in, evaluate, send scores. Stop it at any time with Ctrl-C."""
    bridge.tally.keep_adding()
    broker = bridge.settings.broker_url
    try:
        work = worker_of(bridge)
    except ConfigError as problem:
        raise click.UsageError(str(problem)) from problem
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: work.ask_to_stop())
    where = f", called by Celery from {place_of(broker)}" if broker else ""
    click.echo(f"The worker runs{where}. Ctrl-C stops it after the round under way.")
    work.run()

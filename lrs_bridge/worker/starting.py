"""Which of the two ways of working an installation has: Celery where a broker is set, else the loop of this process."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from lrs_bridge.config import ConfigError
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.loop import Loop


class Worker(Protocol):
    """What does the background work, in the thread that calls `run`, until it is asked to stop."""

    def run(self) -> None: ...
    def ask_to_stop(self) -> None: ...


def worker_of(bridge: Bridge) -> Worker:
    """The worker of a process that does nothing else. Raises ConfigError where Celery is missing."""
    broker = bridge.settings.broker_url
    if broker is None:
        return Loop(bridge)
    try:
        from lrs_bridge.worker.celery_app import CeleryWorker
    except ImportError as problem:
        raise _not_installed(problem) from problem
    return CeleryWorker(bridge, broker, bridge.settings.broker_queue)


def hang_doorbell(bridge: Bridge) -> None:
    """Have pokes of this process, which has no worker in it, reach the workers elsewhere. Without a broker they look
    by themselves. Raises ConfigError where Celery is missing."""
    broker = bridge.settings.broker_url
    if broker is None:
        return
    try:
        from lrs_bridge.worker.celery_app import LOOK, make_app
        from lrs_bridge.worker.doorbell import Doorbell
    except ImportError as problem:
        raise _not_installed(problem) from problem
    bridge.bell.ring = Doorbell(make_app(broker, bridge.settings.broker_queue), LOOK).ring


def broker_trouble(broker_url: str) -> str | None:
    """Why the broker cannot be used from here; None where it answers."""
    try:
        from lrs_bridge.worker.celery_app import make_app
    except ImportError as problem:
        return str(_not_installed(problem))
    connection = make_app(broker_url).connection_for_write()
    try:
        connection.ensure_connection(max_retries=1, timeout=3)
    except Exception as problem:  # whatever a transport raises
        return f"it does not let us in: {type(problem).__name__}"
    finally:
        connection.release()
    return None


def place_of(broker_url: str) -> str:
    """Where the broker is, without the password."""
    parts = urlsplit(broker_url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "") + parts.path


def _not_installed(problem: ImportError) -> ConfigError:
    return ConfigError(
        f"LRS_BRIDGE_BROKER_URL is set, but {problem.name} is not installed: pip install 'lrs-bridge[celery]', "
        "or unset it."
    )

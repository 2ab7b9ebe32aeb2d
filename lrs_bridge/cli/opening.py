"""How commands get at the product: settings from the environment, the database brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from lrs_bridge import logs
from lrs_bridge.config import ConfigError, from_environment
from lrs_bridge.wiring import Bridge, build, prepare


def unopened() -> Bridge:
    """The product as the environment describes it, its database as it is; a clear line and exit 2 where it is not."""
    try:
        settings = from_environment()
    except ConfigError as problem:
        raise click.UsageError(str(problem)) from problem
    logs.set_up(settings)
    return build(settings)


def opened() -> Bridge:
    """The same with the database brought up to date, ready to use."""
    bridge = unopened()
    try:
        prepare(bridge)
    except OperationalError as problem:
        raise click.ClickException(
            f"The database cannot be reached: {problem.orig}. Check LRS_BRIDGE_DATABASE_URL."
        ) from problem
    return bridge


def with_bridge(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the command an opened bridge as its first argument."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        return command(opened(), *args, **kwargs)

    return run

"""The hooks. Each has a user in this repository, who comes in by it like anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pluggy

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.listeners import Listener

PROJECT = "lrs_bridge"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_evaluators() -> Iterable[Evaluator]:  # type: ignore[empty-body]
    """Declare evaluators. Asked once for each plugin, when the program starts.

    The plugin is the module (or object) that an entry point of the group `lrs_bridge` names.
    """


@hookspec
def register_listeners() -> Iterable[Listener]:  # type: ignore[empty-body]
    """Declare listeners: functions that are called after statements were recorded, and after indicators changed.

    Asked once for each plugin, when the program starts. A listener is at work where an admin switched it on.
    """


def declares(*evaluators: Evaluator) -> Callable[[], list[Evaluator]]:
    """The hook of a plugin whose evaluators are constants: `register_evaluators = declares(MINE)`."""

    @hookimpl
    def register_evaluators() -> list[Evaluator]:
        return list(evaluators)

    return register_evaluators


def listens(*listeners: Listener) -> Callable[[], list[Listener]]:
    """The same for listeners: `register_listeners = listens(MINE)`."""

    @hookimpl
    def register_listeners() -> list[Listener]:
        return list(listeners)

    return register_listeners

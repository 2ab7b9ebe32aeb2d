"""The hooks. There is one, and the built-in evaluators come in by it like anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pluggy

from lrs_bridge.domain.evaluators import Evaluator

PROJECT = "lrs_bridge"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_evaluators() -> Iterable[Evaluator]:  # type: ignore[empty-body]
    """Declare evaluators. Asked once for each plugin, when the program starts.

    The plugin is the module (or object) that an entry point of the group `lrs_bridge` names.
    """


def declares(*evaluators: Evaluator) -> Callable[[], list[Evaluator]]:
    """The hook of a plugin whose evaluators are constants: `register_evaluators = declares(MINE)`."""

    @hookimpl
    def register_evaluators() -> list[Evaluator]:
        return list(evaluators)

    return register_evaluators

"""Routes of the many apps that the tests make.

Werkzeug writes and compiles a function for each rule of each app, a quarter of a second for all of ours. The same rule
always comes to the same function, so one will do for all apps of a test process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compiled: dict[Any, Callable[..., Any]] = {}


def compile_each_once() -> None:
    """From now on. Where another version of Werkzeug does it otherwise, nothing changes."""
    compile_builder = getattr(Rule, "_compile_builder", None)
    if compile_builder is None:
        return

    def compile_once(rule: Any, append_unknown: bool = True) -> Callable[..., Any]:
        key = (rule.rule, tuple(rule._trace), tuple(sorted((rule.defaults or {}).items())), append_unknown)
        if key not in _compiled:
            _compiled[key] = compile_builder(rule, append_unknown)
        return _compiled[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]

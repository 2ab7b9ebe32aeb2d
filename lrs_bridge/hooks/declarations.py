"""What a plugin declares, looked at before it is used: complete, of the right types, made for this version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from importlib.metadata import EntryPoint
from typing import Any

import pluggy
from marshmallow import Schema
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lrs_bridge import __version__
from lrs_bridge.domain.evaluators import Evaluator, Level, Posting
from lrs_bridge.domain.explaining import Words
from lrs_bridge.domain.listeners import Heard, Listener
from lrs_bridge.domain.people import Role
from lrs_bridge.hooks import spec

OURS = "lrs-bridge"
"""Our distribution, whose version is that of the plugin door."""
SEEN_AS = ("own", "named", "process", "aggregate", "posted")
"""What a role sees of an indicator."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


class Refused(Exception):
    """A plugin that cannot be used; the text says why and what to do."""


def made_for_another(point: EntryPoint) -> str | None:
    """Why the distribution does not fit this version of ours, by what it requires of us; None where it fits.

    pip asks the same when it installs, and nobody when one of the two is updated without the other.
    """
    for text in point.dist.requires or () if point.dist else ():
        try:
            asked = Requirement(text)
        except InvalidRequirement:
            continue
        if canonicalize_name(asked.name) != OURS or (asked.marker and not asked.marker.evaluate({"extra": ""})):
            continue
        if not asked.specifier.contains(__version__, prereleases=True):
            return (
                f"is made for {OURS} {asked.specifier}, and this is {__version__}: update {OURS}, or install a "
                "version of the plugin that fits."
            )
    return None


def not_in_this_door(error: ImportError) -> str | None:
    """What to say where a plugin imports from the door what the door does not have; None where that is not it."""
    if not (error.name or "").startswith("lrs_bridge.hooks"):
        return None
    names = re.search(r"cannot import name '(\w+)'", str(error))
    what = f"{names[1]!r} from {error.name}" if names else error.name
    return (
        f"imports {what}, which the plugin door of {OURS} {__version__} does not have: the plugin is made for another "
        f"version. Update {OURS}, or install a version of the plugin that fits."
    )


def declared_by(plugin: Any, name: str) -> tuple[tuple[Evaluator, ...], tuple[Listener, ...]]:
    """What this module or object declares, checked. Raises Refused, or whatever the plugin raises."""
    manager = pluggy.PluginManager(spec.PROJECT)
    manager.add_hookspecs(spec)
    try:
        manager.register(plugin, name=name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise Refused(f"does not fit the hooks of {OURS} {__version__}: {error}") from error
    evaluators = _answers(manager.hook.register_evaluators(), Evaluator, "register_evaluators", _evaluator_faults)
    listeners = _answers(manager.hook.register_listeners(), Listener, "register_listeners", _listener_faults)
    if not evaluators and not listeners:
        raise Refused(
            "registers no evaluator and no listener: mark `register_evaluators` with @hookimpl and return a list."
        )
    return evaluators, listeners


def _answers(
    answers: Iterable[Any], kind: type[Any], hook: str, faults: Callable[[Any], Mapping[str, bool]]
) -> tuple[Any, ...]:
    found = []
    for answer in answers:
        if not isinstance(answer, Iterable) or isinstance(answer, str | Mapping):
            raise Refused(f"{hook} returned {type(answer).__name__}: return a list of {kind.__name__}.")
        found += list(answer)
    for one in found:
        if not isinstance(one, kind):
            raise Refused(f"registers {one!r}, which is no {kind.__name__}.")
        wrong = [fault for fault, holds in {**_common_faults(one), **faults(one)}.items() if holds]
        if wrong:
            raise Refused(f"the {kind.__name__.lower()} {one.key!r}: {'; '.join(wrong)}.")
    return tuple(found)


def _common_faults(one: Any) -> dict[str, bool]:
    """What to mend, and whether it has to be. What functions do is for `hooks.testing`."""
    return {
        "key must be lower-case letters, digits and underscores": not isinstance(one.key, str)
        or not _KEY.fullmatch(one.key),
        "title must be a text": not isinstance(one.title, str) or not one.title.strip(),
        "version must be a text such as 1.0.0": not isinstance(one.version, str) or not one.version.strip(),
        "schema must be a marshmallow Schema class, or None": one.schema is not None and not _is_schema(one.schema),
    }


def _evaluator_faults(one: Evaluator) -> dict[str, bool]:
    return {
        "functions must name at least one Level, each with a function": not _are_functions(one.functions, Level),
        "applies must be a function of the journey": not callable(one.applies),
        "needs must be a tuple of keys": not _are_texts(one.needs),
        "surveys must be a tuple of kinds": not _are_texts(one.surveys),
        "bounds must be two numbers, the lower first": not _are_bounds(one.bounds),
        "posting must be a Posting": not isinstance(one.posting, Posting),
        "words must be a Words": not isinstance(one.words, Words),
        f"audience must be a mapping from Role to one of {', '.join(SEEN_AS)}": not _is_audience(one.audience),
    }


def _listener_faults(one: Listener) -> dict[str, bool]:
    return {"functions must name at least one Heard, each with a function": not _are_functions(one.functions, Heard)}


def _are_functions(functions: Any, kind: type[Enum]) -> bool:
    return (
        isinstance(functions, Mapping)
        and bool(functions)
        and all(isinstance(place, kind) and callable(function) for place, function in functions.items())
    )


def _are_texts(given: Any) -> bool:
    return isinstance(given, tuple) and all(isinstance(one, str) for one in given)


def _are_bounds(given: Any) -> bool:
    if not isinstance(given, tuple) or len(given) != 2:
        return False
    return all(isinstance(one, int | float) for one in given) and given[0] < given[1]


def _is_audience(given: Any) -> bool:
    """A role may be its word, too."""
    known = {str(role) for role in Role}
    return isinstance(given, Mapping) and all(str(role) in known and seen in SEEN_AS for role, seen in given.items())


def _is_schema(schema: Any) -> bool:
    return isinstance(schema, type) and issubclass(schema, Schema)

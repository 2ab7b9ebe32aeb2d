"""Which plugins are installed, what they declare, and which could not be used and why.

Entry points are loaded one by one, each into a plugin manager of its own: one broken plugin takes nothing else down
and stays visible as a `Failure`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import pluggy
from marshmallow import Schema

from lrs_bridge.domain.evaluators import Evaluator, Level, Posting
from lrs_bridge.hooks import spec

GROUP = "lrs_bridge"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Plugin:
    """A plugin in use: the entry point's name, its distribution (`name version`), the keys of its evaluators."""

    name: str
    distribution: str
    evaluators: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A plugin that is installed and not used; `reason` says why and what to do."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True)
class Registry:
    """`evaluators` by key, in order of key, each with its distribution filled in."""

    plugins: tuple[Plugin, ...] = ()
    failures: tuple[Failure, ...] = ()
    evaluators: Mapping[str, Evaluator] = field(default_factory=lambda: MappingProxyType({}))


class _Refused(Exception):
    """A declaration that cannot be used."""


def load(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Load the plugins of these entry points, by default the installed ones of the group `lrs_bridge`.

    Never raises for what a plugin does. A name that two entry points share, or an evaluator's key, is refused to
    both: which of them was meant cannot be known.
    """
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda p: (p.name, _distribution(p)))
    names = Counter(point.name for point in points)
    declared: list[tuple[EntryPoint, tuple[Evaluator, ...]]] = []
    failures: list[Failure] = []
    for point in points:
        if names[point.name] > 1:
            failures.append(_failure(point, _clash(f"the plugin name {point.name!r}", point, points)))
            continue
        try:
            declared.append((point, _evaluators(point)))
        except _Refused as refusal:
            failures.append(_failure(point, str(refusal)))
        except (Exception, SystemExit) as error:  # whatever a plugin does on import
            failures.append(_failure(point, f"could not be loaded: {type(error).__name__}: {error}"))
    return _registry(declared, failures)


def _registry(declared: list[tuple[EntryPoint, tuple[Evaluator, ...]]], failures: list[Failure]) -> Registry:
    keys = Counter(one.key for _, evaluators in declared for one in evaluators)
    plugins = []
    evaluators: dict[str, Evaluator] = {}
    for point, own in declared:
        taken = [one.key for one in own if keys[one.key] > 1]
        if taken:
            others = [other for other, theirs in declared if {one.key for one in theirs} & set(taken)]
            failures.append(_failure(point, _clash(f"the evaluator key {taken[0]!r}", point, others)))
            continue
        plugins.append(Plugin(point.name, _distribution(point), tuple(one.key for one in own)))
        evaluators.update({one.key: replace(one, distribution=_distribution(point)) for one in own})
    return Registry(tuple(plugins), tuple(failures), MappingProxyType(dict(sorted(evaluators.items()))))


def _clash(what: str, point: EntryPoint, others: Iterable[EntryPoint]) -> str:
    named = sorted({f"{o.name} of {_distribution(o)}" for o in others if o.name == point.name or o is not point})
    return f"{what} is claimed more than once ({'; '.join(named)}): none is used. Uninstall all but one."


def _evaluators(point: EntryPoint) -> tuple[Evaluator, ...]:
    """What the plugin declares, checked. Raises _Refused, or whatever the plugin raises."""
    manager = pluggy.PluginManager(spec.PROJECT)
    manager.add_hookspecs(spec)
    try:
        manager.register(point.load(), name=point.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _Refused(f"does not fit the hooks: {error}") from error
    answers: list[Any] = manager.hook.register_evaluators()
    if not answers:
        raise _Refused("registers no evaluator: mark `register_evaluators` with @hookimpl and return a list.")
    found = [one for answer in answers for one in _listed(answer)]
    for one in found:
        _check(one)
    return tuple(found)


def _listed(answer: Any) -> list[Any]:
    if isinstance(answer, Iterable) and not isinstance(answer, str | Mapping):
        return list(answer)
    raise _Refused(f"register_evaluators returned {type(answer).__name__}: return a list of Evaluator.")


def _check(one: Any) -> None:
    """A declaration is complete and of the right types; what its functions do is for `hooks.testing`."""
    if not isinstance(one, Evaluator):
        raise _Refused(f"registers {one!r}, which is no Evaluator.")
    faults = {
        "key must be lower-case letters, digits and underscores": not isinstance(one.key, str)
        or not _KEY.fullmatch(one.key),
        "title must be a text": not isinstance(one.title, str) or not one.title.strip(),
        "version must be a text such as 1.0.0": not isinstance(one.version, str) or not one.version.strip(),
        "functions must name at least one Level, each with a function": not _are_functions(one.functions),
        "schema must be a marshmallow Schema class, or None": one.schema is not None and not _is_schema(one.schema),
        "applies must be a function of the journey": not callable(one.applies),
        "needs must be a tuple of keys": not isinstance(one.needs, tuple)
        or not all(isinstance(key, str) for key in one.needs),
        "posting must be a Posting": not isinstance(one.posting, Posting),
        "audience must be a mapping from role to a word": not isinstance(one.audience, Mapping),
    }
    wrong = [fault for fault, holds in faults.items() if holds]
    if wrong:
        raise _Refused(f"the evaluator {one.key!r}: {'; '.join(wrong)}.")


def _are_functions(functions: Any) -> bool:
    return (
        isinstance(functions, Mapping)
        and bool(functions)
        and all(isinstance(level, Level) and callable(function) for level, function in functions.items())
    )


def _is_schema(schema: Any) -> bool:
    return isinstance(schema, type) and issubclass(schema, Schema)


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"


def _failure(point: EntryPoint, reason: str) -> Failure:
    return Failure(point.name, _distribution(point), reason)

"""Which plugins are installed, what they declare, and which could not be used and why.

Entry points are loaded one by one, each into a plugin manager of its own: one broken plugin takes nothing else down
and stays visible as a `Failure`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.listeners import Listener
from lrs_bridge.hooks.declarations import Refused, declared_by, made_for_another, not_in_this_door

GROUP = "lrs_bridge"


@dataclass(frozen=True)
class Plugin:
    """A plugin in use: the entry point's name, its distribution (`name version`), the keys of what it declares."""

    name: str
    distribution: str
    evaluators: tuple[str, ...] = ()
    listeners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A plugin that is installed and not used; `reason` says why and what to do."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True)
class Registry:
    """`evaluators` and `listeners` by key, in order of key, each with its distribution filled in."""

    plugins: tuple[Plugin, ...] = ()
    failures: tuple[Failure, ...] = ()
    evaluators: Mapping[str, Evaluator] = field(default_factory=lambda: MappingProxyType({}))
    listeners: Mapping[str, Listener] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class _Declared:
    point: EntryPoint
    evaluators: tuple[Evaluator, ...]
    listeners: tuple[Listener, ...]

    @property
    def keys(self) -> list[str]:
        return [*(one.key for one in self.evaluators), *(one.key for one in self.listeners)]


def load(found: Iterable[EntryPoint] | None = None) -> Registry:
    """Load the plugins of these entry points, by default the installed ones of the group `lrs_bridge`.

    Never raises for what a plugin does. A name that two entry points share, or a key, is refused to both: which of
    them was meant cannot be known.
    """
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda p: (p.name, _distribution(p)))
    names = Counter(point.name for point in points)
    declared: list[_Declared] = []
    failures: list[Failure] = []
    for point in points:
        if names[point.name] > 1:
            failures.append(_failure(point, _clash(f"the plugin name {point.name!r}", point, points)))
            continue
        try:
            declared.append(_loaded(point))
        except Refused as refusal:
            failures.append(_failure(point, str(refusal)))
        except (Exception, SystemExit) as error:  # whatever a plugin does on import
            failures.append(_failure(point, f"could not be loaded: {type(error).__name__}: {error}"))
    return _registry(declared, failures)


def _loaded(point: EntryPoint) -> _Declared:
    """Raises Refused, or whatever the plugin raises."""
    unfit = made_for_another(point)
    if unfit:
        raise Refused(unfit)
    try:
        plugin: Any = point.load()
    except ImportError as error:
        missing = not_in_this_door(error)
        if missing is None:
            raise
        raise Refused(missing) from error
    return _Declared(point, *declared_by(plugin, point.name))


def _registry(declared: list[_Declared], failures: list[Failure]) -> Registry:
    keys = Counter(key for one in declared for key in one.keys)
    used = []
    for one in declared:
        taken = [key for key in one.keys if keys[key] > 1]
        if taken:
            others = [other.point for other in declared if set(other.keys) & set(taken)]
            failures.append(_failure(one.point, _clash(f"the key {taken[0]!r}", one.point, others)))
        else:
            used.append(one)
    plugins = [
        Plugin(
            one.point.name,
            _distribution(one.point),
            tuple(evaluator.key for evaluator in one.evaluators),
            tuple(listener.key for listener in one.listeners),
        )
        for one in used
    ]
    evaluators = _by_key((one.point, evaluator) for one in used for evaluator in one.evaluators)
    listeners = _by_key((one.point, listener) for one in used for listener in one.listeners)
    return Registry(tuple(plugins), tuple(failures), evaluators, listeners)


def _by_key(found: Iterator[tuple[EntryPoint, Any]]) -> Mapping[str, Any]:
    named = {one.key: replace(one, distribution=_distribution(point)) for point, one in found}
    return MappingProxyType(dict(sorted(named.items())))


def _clash(what: str, point: EntryPoint, others: Iterable[EntryPoint]) -> str:
    named = sorted({f"{o.name} of {_distribution(o)}" for o in others if o.name == point.name or o is not point})
    return f"{what} is claimed more than once ({'; '.join(named)}): none is used. Uninstall all but one."


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"


def _failure(point: EntryPoint, reason: str) -> Failure:
    return Failure(point.name, _distribution(point), reason)

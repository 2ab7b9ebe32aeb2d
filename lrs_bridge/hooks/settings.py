"""Settings, checked by a plugin's own schema; of evaluators: defaults < platform < journey < file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from lrs_bridge.domain.evaluators import Active, Evaluator
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.listeners import Listener
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings

BUILT_IN = "lrs-bridge"
"""The distribution whose evaluators are on without being named; a stranger's has to be asked for."""


@dataclass(frozen=True)
class Fault:
    """One setting that cannot be used: `key` is its path (`factors.self`), empty for all of them together."""

    key: str
    message: str


class SettingsError(ValueError):
    """The settings of one evaluator or listener cannot be used; `faults` holds all that is wrong."""

    def __init__(self, evaluator: str, faults: tuple[Fault, ...]) -> None:
        self.evaluator = evaluator
        self.faults = faults
        super().__init__(
            "\n".join(f"{'.'.join(part for part in (evaluator, f.key) if part)}: {f.message}" for f in faults)
        )


def resolve(evaluator: Evaluator, *layers: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in force, complete with defaults; a later layer goes before an earlier one, also inside mappings.

    Raises SettingsError naming each key that is unknown or has a wrong value, and how to mend it.
    """
    schema = (evaluator.schema or EvaluatorSettings)(unknown=RAISE)
    common = EvaluatorSettings(only=[name for name in EvaluatorSettings().fields if name not in schema.fields])
    given: dict[str, Any] = {}
    for layer in layers:
        if not isinstance(layer, Mapping):
            fault = Fault("", f"must be a mapping of names to values, not {layer!r}.")
            raise SettingsError(evaluator.key, (fault,))
        given = _over(given, layer)
    shared = {name: given.pop(name) for name in list(given) if name in common.fields}
    try:
        return {**common.load(shared), **schema.load(_over(_defaults(schema), given))}
    except ValidationError as error:
        raise SettingsError(evaluator.key, tuple(_faults(error.messages, schema))) from None


def resolve_listener(listener: Listener, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a listener, complete with defaults. Raises SettingsError."""
    schema: Schema = (listener.schema or Schema)(unknown=RAISE)
    try:
        return dict(schema.load(given))
    except ValidationError as error:
        raise SettingsError(listener.key, tuple(_faults(error.messages, schema))) from None


@dataclass(frozen=True)
class Activation:
    """The evaluators at work in a journey, and the keys it names that no installed plugin provides."""

    active: tuple[Active, ...]
    missing: tuple[str, ...]


def activate(
    journey: Journey,
    evaluators: Mapping[str, Evaluator],
    platform: Mapping[str, Mapping[str, Any]] | None = None,
    file: Mapping[str, Mapping[str, Any]] | None = None,
) -> Activation:
    """Switch on what the journey names, or, where it names nothing, each `on_by_default`.

    `platform` and `file` hold settings by evaluator. Raises SettingsError for the first evaluator with a fault.
    """
    if journey.evaluators is None:
        keys = [key for key, one in evaluators.items() if on_by_default(one, journey)]
        own: Mapping[str, Mapping[str, Any]] = {}
    else:
        keys, own = list(journey.evaluators), journey.evaluators
    active = tuple(
        Active(
            evaluators[key],
            resolve(evaluators[key], (platform or {}).get(key, {}), own.get(key, {}), (file or {}).get(key, {})),
        )
        for key in keys
        if key in evaluators
    )
    return Activation(active, tuple(key for key in keys if key not in evaluators))


def on_by_default(evaluator: Evaluator, journey: Journey) -> bool:
    """Whether it is on where a journey names no evaluators: a built-in one with a step or survey there.

    One that fails at this question is on, so that its failure shows.
    """
    if evaluator.distribution.partition(" ")[0] != BUILT_IN:
        return False
    try:
        return bool(evaluator.applies(journey))
    except Exception:  # a plugin's own code
        return True


def _defaults(schema: Schema) -> dict[str, Any]:
    """Nothing where some setting has no default: the complete load then names it."""
    try:
        return dict(schema.load({}))
    except ValidationError:
        return {}


def _over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """`upper` over `lower`, mapping by mapping; lists are replaced as a whole."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _faults(messages: Any, schema: Schema | None, path: str = "") -> list[Fault]:
    """marshmallow's nested messages, flat, with the probable key beside an unknown one."""
    if not isinstance(messages, Mapping):
        told = messages if isinstance(messages, list) else [messages]
        return [Fault(path, str(text)) for text in told]
    found: list[Fault] = []
    for key, inner in messages.items():
        where = path if key == "_schema" else f"{path}.{key}" if path else str(key)
        field = schema.fields.get(str(key)) if schema else None
        if inner == ["Unknown field."] and schema:
            found.append(Fault(where, f"is no setting here. {_nearest(str(key), schema)}"))
        else:
            found += _faults(inner, field.schema if isinstance(field, fields.Nested) else None, where)
    return found


def _nearest(key: str, schema: Schema) -> str:
    close = get_close_matches(key, schema.fields, n=1)
    known = ", ".join(sorted(schema.fields)) or "none"
    return f"Did you mean {close[0]!r}?" if close else f"Known here: {known}."

"""The settings a number was computed with: what each is for, its value, and where it was set. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields

from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.explaining import leaves, look_up, readable
from lrs_bridge.domain.switching import Layer, Scope, said_by
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.web.words import plain, plural

_DEFAULT = "The usual one"
_WHERE = {
    Scope.PLATFORM: "Set for this LMS",
    Scope.FILE: "From the journey’s design",
    Scope.JOURNEY: "Set for this journey",
    Scope.COURSE: "Set for this course",
}


@dataclass(frozen=True)
class Setting:
    """`help`: what it is for. `origin`: where it was set; `usual`: nowhere. `late`: another is set by now."""

    name: str
    help: str
    value: str
    origin: str
    usual: bool
    late: bool


def used(params: Mapping[str, Any], active: Active, layers: Sequence[Layer], everything: bool) -> list[Setting]:
    """The settings that went into a result. `layers`: what is said of the evaluator in this run. `everything`: also
    those that the evaluator keeps for whoever evaluates the run."""
    schema = (active.evaluator.schema or EvaluatorSettings)()
    found = []
    kept = () if everything else active.evaluator.words.kept
    for path, value in leaves({name: value for name, value in params.items() if name not in kept}):
        layer = said_by(layers, path)
        late = look_up(active.settings, path) != value
        origin = _WHERE[layer.scope] if layer else _DEFAULT
        usual = layer is None and not late
        found.append(Setting(readable(path), _help(schema, path), _word(value), origin, usual, late))
    return found


def _help(schema: Schema, path: str) -> str:
    """The help of the field and of those within it, as far as the path leads."""
    told = []
    here: Schema | None = schema
    for name in path.split("."):
        field = here.fields.get(name) if here else None
        if field is None:
            break
        told.append(str(field.metadata.get("help", "")))
        here = field.schema if isinstance(field, fields.Nested) else None
    return " ".join(text for text in told if text)


def _word(value: Any) -> str:
    if value is None or value in ({}, []):
        return "None"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return plain(value, 4)
    if isinstance(value, list | tuple):
        plain_ones = all(isinstance(one, str | int | float) for one in value)
        return ", ".join(map(str, value)) if plain_ones else plural(len(value), "entry", "entries")
    return str(value)

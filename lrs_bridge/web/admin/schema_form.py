"""A form out of a marshmallow schema: what stands in it, and what was typed, as settings again. Pure.

An empty field means that nothing is set here, and what is inherited holds. Settings are kept as they were typed, in
JSON; the schema itself checks them (`hooks.settings.resolve`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.listeners import Listener
from lrs_bridge.domain.switching import at
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.web.words import listed, sentence

PREFIX = "set."
_YES_NO = (("yes", "Yes"), ("no", "No"))
_LARGEST = 2**53
"""Of whole numbers that every JSON reader reads alike (RFC 8259, 6)."""
_LIST_HINT = "One on each line."
_PAIRS_HINT = "One on each line: a name, a colon, a value."
_JSON_HINT = "Written as JSON."

Plugin = Evaluator | Listener


@dataclass(frozen=True)
class Line:
    """One setting. `path` as in `factors.self`, `name` that of its form field.

    `kind`: number, text, choice, area, or secret, which is never shown. `usual` is empty where a value has to be given.
    """

    path: str
    label: str
    help: str
    kind: str
    usual: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return PREFIX + self.path


@dataclass(frozen=True)
class Group:
    """Settings that belong together; `path` is empty for those that stand alone."""

    path: str
    label: str
    help: str
    lines: Sequence[Line]

    @property
    def name(self) -> str:
        return PREFIX + self.path


def groups(plugin: Plugin) -> list[Group]:
    """The plugin's settings in the order of its schema, those that all evaluators have last."""
    schema = _schema(plugin)
    usual = usual_values(plugin)
    common = EvaluatorSettings().fields
    names = [name for name in schema.fields if name not in common] + [name for name in common if name in schema.fields]
    found: list[Group] = []
    for name in names:
        field = schema.fields[name]
        if isinstance(field, fields.Nested) and not field.many:
            inner = field.schema.fields
            lines = [_line(f"{name}.{part}", inner[part], usual) for part in inner]
            found.append(Group(name, readable(name), _help(field), lines))
        elif found and not found[-1].path:
            found[-1] = Group("", "", "", [*found[-1].lines, _line(name, field, usual)])
        else:
            found.append(Group("", "", "", [_line(name, field, usual)]))
    return found


def typed_of(groups_: Sequence[Group], settings: Mapping[str, Any]) -> dict[str, str]:
    """What the fields show of settings, by the names of the fields; nothing of secrets."""
    lines = [line for group in groups_ for line in group.lines if line.kind != "secret"]
    return {line.name: as_text(value, line) for line in lines if (value := at(settings, line.path)) is not None}


def settings_of(plugin: Plugin, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as settings: only what is set here, each in the sort of value that its field takes.

    What cannot be that stays as it was typed, and so do names that the schema does not know: it complains about both.
    """
    schema = _schema(plugin)
    found: dict[str, Any] = {}
    for name, text in typed.items():
        if not name.startswith(PREFIX) or not text.strip():
            continue
        path = name.removeprefix(PREFIX)
        first, _, rest = path.partition(".")
        value = _value(_field(schema, path), text.strip())
        if rest and isinstance(found.setdefault(first, {}), dict):
            found[first][rest] = value
        else:
            found[first] = value
    return found


def too_large(settings: Mapping[str, Any]) -> list[str]:
    """Names of settings with a number that cannot be kept in JSON as it was typed."""
    return [name for name, value in settings.items() if not _can_be_kept(value)]


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_can_be_kept(one) for one in value.values())
    if isinstance(value, list):
        return all(_can_be_kept(one) for one in value)
    return not isinstance(value, int | float) or abs(value) <= _LARGEST


def usual_values(plugin: Plugin) -> dict[str, Any]:
    """The defaults, JSON-ready; of an evaluator nothing where some setting has none."""
    schema = _schema(plugin)
    if isinstance(plugin, Listener):
        return {name: one.load_default for name, one in schema.fields.items() if one.load_default is not ma.missing}
    try:
        return dict(schema.load({}))
    except ma.ValidationError:
        return {}


def unknown_names(plugin: Plugin, settings: Mapping[str, Any]) -> list[str]:
    """Names that are set and that this version of the plugin does not have."""
    schema = _schema(plugin)
    found = []
    for name, value in settings.items():
        field = schema.fields.get(name)
        if field is None:
            found.append(name)
        elif isinstance(field, fields.Nested) and not field.many and isinstance(value, Mapping):
            found += [f"{name}.{part}" for part in value if part not in field.schema.fields]
    return found


def in_words(value: Any) -> str:
    """A value in a sentence: 0.6, yes, `a, b and c`, `before 35, during 20`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {in_words(inner)}" for key, inner in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return listed([in_words(one) for one in value]) or "nothing"
    return str(value)


def readable(name: str) -> str:
    """half_life_days: Half life days"""
    return sentence(name.replace("_", " ").strip()) or name


def as_text(value: Any, line: Line) -> str:
    """A value as its field shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if line.kind == "area" and isinstance(value, Mapping):
        return "\n".join(f"{key}: {inner}" for key, inner in value.items())
    if line.kind == "area" and isinstance(value, list) and not any(isinstance(one, Mapping | list) for one in value):
        return "\n".join(str(one) for one in value)
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return in_words(value) if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _schema(plugin: Plugin) -> ma.Schema:
    """The plugin's own, with the settings that all evaluators have."""
    if isinstance(plugin, Listener):
        return (plugin.schema or ma.Schema)()
    own = (plugin.schema or EvaluatorSettings)()
    for name, field in EvaluatorSettings().fields.items():
        own.fields.setdefault(name, field)
    return own


def _line(path: str, field: fields.Field[Any], usual: Mapping[str, Any]) -> Line:
    kind, options, hint = _sort(field)
    told = " ".join(part for part in (_help(field), hint) if part)
    usual_text = "" if field.required else in_words(at(usual, path))
    return Line(path, readable(path.rpartition(".")[2]), told, kind, usual_text, tuple(options))


def _sort(field: fields.Field[Any]) -> tuple[str, Sequence[tuple[str, str]], str]:
    """How it is entered: the kind of field, what there is to choose, and a hint."""
    if field.metadata.get("secret"):
        return "secret", (), ""
    if isinstance(field, fields.Boolean):
        return "choice", _YES_NO, ""
    choices = _choices(field)
    if choices and not isinstance(field, fields.List | fields.Dict):
        return "choice", [(str(one), readable(str(one))) for one in choices], ""
    if isinstance(field, fields.Number):
        return "number", (), ""
    if isinstance(field, fields.Dict):
        return "area", (), _PAIRS_HINT if _is_plain(field.value_field) else _JSON_HINT
    if isinstance(field, fields.List):
        return "area", (), _LIST_HINT if _is_plain(field.inner) else _JSON_HINT
    if isinstance(field, fields.Nested):
        return "area", (), _JSON_HINT
    return "text", (), ""


def _choices(field: fields.Field[Any]) -> Sequence[Any]:
    found = [rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)]
    return list(found[0]) if found else ()


def _is_plain(field: Any) -> bool:
    return field is None or not isinstance(field, fields.Nested | fields.List | fields.Dict)


def _help(field: fields.Field[Any]) -> str:
    return str(field.metadata.get("help", ""))


def _field(schema: ma.Schema, path: str) -> fields.Field[Any] | None:
    first, _, rest = path.partition(".")
    field = schema.fields.get(first)
    if rest and isinstance(field, fields.Nested):
        return field.schema.fields.get(rest)
    return None if rest else field


def _value(field: fields.Field[Any] | None, text: str) -> Any:
    """The text as the JSON that the field takes; the text itself where it is none such."""
    try:
        if isinstance(field, fields.Boolean):
            return {"yes": True, "no": False}.get(text, text)
        if isinstance(field, fields.Integer):
            return int(text)
        if isinstance(field, fields.Number):
            return _finite(float(text), text)
        if isinstance(field, fields.Dict):
            return dict(_pairs(field, text)) if _is_plain(field.value_field) else _json(text)
        if isinstance(field, fields.List):
            return [_value(field.inner, one) for one in _lines(text)] if _is_plain(field.inner) else _json(text)
        if isinstance(field, fields.Nested):
            return _json(text)
    except (ValueError, RecursionError):
        pass
    return text


def _finite(number: float, text: str) -> float | str:
    """JSON has neither infinity nor what is no number; the schema complains of the text."""
    return number if isfinite(number) else text


def _json(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(word: str) -> Any:
    raise ValueError(word)


def _pairs(field: fields.Dict, text: str) -> Iterator[tuple[str, Any]]:
    for line in _lines(text):
        name, colon, value = line.rpartition(":")
        if not colon:
            raise ValueError(line)
        yield name.strip(), _value(field.value_field, value.strip())


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]

"""Whether the values of a profile's properties are of their kind (xAPI Profiles, part two, 4.0 and the tables)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lrs_bridge.xapi.checking.profile_notes import Notes, Path
from lrs_bridge.xapi.checking.profile_shapes import CONTEXT, Kind, Shape

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*|@none")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ANYWHERE = ("id", "type", "scopeNote")  # keywords of JSON-LD, which may stand everywhere; a note does no harm
_TIME_MEND = "Write it as 2026-01-15T00:00:00Z."


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def is_iri(value: Any) -> bool:
    return isinstance(value, str) and _IRI.fullmatch(value) is not None


def check_properties(part: Mapping[str, Any], shape: Shape, path: Path, notes: Notes) -> None:
    """Missing, unknown and wrong properties of one part. The parts inside it are checked on their own."""
    for name in shape.needed:
        if is_empty(part.get(name)):
            state = "is empty" if name in part else "is missing"
            why = f"{name} {state}: {shape.name} needs it (part two, {shape.clause})"
            notes.error("required", (*path, name), why, mend=f"Give {name}: {shape.needed[name]}.")
    for name, value in part.items():
        kind = shape.properties.get(name)
        if kind is not None:
            if not is_empty(value):
                check_value(value, kind, (*path, name), notes)
        elif ":" not in name and not name.startswith("@") and name not in _ANYWHERE:
            why = f"{name} is no property of {shape.name} (part two, {shape.clause})"
            notes.warn("unknown-property", (*path, name), why, mend="Take it out, or name it by an IRI of your own.")


def check_empty(value: Any, path: Path, notes: Notes) -> None:
    """Every empty value at any depth, but for those of which something was said already."""
    known = {finding.pointer for finding in notes.found if finding.rule in ("required", "iri", "value")}
    inner = Notes()
    _empties(value, path, inner)
    notes.found += [finding for finding in inner.found if finding.pointer not in known]


def _empties(value: Any, path: Path, notes: Notes) -> None:
    if is_empty(value):
        notes.warn("empty-value", path, "empty values must not stand in a profile", value, "Take it out.")
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        _empties(inner, (*path, key), notes)


def check_value(value: Any, kind: Kind, path: Path, notes: Notes) -> None:
    """One value that is not empty."""
    if kind is Kind.IRI:
        _check_iri(value, path, notes)
    elif kind is Kind.LANGUAGES:
        _check_languages(value, path, notes)
    elif kind is Kind.TIME:
        _check_time(value, path, notes)
    elif kind is Kind.SCHEMA:
        _check_schema(value, path, notes)
    elif kind is Kind.CONTEXT:
        _check_context(value, path, notes)
    elif kind in (Kind.IRIS, Kind.OBJECTS, Kind.VALUES):
        _check_list(value, kind, path, notes)
    else:
        fits = {Kind.TEXT: str, Kind.BOOLEAN: bool, Kind.OBJECT: dict}[kind]
        if not isinstance(value, fits):
            notes.error("value", path, f"must be {kind}", value)


def _check_list(value: Any, kind: Kind, path: Path, notes: Notes) -> None:
    if not isinstance(value, list):
        alone = {Kind.IRIS: str, Kind.OBJECTS: dict}.get(kind, object)
        if not isinstance(value, alone):
            notes.error("value", path, f"must be {kind}", value)
            return
        notes.warn("one-for-list", path, f"must be {kind}", value, "Put it in square brackets.")
        value = [value]
    for index, one in enumerate(value):
        if kind is Kind.IRIS:
            _check_iri(one, (*path, index), notes)
        elif kind is Kind.OBJECTS and not isinstance(one, dict):
            notes.error("value", (*path, index), "must be an object", one)


def _check_iri(value: Any, path: Path, notes: Notes) -> None:
    if not is_iri(value):
        notes.error("iri", path, "must be an IRI, beginning with its scheme", value, "Write https://... in full.")


def _check_languages(value: Any, path: Path, notes: Notes) -> None:
    if not isinstance(value, dict):
        notes.error("value", path, "must be a language map", value, 'Write {"en": "..."}.')
        return
    for tag, text in value.items():
        if not _LANGUAGE.fullmatch(tag):
            notes.warn("language", (*path, tag), "is no language tag (RFC 5646)", tag, "Write en, en-GB, de.")
        if not isinstance(text, str):
            notes.error("value", (*path, tag), "must be a text", text)


def _check_time(value: Any, path: Path, notes: Notes) -> None:
    if not isinstance(value, str):
        notes.error("value", path, "must be a time", value, _TIME_MEND)
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        notes.error("time", path, "is no time", value, _TIME_MEND)
        return
    if not _TIME.fullmatch(value):
        lacking = "has no hour" if _DAY.fullmatch(value) else "is not written in full, with seconds and offset"
        notes.warn("time", path, lacking, value, _TIME_MEND)


def _check_schema(value: Any, path: Path, notes: Notes) -> None:
    if isinstance(value, dict):
        notes.warn("schema", path, "must be a JSON Schema written as a text", mend="Put it in quotes, escaped.")
        return
    try:
        schema = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, dict | bool):
        notes.error("schema", path, "is no JSON Schema", value, 'Write "{\\"type\\": \\"string\\"}".')


def _check_context(value: Any, path: Path, notes: Notes) -> None:
    contexts = value if isinstance(value, list) else [value]
    if CONTEXT not in contexts:
        tell = notes.error if isinstance(value, list) else notes.warn
        tell("context", path, f"should be {CONTEXT}", value, "Write it exactly so.")

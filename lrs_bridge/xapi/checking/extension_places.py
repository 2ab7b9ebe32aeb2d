"""Extensions where they do not belong: "only use a ContextExtension in context" and so on (part two, 7.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PLACES = {"ContextExtension": "context", "ResultExtension": "result", "ActivityExtension": "an activity definition"}


def misplaced(statement: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Where an extension stands, its IRI, and where it belongs. `types` are those of known concepts by IRI."""
    for where, wanted, holder in _holders(statement):
        extensions = holder.get("extensions")
        for iri in extensions if isinstance(extensions, dict) else ():
            sort = types.get(iri)
            if sort in _PLACES and sort != wanted:
                yield f"{where}.extensions", iri, _PLACES[sort]


def _holders(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for key, wanted in (("context", "ContextExtension"), ("result", "ResultExtension")):
        part = statement.get(key)
        if isinstance(part, dict):
            yield f"$.{key}", wanted, part
    thing = statement.get("object")
    definition = thing.get("definition") if isinstance(thing, dict) else None
    if isinstance(definition, dict):
        yield "$.object.definition", "ActivityExtension", definition

"""Are these activities, definitions, language maps and extensions as xAPI wants them? (Data 2.4.4.1). Pure."""

from __future__ import annotations

from typing import Any

from lrs_bridge.lrs.actors import check_keys
from lrs_bridge.lrs.formats import is_iri, is_language
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.remembering import remembered

_ACTIVITY = frozenset({"objectType", "id", "definition"})
_COMPONENTS = frozenset({"choices", "scale", "source", "target", "steps"})
_INTERACTION = _COMPONENTS | {"interactionType", "correctResponsesPattern"}
_DEFINITION = _INTERACTION | {"name", "description", "type", "moreInfo", "extensions"}
_COMPONENT = frozenset({"id", "description"})
_INTERACTION_TYPES = (
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
)


@remembered
def check_activity(activity: Any, where: str) -> None:
    check_keys(activity, _ACTIVITY, where)
    if activity.get("objectType", "Activity") != "Activity":
        raise Invalid(f"{where}.objectType", "must be Activity")
    if not is_iri(activity.get("id")):
        raise Invalid(f"{where}.id", "must be an absolute IRI")
    if "definition" in activity:
        _check_definition(activity["definition"], f"{where}.definition")


def check_language_map(value: Any, where: str) -> None:
    """Language tags of RFC 5646 to strings."""
    if not isinstance(value, dict):
        raise Invalid(where, "must be an object of language tags and texts")
    for tag, text in value.items():
        if not is_language(tag):
            raise Invalid(where, f"{tag!r} is not a language tag")
        if not isinstance(text, str):
            raise Invalid(f"{where}.{tag}", "must be a string")


def check_extensions(value: Any, where: str) -> None:
    """IRIs to anything, null too (Data 4.1)."""
    if not isinstance(value, dict):
        raise Invalid(where, "must be an object")
    for key in value:
        if not is_iri(key):
            raise Invalid(where, f"the key {key!r} must be an absolute IRI")


def _check_definition(definition: Any, where: str) -> None:
    check_keys(definition, _DEFINITION, where)
    for name in ("name", "description"):
        if name in definition:
            check_language_map(definition[name], f"{where}.{name}")
    for name in ("type", "moreInfo"):
        if name in definition and not is_iri(definition[name]):
            raise Invalid(f"{where}.{name}", "must be an absolute IRI")
    if "extensions" in definition:
        check_extensions(definition["extensions"], f"{where}.extensions")
    if not _INTERACTION.isdisjoint(definition):
        _check_interaction(definition, where)


def _check_interaction(definition: dict[str, Any], where: str) -> None:
    if definition.get("interactionType") not in _INTERACTION_TYPES:
        raise Invalid(f"{where}.interactionType", f"must be one of {', '.join(_INTERACTION_TYPES)}")
    pattern = definition.get("correctResponsesPattern", [])
    if not isinstance(pattern, list) or not all(isinstance(item, str) for item in pattern):
        raise Invalid(f"{where}.correctResponsesPattern", "must be an array of strings")
    for name in _COMPONENTS & definition.keys():
        _check_components(definition[name], f"{where}.{name}")


def _check_components(components: Any, where: str) -> None:
    if not isinstance(components, list):
        raise Invalid(where, "must be an array of interaction components")
    seen = set()
    for index, component in enumerate(components):
        place = f"{where}[{index}]"
        check_keys(component, _COMPONENT, place)
        if not isinstance(component.get("id"), str) or not component["id"]:
            raise Invalid(f"{place}.id", "must be a string that is not empty")
        if component["id"] in seen:
            raise Invalid(f"{place}.id", f"{component['id']!r} occurs twice")
        seen.add(component["id"])
        if "description" in component:
            check_language_map(component["description"], f"{place}.description")

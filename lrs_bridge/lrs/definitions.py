"""The canonical definition of an activity: what statements say about it, put together (Data 2.4.4.1). Pure.

Texts in other languages, extensions and corrections are taken in; an interaction stays what it was first defined as,
since its correct responses give meaning to the statements that are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Definition = Mapping[str, Any]

_MAPS = ("name", "description", "extensions")
_COMPONENTS = ("choices", "scale", "source", "target", "steps")
_INTERACTION = frozenset({"interactionType", "correctResponsesPattern", *_COMPONENTS})


def definitions_in(statement: Mapping[str, Any]) -> Iterator[tuple[str, Definition]]:
    """The ids and definitions of the activities of a checked statement that define one, in its SubStatement too."""
    for activity in _activities(statement):
        if activity.get("definition"):
            yield activity["id"], activity["definition"]


def activities_in(statements: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of all activities that these speak of."""
    return {activity["id"] for statement in statements for activity in _activities(statement)}


def with_definitions(statement: Mapping[str, Any], known: Mapping[str, Definition]) -> dict[str, Any]:
    """The statement with what is known of its activities instead of what it says of them (Communication 2.1.3)."""
    told = dict(statement)
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        told["object"] = _told(target, known)
    elif kind == "SubStatement":
        told["object"] = with_definitions(target, known)
    context = statement.get("context", {})
    if "contextActivities" in context:
        related = {
            name: [_told(one, known) for one in (found if isinstance(found, list) else (found,))]
            for name, found in context["contextActivities"].items()
        }
        told["context"] = {**context, "contextActivities": related}
    return told


def _told(activity: Mapping[str, Any], known: Mapping[str, Definition]) -> dict[str, Any]:
    id_ = activity["id"]
    return {**activity, "definition": known[id_]} if id_ in known else dict(activity)


def merge(kept: Definition, new: Definition) -> dict[str, Any]:
    """`kept` with what `new` adds or corrects."""
    merged = {**kept, **{name: value for name, value in new.items() if name not in _INTERACTION}}
    for name in _MAPS:
        if name in kept and name in new:
            merged[name] = {**kept[name], **new[name]}
    if "interactionType" not in kept:
        return {**merged, **{name: value for name, value in new.items() if name in _INTERACTION}}
    for name in _COMPONENTS:
        if name in kept and name in new:
            merged[name] = _with_texts(kept[name], new[name])
    return merged


def _with_texts(kept: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same components, described in more languages."""
    texts = {component["id"]: component["description"] for component in new if "description" in component}
    return [
        {**one, "description": {**one.get("description", {}), **texts[one["id"]]}} if one["id"] in texts else one
        for one in kept
    ]


def _activities(statement: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield target
    elif kind == "SubStatement":
        yield from _activities(target)
    for found in statement.get("context", {}).get("contextActivities", {}).values():
        yield from found if isinstance(found, list) else (found,)

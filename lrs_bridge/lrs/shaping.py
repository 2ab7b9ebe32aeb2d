"""Statements as `format` asks for them: `ids` with the least that identifies, `canonical` in one language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_COMPONENTS = ("choices", "scale", "source", "target", "steps")


def ids_only(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Agents, groups, activities and verbs with nothing but what identifies them."""
    slim = dict(statement)
    slim["actor"] = _slim_actor(statement["actor"])
    slim["verb"] = {"id": statement["verb"]["id"]}
    slim["object"] = _slim_object(statement["object"])
    if "authority" in statement:
        slim["authority"] = _slim_actor(statement["authority"])
    if "context" in statement:
        slim["context"] = _slim_context(statement["context"])
    return slim


def in_one_language(statement: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """Each language map with the one entry that fits `languages` (best first) best (Communication 2.1.3)."""
    local = dict(statement)
    local["verb"] = _local_maps(statement["verb"], ("display",), languages)
    local["object"] = _local_object(statement["object"], languages)
    if "contextActivities" in statement.get("context", {}):
        activities = statement["context"]["contextActivities"]
        local["context"] = {
            **statement["context"],
            "contextActivities": {
                name: [_local_activity(activity, languages) for activity in found] for name, found in activities.items()
            },
        }
    return local


def _slim_actor(actor: Mapping[str, Any]) -> dict[str, Any]:
    """Members matter only where they are all that identifies a group."""
    slim = {name: actor[name] for name in ("objectType", *_IDENTIFIERS) if name in actor}
    if actor.get("objectType") == "Group" and not any(name in actor for name in _IDENTIFIERS):
        slim["member"] = [_slim_actor(member) for member in actor["member"]]
    return slim


def _slim_object(value: Mapping[str, Any]) -> dict[str, Any]:
    kind = value.get("objectType", "Activity")
    if kind in {"Agent", "Group"}:
        return _slim_actor(value)
    if kind == "SubStatement":
        return ids_only(value)
    return {"id": value["id"]} if kind == "Activity" else dict(value)


def _slim_context(context: Mapping[str, Any]) -> dict[str, Any]:
    slim = dict(context)
    for name in ("instructor", "team"):
        if name in context:
            slim[name] = _slim_actor(context[name])
    if "contextActivities" in context:
        slim["contextActivities"] = {
            name: [_slim_object(activity) for activity in found] for name, found in context["contextActivities"].items()
        }
    for name, kind in (("contextAgents", "agent"), ("contextGroups", "group")):
        if name in context:
            slim[name] = [{**item, kind: _slim_actor(item[kind])} for item in context[name]]
    return slim


def _local_object(value: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        return _local_activity(value, languages)
    return in_one_language(value, languages) if kind == "SubStatement" else dict(value)


def _local_activity(activity: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    if "definition" not in activity:
        return dict(activity)
    definition = _local_maps(activity["definition"], ("name", "description"), languages)
    for name in _COMPONENTS:
        if name in definition:
            definition[name] = [_local_maps(item, ("description",), languages) for item in definition[name]]
    return {**activity, "definition": definition}


def _local_maps(value: Mapping[str, Any], names: Sequence[str], languages: Sequence[str]) -> dict[str, Any]:
    return {name: _one_of(found, languages) if name in names else found for name, found in value.items()}


def _one_of(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Lookup of RFC 4647, 3.4, and where nothing fits a tag of the same language, else the first."""
    by_tag = {tag.lower(): tag for tag in texts}
    for language in languages:
        wanted = language.lower()
        while wanted:
            if wanted in by_tag:
                return {by_tag[wanted]: texts[by_tag[wanted]]}
            wanted = wanted.rpartition("-")[0]
        for tag in by_tag:
            if tag.partition("-")[0] == language.lower().partition("-")[0]:
                return {by_tag[tag]: texts[by_tag[tag]]}
    return dict(list(texts.items())[:1])

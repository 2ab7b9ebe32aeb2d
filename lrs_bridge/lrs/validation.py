"""Is this a statement? Every MUST of xAPI Data 2.2 to 2.4 that can be seen in the JSON alone. Pure.

Hand-written, since it stands on the hot path of the record store: one pass, no intermediate objects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrs_bridge.lrs.activities import check_activity, check_extensions, check_language_map
from lrs_bridge.lrs.actors import check_actor, check_agent, check_authority, check_group, check_keys
from lrs_bridge.lrs.formats import (
    is_duration,
    is_iri,
    is_language,
    is_media_type,
    is_uuid,
    is_version,
    read_timestamp,
)
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.remembering import remembered

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
ACTIVITY_RELATIONS = ("parent", "grouping", "category", "other")

_SUBSTATEMENT = frozenset({"objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments"})
_STATEMENT = (_SUBSTATEMENT - {"objectType"}) | {"id", "stored", "authority", "version"}
_VERB = frozenset({"id", "display"})
_REFERENCE = frozenset({"objectType", "id"})
_RESULT = frozenset({"score", "success", "completion", "response", "duration", "extensions"})
_SCORE = frozenset({"scaled", "raw", "min", "max"})
_CONTEXT_1_0 = frozenset(
    {
        "registration",
        "instructor",
        "team",
        "contextActivities",
        "revision",
        "platform",
        "language",
        "statement",
        "extensions",
    }
)
_CONTEXT = _CONTEXT_1_0 | {"contextAgents", "contextGroups"}
_CONTEXT_ACTIVITIES = frozenset(ACTIVITY_RELATIONS)
_CONTEXT_AGENT = frozenset({"objectType", "agent", "relevantTypes"})
_CONTEXT_GROUP = frozenset({"objectType", "group", "relevantTypes"})
_ATTACHMENT = frozenset({"usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"})


def check_statement(statement: Any, two: bool = True) -> None:
    """Raises Invalid with the place and the problem of the first rule that is broken.

    Without `two` the rules are those of xAPI 1.0 alone.
    """
    where = "statement"
    check_keys(statement, _STATEMENT, where)
    if "id" in statement and not is_uuid(statement["id"]):
        raise Invalid("id", "must be a UUID")
    if "stored" in statement and read_timestamp(statement["stored"]) is None:
        raise Invalid("stored", "must be an ISO 8601 timestamp")
    if "version" in statement and not is_version(statement["version"], two):
        raise Invalid("version", f"must be 1.0, 1.0.x{' or 2.0.x' if two else ''}")
    if "authority" in statement:
        check_authority(statement["authority"], "authority")
    _check_core(statement, "", two)
    if statement["verb"]["id"] == VOIDED and statement["object"].get("objectType") != "StatementRef":
        raise Invalid("object.objectType", "must be StatementRef when a statement voids another")


def _check_core(statement: dict[str, Any], prefix: str, two: bool) -> None:
    """What a statement and a SubStatement have in common."""
    for name in ("actor", "verb", "object"):
        if name not in statement:
            raise Invalid(f"{prefix}{name}", "is missing")
    check_actor(statement["actor"], f"{prefix}actor")
    _check_verb(statement["verb"], f"{prefix}verb")
    _check_object(statement["object"], f"{prefix}object", bool(prefix), two)
    if "timestamp" in statement and read_timestamp(statement["timestamp"]) is None:
        raise Invalid(f"{prefix}timestamp", "must be an ISO 8601 timestamp")
    if "result" in statement:
        _check_result(statement["result"], f"{prefix}result")
    if "context" in statement:
        _check_context(statement["context"], f"{prefix}context", statement["object"], two)
    if "attachments" in statement:
        _check_attachments(statement["attachments"], f"{prefix}attachments")


@remembered
def _check_verb(verb: Any, where: str) -> None:
    check_keys(verb, _VERB, where)
    if not is_iri(verb.get("id")):
        raise Invalid(f"{where}.id", "must be an absolute IRI")
    if "display" in verb:
        check_language_map(verb["display"], f"{where}.display")


def _check_object(value: Any, where: str, nested: bool, two: bool) -> None:
    if not isinstance(value, dict):
        raise Invalid(where, "must be an object")
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        check_activity(value, where)
    elif kind == "StatementRef":
        _check_reference(value, where)
    elif kind == "Agent":
        check_agent(value, where)
    elif kind == "Group":
        check_group(value, where)
    elif kind == "SubStatement" and not nested:
        check_keys(value, _SUBSTATEMENT, where)
        _check_core(value, f"{where}.", two)
    else:
        allowed = "Activity, Agent, Group, StatementRef" + ("" if nested else ", SubStatement")
        raise Invalid(f"{where}.objectType", f"must be one of {allowed}")


def _check_reference(value: Any, where: str) -> None:
    check_keys(value, _REFERENCE, where)
    if value.get("objectType") != "StatementRef":
        raise Invalid(f"{where}.objectType", "must be StatementRef")
    if not is_uuid(value.get("id")):
        raise Invalid(f"{where}.id", "must be a UUID")


def _check_result(result: Any, where: str) -> None:
    check_keys(result, _RESULT, where)
    for name in ("success", "completion"):
        if name in result and not isinstance(result[name], bool):
            raise Invalid(f"{where}.{name}", "must be true or false")
    if "response" in result and not isinstance(result["response"], str):
        raise Invalid(f"{where}.response", "must be a string")
    if "duration" in result and not is_duration(result["duration"]):
        raise Invalid(f"{where}.duration", "must be an ISO 8601 duration such as PT1H30M")
    if "score" in result:
        _check_score(result["score"], f"{where}.score")
    if "extensions" in result:
        check_extensions(result["extensions"], f"{where}.extensions")


def _check_score(score: Any, where: str) -> None:
    check_keys(score, _SCORE, where)
    for name, value in score.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid(f"{where}.{name}", "must be a number")
    if "scaled" in score and not -1 <= score["scaled"] <= 1:
        raise Invalid(f"{where}.scaled", "must be between -1 and 1")
    low, high = score.get("min"), score.get("max")
    if low is not None and high is not None and low >= high:
        raise Invalid(f"{where}.max", "must be greater than min")
    raw = score.get("raw")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        raise Invalid(f"{where}.raw", "must be between min and max")


def _check_context(context: Any, where: str, target: dict[str, Any], two: bool) -> None:
    check_keys(context, _CONTEXT if two else _CONTEXT_1_0, where)
    if "registration" in context and not is_uuid(context["registration"]):
        raise Invalid(f"{where}.registration", "must be a UUID")
    if "instructor" in context:
        check_actor(context["instructor"], f"{where}.instructor")
    if "team" in context:
        check_group(context["team"], f"{where}.team")
    if "contextActivities" in context:
        _check_context_activities(context["contextActivities"], f"{where}.contextActivities")
    for name in ("revision", "platform"):
        if name in context:
            _check_activity_word(context[name], f"{where}.{name}", target)
    if "language" in context and not (isinstance(context["language"], str) and is_language(context["language"])):
        raise Invalid(f"{where}.language", "must be a language tag")
    if "statement" in context:
        _check_reference(context["statement"], f"{where}.statement")
    if "extensions" in context:
        check_extensions(context["extensions"], f"{where}.extensions")
    if "contextAgents" in context:
        _check_context_actors(context["contextAgents"], "agent", _CONTEXT_AGENT, check_agent, f"{where}.contextAgents")
    if "contextGroups" in context:
        _check_context_actors(context["contextGroups"], "group", _CONTEXT_GROUP, check_group, f"{where}.contextGroups")


def _check_activity_word(value: Any, where: str, target: dict[str, Any]) -> None:
    """`revision` and `platform` speak about an activity, so the object must be one."""
    if not isinstance(value, str):
        raise Invalid(where, "must be a string")
    if target.get("objectType", "Activity") != "Activity":
        raise Invalid(where, "is allowed only where the object is an activity")


@remembered
def _check_context_activities(value: Any, where: str) -> None:
    check_keys(value, _CONTEXT_ACTIVITIES, where)
    for name, activities in value.items():
        if not isinstance(activities, list):
            check_activity(activities, f"{where}.{name}")
            continue
        for index, activity in enumerate(activities):
            check_activity(activity, f"{where}.{name}[{index}]")


def _check_context_actors(
    value: Any, kind: str, keys: frozenset[str], check: Callable[[Any, str], None], where: str
) -> None:
    """contextAgents and contextGroups, new in 2.0 (IEEE 9274.1.1, 4.2.2.5)."""
    if not isinstance(value, list):
        raise Invalid(where, "must be an array")
    for index, item in enumerate(value):
        place = f"{where}[{index}]"
        check_keys(item, keys, place)
        if item.get("objectType") != f"context{kind.capitalize()}":
            raise Invalid(f"{place}.objectType", f"must be context{kind.capitalize()}")
        check(item.get(kind), f"{place}.{kind}")
        types = item.get("relevantTypes")
        if "relevantTypes" in item and not (isinstance(types, list) and types and all(map(is_iri, types))):
            raise Invalid(f"{place}.relevantTypes", "must be an array of one or more IRIs")


def _check_attachments(value: Any, where: str) -> None:
    if not isinstance(value, list):
        raise Invalid(where, "must be an array")
    for index, attachment in enumerate(value):
        _check_attachment(attachment, f"{where}[{index}]")


def _check_attachment(attachment: Any, where: str) -> None:
    check_keys(attachment, _ATTACHMENT, where)
    if not is_iri(attachment.get("usageType")):
        raise Invalid(f"{where}.usageType", "must be an absolute IRI")
    check_language_map(attachment.get("display"), f"{where}.display")
    if "description" in attachment:
        check_language_map(attachment["description"], f"{where}.description")
    if not is_media_type(attachment.get("contentType")):
        raise Invalid(f"{where}.contentType", "must be a media type such as application/pdf")
    length = attachment.get("length")
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise Invalid(f"{where}.length", "must be a whole number of octets")
    sha2 = attachment.get("sha2")
    if not isinstance(sha2, str) or len(sha2) not in {56, 64, 96, 128} or not _is_hexadecimal(sha2):
        raise Invalid(f"{where}.sha2", "must be a SHA-2 hash in hexadecimal digits")
    if "fileUrl" in attachment and not is_iri(attachment["fileUrl"]):
        raise Invalid(f"{where}.fileUrl", "must be an absolute IRL")


def _is_hexadecimal(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)

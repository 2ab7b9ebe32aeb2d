"""Are two statements the same? (Data 2.3.1, "Statement Comparison Requirements"). Pure.

Ignored is what a record store sets or may write differently: id, authority, stored, version, timestamps that name the
same point in time, verb displays, activity definitions, the order of group members, attachments, the case of what has
none. A timestamp that one side lacks counts as the same, since the store fills it in. Durations compare as strings,
to the hundredth of a second (Data 4.6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from lrs_bridge.lrs.formats import read_timestamp

_SECONDS = re.compile(r"(\d+)(?:[.,](\d+))?S$")
_SET_BY_STORE = frozenset({"id", "authority", "stored", "version", "timestamp", "attachments"})


def same_statement(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether `other` may stand for `one`; symmetric, and true of a statement and what a store gives back for it."""
    if "timestamp" in one and "timestamp" in other and _moment(one["timestamp"]) != _moment(other["timestamp"]):
        return False
    return _equal(_core(one), _core(other))


def _equal(one: Any, other: Any) -> bool:
    """JSON equality: 1 equals 1.0, as in every JSON store, but true is not 1, as it is in Python."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _core(statement: Mapping[str, Any]) -> dict[str, Any]:
    core: dict[str, Any] = {name: value for name, value in statement.items() if name not in _SET_BY_STORE}
    for name, normal in _NORMAL.items():
        if name in core:
            core[name] = normal(core[name])
    return core


def _moment(value: Any) -> Any:
    return read_timestamp(value) or value


def _verb(verb: Any) -> Any:
    return verb["id"] if isinstance(verb, dict) and "id" in verb else verb


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        return _activity(value)
    if kind == "StatementRef":
        return _reference(value)
    if kind == "SubStatement":
        core = _core(value)
        if "timestamp" in value:
            core["timestamp"] = _moment(value["timestamp"])
        return core
    return _actor(value)


def _activity(activity: Any) -> Any:
    return ("Activity", activity.get("id")) if isinstance(activity, dict) else activity


def _reference(reference: Any) -> Any:
    return ("StatementRef", _lower(reference.get("id"))) if isinstance(reference, dict) else reference


def _actor(actor: Any) -> Any:
    if not isinstance(actor, dict):
        return actor
    normal: dict[str, Any] = {"objectType": "Agent", **actor}
    if "mbox" in normal:
        normal["mbox"] = fold_mailto(normal["mbox"])
    if "mbox_sha1sum" in normal:
        normal["mbox_sha1sum"] = _lower(normal["mbox_sha1sum"])
    if isinstance(normal.get("member"), list):
        members = (_actor(member) for member in normal["member"])
        normal["member"] = sorted(members, key=lambda member: orjson.dumps(member, option=orjson.OPT_SORT_KEYS))
    return normal


def fold_mailto(mbox: Any) -> Any:
    """The domain of an e-mail address has no case; its local part may have one."""
    if not isinstance(mbox, str) or "@" not in mbox:
        return mbox
    local, _, domain = mbox.rpartition("@")
    return f"{local}@{domain.lower()}"


def _result(result: Any) -> Any:
    if not isinstance(result, dict) or not isinstance(result.get("duration"), str):
        return result
    return {**result, "duration": _SECONDS.sub(_hundredths, result["duration"])}


def _hundredths(seconds: re.Match[str]) -> str:
    return f"{seconds[1]}.{seconds[2] or '':0<2.2}S"


def _context(context: Any) -> Any:
    if not isinstance(context, dict):
        return context
    normal = dict(context)
    for name in ("instructor", "team"):
        if name in normal:
            normal[name] = _actor(normal[name])
    if "registration" in normal:
        normal["registration"] = _lower(normal["registration"])
    if "language" in normal:
        normal["language"] = _lower(normal["language"])
    if "statement" in normal:
        normal["statement"] = _reference(normal["statement"])
    if isinstance(normal.get("contextActivities"), dict):
        normal["contextActivities"] = {
            name: [_activity(activity) for activity in (found if isinstance(found, list) else [found])]
            for name, found in normal["contextActivities"].items()
        }
    for name, kind in (("contextAgents", "agent"), ("contextGroups", "group")):
        if isinstance(normal.get(name), list):
            normal[name] = [
                {**item, kind: _actor(item.get(kind))} if isinstance(item, dict) else item for item in normal[name]
            ]
    return normal


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


_NORMAL = {"actor": _actor, "verb": _verb, "object": _object, "result": _result, "context": _context}

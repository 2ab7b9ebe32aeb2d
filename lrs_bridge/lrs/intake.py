"""From JSON to statements that can be appended: checked, with what the store sets filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from lrs_bridge.lrs.attachments import attachments_of
from lrs_bridge.lrs.definitions import definitions_in
from lrs_bridge.lrs.formats import read_timestamp, write_timestamp
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.validation import VOIDED, check_statement
from lrs_bridge.store.statement_terms import term, terms_of
from lrs_bridge.store.statements import NewStatement


@dataclass(frozen=True)
class Writer:
    """In whose name statements are written.

    `authority` is the agent set as each statement's authority; a `trusted` writer's own authority is kept (Data 2.4.9).
    `key` is the credential's id, by which it may find its own statements again; None inside the bridge.
    What a writer says who `defines` enters the definitions of activities (Data 2.4.4.1).
    """

    tenant_id: str
    authority: Mapping[str, Any]
    key: str | None = None
    trusted: bool = False
    defines: bool = True


def prepare(statement: Any, writer: Writer, version: str, *, two: bool = True) -> NewStatement:
    """Check one statement and make it ready to be appended. Raises Invalid.

    `version` is that of a statement that names none, and of the request; 2.0 has timestamps turned to UTC (4.2.7).
    `two`: whether xAPI 2.0's own properties and versions are let in.
    """
    check_statement(statement, two=two)
    return _ready(statement, writer, version)


def prepare_batch(batch: Sequence[Any], writer: Writer, version: str, *, two: bool = True) -> list[NewStatement]:
    """All of them or none: raises Invalid, naming the statement's place, also where two have the same id."""
    prepared: list[NewStatement] = []
    for index, statement in enumerate(batch):
        try:
            prepared.append(prepare(statement, writer, version, two=two))
        except Invalid as problem:
            raise Invalid(f"statements[{index}].{problem.where}", problem.problem) from None
    if len({new.id for new in prepared}) < len(prepared):
        raise Invalid("statements", "two statements in the batch have the same id")
    return prepared


def _ready(statement: Mapping[str, Any], writer: Writer, version: str) -> NewStatement:
    body = dict(statement)
    body.pop("stored", None)
    if "id" not in body:
        body["id"] = str(uuid4())
    body.setdefault("version", version)
    if not (writer.trusted and "authority" in body):
        body["authority"] = writer.authority
    if version.startswith("2."):
        _turn_to_utc(body)
    _spread_context_activities(body)
    target = body["object"]
    refers_to = target["id"].lower() if target.get("objectType") == "StatementRef" else None
    return NewStatement(
        id=body["id"].lower(),
        body=_json(body),
        terms=terms_of(writer.tenant_id, body),
        writer=None if writer.key is None else term(writer.tenant_id, "writer", writer.key),
        refers_to=refers_to,
        voids=body["verb"]["id"] == VOIDED,
        dated="timestamp" in body,
        definitions=tuple(definitions_in(body)) if writer.defines else (),
        attached=tuple(one["sha2"].lower() for one in attachments_of(body)),
    )


def _json(body: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(body).decode()
    except orjson.JSONEncodeError:
        raise Invalid("statement", "is nested too deeply") from None


def _turn_to_utc(body: dict[str, Any]) -> None:
    moment = read_timestamp(body.get("timestamp"))
    if moment is not None and not body["timestamp"].endswith("Z"):
        body["timestamp"] = write_timestamp(moment)
    if body["object"].get("objectType") == "SubStatement":
        body["object"] = dict(body["object"])
        _turn_to_utc(body["object"])


def _spread_context_activities(body: dict[str, Any]) -> None:
    """A single context activity is answered as an array, however it came (Data 2.4.6.2)."""
    context = body.get("context")
    if context and "contextActivities" in context:
        activities = context["contextActivities"]
        if not all(isinstance(found, list) for found in activities.values()):
            body["context"] = {**context, "contextActivities": _as_arrays(activities)}
    target = body["object"]
    if target.get("objectType") == "SubStatement":
        nested = dict(target)
        _spread_context_activities(nested)
        body["object"] = nested


def _as_arrays(activities: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found if isinstance(found, list) else [found] for name, found in activities.items()}

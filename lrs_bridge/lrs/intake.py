"""From JSON to the record: check a batch, fill in what the store sets, compare with what is there, append it whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy.orm import Session

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.definitions import definitions_in, merge
from lrs_bridge.lrs.problems import Conflict, Invalid
from lrs_bridge.lrs.validation import VOIDED, check_statement
from lrs_bridge.store import activities
from lrs_bridge.store import statements as table
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.statement_terms import term, terms_of

Clock = Callable[[], datetime]


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


def prepare(statement: Any, writer: Writer, version: str) -> table.NewStatement:
    """Check one statement and make it ready to be appended. Raises Invalid."""
    check_statement(statement)
    return _ready(statement, writer, version)


def prepare_batch(batch: Sequence[Any], writer: Writer, version: str) -> list[table.NewStatement]:
    """All of them or none: raises Invalid, naming the statement's place, also where two have the same id."""
    prepared: list[table.NewStatement] = []
    for index, statement in enumerate(batch):
        try:
            prepared.append(prepare(statement, writer, version))
        except Invalid as problem:
            raise Invalid(f"statements[{index}].{problem.where}", problem.problem) from None
    if len({new.id for new in prepared}) < len(prepared):
        raise Invalid("statements", "two statements in the batch have the same id")
    return prepared


def write(sessions: Sessions, tenant_id: str, batch: Sequence[table.NewStatement], clock: Clock) -> datetime | None:
    """Append those that are not there yet, in one transaction; answers the last `stored`, None where all were there.

    Raises Conflict and then writes none.
    """
    with sessions.write() as session:
        table.lock(session)
        kept = table.bodies(session, tenant_id, (new.id for new in batch))
        for new in batch:
            if _differs(new, kept):
                raise Conflict(new.id)
        places = _append(session, tenant_id, [new for new in batch if new.id not in kept], clock)
    return table.moment_of(places[-1]) if places else None


def write_each(
    sessions: Sessions, tenant_id: str, batch: Sequence[table.NewStatement], clock: Clock
) -> list[table.NewStatement]:
    """Append those that are not there yet, in one transaction; answers those that differ from what is kept."""
    with sessions.write() as session:
        table.lock(session)
        kept = table.bodies(session, tenant_id, (new.id for new in batch))
        fresh: dict[str, table.NewStatement] = {}
        differing = []
        for new in batch:
            if _differs(new, kept):
                differing.append(new)
            elif new.id not in kept:
                fresh[new.id] = new
                kept[new.id] = new.body
        _append(session, tenant_id, list(fresh.values()), clock)
    return differing


def _append(session: Session, tenant_id: str, fresh: Sequence[table.NewStatement], clock: Clock) -> list[int]:
    began = clock()
    places = table.append(session, tenant_id, fresh, began)
    _define(session, tenant_id, fresh, began)
    table.check_duration(began, clock())
    return places


def _define(session: Session, tenant_id: str, fresh: Sequence[table.NewStatement], now: datetime) -> None:
    """Merge what the statements say about activities into what is known of them."""
    said = [pair for new in fresh for pair in new.definitions]
    kept = activities.definitions(session, tenant_id, {id_ for id_, _ in said})
    changed: dict[str, Mapping[str, Any]] = {}
    for id_, definition in said:
        before = changed.get(id_, kept.get(id_, {}))
        merged = merge(before, definition)
        if merged != before:
            changed[id_] = merged
    activities.define(session, tenant_id, changed, now)


def _differs(new: table.NewStatement, kept: Mapping[str, str]) -> bool:
    return new.id in kept and not same_statement(orjson.loads(new.body), orjson.loads(kept[new.id]))


def _ready(statement: Mapping[str, Any], writer: Writer, version: str) -> table.NewStatement:
    body = {name: value for name, value in statement.items() if name != "stored"}
    if "id" not in body:
        body["id"] = str(uuid4())
    body.setdefault("version", version)
    if not (writer.trusted and "authority" in body):
        body["authority"] = writer.authority
    _spread_context_activities(body)
    target = body["object"]
    refers_to = target["id"].lower() if target.get("objectType") == "StatementRef" else None
    terms = terms_of(writer.tenant_id, body)
    if writer.key is not None:
        terms.add(term(writer.tenant_id, "writer", writer.key))
    return table.NewStatement(
        id=body["id"].lower(),
        body=orjson.dumps(body).decode(),
        terms=frozenset(terms),
        refers_to=refers_to,
        voids=body["verb"]["id"] == VOIDED,
        dated="timestamp" in body,
        definitions=tuple(definitions_in(body)) if writer.defines else (),
    )


def _spread_context_activities(body: dict[str, Any]) -> None:
    """A single context activity is answered as an array, however it came (Data 2.4.6.2)."""
    context = body.get("context")
    if context and "contextActivities" in context:
        body["context"] = {**context, "contextActivities": _as_arrays(context["contextActivities"])}
    target = body["object"]
    if target.get("objectType") == "SubStatement":
        nested = dict(target)
        nested.setdefault("object", {})
        _spread_context_activities(nested)
        body["object"] = nested


def _as_arrays(activities: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found if isinstance(found, list) else [found] for name, found in activities.items()}

"""GET and HEAD of /xapi/agents: the Person behind an agent (Communication 2.4)."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request

from lrs_bridge.lrs.actors import check_agent
from lrs_bridge.lrs.parameters import once_each, read_json
from lrs_bridge.lrs.persons import person
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.store import lrs_keys
from lrs_bridge.store import statement_queries as queries
from lrs_bridge.store.lrs_keys import Caller
from lrs_bridge.store.statement_terms import Kind, agent_value
from lrs_bridge.web.lrs_api.conditions import settle
from lrs_bridge.web.lrs_api.gate import LrsBridge, need

_MAY = tuple(scope for scope in lrs_keys.SCOPES if scope not in {lrs_keys.WRITE, lrs_keys.DEFINE})
_LATEST = 50  # statements that are looked through for names


def add_routes(blueprint: Blueprint, bridge: LrsBridge) -> None:
    @blueprint.get("/agents")
    def agents() -> Response:
        key = need(*_MAY)
        given = once_each(request.args.to_dict(flat=False), frozenset({"agent"}))
        if not given:
            raise Invalid("agent", "is missing")
        agent = read_json(given, "agent")
        check_agent(agent, "agent")
        response = Response(
            orjson.dumps(person(agent, _statements(bridge, key, agent))), content_type="application/json"
        )
        return settle(response)


def _statements(bridge: LrsBridge, key: Caller, agent: dict[str, Any]) -> list[dict[str, Any]]:
    """The latest that speak of the agent, of those that this key may read."""
    if not key.may(lrs_keys.READ, lrs_keys.READ_MINE, lrs_keys.READ_ALL, lrs_keys.ALL):
        return []
    terms: list[tuple[Kind, str]] = [("related_agent", agent_value(agent) or "")]
    if not key.may(lrs_keys.READ, lrs_keys.READ_ALL, lrs_keys.ALL):
        terms.append(("writer", key.id))
    with bridge.sessions.read() as session:
        found, _ = queries.page(session, key.tenant_id, queries.StatementFilter(terms), _LATEST)
    return [orjson.loads(one.body) for one in found]

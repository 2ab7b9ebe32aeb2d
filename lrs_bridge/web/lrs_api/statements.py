"""GET, HEAD, POST and PUT of /xapi/statements (xAPI 1.0.3, Communication 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from lrs_bridge.lrs import appending, asking, intake
from lrs_bridge.lrs.attachments import Received, check_attachments
from lrs_bridge.lrs.formats import write_timestamp
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.store import lrs_keys
from lrs_bridge.store import statement_queries as queries
from lrs_bridge.store.lrs_keys import Caller
from lrs_bridge.store.statements import moment_of
from lrs_bridge.store.trouble import UNAVAILABLE
from lrs_bridge.web.lrs_api.gate import MEGABYTE, LrsBridge, answer_problem, need
from lrs_bridge.web.lrs_api.receiving import read_body
from lrs_bridge.web.lrs_api.sending import with_attachments
from lrs_bridge.web.lrs_api.shapes import shaped
from lrs_bridge.web.lrs_api.versions import is_two, unsaid_version

THROUGH_HEADER = "X-Experience-API-Consistent-Through"
_PATH = "/statements"


def add_routes(blueprint: Blueprint, bridge: LrsBridge) -> None:
    @blueprint.get(_PATH)
    def get_statements() -> Response:
        return _get(bridge)

    @blueprint.post(_PATH)
    def post_statements() -> Response:
        return _post(bridge)

    @blueprint.put(_PATH)
    def put_statement() -> Response:
        return _put(bridge)

    @blueprint.after_request
    def name_consistency(response: Response) -> Response:
        """On every answer of this resource, whatever its status (Communication 2.1.3)."""
        if request.path.endswith(_PATH) and THROUGH_HEADER not in response.headers:
            response.headers[THROUGH_HEADER] = write_timestamp(_through(bridge))
        return response


def _post(bridge: LrsBridge) -> Response:
    key = need(lrs_keys.WRITE, lrs_keys.ALL)
    asking.no_parameters(_parameters())
    with Received() as received:
        body = read_body(received, _largest_json(bridge))
        batch = body if isinstance(body, list) else [body]
        ids, through = _write(bridge, key, batch, received)
    return _consistent(Response(orjson.dumps(ids), content_type="application/json"), through)


def _put(bridge: LrsBridge) -> Response:
    key = need(lrs_keys.WRITE, lrs_keys.ALL)
    id_ = asking.read_statement_id(_parameters())
    with Received() as received:
        statement = read_body(received, _largest_json(bridge))
        if not isinstance(statement, dict):
            raise Invalid("statement", "must be one object")
        if str(statement.setdefault("id", id_)).lower() != id_:
            raise Invalid("id", "must be the same as the parameter statementId")
        _, through = _write(bridge, key, [statement], received)
    return _consistent(Response(status=204), through)


def _write(bridge: LrsBridge, key: Caller, batch: list[Any], received: Received) -> tuple[list[str], datetime | None]:
    """The ids in order, and the last `stored` if there was anything to append."""
    prepared = intake.prepare_batch(batch, _writer(key), unsaid_version(g.xapi_version), two=is_two(g.xapi_version))
    check_attachments(batch, received)
    return [new.id for new in prepared], appending.write(
        bridge.sessions, key.tenant_id, prepared, bridge.clock, received
    )


def _get(bridge: LrsBridge) -> Response:
    key = need(lrs_keys.READ, lrs_keys.READ_MINE, lrs_keys.READ_ALL, lrs_keys.ALL)
    question = asking.read_question(_parameters())
    mine = None if key.may(lrs_keys.READ, lrs_keys.READ_ALL, lrs_keys.ALL) else key.id
    if question.statement_id is not None:
        return _one(bridge, key, question, mine)
    return _page(bridge, key, question, mine)


def _one(bridge: LrsBridge, key: Caller, question: asking.Question, mine: str | None) -> Response:
    with bridge.sessions.values() as glance:
        through = queries.consistent_through(glance, bridge.clock())  # first, so that it holds for what is found
        found = queries.find(glance, key.tenant_id, question.statement_id or "", question.voided, mine)
    if found is None:
        return _consistent(answer_problem(404, "there is no such statement here"), through)
    (body,) = shaped(bridge.sessions, key.tenant_id, [found], question.format)
    response = _answer(bridge, key, body, [found], question)
    response.headers["Last-Modified"] = format_datetime(moment_of(found.stored), usegmt=True)
    return _consistent(response, through)


def _page(bridge: LrsBridge, key: Caller, question: asking.Question, mine: str | None) -> Response:
    wanted = question.filter
    if mine is not None:
        wanted = queries.StatementFilter(
            [*wanted.terms, ("writer", mine)], wanted.since, wanted.until, wanted.ascending, wanted.cursor
        )
    with bridge.sessions.read() as session:
        through = queries.consistent_through(session, bridge.clock())
        found, goes_on = queries.page(session, key.tenant_id, wanted, question.limit)
    more = asking.next_page(request.path, _parameters(), found[-1].stored) if goes_on else ""
    statements = ",".join(shaped(bridge.sessions, key.tenant_id, found, question.format))
    body = f'{{"statements":[{statements}],"more":{orjson.dumps(more).decode()}}}'
    return _consistent(_answer(bridge, key, body, found, question), through)


def _through(bridge: LrsBridge) -> datetime:
    """While the database does not answer, what holds without asking it."""
    now = bridge.clock()
    try:
        with bridge.sessions.values() as glance:
            return queries.consistent_through(glance, now)
    except UNAVAILABLE:
        return queries.quiet_since(now)


def _consistent(response: Response, through: datetime | None) -> Response:
    """Name the time up to which the record is complete, where it is known already."""
    if through is not None:
        response.headers[THROUGH_HEADER] = write_timestamp(through)
    return response


def _answer(
    bridge: LrsBridge, key: Caller, body: str, found: list[queries.Found], question: asking.Question
) -> Response:
    if not question.attachments:
        return Response(body, content_type="application/json")
    statements = [orjson.loads(one.body) for one in found]
    return with_attachments(bridge.sessions, key.tenant_id, body, statements)


def _writer(key: Caller) -> intake.Writer:
    """The credential vouches for what it writes; one with every scope may pass on the word of others."""
    home = key.iri_base
    authority = {"objectType": "Agent", "name": key.name, "account": {"homePage": home, "name": key.id}}
    trusted, defines = key.may(lrs_keys.ALL), key.may(lrs_keys.DEFINE, lrs_keys.ALL)
    return intake.Writer(key.tenant_id, authority, key.id, trusted, defines)


def _largest_json(bridge: LrsBridge) -> int:
    """An eighth of the largest request: decoded, it takes much more memory than attachments do."""
    return max(bridge.settings.lrs_megabytes // 8, 1) * MEGABYTE


def _parameters() -> Mapping[str, list[str]]:
    return request.args.to_dict(flat=False)

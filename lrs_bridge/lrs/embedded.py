"""The embedded record store behind the port the flows speak to: the same rules as over HTTP, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.exc import OperationalError

from lrs_bridge.domain.delivery import Delivered, Refused, StatementPage, Unavailable
from lrs_bridge.lrs import appending, intake
from lrs_bridge.lrs.problems import Conflict, Invalid
from lrs_bridge.store import statement_queries as queries
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.statements import NewStatement, WriteTookTooLong
from lrs_bridge.store.tenants import get_tenant

PAGE = 500
_VERSION = "1.0.0"
_NO_DATABASE = "The database of the embedded record store does not answer."


class EmbeddedRecordStore:
    """One tenant's statements in our own database. `more` is the place of the last statement of a page."""

    def __init__(self, sessions: Sessions, tenant_id: str, clock: appending.Clock) -> None:
        self._sessions = sessions
        self._tenant_id = tenant_id
        self._clock = clock

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        """See `flows.ports.RecordStore.write`; what is invalid or differs from what is kept never gets in."""
        try:
            writer = self._writer()
            prepared = [self._prepare(statement, writer) for statement in statements]
            batch = [new for new in prepared if isinstance(new, NewStatement)]
            differing = appending.write_each(self._sessions, self._tenant_id, batch, self._clock)
        except (OperationalError, WriteTookTooLong) as error:
            raise Unavailable(_NO_DATABASE) from error
        return [_outcome(one, new, differing) for one, new in zip(statements, prepared, strict=True)]

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        """See `flows.ports.RecordStore.read`."""
        if more is not None and not more.isdecimal():
            raise Refused(f"{more!r} does not continue a page of the embedded record store.")
        wanted = queries.StatementFilter(since=since, ascending=True, cursor=int(more) if more else None)
        try:
            with self._sessions.read() as session:
                through = queries.consistent_through(session, self._clock())
                found, goes_on = queries.page(session, self._tenant_id, wanted, PAGE)
        except OperationalError as error:
            raise Unavailable(_NO_DATABASE) from error
        return StatementPage(
            statements=[orjson.loads(one.body) for one in found],
            more=str(found[-1].stored) if goes_on else None,
            consistent_through=through,
        )

    def _writer(self) -> intake.Writer:
        """The bridge itself; an authority that a statement names already was checked where it came in, and stays."""
        with self._sessions.read() as session:
            base = get_tenant(session, self._tenant_id).iri_base
        authority = {"objectType": "Agent", "account": {"homePage": base, "name": "lrs-bridge"}}
        return intake.Writer(self._tenant_id, authority, trusted=True)

    @staticmethod
    def _prepare(statement: Mapping[str, Any], writer: intake.Writer) -> NewStatement | Delivered:
        try:
            return intake.prepare(dict(statement), writer, _VERSION)
        except Invalid as problem:
            return Delivered(_id(statement), f"The record store does not accept it: {problem}.")


def _outcome(sent: Mapping[str, Any], new: NewStatement | Delivered, differing: Sequence[NewStatement]) -> Delivered:
    if isinstance(new, Delivered):
        return new
    if any(other is new for other in differing):
        return Delivered(_id(sent), f"Refused: {Conflict(new.id)}.")
    return Delivered(_id(sent))


def _id(statement: Mapping[str, Any]) -> str:
    return str(statement.get("id"))

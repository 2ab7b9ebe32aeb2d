"""A record store on the other side of a network (xAPI 1.0.3 or 2.0.0), behind the port the flows speak to.

One exchange is decided here, trying again is not: what is ambiguous is raised as Unavailable, and the same ids are sent
again later. A batch is atomic, so a refused one is halved until the bad statement stands alone; a conflict is settled
by reading what the store has and comparing.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import requests

from lrs_bridge.domain.delivery import Delivered, Refused, StatementPage, Unavailable
from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.formats import read_timestamp, write_timestamp
from lrs_bridge.lrs.waiting import retry_after

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_VERSION_HEADER = "X-Experience-API-Version"
_THROUGH_HEADER = "X-Experience-API-Consistent-Through"
_DEFAULT_VERSION = "1.0.3"
_ONLY_2_0 = ("contextAgents", "contextGroups")
_TOO_MUCH = frozenset({400, 413})
_NOT_LET_IN = frozenset({401, 403, 407})
_WAIT = frozenset({408, 425, 429})

Statement = Mapping[str, Any]


class RemoteRecordStore:
    """`url` is the endpoint, above `/statements`. `compress` sends gzip, for stores known to read it."""

    def __init__(self, url: str, key: str, secret: str, http: requests.Session, compress: bool = False) -> None:
        self._endpoint = url.rstrip("/") + "/"
        self._auth = (key, secret)
        self._http = http
        self._compress = compress
        self._version: str | None = None

    def write(self, statements: Sequence[Statement]) -> Sequence[Delivered]:
        """See `flows.ports.RecordStore.write`."""
        return self._post(list(statements)) if statements else []

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        """See `flows.ports.RecordStore.read`."""
        if more:
            response = self._send("GET", self._same_origin(more))
        else:
            parameters = {"ascending": "true", "format": "exact"}
            if since is not None:
                parameters["since"] = write_timestamp(since)
            response = self._send("GET", self._endpoint + "statements", params=parameters)
        if response.status_code != 200:
            raise Refused(self._said("reading statements", response))
        page = self._decoded(response)
        if not isinstance(page, dict) or not isinstance(page.get("statements"), list):
            raise Unavailable(f"{self._endpoint} answered a page that is not a StatementResult.")
        return StatementPage(
            statements=page["statements"],
            more=page.get("more") or None,
            consistent_through=read_timestamp(response.headers.get(_THROUGH_HEADER)),
        )

    def version(self) -> str:
        """The newest version the store's /about names that we speak; 1.0.3 where it says nothing. Asked once."""
        if self._version is None:
            response = self._send("GET", self._endpoint + "about", versioned=False)
            found = self._decoded(response) if response.status_code == 200 else {}
            spoken = found.get("version") if isinstance(found, dict) else None
            names = [name for name in spoken if isinstance(name, str)] if isinstance(spoken, list) else []
            self._version = "2.0.0" if any(name.startswith("2.0") for name in names) else _DEFAULT_VERSION
        return self._version

    def _post(self, statements: list[Statement]) -> list[Delivered]:
        allowed, outcomes = self._speakable(statements)
        for outcome in self._post_batch(allowed) if allowed else ():
            outcomes[outcome.statement_id] = outcome
        return [outcomes[str(statement["id"])] for statement in statements]

    def _speakable(self, statements: list[Statement]) -> tuple[list[Statement], dict[str, Delivered]]:
        """A 1.0.3 store is never sent what only 2.0 knows: it would refuse it, or worse, drop it."""
        allowed, outcomes = [], {}
        for statement in statements:
            too_new = [name for name in _ONLY_2_0 if name in statement.get("context", {})]
            if too_new and self.version() != "2.0.0":
                reason = f"{self._endpoint} speaks xAPI 1.0.3, which does not know {' and '.join(too_new)}."
                outcomes[str(statement["id"])] = Delivered(str(statement["id"]), reason)
            else:
                allowed.append(statement)
        return allowed, outcomes

    def _post_batch(self, statements: list[Statement]) -> list[Delivered]:
        response = self._send("POST", self._endpoint + "statements", body=orjson.dumps(statements))
        if response.status_code in {200, 204}:
            return [Delivered(str(statement["id"])) for statement in statements]
        if response.status_code == 409:
            return self._settle_conflict(statements, response)
        if response.status_code in _TOO_MUCH and len(statements) > 1:
            return self._halve(statements)
        if len(statements) == 1 and response.status_code in _TOO_MUCH | {422}:
            return [Delivered(str(statements[0]["id"]), self._said("writing a statement", response))]
        raise Unavailable(self._said("writing statements", response))

    def _halve(self, statements: list[Statement]) -> list[Delivered]:
        middle = len(statements) // 2
        return self._post_batch(statements[:middle]) + self._post_batch(statements[middle:])

    def _settle_conflict(self, statements: list[Statement], response: requests.Response) -> list[Delivered]:
        """Find whose id is taken: those that the store has are compared, the rest go again."""
        settled: dict[str, Delivered] = {}
        for statement in statements:
            kept = self._kept(str(statement["id"]))
            if kept is not None:
                settled[str(statement["id"])] = _compare(statement, kept)
        rest = [statement for statement in statements if str(statement["id"]) not in settled]
        if not settled:
            raise Unavailable(self._said("writing statements", response))
        if rest:
            settled |= {outcome.statement_id: outcome for outcome in self._post_batch(rest)}
        return [settled[str(statement["id"])] for statement in statements]

    def _kept(self, id_: str) -> Statement | None:
        """What the store has under this id, voided or not."""
        for name in ("statementId", "voidedStatementId"):
            response = self._send("GET", self._endpoint + "statements", params={name: id_, "format": "exact"})
            if response.status_code == 200:
                found = self._decoded(response)
                if isinstance(found, dict):
                    return found
        return None

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        versioned: bool = True,
    ) -> requests.Response:
        """One exchange. Raises Unavailable where it is unknown what happened, or where we are told to wait."""
        headers = {"Accept": "application/json"}
        if versioned:
            headers[_VERSION_HEADER] = self.version()
        if body is not None:
            headers["Content-Type"] = "application/json"
            if self._compress:
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, compresslevel=5)
        try:
            response = self._http.request(
                method,
                url,
                params=params,
                data=body,
                headers=headers,
                auth=self._auth,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unavailable(f"{self._endpoint} cannot be reached: {type(error).__name__}.") from error
        if response.status_code >= 500 or response.status_code in _WAIT | _NOT_LET_IN:
            raise Unavailable(self._said(f"{method} {urlsplit(url).path}", response), retry_after(response.headers))
        return response

    def _same_origin(self, more: str) -> str:
        """`more` is relative to the endpoint's host. Our credentials go nowhere else."""
        url = urljoin(self._endpoint, more)
        if urlsplit(url)[:2] != urlsplit(self._endpoint)[:2]:
            elsewhere = urlsplit(url).netloc
            raise Refused(f"{self._endpoint} continues its page on another server, {elsewhere}: not followed.")
        return url

    def _decoded(self, response: requests.Response) -> Any:
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise Unavailable(f"{self._endpoint} answered something that is not JSON.") from error

    def _said(self, doing: str, response: requests.Response) -> str:
        words = " ".join(response.text.split())[:300]
        return f"{self._endpoint} answered {response.status_code} to {doing}" + (f": {words}" if words else ".")


def _compare(sent: Statement, kept: Statement) -> Delivered:
    id_ = str(sent["id"])
    if same_statement(sent, kept):
        return Delivered(id_)
    return Delivered(id_, "The record store holds a different statement with this id.")

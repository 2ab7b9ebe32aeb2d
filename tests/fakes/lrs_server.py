"""A remote record store as `requests` sees it: a transport in memory that follows the rules, and breaks on request."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import requests
from requests.adapters import BaseAdapter

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.lrs.remote import RemoteRecordStore

ENDPOINT = "https://lrs.example.org/xapi"


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Trouble = Answer | Exception | Callable[["FakeLrsServer", requests.PreparedRequest], Answer]


class FakeLrsServer(BaseAdapter):
    """`troubles` are answered, raised or called one per request to /statements, None is none; `always` when they are
    used up. `bad` ids are refused, over `poison` ones it stumbles, `hidden` ones it has and does not show."""

    def __init__(self, versions: list[str] | None = None) -> None:
        super().__init__()
        self.versions = versions or ["1.0.3"]
        self.statements: dict[str, dict[str, Any]] = {}
        self.troubles: list[Trouble | None] = []
        self.always: Trouble | None = None
        self.bad: set[str] = set()
        self.poison: dict[str, int] = {}
        self.hidden: set[str] = set()
        self.voided: set[str] = set()
        self.largest = 1000
        self.requests: list[requests.PreparedRequest] = []

    def session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", self)
        return session

    def store(self, compress: bool = False) -> RemoteRecordStore:
        """The client under test, with this server behind it."""
        return RemoteRecordStore(Endpoint(ENDPOINT, "key", "secret", self.session()), compress)

    def posted(self) -> list[int]:
        """How many statements each POST held."""
        return [len(_body(request)) for request in self.requests if request.method == "POST"]

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:
        self.requests.append(request)
        answer = self._answer(request)
        response = requests.Response()
        response.status_code = answer.status
        response.url = request.url or ""
        response.request = request
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.body if isinstance(answer.body, bytes) else orjson.dumps(answer.body))
        return response

    def close(self) -> None:
        """There is no connection to close."""

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        parts = urlsplit(request.url or "")
        if parts.path.endswith("/about"):
            return Answer(body={"version": self.versions})
        trouble = self.troubles.pop(0) if self.troubles else self.always
        if isinstance(trouble, Exception):
            raise trouble
        if isinstance(trouble, Answer):
            return trouble
        if trouble is not None:
            return trouble(self, request)
        return self._post(request) if request.method == "POST" else self._get(parse_qs(parts.query))

    def _post(self, request: requests.PreparedRequest) -> Answer:
        batch = _body(request)
        if len(batch) > self.largest:
            return Answer(413, {"error": "too much"})
        if any(statement["id"] in self.bad for statement in batch):
            return Answer(400, {"error": "the verb is wrong"})
        for statement in batch:
            if statement["id"] in self.poison:
                return Answer(self.poison[statement["id"]], b"<html><title>Oops</title></html>")
            kept = self.statements.get(statement["id"])
            if kept is not None and not same_statement(kept, statement):
                return Answer(409, {"error": "conflict"})
        for statement in batch:
            self.statements.setdefault(statement["id"], statement)
        return Answer(body=[statement["id"] for statement in batch])

    def _get(self, query: Mapping[str, list[str]]) -> Answer:
        for name, shown in (("statementId", self.statements.keys() - self.voided), ("voidedStatementId", self.voided)):
            if name in query:
                (id_,) = query[name]
                there = id_ in shown and id_ not in self.hidden
                return Answer(body=self.statements[id_]) if there else Answer(404, {})
        return Answer(body={"statements": list(self.statements.values()), "more": ""})


def _body(request: requests.PreparedRequest) -> Any:
    raw = request.body if isinstance(request.body, bytes) else b"null"
    return orjson.loads(gzip.decompress(raw) if request.headers.get("Content-Encoding") == "gzip" else raw)

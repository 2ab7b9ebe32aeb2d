"""The statements of a test: written, read back, voided. They are of nobody and about nothing, with their own mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lrs.formats import write_timestamp
from lrs_bridge.lrs.remote import statement_in

ACTOR = "lrs-bridge-test"
_VERB = {"id": "http://adlnet.gov/expapi/verbs/experienced", "display": {"en": "experienced"}}
_VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided", "display": {"en": "voided"}}
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)
"""Seconds between looks: some stores show what they took a little later."""
_PAGES = 5

Statement = dict[str, Any]


class Trial:
    """What one test says to a store. `in_time` says whether something new may begin. All of it raises Unavailable."""

    def __init__(
        self, endpoint: Endpoint, version: str, base: str, rest: Callable[[float], None], in_time: Callable[[], bool]
    ) -> None:
        self.endpoint = endpoint
        self.in_time = in_time
        self._version = version
        self._base = base
        self._rest = rest
        self._mark = uuid4().hex[:12]  # ADL LRS takes no account name longer than 50
        self._sent: dict[str, Statement] = {}

    def actor(self) -> Statement:
        return {"objectType": "Agent", "account": {"homePage": self._base, "name": f"{ACTOR}-{self._mark}"}}

    def activity(self, part: str = "activity") -> Statement:
        return {"objectType": "Activity", "id": f"{self._base}/tests/{self._mark}/{part}"}

    def statement(self, timestamp: datetime) -> Statement:
        """With the sorts of properties that ours have."""
        return {
            "id": str(uuid4()),
            "actor": self.actor(),
            "verb": _VERB,
            "object": self.activity(),
            "result": {
                "duration": "PT30M00.00S",
                "extensions": {self.activity("map")["id"]: {"done": True, "list": [1]}},
            },
            "context": {"contextActivities": {"grouping": [self.activity("run")]}},
            "timestamp": write_timestamp(timestamp),
        }

    def post(self, *statements: Statement, compress: bool = False) -> Answer:
        """Write them, and remember that they may be there from now on, whatever comes back."""
        self._sent |= {one["id"]: one for one in statements if one["id"] not in self._sent}
        return self._post(statements, compress)

    def get(self, parameters: dict[str, str]) -> Answer:
        return self.endpoint.ask("GET", "statements", self._version, parameters)

    def kept(self, id_: str, by: str = "statementId") -> Mapping[str, Any] | None:
        answer = self.get({by: id_, "format": "exact"})
        return statement_in(_decoded(answer), id_) if answer.status == 200 else None

    def wait_for(self, id_: str) -> Mapping[str, Any] | None:
        for pause in (*_PAUSES, None):
            kept = self.kept(id_)
            if kept is not None or pause is None or not self.in_time():
                return kept
            self._rest(pause)
        return None

    def ids(self, parameters: dict[str, str]) -> tuple[list[str], Answer]:
        """The ids of a few pages, and the first answer. Raises Refused where a page leads to another server."""
        first = answer = self.get(parameters)
        ids: list[str] = []
        for _ in range(_PAGES):
            page = _decoded(answer) if answer.status == 200 else None
            if not isinstance(page, dict) or not isinstance(page.get("statements"), list):
                break
            ids += [str(one.get("id")) for one in page["statements"]]
            if not page.get("more"):
                break
            answer = self.endpoint.ask("GET", self.endpoint.same_origin(str(page["more"])), self._version)
        return ids, first

    def written(self) -> list[str]:
        """The ids of what may be in the store: of all that was sent, what it does not deny."""
        return [id_ for id_ in self._sent if not self._denied(id_)]

    def void(self, ids: Sequence[str], now: datetime) -> Answer:
        return self._post([self._voiding(id_, now) for id_ in ids])

    def is_voided(self, id_: str) -> bool:
        for pause in (*_PAUSES, None):
            if self._denied(id_):
                return self.kept(id_, "voidedStatementId") is not None
            if pause is None or not self.in_time():
                return False
            self._rest(pause)
        return False

    def _denied(self, id_: str) -> bool:
        """Whether the store says that it has no such statement to show; anything else is no such word."""
        answer = self.get({"statementId": id_})
        if answer.status != 200:
            return answer.status == 404
        found = _decoded(answer)
        return isinstance(found, dict) and statement_in(found, id_) is None

    def _voiding(self, id_: str, now: datetime) -> Statement:
        bare = {name: self.statement(now)[name] for name in ("id", "actor", "timestamp")}
        return {**bare, "verb": _VOIDED, "object": {"objectType": "StatementRef", "id": id_}}

    def _post(self, statements: Sequence[Statement], compress: bool = False) -> Answer:
        body = orjson.dumps(list(statements))
        return self.endpoint.ask("POST", "statements", self._version, body=body, compress=compress)


def _decoded(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None

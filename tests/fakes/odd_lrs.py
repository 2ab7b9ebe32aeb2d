"""A record store for testing the test of record stores: it does all that is asked of it, but for its `oddities`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.formats import is_iri, write_timestamp
from lrs_bridge.lrs.validation import VOIDED
from tests.fakes.lrs_server import ENDPOINT, Answer, FakeLrsServer, _body

START = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
THROUGH = "X-Experience-API-Consistent-Through"


class OddLrs(FakeLrsServer):
    """`oddities` are words, see where they are used. `late`: how many looks a new statement stays unseen for."""

    def __init__(self, *oddities: str, late: int = 0) -> None:
        super().__init__(["1.0.3", "2.0.0"])
        self.oddities = set(oddities)
        self.late = late
        self.start = START
        self.looks: dict[str, int] = {}
        self.kept: list[dict[str, Any]] = []

    @property
    def voided_ids(self) -> set[str]:
        return {one["object"]["id"] for one in self.kept if one["verb"]["id"] == VOIDED}

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        if "about is a page" in self.oddities and "/about" in str(request.url):
            return Answer(200, b"<html><title>Welcome</title></html>")
        if "/about" in str(request.url):
            return Answer(body={"version": ["0.95"] if "ancient" in self.oddities else self.versions})
        if not request.headers.get("Authorization") and "open to all" not in self.oddities:
            return Answer(401, {})
        if "wrong key" in self.oddities:
            return Answer(401, {"error": "unknown key"})
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            if isinstance(trouble, Answer):
                return trouble
        if request.method == "POST":
            return self._take(request)
        return self._show(parse_qs(urlsplit(str(request.url)).query))

    def _take(self, request: requests.PreparedRequest) -> Answer:
        if request.headers.get("Content-Encoding") == "gzip" and "plain only" in self.oddities:
            return Answer(400, {"error": "no JSON"})
        batch = _body(request)
        voids = any(one["verb"]["id"] == VOIDED for one in batch)
        if voids and "refuses voids" in self.oddities:
            return Answer(403, {"error": "may not void"})
        bad = [one for one in batch if not is_iri(one["verb"]["id"])]
        if "keeps in part" in self.oddities:
            self._keep([one for one in batch if one not in bad])
        if bad and "takes all" not in self.oddities:
            return Answer(400, {"error": "verb"})
        known = {one["id"]: one for one in self.kept}
        differing = [one for one in batch if one["id"] in known and not same_statement(one, known[one["id"]])]
        if differing and "overwrites" in self.oddities:
            self.kept = [one for one in self.kept if one["id"] not in {new["id"] for new in differing}]
        elif differing and "silent" not in self.oddities:
            return Answer(409, {"error": "conflict"})
        self._keep(batch)
        return Answer(body=[one["id"] for one in batch])

    def _keep(self, batch: list[dict[str, Any]]) -> None:
        for one in batch:
            if one["id"] in {kept["id"] for kept in self.kept} and "doubles" not in self.oddities:
                continue
            stored = self.start + timedelta(milliseconds=len(self.kept))
            changed = {"result": {"completion": True}} if "rewrites" in self.oddities else {}
            self.kept.append({**one, **changed, "stored": write_timestamp(stored)})

    def _show(self, query: Mapping[str, list[str]]) -> Answer:
        for name in ("statementId", "voidedStatementId"):
            if name in query:
                return self._one(query[name][0], voided=name == "voidedStatementId")
        by = "timestamp" if "by timestamp" in self.oddities else "stored"
        order = "timestamp" if "happened order" in self.oddities else by
        since = query.get("since", [""])[0]
        hidden = self.voided_ids
        found = [one for one in self.kept if one[by] > since and one["id"] not in hidden]
        found.sort(key=lambda one: one[order], reverse="ascending" not in query)
        start, limit = int(query.get("from", ["0"])[0]), int(query.get("limit", ["100"])[0])
        more = ""
        if len(found) > start + limit and "no more" not in self.oddities:
            rest = {name: values[0] for name, values in query.items()} | {"from": str(start + limit)}
            host = "https://inside.example.org" if "names itself wrongly" in self.oddities else ""
            more = f"{host}{urlsplit(ENDPOINT).path}/statements?{urlencode(rest)}"
        headers = {} if "no through" in self.oddities else {THROUGH: self._through()}
        return Answer(body={"statements": found[start : start + limit], "more": more}, headers=headers)

    def _through(self) -> str:
        return "1970-01-01T00:00:00Z" if "through is 1970" in self.oddities else write_timestamp(self.start)

    def _one(self, id_: str, voided: bool) -> Answer:
        self.looks[id_] = self.looks.get(id_, 0) + 1
        hides = "keeps voided" not in self.oddities
        found = [one for one in self.kept if one["id"] == id_ and (id_ in self.voided_ids and hides) == voided]
        if self.looks[id_] <= self.late:
            found = []
        if "a page for one" in self.oddities:
            return Answer(body={"statements": found})
        return Answer(body=found[0]) if found else Answer(404, {})

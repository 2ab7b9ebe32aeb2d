"""`POST /ingest/statements`: who may, what is answered, and that nothing else can be done with the key."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from lrs_bridge.store import facts, ingest_keys, tenants
from lrs_bridge.web import ingest_api
from tests.flows.elsewhere import ACTIVITY, look_for_it, passed
from tests.personas import House

PATH = "/ingest/statements"


@dataclass
class Platform:
    """A system that forwards, and knows its key."""

    http: FlaskClient
    token: str
    key_id: str

    def post(self, body: Any, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.http.post(PATH, **({"json": body} if "data" not in more else {}), headers=headers, **more)


def platform_of(house: House, tenant_id: str | None = None) -> Platform:
    bridge = house.bridge
    with bridge.sessions.write() as session:
        tenant = tenant_id or house.world.tenant.id
        key, token = ingest_keys.add_key(session, tenant, "Content", bridge.settings.secret_key, bridge.clock())
    return Platform(house.client(), token, key.id)


@pytest.fixture
def platform(house: House) -> Platform:
    look_for_it(house.world)
    return platform_of(house)


def done_by_petra(house: House) -> int:
    with house.bridge.sessions.read() as session:
        known = facts.facts_of(session, house.world.tenant.id, "none", ["account|https://lms.example|petra"])
    return sum(fact.activity == ACTIVITY for fact in known)


def test_a_statement_is_taken_and_the_answer_says_so(house: House, platform: Platform) -> None:
    answer = platform.post(passed())
    assert (answer.status_code, answer.json) == (200, {"taken": 1, "known": 0, "skipped": 0, "refused": []})
    assert done_by_petra(house) == 1


def test_a_list_is_taken_and_each_of_its_statements_counted(house: House, platform: Platform) -> None:
    known, wrong = passed(), passed(verb="none")
    platform.post(known)
    answer = platform.post([passed(), known, passed(object={"id": "https://x.example"}), wrong])
    told = answer.json
    assert told is not None
    assert (told["taken"], told["known"], told["skipped"]) == (1, 1, 1)
    assert [one["id"] for one in told["refused"]] == [wrong["id"]]
    assert done_by_petra(house) == 2


def test_an_empty_list_is_taken(platform: Platform) -> None:
    assert platform.post([]).status_code == 200


def test_the_key_may_come_as_the_password_of_basic_credentials(platform: Platform) -> None:
    """Some systems can send nothing else."""
    word = b64encode(f"anybody:{platform.token}".encode()).decode()
    assert platform.post(passed(), headers={"Authorization": f"Basic {word}"}).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic wrong", "Digest x", "Bearer lbi_"])
def test_without_a_key_nobody_gets_in(house: House, platform: Platform, header: str) -> None:
    answer = platform.post(passed(), headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert done_by_petra(house) == 0


def test_a_revoked_key_is_shut_out(house: House, platform: Platform) -> None:
    with house.bridge.sessions.write() as session:
        ingest_keys.revoke_key(session, house.world.tenant.id, platform.key_id, house.bridge.clock())
    assert platform.post(passed()).status_code == 401


def test_the_key_opens_nothing_else(house: House, platform: Platform) -> None:
    """Not the record store, and no page."""
    http = house.client()
    for auth in (("x", platform.token), (platform.key_id, platform.token)):
        answer = http.get("/xapi/statements", auth=auth, headers={"X-Experience-API-Version": "1.0.3"})
        assert answer.status_code == 401
    assert http.get(f"/s/{platform.token}/").status_code == 403
    assert http.get(f"/admin/s/{platform.token}/").status_code == 403


def test_a_key_of_another_tenant_reaches_nobody_here(house: House, platform: Platform) -> None:
    with house.bridge.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", "https://bridge.example", house.bridge.clock())
    told = platform_of(house, other.id).post(passed()).json
    assert told is not None
    assert told["skipped"] == 1
    assert done_by_petra(house) == 0


@pytest.mark.parametrize(
    ("data", "headers", "status", "word"),
    [
        ("{", {"Content-Type": "application/json"}, 400, "not JSON"),
        ("7", {"Content-Type": "application/json"}, 400, "a statement, or a list of statements"),
        ("[[]]", {"Content-Type": "application/json"}, 400, "a statement, or a list of statements"),
        ("[null]", {"Content-Type": "application/json"}, 400, "a statement, or a list of statements"),
        ("{}", {"Content-Type": "text/plain"}, 415, "application/json"),
        ("x", {"Content-Type": "multipart/mixed; boundary=x"}, 415, "fileUrl"),
        ("{}", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415, "Content-Encoding"),
        (f"[{','.join(['{}'] * 1001)}]", {"Content-Type": "application/json"}, 413, "At most 1000"),
        (" " * (ingest_api.LARGEST + 1), {"Content-Type": "application/json"}, 413, "At most 8 MB"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    platform: Platform, data: str, headers: dict[str, str], status: int, word: str
) -> None:
    answer = platform.post(None, data=data, headers=headers)
    assert answer.status_code == status
    assert word in answer.json["error"]  # type: ignore[index]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_named(house: House, method: str) -> None:
    """As JSON, with those that there are; no page for people."""
    answer = house.client().open(PATH, method=method)
    assert (answer.status_code, answer.mimetype) == (405, "application/json")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    if method != "HEAD":
        assert "POST" in answer.get_json()["error"]


def test_an_address_that_is_not_there_is_told_as_json(house: House) -> None:
    answer = house.client().post("/ingest/nothing", json={})
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert answer.get_json()["error"] == "There is nothing at this address."


def test_a_busy_database_is_said_to_be_busy(house: House, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the forwarder comes again."""

    def busy(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(ingest_api, "receive", busy)
        answer = platform.post(passed())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert platform.post(passed()).status_code == 200


def test_the_token_is_kept_nowhere(house: House, platform: Platform) -> None:
    with house.bridge.sessions.read() as session:
        (row,) = ingest_keys.keys_of(session, house.world.tenant.id)
    assert platform.token not in str(vars(row))
    assert platform.token.startswith("lbi_")

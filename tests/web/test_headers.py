"""The headers that every kind of answer carries: pages, doors, redirects, faults, files, static files, services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions, connect
from tests.databases import empty
from tests.flows.world import build
from tests.personas import SECRET, House, move_in

VERSION = {"X-Experience-API-Version": "1.0.3"}


@dataclass(frozen=True)
class Asked:
    """`keeps`: what Cache-Control says; `framed`: who may frame the page beside ourselves, None where it is no page."""

    status: int
    keeps: str | None
    framed: str | None = None


LMS, NOBODY = " https://lms.example", ""
KINDS = {
    "a page": Asked(200, "no-store", LMS),
    "a door in a visit": Asked(404, "no-store", LMS),
    "a refused form": Asked(403, "no-store", LMS),
    "a redirect": Asked(303, "no-store"),
    "a page of administrators": Asked(200, "no-store", NOBODY),
    "a spent link of administrators": Asked(403, "no-store", NOBODY),
    "a letter's link that is none": Asked(403, "no-store", NOBODY),
    "an address that is none": Asked(404, "no-store", LMS),
    "a method that is none": Asked(405, "no-store", LMS),
    "a refused launch": Asked(400, "no-store", LMS),
    "a fault": Asked(500, "no-store", LMS),
    "a file of the administrator": Asked(200, "no-store"),
    "a file of one's own": Asked(200, "no-store"),
    "a file of style": Asked(200, "no-cache"),
    "our keys": Asked(200, "public, max-age=300"),
    "health": Asked(200, None),
    "statements": Asked(200, None),
    "statements without a key": Asked(401, None),
    "forwarded statements without a key": Asked(401, None),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path = Path(tmp_path_factory.mktemp("headers"), "test.db")
    empty(path)
    sessions = Sessions(connect(f"sqlite:///{path}"))
    yield move_in(build(sessions))
    sessions.engine.dispose()


def answer(house: House, what: str, monkeypatch: pytest.MonkeyPatch) -> TestResponse:
    client, tenant_id = house.client(), house.world.tenant.id
    if what == "a fault":
        monkeypatch.setitem(house.app.view_functions, "health.live", lambda: 1 // 0)
    if what == "statements":
        with house.bridge.sessions.write() as session:
            key, secret = lrs_keys.add_key(session, tenant_id, "a store", ["all"], SECRET, house.bridge.clock())
        return client.get("/xapi/statements", headers=VERSION, auth=(key.key, secret))
    inside = {
        "a page": (house.petra, "journey"),
        "a door in a visit": (house.petra, "steps/none"),
        "a redirect": (house.petra, "steps/S13"),
        "a page of administrators": (house.ada, ""),
        "a file of the administrator": (house.ada, "changes.csv"),
        "a file of one's own": (house.petra, "my-data.json"),
    }
    if what in inside:
        tab, path = inside[what]
        return (tab().come_in() if callable(tab) else tab).open(path).answer
    if what == "a refused form":
        return house.petra.send("log").answer
    outside = {
        "a spent link of administrators": ("GET", "/admin/enter/none"),
        "a letter's link that is none": ("GET", "/m/none"),
        "an address that is none": ("GET", "/none"),
        "a method that is none": ("GET", "/lti/launch"),
        "a refused launch": ("POST", "/lti/launch"),
        "a fault": ("GET", "/health/live"),
        "a file of style": ("GET", "/static/look.css"),
        "our keys": ("GET", "/lti/jwks.json"),
        "health": ("GET", "/health/live"),
        "statements without a key": ("GET", "/xapi/statements"),
        "forwarded statements without a key": ("POST", "/ingest/statements"),
    }
    method, path = outside[what]
    return client.open(path, method=method)


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_of_answer_carries_its_headers(house: House, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, found = KINDS[what], answer(house, what, monkeypatch)
    assert found.status_code == asked.status
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert found.headers["X-Request-ID"]
    assert found.headers.get("Cache-Control") == asked.keeps
    assert "Server" not in found.headers or "Werkzeug" not in found.headers["Server"]
    policy = found.headers.get("Content-Security-Policy", "")
    if asked.framed is not None:
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in policy
        assert f"frame-ancestors 'self'{asked.framed}" == policy.split("; ")[5]


@pytest.mark.parametrize("what", ["a file of the administrator", "a file of one's own"])
def test_what_is_taken_out_is_a_file_and_no_page(house: House, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer(house, what, monkeypatch)
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert found.mimetype != "text/html"

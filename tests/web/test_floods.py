"""Each public door holds back an address that tries too much in a minute, and lets in what is right all the while."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lrs_bridge.store import admins, lrs_keys
from lrs_bridge.web import create_app
from lrs_bridge.web.flood import ADDRESSES, Flood
from tests.fakes.launching import NOON, TARGET, Tool
from tests.fakes.platform import FakePlatform
from tests.personas import SECRET, House

LIMIT = 2
VERSION = {"X-Experience-API-Version": "1.0.3"}
WRONG = {
    "a launch": ("POST", "/lti/launch", {}),
    "an administrator's link": ("GET", "/admin/enter/nonsense", {}),
    "a letter's link": ("GET", "/m/nonsense", {}),
    "a link to what one gets": ("GET", "/mail/nonsense", {}),
    "a registration": ("GET", "/lti/register", {}),
    "a record store's key": ("GET", "/xapi/statements", {"headers": VERSION, "auth": ("x", "y")}),
    "no key at all": ("GET", "/xapi/statements", {"headers": VERSION}),
    "a forwarding system's key": ("POST", "/ingest/statements", {"headers": {"Authorization": "Bearer x"}, "json": []}),
}


def client(house: House, proxies: int = 0) -> FlaskClient:
    settings = replace(house.bridge.settings, wrong_per_minute=LIMIT, proxies=proxies)
    return create_app(replace(house.bridge, settings=settings)).test_client(use_cookies=False)


@pytest.mark.parametrize("what", WRONG)
def test_after_a_few_in_vain_an_address_has_to_wait(house: House, what: str, caplog: pytest.LogCaptureFixture) -> None:
    """With 429, how long to wait, and words; with one line in the log that names the address once."""
    method, path, more = WRONG[what]
    here = client(house)
    with caplog.at_level(logging.WARNING, "lrs_bridge.web.flood"):
        answers = [here.open(path, method=method, **more) for _ in range(LIMIT + 2)]
    assert [one.status_code for one in answers][LIMIT:] == [429, 429]
    assert 429 not in [one.status_code for one in answers][:LIMIT]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert _said(answers[-1])
    lines = [one.getMessage() for one in caplog.records if one.name == "lrs_bridge.web.flood"]
    assert len(lines) == 1
    assert "127.0.0.1" in lines[0]
    house.world.clock.on(minutes=1)
    assert here.open(path, method=method, **more).status_code != 429


def test_what_is_right_gets_in_all_the_while(house: House) -> None:
    """A company behind one address is not locked out by one who tries."""
    here, tenant_id, now = client(house), house.world.tenant.id, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        key, secret = lrs_keys.add_key(session, tenant_id, "a store", ["all"], SECRET, now)
        link = admins.make_link(session, tenant_id, now)
    for method, path, more in WRONG.values():
        for _ in range(LIMIT + 1):
            here.open(path, method=method, **more)
    assert here.get("/xapi/statements", headers=VERSION, auth=(key.key, secret)).status_code == 200
    assert here.get(f"/admin/enter/{link}").status_code == 200


def test_launches_that_are_right_get_in_all_the_while(tmp_path, lms: FakePlatform) -> None:
    tool = Tool(tmp_path, lms.http(), environment={"LRS_BRIDGE_WRONG_PER_MINUTE": "2"})
    tool.register(lms)
    refused = [tool.browser().answer(state="x", id_token="y").status_code for _ in range(3)]
    assert refused == [400, 400, 429]
    begun = tool.browser().login(lms.login_params(TARGET))
    assert begun.status_code == 302


def test_the_address_is_the_browsers_behind_a_proxy_and_cannot_be_made_up_without_one(house: House) -> None:
    def tries(here: FlaskClient) -> list[int]:
        told = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(LIMIT + 1)]
        return [here.get("/admin/enter/nonsense", headers=one).status_code for one in told]

    assert tries(client(house, proxies=1)) == [403, 403, 403]
    assert tries(client(house)) == [403, 403, 429]


def test_a_network_of_ipv6_is_one_address() -> None:
    """A customer has 2^64 of them."""
    flood = Flood(1)
    flood.count("2001:db8:1:2::1", NOON)
    with pytest.raises(Exception, match="429"):
        flood.count("2001:db8:1:2:ffff::9", NOON)
    flood.count("2001:db8:1:3::1", NOON)
    flood.count("::ffff:192.0.2.1", NOON)
    with pytest.raises(Exception, match="429"):
        flood.count("192.0.2.1", NOON)


def test_the_number_of_addresses_that_are_remembered_has_an_end() -> None:
    flood = Flood(1)
    for number in range(ADDRESSES + 10):
        flood.count(f"address {number}", NOON)
    assert len(flood._begun) <= ADDRESSES + 1


def _said(answer: TestResponse) -> bool:
    if answer.mimetype == "application/json":
        return bool(answer.get_json()["error"])
    return "Too many tries at once" in answer.text and "default-src 'none'" in answer.headers["Content-Security-Policy"]

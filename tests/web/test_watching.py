"""Whoever watches an installation: health, and the figures that Prometheus reads."""

from __future__ import annotations

import re
from dataclasses import replace

from flask.testing import FlaskClient

from lrs_bridge.config import Settings
from lrs_bridge.domain.events import Kind
from lrs_bridge.store import worker_signs
from lrs_bridge.store.worker_signs import Me
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge
from tests.fakes.launching import Browser, Tool
from tests.fakes.platform import FakePlatform
from tests.personas import NAMES, House

TOKEN = "a token of the operator"


def bridge_with(bridge: Bridge, **changed: object) -> Bridge:
    settings: Settings = replace(bridge.settings, **changed)  # type: ignore[arg-type]
    return replace(bridge, settings=settings)


def watched(house: House) -> FlaskClient:
    return create_app(bridge_with(house.bridge, metrics_token=TOKEN)).test_client()


def figures(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'lrs_bridge_\w+(\{(\w+="[^"\n]*",?)+\})? [0-9.e+-]+', line) for line in lines)
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_without_a_token_the_figures_are_for_installations_on_one_s_own_machine(house: House) -> None:
    """They are there for trying out, and not there on an address of the Internet."""
    assert house.client().get("/metrics").status_code == 404
    at_home = create_app(bridge_with(house.bridge, base_url="http://localhost:8000"))
    assert at_home.test_client().get("/metrics").status_code == 200


def test_with_a_token_nothing_is_told_without_it(house: House) -> None:
    client = watched(house)
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer guessed"}).status_code == 403


def test_what_waits_is_counted_with_the_age_of_the_oldest(house: House) -> None:
    client = watched(house)
    before = figures(client)['lrs_bridge_statements_waiting{tenant="main",state="waiting"}']
    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    house.world.clock.on(minutes=5)
    now = figures(client)
    assert now['lrs_bridge_statements_waiting{tenant="main",state="waiting"}'] == before + 1
    assert now['lrs_bridge_statements_oldest_seconds{tenant="main",state="waiting"}'] >= 300
    assert now['lrs_bridge_evaluations_waiting{tenant="main",state="due"}'] >= 1
    house.evaluate()
    house.world.clock.on(minutes=2)
    now = figures(client)
    assert now['lrs_bridge_scores_waiting{tenant="main",state="waiting"}'] >= 1
    assert now['lrs_bridge_scores_oldest_seconds{tenant="main",state="waiting"}'] >= 120


def test_nobody_s_name_is_in_the_figures(house: House) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    house.evaluate()
    text = watched(house).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert not [word for word in NAMES.values() if word in text]


def test_launches_and_refusals_are_counted(tool: Tool, petra: Browser, lms: FakePlatform) -> None:
    """By kind and by reason; and all processes are added up."""
    petra.launch(lms)
    petra.launch(lms, nonce="another")
    tool.bridge.tally.add()
    other = replace(tool.bridge, settings=replace(tool.bridge.settings, metrics_token=TOKEN))
    other.tally.count("refusals", "nonce")
    now = figures(create_app(other).test_client())
    assert now['lrs_bridge_launches_total{kind="LtiResourceLinkRequest"}'] == 1
    assert now['lrs_bridge_launch_refusals_total{reason="nonce"}'] == 2


def test_a_worker_that_was_seen_lately_is_at_work(house: House) -> None:
    """Pages are ready without one, and say so; a page of its own is for alarms."""
    client, now = house.client(), house.bridge.clock()
    assert client.get("/health/worker").status_code == 503
    me = Me("11111111-1111-1111-1111-111111111111", "a host", "loop", "1.0", now)
    with house.bridge.sessions.write() as session:
        worker_signs.sign(session, me, now)
    assert client.get("/health/worker").json == {"status": "at work", "seen": "2026-03-26T09:00:00+00:00"}
    house.world.clock.on(minutes=3)
    late = client.get("/health/worker")
    assert (late.status_code, late.json["status"]) == (503, "late")  # type: ignore[index]

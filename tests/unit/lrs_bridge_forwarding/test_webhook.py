"""The webhook: what is sent, signed by whom, and what each answer means."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
import requests
from lrs_bridge_forwarding import webhook

from lrs_bridge.hooks import Refused, Unavailable
from lrs_bridge.hooks.settings import SettingsError, resolve_listener
from lrs_bridge.hooks.testing import Answered, Sent, change, check_plugin, tell

URL = "https://flows.example.org/hook"
SETTINGS = {"url": URL, "secret": "sixteen letters and more"}


def told(*news: Any, answers: Any = (200,)) -> Sent:
    (sent,) = tell(webhook.LISTENER, *news, settings=SETTINGS, answers=answers)
    return sent


def test_it_keeps_the_contract() -> None:
    check_plugin(webhook)


def test_changes_go_out_together_with_everything_about_them() -> None:
    """Ids, so that the receiver knows them again; accounts, and nobody's name."""
    first, second = change(value=50, before=25), change("mtm_application", None, before=10)
    sent = told(first, second)
    body = json.loads(sent.more["data"])
    assert (sent.method, sent.url, sent.more["allow_redirects"]) == ("POST", URL, False)
    assert (body["tenant"], body["home_page"][:8]) == ("main", "https://")
    assert [(one["id"], one["value"], one["before"]) for one in body["changes"]] == [
        (first.id, 50, 25),
        (second.id, None, 10),
    ]
    assert body["changes"][0]["account"] == "petra"


def test_the_signature_is_over_the_bytes_that_are_sent() -> None:
    sent = told(change(title="Übung"))
    expected = hmac.new(SETTINGS["secret"].encode(), sent.more["data"], hashlib.sha256).hexdigest()
    assert sent.more["headers"]["X-Lrs-Bridge-Signature"] == f"sha256={expected}"
    assert "Übung" in sent.more["data"].decode()


def test_it_waits_for_nobody_for_ever() -> None:
    assert max(told(change()).more["timeout"]) <= 8


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_takes_them(status: int) -> None:
    told(change(), answers=(status,))


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_the_receiver_will_never_take_is_refused(status: int) -> None:
    with pytest.raises(Refused, match=f"flows.example.org answered {status}"):
        told(change(), answers=(status,))


@pytest.mark.parametrize(
    ("answer", "said", "wait"),
    [
        (Answered(503, "Busy", {"Retry-After": "120"}), "answered 503 Busy.", 120),
        (Answered(429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), "answered 429.", None),
        (401, "answered 401.", None),
        (302, "answered 302.", None),
        (404, "answered 404.", None),
        (409, "answered 409", None),
        (requests.ConnectionError("x"), "flows.example.org cannot be reached: ConnectionError.", None),
        (requests.Timeout("x"), "flows.example.org cannot be reached: Timeout.", None),
    ],
)
def test_what_may_be_mended_is_tried_again(answer: Any, said: str, wait: float | None) -> None:
    """A wrong address or a wrong secret, too: an administrator mends these."""
    with pytest.raises(Unavailable, match=said) as trouble:
        told(change(), answers=(answer,))
    assert trouble.value.retry_after == wait


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "flows.example.org"}, "url: Not a valid URL"),
        ({"url": "ftp://flows.example.org/"}, "url: Not a valid URL"),
        ({"secret": "short"}, "secret: Length must be between 16 and 200"),
        ({"adress": "x"}, "adress: is no setting here"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        resolve_listener(webhook.LISTENER, {**SETTINGS, **wrong})


def test_a_host_of_the_own_network_may_be_named() -> None:
    """Where the tools that are told usually live."""
    assert resolve_listener(webhook.LISTENER, {**SETTINGS, "url": "http://flows:8080/hook"})

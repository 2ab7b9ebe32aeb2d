"""The way of a designer through deep linking, as tests go it: request, chooser, a look, the signed answer."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.fakes.launching import Browser
from tests.fakes.platform import CONTEXT_ROLE, FakePlatform

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RETURN = "https://lms.example/return?course=1"


class _Registry(jws.JWSRegistry):
    """With room for an LMS's data of any size."""

    max_payload_length = 1_000_000


JOURNEY = "journey=field-coaching-90"


def settings(**changes: Any) -> dict[str, Any]:
    """Deep linking settings with everything in them; `...` as a value leaves one out."""
    found = {
        "deep_link_return_url": RETURN,
        "accept_types": ["ltiResourceLink", "link"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "accept_lineitem": True,
        "auto_create": False,
        "data": "opaque <&\"' Ünïcode",
    } | changes
    return {name: value for name, value in found.items() if value is not ...}


def asked(browser: Browser, lms: FakePlatform, role: str = "Instructor", **changes: Any) -> TestResponse:
    """A deep linking launch; keyword arguments change the settings."""
    return browser.launch(
        lms,
        message_type="LtiDeepLinkingRequest",
        resource_link=...,
        deep_linking_settings=settings(**changes),
        roles=[CONTEXT_ROLE + role],
    )


class Chooser:
    """A browser in a visit that a deep linking request opened."""

    def __init__(self, browser: Browser, launched: TestResponse) -> None:
        assert launched.status_code == 303, launched.text
        self.browser = browser
        self.path = launched.location.removeprefix(browser.tool.base_url)
        self._origin = {"base_url": browser.tool.base_url}

    def open(self) -> TestResponse:
        return self.browser.client.get(self.path, **self._origin)

    def options(self) -> list[str]:
        return [unescape(one) for one in re.findall(r'name="pick" value="([^"]*)"', self.open().text)]

    def look(self, *picks: str) -> TestResponse:
        return self.browser.client.get(f"{self.path}/look", query_string={"pick": list(picks)}, **self._origin)

    def send(self, where: str, **fields: Any) -> TestResponse:
        """With the page's own mark against forgery."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.open().text)
        csrf = found[1] if found else ""
        return self.browser.client.post(f"{self.path}/{where}", data={"csrf": csrf, **fields}, **self._origin)

    def place(self, *picks: str, column: bool = True) -> TestResponse:
        return self.send("place", pick=list(picks), **({"column": "yes"} if column else {}))


def form_of(page: TestResponse) -> tuple[str, str]:
    """Where the answer's form leads, and the token in it."""
    assert page.status_code == 200, page.text
    action = re.search(r'<form id="hand-over"[^>]* action="([^"]*)"', page.text)
    token = re.search(r'<input type="hidden" name="JWT" value="([^"]*)">', page.text)
    assert action is not None, page.text
    assert token is not None, page.text
    return unescape(action[1]), token[1]


def answer_of(page: TestResponse, browser: Browser) -> dict[str, Any]:
    """The claims of the answer, verified with the keys that we publish."""
    published = browser.client.get("/lti/jwks.json", base_url=browser.tool.base_url).get_json()
    found = jwt.decode(form_of(page)[1], KeySet.import_key_set(published), registry=_Registry(algorithms=["RS256"]))
    assert found.header["kid"] in {key["kid"] for key in published["keys"]}
    return found.claims


def items_of(page: TestResponse, browser: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer_of(page, browser)[DL + "content_items"]
    return items

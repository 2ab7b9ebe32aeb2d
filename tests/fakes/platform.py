"""A fake LMS: signs launches, and answers for keys, tokens, line items and scores without a network.

It is a transport adapter of requests: mount it on a session, and everything sent to `issuer` ends here. `answers`
replaces what it would say at a path, `asked` remembers what it was sent.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from requests.adapters import BaseAdapter

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"

Reply = tuple[int, Mapping[str, str], bytes | str | dict[str, Any] | list[Any]]
Answer = Callable[[requests.PreparedRequest], Reply] | Reply | Exception


@cache
def rsa_key(name: str = "first") -> RSAKey:
    """One key per name and test run: making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": f"key-{name}"})


def reply_to(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    """A response as urllib3 would have handed it over, streamed."""
    status, headers, body = reply
    if isinstance(body, dict | list):
        body = json.dumps(body)
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response.raw = io.BytesIO(body.encode() if isinstance(body, str) else body)
    response.url = str(request.url)
    response.request = request
    return response


@dataclass
class FakePlatform(BaseAdapter):
    """An LMS with one course, one registration and one deployment."""

    issuer: str = "https://lms.example"
    client_id: str = "tool-1"
    deployment_id: str = "1"
    keys: list[RSAKey] = field(default_factory=lambda: [rsa_key()])
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    line_items: list[dict[str, Any]] = field(default_factory=list)
    scores: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens_given: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def http(self) -> requests.Session:
        session = requests.Session()
        session.mount(self.issuer, self)
        return session

    def asked_at(self, path: str) -> list[requests.PreparedRequest]:
        return [request for request in self.asked if urlsplit(str(request.url)).path == path]

    # Launching

    def login_params(self, target: str, **changes: str) -> dict[str, str]:
        params = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "petra",
            "lti_message_hint": "hint",
            "target_link_uri": target,
            "lti_deployment_id": self.deployment_id,
        }
        return params | changes

    def claims(self, redirect: str, target: str, now: datetime, **changes: Any) -> dict[str, Any]:
        """A learner's resource launch that answers the authentication request at `redirect`.

        Keyword arguments replace claims by their short names; `...` as a value leaves the claim out.
        """
        query = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
        seconds = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "petra",
            "iat": seconds,
            "exp": seconds + 60,
            "nonce": query["nonce"],
            "name": "Petra Participant",
            "given_name": "Petra",
            "family_name": "Participant",
            "email": "petra@example.com",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "version": "1.3.0",
            LTI + "deployment_id": self.deployment_id,
            LTI + "target_link_uri": target,
            LTI + "resource_link": {"id": "link-1", "title": "Field coaching"},
            LTI + "roles": [CONTEXT_ROLE + "Learner"],
            LTI + "context": {"id": "course-1", "title": "Sales academy"},
        }
        for name, value in changes.items():
            full = name if name in claims or name in {"azp", "nbf", "locale"} else name_of(name)
            if value is ...:
                claims.pop(full, None)
            else:
                claims[full] = value
        return claims

    def sign(self, claims: Mapping[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        key = key or self.keys[0]
        head = {"alg": "RS256", "kid": key.kid} | header
        return jwt.encode({name: value for name, value in head.items() if value is not None}, dict(claims), key)

    # Services

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        path = urlsplit(str(request.url)).path
        answer = self.answers.get(path, self._service(path))
        if isinstance(answer, Exception):
            raise answer
        return reply_to(request, answer(request) if callable(answer) else answer)

    def close(self) -> None:
        """Nothing is open."""

    def _service(self, path: str) -> Answer:
        if path == "/jwks":
            return (200, {}, {"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/token":
            return self._token
        if path == "/lineitems":
            return self._line_items
        if path.endswith("/scores"):
            return self._score
        return (404, {}, "")

    def _token(self, request: requests.PreparedRequest) -> Reply:
        self.tokens_given += 1
        return (200, {}, {"access_token": f"token-{self.tokens_given}", "token_type": "Bearer", "expires_in": 3600})

    def _line_items(self, request: requests.PreparedRequest) -> Reply:
        if request.method == "GET":
            return (200, {"Content-Type": LINE_ITEMS_TYPE}, self.line_items)
        made = json.loads(request.body or b"{}") | {
            "id": f"{self.issuer}/lineitems/{len(self.line_items) + 1}?type_id=1"
        }
        self.line_items.append(made)
        return (201, {"Content-Type": LINE_ITEM_TYPE}, made)

    def _score(self, request: requests.PreparedRequest) -> Reply:
        self.scores.append((str(request.url), json.loads(request.body or b"{}")))
        return (200, {"Content-Type": SCORE_TYPE}, "")


def name_of(short: str) -> str:
    """The full name of a claim of LTI Core, Deep Linking or AGS."""
    others = {
        "deep_linking_settings": "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
        "endpoint": "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        "namesroleservice": "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    }
    return others.get(short, LTI + short)

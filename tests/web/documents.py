"""Documents of the record store over HTTP, as tests speak of them: three resources, one activity, one agent."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from werkzeug.test import TestResponse

from tests.fakes.statements import HOME, agent
from tests.web.lrs import Client

STATE, ACTIVITY, AGENT = "/xapi/activities/state", "/xapi/activities/profile", "/xapi/agents/profile"
ALICE, STEP = json.dumps(agent("alice")), f"{HOME}/steps/step-1"
SHELVES: dict[str, dict[str, str]] = {
    STATE: {"activityId": STEP, "agent": ALICE},
    ACTIVITY: {"activityId": STEP},
    AGENT: {"agent": ALICE},
}
PATHS = sorted(SHELVES)
NEW = {"If-None-Match": "*"}


def named(path: str, id_: str = "one") -> dict[str, str]:
    """The parameters of one document."""
    return {**SHELVES[path], ("stateId" if path == STATE else "profileId"): id_}


def etag(content: bytes) -> str:
    return f'"{hashlib.sha1(content).hexdigest()}"'


def put(client: Client, path: str, content: bytes = b'{"a":1}', id_: str = "one", **headers: str) -> TestResponse:
    given = {
        "Content-Type": "application/json",
        **NEW,
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    return client.send("PUT", path, query_string=named(path, id_), data=content, headers=given)


def post(client: Client, path: str, content: Any, id_: str = "one", **headers: str) -> TestResponse:
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    data = content if isinstance(content, bytes) else json.dumps(content)
    return client.send("POST", path, query_string=named(path, id_), data=data, headers=given)


def get(client: Client, path: str, id_: str = "one", **headers: str) -> TestResponse:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return client.send("GET", path, query_string=named(path, id_), headers=given)


def ids(client: Client, path: str, **more: str) -> list[str]:
    answer = client.send("GET", path, query_string={**SHELVES[path], **more})
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert isinstance(found, list)
    return found

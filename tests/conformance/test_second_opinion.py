"""PyLTI1p3 as a second opinion: what we let in of the certification's good launches, it lets in as well.

Both tools are registered at the same LMS, on the clock of today, since PyLTI1p3 has no other. They agree on the good
launches and on what the certification calls bad. Where they part stands in the last two tests: PyLTI1p3 has no leeway
for clocks that differ, and lets in what is replayed, borrowed or without an end.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.exception import LtiException
from pylti1p3.tool_config import ToolConfDict
from werkzeug.test import TestResponse

from tests.conformance.test_1edtech_launch import BAD_CLAIMS, BAD_HEADERS, GOOD
from tests.fakes.launching import BASE_URL, TARGET, Browser, Clock, Tool, state_of
from tests.fakes.platform import FakePlatform


class Memory(dict[str, Any]):
    """What PyLTI1p3 keeps between login and launch."""

    def set(self, key: str, value: Any, _lifetime: int | None = None) -> None:
        self[key] = value


def pylti1p3(lms: FakePlatform) -> Flask:
    """A tool as its documentation shows it: 303 for a launch it lets in, 400 with its reason for others."""
    app = Flask("second opinion")
    app.secret_key = "of this test"
    storage = FlaskCacheDataStorage(Memory())
    config = ToolConfDict(
        {
            lms.issuer: {
                "default": True,
                "client_id": lms.client_id,
                "auth_login_url": f"{lms.issuer}/auth",
                "auth_token_url": f"{lms.issuer}/token",
                "key_set": {"keys": [key.as_dict(private=False) for key in lms.keys]},
                "deployment_ids": [lms.deployment_id],
            }
        }
    )

    @app.post("/lti/login")
    def login() -> Any:
        return FlaskOIDCLogin(FlaskRequest(), config, launch_data_storage=storage).redirect(TARGET)

    @app.post("/lti/launch")
    def launch() -> Any:
        try:
            FlaskMessageLaunch(FlaskRequest(), config, launch_data_storage=storage).get_launch_data()
        except LtiException as refusal:
            return str(refusal), 400
        return redirect("/", 303)

    return app


class Opinions:
    """The same launch, given to both."""

    def __init__(self, folder: Path) -> None:
        self.lms = FakePlatform()
        self.now = datetime.now(UTC)
        self.ours = Tool(folder, self.lms.http(), clock=Clock(self.now))
        self.ours.register(self.lms)
        self.app = pylti1p3(self.lms)

    def browsers(self) -> tuple[Browser, _Theirs]:
        return self.ours.browser(), _Theirs(self.app.test_client())

    def of(self, header: dict[str, Any] | None = None, **changes: Any) -> tuple[int, int]:
        """Statuses of ours and theirs; only the nonce differs between the two launches."""
        answers = []
        for browser in self.browsers():
            begun = browser.login(self.lms.login_params(TARGET))
            claims = self.lms.claims(begun.location, TARGET, self.now, **changes)
            answers.append(
                browser.answer(state=state_of(begun), id_token=self.lms.sign(claims, **header or {})).status_code
            )
        return answers[0], answers[1]


class _Theirs:
    """A browser at the other tool."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def login(self, params: dict[str, str]) -> TestResponse:
        return self._client.post("/lti/login", data=params, base_url=BASE_URL)

    def answer(self, **form: str) -> TestResponse:
        return self._client.post("/lti/launch", data=form, base_url=BASE_URL)


@pytest.fixture
def opinions(tmp_path: Path) -> Opinions:
    return Opinions(tmp_path)


@pytest.mark.parametrize("role", ["Instructor", "Learner"])
@pytest.mark.parametrize("case", GOOD)
def test_both_let_in_a_good_launch_of_the_certification(case: str, role: str, opinions: Opinions) -> None:
    """No role at all included: the claim is there, and empty."""
    assert opinions.of(**GOOD[case](role)) == (303, 303)


@pytest.mark.parametrize("case", BAD_CLAIMS)
def test_both_turn_away_bad_claims_of_the_certification(case: str, opinions: Opinions) -> None:
    """Also a launch without the claim of roles."""
    changes, _ = BAD_CLAIMS[case]
    assert opinions.of(**changes) == (400, 400)


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_both_turn_away_bad_headers_of_the_certification(case: str, opinions: Opinions) -> None:
    """Its first two cases."""
    header, _ = BAD_HEADERS[case]
    assert opinions.of(header) == (400, 400)


ONLY_WE_TURN_AWAY: dict[str, dict[str, Any]] = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "issued to another party": {"azp": "tool-2"},
    "good for a week": {"exp": int(datetime.now(UTC).timestamp()) + 7 * 86_400},
    "a foreign target": {"target_link_uri": "https://elsewhere.example/"},
}


@pytest.mark.parametrize("case", ONLY_WE_TURN_AWAY)
def test_we_turn_away_more(case: str, opinions: Opinions) -> None:
    """Each by a sentence of the specification; should they come to agree, this list gets shorter."""
    assert opinions.of(**ONLY_WE_TURN_AWAY[case]) == (400, 303)


def test_we_let_in_a_clock_that_is_a_little_ahead(opinions: Opinions) -> None:
    """By half a minute, as the clocks of two organisations are; PyLTI1p3 calls it not yet valid."""
    seconds = int(opinions.now.timestamp())
    assert opinions.of(iat=seconds + 30, exp=seconds + 90) == (303, 400)


def test_only_we_let_a_launch_in_once(opinions: Opinions) -> None:
    """The same state and token, sent twice by the same browser."""
    again = []
    for browser in opinions.browsers():
        begun = browser.login(opinions.lms.login_params(TARGET))
        token = opinions.lms.sign(opinions.lms.claims(begun.location, TARGET, opinions.now))
        statuses = [browser.answer(state=state_of(begun), id_token=token).status_code for _ in range(2)]
        assert statuses[0] == 303
        again.append(statuses[1])
    assert again == [400, 303]

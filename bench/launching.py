"""Launches, against the least there can be; and login with launch, against PyLTI1p3 with the same keys and claims."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict
from werkzeug.test import EnvironBuilder

from bench import lives
from bench.installation import installed
from bench.measuring import Aim, Comparison, compare_costs, compare_rates
from lrs_bridge import journeyfile
from lrs_bridge.store import journeys, keys, platforms, runs
from lrs_bridge.web import create_app

AIM = Aim(1, at_least=True)
LAUNCH_AIM = Aim(2, at_least=False)
ISSUER, CLIENT, DEPLOYMENT = "https://lms.example", "tool-1", "1"
TOOL = "https://tool.example"
_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_AGS = "https://purl.imsglobal.org/spec/lti-ags/"
_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
_LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@dataclass(frozen=True)
class Lms:
    """Signs launches of a class of learners, who come again and again."""

    key: RSAKey
    learners: int

    def login(self, number: int) -> dict[str, str]:
        return {
            "iss": ISSUER,
            "client_id": CLIENT,
            "login_hint": f"learner-{number % self.learners}",
            "lti_message_hint": "course-1",
            "target_link_uri": f"{TOOL}/lti/launch",
            "lti_deployment_id": DEPLOYMENT,
        }

    def answer(self, location: str) -> dict[str, str]:
        """The form that answers the authentication request at `location`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        seconds = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT,
            "sub": asked["login_hint"],
            "iat": seconds,
            "exp": seconds + 3600,
            "nonce": asked["nonce"],
            "name": "A Learner",
            "email": f"{asked['login_hint']}@example.com",
            _LTI + "message_type": "LtiResourceLinkRequest",
            _LTI + "version": "1.3.0",
            _LTI + "deployment_id": DEPLOYMENT,
            _LTI + "target_link_uri": f"{TOOL}/lti/launch",
            _LTI + "resource_link": {"id": "link-1", "title": "Field coaching"},
            _LTI + "roles": [_LEARNER],
            _LTI + "context": {"id": "course-1", "title": "Sales academy"},
            _AGS + "claim/endpoint": {
                "scope": [_AGS + "scope/lineitem", _AGS + "scope/score"],
                "lineitems": f"{ISSUER}/courses/1/lineitems",
                "lineitem": f"{ISSUER}/courses/1/lineitems/1",
            },
            _ROSTER: {"context_memberships_url": f"{ISSUER}/courses/1/members", "service_versions": ["2.0"]},
        }
        header = {"alg": "RS256", "kid": self.key.kid}
        return {"state": asked["state"], "id_token": jwt.encode(header, claims, self.key)}


class Memory(dict[str, Any]):
    """The fastest cache there can be: what PyLTI1p3 keeps stays in the process and never runs out."""

    def set(self, key: str, value: Any, _lifetime: int | None = None) -> None:
        self[key] = value


class Kept:
    """A cache that survives its process and is shared by all: a table of the same SQLite settings as ours."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for command in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
            self._database.execute(command)
        self._database.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def get(self, key: str) -> Any:
        row = self._database.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return row and orjson.loads(row[0])

    def set(self, key: str, value: Any, _lifetime: int | None = None) -> None:
        self._database.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, orjson.dumps(value)))


def measure(folder: Path, launches: int = 50, rounds: int = 9) -> list[Comparison]:
    """Signing is not timed. Each launch comes from a browser of its own, by a learner who has been here before."""
    lms = Lms(RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}), learners=launches)
    app = our_app(folder, lms)
    ours = _round(app, lms, launches)
    what = "login and launch: single-use state and nonce, visit opened, all on a SQLite file"
    peers = (
        ("PyLTI1p3 2.0.0, Flask adapter, everything in memory", Memory(), AIM),
        ("PyLTI1p3 2.0.0, Flask adapter, its storage on a SQLite file", Kept(folder / "kept.db"), None),
    )
    least = _least(folder, lms, launches)
    floor = "one RS256 verification by joserfc and one commit of sqlite3, fully synchronous"
    alone = (
        (
            "a launch alone, its login begun before, as a WSGI server hands it over",
            _launches(app, lms, launches),
            LAUNCH_AIM,
        ),
        ("the same through Flask's test client", _by_clients(app, lms, launches), None),
        ("an empty Flask view that reads the form and answers 303, handed over likewise", _empty(lms, launches), None),
    )
    return [compare_costs(each, floor, launches, work, least, rounds, aim) for each, work, aim in alone] + [
        compare_rates(
            what, peer, "launches", launches, ours, _round(their_app(lms, storage), lms, launches), rounds, aim
        )
        for peer, storage, aim in peers
    ]


def _launches(app: Flask, lms: Lms, launches: int) -> Callable[[], float]:
    """The launches alone: their logins were begun before, and are not timed."""

    def asked(number: int) -> dict[str, Any]:
        begun = app.test_client().post("/lti/login", data=lms.login(number), base_url=TOOL)
        return handed_over("/lti/launch", lms.answer(begun.location), begun.headers["Set-Cookie"])

    return lambda: _answered(app, [asked(number) for number in range(launches)])


def _by_clients(app: Flask, lms: Lms, launches: int) -> Callable[[], float]:
    """The same, each made and answered by a client of Flask's."""

    def once() -> float:
        clients = [app.test_client() for _ in range(launches)]
        forms = [lms.answer(_post(client, "/lti/login", lms.login(number))) for number, client in enumerate(clients)]
        start = perf_counter()
        for client, form in zip(clients, forms, strict=True):
            _post(client, "/lti/launch", form)
        return perf_counter() - start

    return once


def _empty(lms: Lms, launches: int) -> Callable[[], float]:
    """What Flask itself takes for a request like a launch."""
    app = Flask("empty")
    form = lms.answer(f"{ISSUER}/auth?login_hint=learner-1&state=s&nonce=n")

    @app.post("/lti/launch")
    def launch() -> Any:
        return redirect(f"{TOOL}/s/{request.form['state']}/", 303)

    return lambda: _answered(app, [handed_over("/lti/launch", form) for _ in range(launches)])


def handed_over(path: str, form: Mapping[str, str], cookie: str = "") -> dict[str, Any]:
    """The environment that a WSGI server makes of a request (PEP 3333), from a browser that was given this cookie."""
    environ = EnvironBuilder(path, base_url=TOOL, method="POST", data=form).get_environ()
    return environ | {"HTTP_COOKIE": cookie.partition(";")[0]}


def _answered(app: Flask, asked: Sequence[dict[str, Any]]) -> float:
    """Seconds that the application takes for these requests, of which each has to end with a redirect."""
    answers: list[str] = []
    start = perf_counter()
    for environ in asked:
        list(app(environ, lambda status, *_: answers.append(status)))
    seconds = perf_counter() - start
    if len(answers) != len(asked) or not all(status.startswith("303") for status in answers):
        raise RuntimeError(f"not every launch was let in: {sorted(set(answers))}")
    return seconds


def _least(folder: Path, lms: Lms, launches: int) -> Callable[[], float]:
    """What no launch can do without: each token's signature verified, and something committed durably."""
    kept = Kept(folder / "least.db")
    form = lms.answer(f"{ISSUER}/auth?login_hint=learner-1&state=s&nonce=n")

    def once() -> float:
        start = perf_counter()
        for number in range(launches):
            verified = jws.deserialize_compact(form["id_token"].encode(), lms.key, algorithms=["RS256"])
            kept.set(str(number), len(verified.payload or b""))
        return perf_counter() - start

    return once


def _round(app: Flask, lms: Lms, launches: int) -> Callable[[], float]:
    def once() -> float:
        clients = [app.test_client() for _ in range(launches)]
        start = perf_counter()
        begun = [_post(client, "/lti/login", lms.login(number)) for number, client in enumerate(clients)]
        seconds = perf_counter() - start
        forms = [lms.answer(location) for location in begun]
        start = perf_counter()
        for client, form in zip(clients, forms, strict=True):
            _post(client, "/lti/launch", form)
        return seconds + perf_counter() - start

    return once


def _post(client: FlaskClient, path: str, form: Mapping[str, str]) -> str:
    answer = client.post(path, data=form, base_url=TOOL)
    if answer.status_code not in (302, 303):
        raise RuntimeError(f"{path} answered {answer.status}: {answer.text[:500]}")
    return answer.location


def our_app(folder: Path, lms: Lms) -> Flask:
    """The whole tool with one LMS, one course and an open run; the LMS's keys were fetched before."""
    now = datetime.now(UTC)
    bridge, tenant = installed(folder, TOOL, now)
    with bridge.sessions.write() as session:
        platform = platforms.add_platform(
            session,
            tenant_id=tenant.id,
            name="The LMS",
            issuer=ISSUER,
            client_id=CLIENT,
            auth_url=f"{ISSUER}/auth",
            token_url=f"{ISSUER}/token",
            jwks_url=f"{ISSUER}/jwks",
            deployment_ids=[DEPLOYMENT],
            now=now,
        )
        keys.claim_fetch(session, platform.id, now, now)
        keys.keep_key_set(session, platform.id, [lms.key.as_dict(private=False)], now)
        course = runs.ensure_course(session, tenant.id, platform.id, DEPLOYMENT, "course-1")
        source = journeyfile.sample_text(lives.JOURNEY)
        journey = journeys.install(session, tenant.id, source, lives.JOURNEY, now)
        runs.add_run(session, course, journey, now.date(), "Europe/Berlin", now)
    return create_app(replace(bridge, clock=lambda: datetime.now(UTC)))


def their_app(lms: Lms, storage: Memory | Kept) -> Flask:
    """As its documentation shows it, with the keys in the configuration, so that nothing is ever fetched."""
    app = Flask("peer")
    app.secret_key = "a secret that guards nothing but a benchmark"
    config = ToolConfDict(
        {
            ISSUER: {
                "default": True,
                "client_id": CLIENT,
                "auth_login_url": f"{ISSUER}/auth",
                "auth_token_url": f"{ISSUER}/token",
                "key_set": {"keys": [lms.key.as_dict(private=False)]},
                "deployment_ids": [DEPLOYMENT],
            }
        }
    )

    @app.post("/lti/login")
    def login() -> Any:
        asked = FlaskRequest(request_is_secure=False)
        begun = FlaskOIDCLogin(asked, config, launch_data_storage=FlaskCacheDataStorage(storage))
        return begun.redirect(f"{TOOL}/lti/launch")

    @app.post("/lti/launch")
    def launch() -> Any:
        asked = FlaskRequest(request_is_secure=False)
        answered = FlaskMessageLaunch(asked, config, launch_data_storage=FlaskCacheDataStorage(storage))
        answered.get_launch_data()
        return redirect(f"{TOOL}/launched/{answered.get_launch_id()}", 303)

    return app

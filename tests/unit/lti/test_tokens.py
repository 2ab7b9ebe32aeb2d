"""Access tokens: whose they are, how long they serve, and what is made of it when there is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from lrs_bridge.config import Settings
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.scores import ActivityProgress, LineItem, Score
from lrs_bridge.lti.gradebook import LINE_ITEM_SCOPE, SCORE_SCOPE, AgsGradebook
from lrs_bridge.lti.roster import GROUPS_SCOPE, MEMBERS_SCOPE, NrpsRoster
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.lti.tokens import Tokens
from lrs_bridge.store import tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import add_signing_key, signing_keys
from lrs_bridge.store.platforms import Platform, add_platform
from lrs_bridge.store.tables import METADATA
from tests.fakes.launching import NOON, Clock, Tool
from tests.fakes.platform import FakePlatform, Reply, rsa_key

LINE_ITEMS = "https://lms.example/lineitems?type_id=1"
LINE_ITEM = "https://lms.example/2/lineitems/12/lineitem?type_id=1"
SCORES = "/2/lineitems/12/lineitem/scores"
MEMBERS, GROUPS = "/courses/1/members", "/courses/1/groups"
ITEM = LineItem("run-1", "journey_completion", "Journey completion", 100.0)
SCORE = Score("petra", 72.5, 100.0, ActivityProgress.IN_PROGRESS, NOON)
CANVAS_IS_BUSY = "403 Forbidden (Rate Limit Exceeded)\n"


@pytest.fixture
def lms() -> FakePlatform:
    """Takes the same score again and again."""
    return FakePlatform(answers={SCORES: (200, {}, "")})


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    return Tool(tmp_path, lms.http()).with_key()


@pytest.fixture
def platform(tool: Tool, lms: FakePlatform) -> Platform:
    return tool.register(lms)


@pytest.fixture
def gradebook(tool: Tool) -> AgsGradebook:
    return AgsGradebook(tool.sessions, tool.http, tool.settings, tool.clock)


# Whose they are, on either database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, "sqlite://", "https://tool.example", "a secret for tests")


@pytest.fixture
def registrations(sessions: Sessions, settings: Settings, lms: FakePlatform) -> tuple[Platform, Platform]:
    """Two client ids of one issuer with the same token URL, as two customers of one Canvas have."""
    key = rsa_key("tool")
    with sessions.write() as session:
        tenant = tenants.ensure_tenant(session, tenants.MAIN, "https://tool.example", NOON)
        pem = key.as_pem(private=True)
        add_signing_key(session, settings.secret_key, str(key.kid), key.as_dict(private=False), pem, NOON)
        first, second = (
            add_platform(
                session,
                tenant_id=tenant.id,
                name=client_id,
                issuer=lms.issuer,
                client_id=client_id,
                auth_url=f"{lms.issuer}/auth",
                token_url=f"{lms.issuer}/token",
                jwks_url=f"{lms.issuer}/jwks",
                now=NOON,
            )
            for client_id in ("tool-1", "tool-2")
        )
    return first, second


@pytest.fixture
def services(sessions: Sessions, settings: Settings, lms: FakePlatform) -> tuple[AgsGradebook, NrpsRoster]:
    lms.answers[MEMBERS] = (200, {}, {"members": []})
    lms.answers[GROUPS] = (200, {}, {"groups": []})
    http, clock = lms.http(), Clock()
    return AgsGradebook(sessions, http, settings, clock), NrpsRoster(sessions, http, settings, clock)


def _whose(lms: FakePlatform) -> dict[str, tuple[str, str]]:
    """By what the LMS was asked for each token it gave: client id and scopes."""
    given = {}
    for number, request in enumerate(lms.asked_at("/token"), 1):
        form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
        keys = KeySet([rsa_key("tool")])
        claims = jwt.decode(form["client_assertion"], keys, algorithms=["RS256"]).claims
        given[f"Bearer token-{number}"] = (claims["iss"], form["scope"])
    return given


def _everything(services: tuple[AgsGradebook, NrpsRoster], platform: Platform, lms: FakePlatform) -> None:
    gradebook, roster = services
    gradebook.line_item(platform.id, LINE_ITEMS, ITEM)
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    list(roster.pages(platform.id, lms.issuer + MEMBERS))
    roster.groups(platform.id, lms.issuer + GROUPS)


def test_two_client_ids_of_one_issuer_never_share_a_token(
    services: tuple[AgsGradebook, NrpsRoster], registrations: tuple[Platform, Platform], lms: FakePlatform
) -> None:
    """A cache by issuer or token URL would hand one customer's token to another."""
    used: dict[str, set[str]] = {}
    for one in (*registrations, *reversed(registrations)):
        before = len(lms.asked)
        _everything(services, one, lms)
        sent = {str(asked.headers["Authorization"]) for asked in lms.asked[before:] if "token" not in str(asked.url)}
        used.setdefault(one.client_id, set()).update(sent)
    assert used["tool-1"].isdisjoint(used["tool-2"])
    whose = _whose(lms)
    assert {whose[token][0] for token in used["tool-1"]} == {"tool-1"}
    assert {whose[token][0] for token in used["tool-2"]} == {"tool-2"}


def test_a_token_is_kept_for_each_registration_and_set_of_scopes(
    services: tuple[AgsGradebook, NrpsRoster], registrations: tuple[Platform, Platform], lms: FakePlatform
) -> None:
    """Each is asked for once, and used where its scope is needed: a token for scores opens no roster."""
    for _ in range(3):
        for one in registrations:
            _everything(services, one, lms)
    scopes = (LINE_ITEM_SCOPE, SCORE_SCOPE, MEMBERS_SCOPE, GROUPS_SCOPE)
    assert sorted(_whose(lms).values()) == sorted((one.client_id, scope) for one in registrations for scope in scopes)
    whose = _whose(lms)
    for path, scope in (("/lineitems", LINE_ITEM_SCOPE), (SCORES, SCORE_SCOPE), (MEMBERS, MEMBERS_SCOPE)):
        assert {whose[str(asked.headers["Authorization"])][1] for asked in lms.asked_at(path)} == {scope}


def test_a_set_of_scopes_is_one_however_it_is_written(
    sessions: Sessions, settings: Settings, registrations: tuple[Platform, Platform], lms: FakePlatform
) -> None:
    """Order and repetition make no other token; one scope more does."""
    tokens = Tokens(lms.http(), SigningKeys(sessions, settings.secret_key))
    first = tokens.bearer(registrations[0], ["a", "b"], NOON)
    assert tokens.bearer(registrations[0], ["b", "a", "b"], NOON) == first
    assert tokens.bearer(registrations[0], ["a", "b", "c"], NOON) != first
    assert tokens.bearer(registrations[1], ["a", "b"], NOON) != first


def test_threads_that_need_a_token_at_the_same_time_ask_once(
    sessions: Sessions, settings: Settings, registrations: tuple[Platform, Platform], lms: FakePlatform
) -> None:
    """One asks, the others wait for its answer, or for its failure; each registration for itself."""
    tokens = Tokens(lms.http(), SigningKeys(sessions, settings.secret_key))
    together = threading.Barrier(8, timeout=20)

    def ask(number: int) -> str:
        together.wait()
        return tokens.bearer(registrations[number % 2], ["a"], NOON)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert (set(found[0::2]), set(found[1::2])) in [({"token-1"}, {"token-2"}), ({"token-2"}, {"token-1"})]
    assert lms.tokens_given == 2


def _texts(sessions: Sessions) -> Iterator[str]:
    with sessions.read() as session:
        for table in METADATA.sorted_tables:
            for row in session.execute(select(table)):
                yield from (str(value) for value in row)


def test_no_token_is_ever_in_the_database(
    services: tuple[AgsGradebook, NrpsRoster],
    registrations: tuple[Platform, Platform],
    lms: FakePlatform,
    sessions: Sessions,
) -> None:
    """Whoever reads it finds nothing to act with; a process that starts anew asks anew."""
    for one in registrations:
        _everything(services, one, lms)
    held = list(_texts(sessions))
    assert any("tool-2" in text for text in held)
    assert not [text for text in held if "token-" in text]


# One registration


def test_a_token_is_asked_for_with_a_signed_assertion(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform, tool: Tool
) -> None:
    """Addressed to the token URL, signed with the key we publish."""
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    (request,) = lms.asked_at("/token")
    form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["scope"] == "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    published = SigningKeys(tool.sessions, tool.settings.secret_key).published(NOON)
    token = jwt.decode(form["client_assertion"], KeySet.import_key_set(published), algorithms=["RS256"])
    assert token.claims.pop("jti")
    assert token.claims == {
        "iss": "tool-1",
        "sub": "tool-1",
        "aud": "https://lms.example/token",
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 300,
    }


def test_the_audience_of_a_registration_rules(gradebook: AgsGradebook, lms: FakePlatform, tool: Tool) -> None:
    """D2L wants another one than its token URL."""
    platform = tool.register(lms, audience="https://api.brightspace.com/auth/token")
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    form = parse_qs(str(lms.asked_at("/token")[0].body))
    with tool.sessions.read() as session:
        keys = KeySet.import_key_set({"keys": [key.public for key in signing_keys(session)]})
    claims = jwt.decode(form["client_assertion"][0], keys, algorithms=["RS256"]).claims
    assert claims["aud"] == "https://api.brightspace.com/auth/token"


def test_a_token_is_used_until_a_minute_before_its_end(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform, tool: Tool
) -> None:
    """An hour's token serves for 59 minutes."""
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    tool.clock.forward(minutes=58, seconds=59)
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert lms.tokens_given == 1
    tool.clock.forward(seconds=1)
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert lms.tokens_given == 2


def test_a_401_is_worth_one_new_token(gradebook: AgsGradebook, platform: Platform, lms: FakePlatform) -> None:
    """The LMS may have ended the old one early."""
    gradebook.send(platform.id, LINE_ITEM, SCORE)

    def only_the_second(request: requests.PreparedRequest) -> Reply:
        return (200 if request.headers["Authorization"] == "Bearer token-2" else 401, {}, "")

    lms.answers[SCORES] = only_the_second
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert lms.tokens_given == 2


def test_a_401_to_a_new_token_is_for_a_person_to_mend(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """Moodle answers 401 where the scope is missing; a third try would not help."""
    lms.answers[SCORES] = (401, {}, {"reason": "Unauthorized"})
    with pytest.raises(Refused, match="does not let this tool use its gradebook"):
        gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert len(lms.asked_at(SCORES)) == 2


@pytest.mark.parametrize(
    ("answer", "words", "wait"),
    [
        ((400, {}, {"error": "invalid_scope"}), "answers 400 (invalid_scope)", 300.0),
        ((400, {}, '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'), "unable to lookup", 300.0),
        ((503, {"Retry-After": "7"}, ""), "answers 503", 7.0),
        ((429, {}, ""), "answers 429", None),
        ((403, {}, CANVAS_IS_BUSY), "answers 403", None),
        ((200, {}, "<html>"), "without an access token", 300.0),
        ((200, {}, {"access_token": None}), "without an access token", 300.0),
        (requests.ReadTimeout("slow"), "did not answer in time", None),
    ],
)
def test_without_a_token_everything_waits(
    answer: Reply | Exception,
    words: str,
    wait: float | None,
    gradebook: AgsGradebook,
    platform: Platform,
    lms: FakePlatform,
) -> None:
    """Nothing is wrong with the score, so it is kept; the reason says whose fault it is."""
    lms.answers["/token"] = answer
    with pytest.raises(Unavailable) as caught:
        gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert words in caught.value.reason
    assert caught.value.retry_after == wait
    assert lms.scores == []

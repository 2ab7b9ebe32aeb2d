"""The keys that launches rest on: the LMS's, fetched and kept, and our own."""

from __future__ import annotations

import pytest
import requests

from tests.fakes.launching import TARGET, Tool, state_of
from tests.fakes.platform import FakePlatform, rsa_key

# Keys of the LMS


def test_the_key_set_is_fetched_once_for_many_launches(tool: Tool, lms: FakePlatform) -> None:
    """And by another process not at all."""
    for _ in range(3):
        assert tool.browser().launch(lms).status_code == 303
    other = Tool(tool.folder, tool.http)
    assert other.browser().launch(lms).status_code == 303
    assert len(lms.asked_at("/jwks")) == 1


def test_an_lms_that_changes_its_keys_is_followed(tool: Tool, lms: FakePlatform) -> None:
    """D2L does it every hour: an unknown kid makes us look again, and the launch gets in."""
    assert tool.browser().launch(lms).status_code == 303
    tool.clock.forward(seconds=11)
    lms.keys = [rsa_key("second")]
    assert tool.browser().launch(lms).status_code == 303


def test_unknown_kids_make_us_look_every_ten_seconds_at_most(tool: Tool, lms: FakePlatform) -> None:
    """Anybody can send one."""
    for _ in range(5):
        browser = tool.browser()
        begun = browser.login(lms.login_params(TARGET))
        token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now), kid="made up")
        assert browser.answer(state=state_of(begun), id_token=token).status_code == 400
    assert len(lms.asked_at("/jwks")) == 1
    tool.clock.forward(seconds=10)
    begun = browser.login(lms.login_params(TARGET))
    browser.answer(
        state=state_of(begun), id_token=lms.sign(lms.claims(begun.location, TARGET, tool.clock.now), kid="made up")
    )
    assert len(lms.asked_at("/jwks")) == 2


@pytest.mark.parametrize(
    "down",
    [
        (503, {}, "down"),
        (200, {}, "<html>sign in</html>"),
        (200, {}, {"keys": "none"}),
        (302, {"Location": "https://elsewhere.example/jwks"}, ""),
        (200, {}, b" " * 1_000_001),
        requests.ConnectionError("refused"),
    ],
)
def test_keys_that_cannot_be_had_are_the_lms_s_fault_and_the_same_answer_works_later(
    down: object, tool: Tool, lms: FakePlatform
) -> None:
    """502, and the login is not spent: the page may be reloaded."""
    lms.answers["/jwks"] = down  # type: ignore[assignment]
    browser = tool.browser()
    begun = browser.login(lms.login_params(TARGET))
    form = {"state": state_of(begun), "id_token": lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))}
    refused = browser.answer(**form)
    assert refused.status_code == 502
    assert "Reload this page" in refused.text
    del lms.answers["/jwks"]
    tool.clock.forward(seconds=11)
    assert browser.answer(**form).status_code == 303


def test_a_key_set_that_does_not_answer_in_time_is_a_504(tool: Tool, lms: FakePlatform) -> None:
    """As a gateway says it."""
    lms.answers["/jwks"] = requests.ReadTimeout("slow")
    assert tool.browser().launch(lms).status_code == 504


def test_cached_keys_go_on_working_while_the_key_set_is_down(tool: Tool, lms: FakePlatform) -> None:
    """Even when they are due for another look."""
    assert tool.browser().launch(lms).status_code == 303
    lms.answers["/jwks"] = (500, {}, "down")
    tool.clock.forward(hours=3)
    assert tool.browser().launch(lms).status_code == 303
    assert tool.browser().launch(lms).status_code == 303
    assert len(lms.asked_at("/jwks")) == 2


def test_a_key_that_was_withdrawn_is_no_longer_taken_after_an_hour(tool: Tool, lms: FakePlatform) -> None:
    """The set is looked at again now and then, unknown kid or not."""
    assert tool.browser().launch(lms).status_code == 303
    stolen, lms.keys = lms.keys[0], [rsa_key("second")]
    tool.clock.forward(minutes=61)
    browser = tool.browser()
    begun = browser.login(lms.login_params(TARGET))
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now), stolen)
    assert browser.answer(state=state_of(begun), id_token=token).status_code == 400


# Our own keys


def test_our_keys_are_published_without_their_private_halves(tool: Tool) -> None:
    """The same one for every process, and nothing but what verifies."""
    first = tool.app.test_client().get("/lti/jwks.json")
    second = Tool(tool.folder, tool.http).app.test_client().get("/lti/jwks.json")
    assert first.status_code == 200
    assert first.json == second.json
    (key,) = first.json["keys"]
    assert set(key) == {"kty", "kid", "alg", "use", "n", "e"}


def test_the_private_key_lies_encrypted_in_the_database(tool: Tool) -> None:
    """No PEM in the file."""
    tool.app.test_client().get("/lti/jwks.json")
    tool.sessions.engine.dispose()
    assert b"PRIVATE KEY" not in b"".join(file.read_bytes() for file in tool.folder.glob("*.db*"))

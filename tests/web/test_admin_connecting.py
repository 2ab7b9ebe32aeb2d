"""Ada connects an LMS by hand, looks at what registered itself, changes, suspends and removes."""

from __future__ import annotations

from typing import Any

import pytest

from lrs_bridge.store import platforms, registrations
from lrs_bridge.store.keys import claim_fetch, keep_key_set, key_set
from lrs_bridge.store.platforms import Platform, Source, Standing
from lrs_bridge.store.registrations import Registered
from tests.personas import AdminTab, House

FORM = {
    "name": "Academy Moodle",
    "issuer": "https://moodle.example",
    "client_id": "s3QpGkXw",
    "deployment_id": "2",
    "auth_url": "https://moodle.example/mod/lti/auth.php",
    "token_url": "https://moodle.example/mod/lti/token.php",
    "jwks_url": "https://moodle.example/mod/lti/certs.php",
    "audience": "",
}
CHANGE = {name: FORM[name] for name in ("name", "auth_url", "token_url", "jwks_url", "audience")}


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def registered(house: House, **changes: Any) -> Platform:
    """An LMS that registered itself and waits."""
    told = {name: FORM[name] for name in ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url")}
    with house.bridge.sessions.write() as session:
        return registrations.keep_registered(
            session,
            house.world.tenant.id,
            Registered(**{**told, "deployment_id": "1", **changes}),
            Standing.WAITING,
            house.bridge.clock(),
        )[0]


def kept(house: House, id_: str) -> Platform | None:
    with house.bridge.sessions.read() as session:
        return platforms.get_platform(session, id_)


def of_issuer(house: House, issuer: str = FORM["issuer"]) -> list[Platform]:
    with house.bridge.sessions.read() as session:
        return platforms.platforms_of_issuer(session, issuer, None)


def test_the_page_has_the_address_for_registering_on_top_and_everything_to_paste(ada: AdminTab) -> None:
    """For six LMSs and any other."""
    page = ada.open("connect")
    assert page.status == 200
    assert page.text.index("https://bridge.example/lti/register") < page.text.index("Values to paste")
    for name in ("Moodle", "Canvas", "Blackboard", "D2L Brightspace", "Sakai", "Open edX", "Another LMS"):
        assert name in page.text
    for path in ("/lti/login", "/lti/launch", "/lti/jwks.json", "/lti/config/canvas.json"):
        assert f"https://bridge.example{path}" in page.text
    assert "It waits on the page Connections until you approve it." in page.text


@pytest.mark.parametrize("room", ["connect", "platforms/"])
@pytest.mark.parametrize("name", ["petra", "mark", "dario", "stan"])
def test_nobody_else_gets_in(house: House, room: str, name: str) -> None:
    """A launch's token is no administrator's."""
    path = room + house.world.platform_id if room.endswith("/") else room
    assert house.client().get(f"/admin/s/{getattr(house, name).token}/{path}").status_code == 403


@pytest.mark.parametrize("room", ["connect", "platforms/"])
def test_the_pages_work_without_a_script(house: House, ada: AdminTab, room: str) -> None:
    """And nothing stands inline."""
    page = ada.open(room + house.world.platform_id if room.endswith("/") else room)
    assert page.status == 200
    assert "<script" not in page.html
    assert " style=" not in page.html


def test_an_lms_is_connected_by_hand(house: House, ada: AdminTab) -> None:
    """At once, with its deployment, in the admin's tenant, and on the admin's word."""
    page = ada.follow(ada.fill("connect", **FORM))
    assert "Academy Moodle" in page.text
    assert "Now place the tool in a course." in page.text
    (added,) = of_issuer(house)
    assert {name: getattr(added, name) for name in FORM if name not in ("deployment_id", "audience")} == {
        name: value for name, value in FORM.items() if name not in ("deployment_id", "audience")
    }
    assert (added.standing, added.source, added.audience) == (Standing.APPROVED, Source.ADMIN, None)
    assert added.tenant_id == house.world.tenant.id
    with house.bridge.sessions.read() as session:
        assert platforms.find_deployment(session, added.id, "2") is not None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "  "}, "name", "Give it a name"),
        ({"issuer": ""}, "issuer", "Moodle calls it platform ID"),
        ({"issuer": "x" * 401}, "issuer", "longer than 400 characters"),
        ({"client_id": ""}, "client_id", "Give the client ID"),
        ({"client_id": "a\0b"}, "client_id", "cannot be printed"),
        ({"auth_url": "moodle.example/auth"}, "auth_url", "begins with https://"),
        ({"token_url": "https://"}, "token_url", "begins with https://"),
        ({"jwks_url": "javascript:alert(1)"}, "jwks_url", "begins with https://"),
        ({"jwks_url": "https://moodle.example:port/"}, "jwks_url", "begins with https://"),
        ({"jwks_url": "https://moodle.example/" + "x" * 1000}, "jwks_url", "longer than 1000 characters"),
        ({"jwks_url": None}, "jwks_url", "Give the URL of the LMS"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(
    changes: dict[str, str | None], field: str, words: str, house: House, ada: AdminTab
) -> None:
    """And nothing is registered."""
    sent = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
    page = ada.fill("connect", **sent)
    assert page.status == 422
    assert f'id="{field}-error"' in page.html
    assert f'href="#{field}"' in page.html
    assert words in page.text
    assert 'value="https://moodle.example/mod/lti/auth.php"' in page.html or field == "auth_url"
    assert of_issuer(house) == []


def test_the_same_registration_is_refused_a_second_time(house: House, ada: AdminTab) -> None:
    """At the client id."""
    ada.fill("connect", **FORM)
    again = ada.fill("connect", **FORM)
    assert again.status == 422
    assert "is registered already" in again.text
    assert len(of_issuer(house)) == 1


def test_without_its_mark_a_form_does_nothing(house: House, ada: AdminTab) -> None:
    """A foreign page cannot connect, change, suspend or remove."""
    id_ = registered(house).id
    for path in ("connect", f"platforms/{id_}", f"platforms/{id_}/suspend", f"platforms/{id_}/remove"):
        assert ada.send(path, **FORM).status == 403
    found = kept(house, id_)
    assert found is not None
    assert found.standing == Standing.WAITING


def test_what_registered_itself_is_looked_at_and_approved(house: House, ada: AdminTab) -> None:
    """From the connections page, with the addresses in view."""
    id_ = registered(house).id
    assert "Asks to be let in." in ada.open().text
    page = ada.open(f"platforms/{id_}")
    assert "Waits for you. The LMS registered itself" in page.text
    assert FORM["token_url"] in page.html
    ada.fill(f"approve/{id_}", f"platforms/{id_}")
    found = kept(house, id_)
    assert found is not None
    assert found.standing == Standing.APPROVED


def test_a_suspended_lms_is_let_in_again(house: House, ada: AdminTab) -> None:
    """By the same button as at first."""
    id_ = house.world.platform_id
    page = ada.follow(ada.fill(f"platforms/{id_}/suspend", f"platforms/{id_}"))
    assert "Nobody gets in from there until you approve it again." in page.text
    assert "Suspended. Nobody gets in" in ada.open().text
    ada.fill(f"approve/{id_}", f"platforms/{id_}")
    found = kept(house, id_)
    assert found is not None
    assert found.standing == Standing.APPROVED


def test_a_change_of_the_key_sets_address_forgets_the_keys(house: House, ada: AdminTab) -> None:
    """Other changes leave them; whatever address an admin saves is their word."""
    id_ = registered(house).id
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        claim_fetch(session, id_, now, now)
        keep_key_set(session, id_, [{"kid": "k1"}], now)
    ada.follow(ada.fill(f"platforms/{id_}", **{**CHANGE, "name": "Our Moodle", "audience": "https://aud.example"}))
    found = kept(house, id_)
    assert found is not None
    assert (found.name, found.audience, found.source) == ("Our Moodle", "https://aud.example", Source.LMS)
    with house.bridge.sessions.read() as session:
        assert key_set(session, id_) is not None
    ada.fill(f"platforms/{id_}", **{**CHANGE, "jwks_url": "https://moodle.example/new"})
    found = kept(house, id_)
    assert found is not None
    assert (found.jwks_url, found.source) == ("https://moodle.example/new", Source.ADMIN)
    with house.bridge.sessions.read() as session:
        assert key_set(session, id_) is None


def test_a_wrong_change_is_told_and_not_saved(house: House, ada: AdminTab) -> None:
    """With what was typed."""
    id_ = registered(house).id
    page = ada.fill(f"platforms/{id_}", **{**CHANGE, "token_url": "nowhere"})
    assert page.status == 422
    assert 'value="nowhere"' in page.html
    found = kept(house, id_)
    assert found is not None
    assert found.token_url == FORM["token_url"]


def test_what_nobody_came_in_by_can_be_removed(house: House, ada: AdminTab) -> None:
    """With its deployments, logins and keys; it may register again."""
    id_ = registered(house).id
    page = ada.follow(ada.fill(f"platforms/{id_}/remove", f"platforms/{id_}"))
    assert "Nothing of it is left here." in page.text
    assert kept(house, id_) is None
    assert registered(house).id != id_


def test_what_courses_hang_on_stays(house: House, ada: AdminTab) -> None:
    """There is no button, and a form made by hand removes nothing."""
    house.petra.open()
    id_ = house.world.platform_id
    page = ada.open(f"platforms/{id_}")
    assert "/remove" not in page.html
    answer = ada.follow(ada.send(f"platforms/{id_}/remove", csrf=page.hidden()["csrf"]))
    assert "It can be suspended." in answer.text
    assert kept(house, id_) is not None


def test_another_tenants_registration_is_not_there(house: House, ada: AdminTab) -> None:
    """Neither to look at nor to change."""
    assert house.stan.open().status == 200
    (other,) = of_issuer(house, "https://other.example")
    csrf = ada.open("connect").hidden()["csrf"]
    assert ada.open(f"platforms/{other.id}").status == 404
    for path in ("", "/suspend", "/remove"):
        assert ada.send(f"platforms/{other.id}{path}", csrf=csrf, **CHANGE).status == 404

"""A manager without an account: from a letter to the record, the indicator and the gradebook, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lrs_bridge.demo.site import Site, open_site
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, facts, people, results
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.people import PersonRow
from tests.browser.looking import width_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SOON = 20_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo of its own: the letters are those of its first morning, before anybody answered."""
    site = open_site(tmp_path_factory.mktemp("letters"), 0, 0, lambda *_: None, fresh=False)
    yield site
    site.stop()


def person(site: Site, name: str) -> PersonRow:
    with site.bridge.sessions.read() as session:
        found = session.query(PersonRow).filter(PersonRow.name == name).one()
    return found


def team(site: Site, manager: PersonRow) -> list[Enrolment]:
    with site.bridge.sessions.read() as session:
        day = site.bridge.clock().date()
        run = site.seeded.run_id
        led = enrolments.people_of(session, manager.tenant_id, run, manager.id, Role.MANAGER, day)
        return [one for one in enrolments.enrolments(session, manager.tenant_id, run) if one.person_id in led]


def said_by(site: Site, manager: PersonRow, *kinds: Kind) -> set[str]:
    with site.bridge.sessions.read() as session:
        found = [
            fact
            for one in team(site, manager)
            for fact in facts.facts_of(session, manager.tenant_id, one.id)
            if fact.actor == manager.account and fact.kind in kinds
        ]
    return {fact.id for fact in found}


def open_mail(page: Page, site: Site, name: str) -> None:
    """The demo's menu, the mail of somebody, the letter."""
    page.goto(site.lms_url)
    page.get_by_role("link", name="Mail", exact=True).click()
    page.get_by_role("link", name=re.compile(rf"{name} .*this week")).first.click()


def test_a_manager_answers_from_the_letter_and_everything_follows(page: Page, site: Site) -> None:
    """Mark has no need of the LMS: the letter, its button, one tap; the record and the participant's value move."""
    mark = person(site, "Mark Jensen")
    before = said_by(site, mark, Kind.VERIFIED)
    open_mail(page, site, "Mark Jensen")
    page.get_by_role("link", name="Look and answer").first.click()
    expect(page.get_by_text("You need no account")).to_be_visible()
    assert said_by(site, mark, Kind.VERIFIED) == before
    page.get_by_role("button", name="Look and answer").click()
    expect(page.get_by_role("heading", name="Did this happen?")).to_be_visible()
    page.get_by_role("button", name="Yes, it happened").click()
    expect(page.get_by_role("status")).to_contain_text("It happened, you say")
    (new,) = said_by(site, mark, Kind.VERIFIED) - before

    with site.bridge.sessions.read() as session:
        fact = facts.get_fact(session, mark.tenant_id, new)
        assert fact is not None
        registration = str(fact.registration)

    def counted() -> bool:
        with site.bridge.sessions.read() as session:
            row = enrolments.get_enrolment(session, mark.tenant_id, registration)
            assert row is not None
            found = results.person_results(session, mark.tenant_id, site.seeded.run_id, row.person.account)
            return new in str(found["mtm_application"].body)

    for _ in range(100):
        if counted():
            break
        page.wait_for_timeout(200)
    assert counted()


def test_a_manager_whom_the_lms_does_not_know_does_a_step(page: Page, site: Site) -> None:
    """Rosa has no account there: she comes in by her letter only."""
    rosa = person(site, "Rosa Marin")
    with site.bridge.sessions.read() as session:
        assert people.identities_of(session, rosa.tenant_id, [rosa.id]) == {}
    before = said_by(site, rosa, *Kind)
    page.goto(site.lms_url)
    expect(page.get_by_role("link", name="Launch as Rosa Marin")).to_have_count(0)
    open_mail(page, site, "Rosa Marin")
    page.get_by_role("link", name=re.compile("Look and answer|Open it")).first.click()
    page.get_by_role("button", name=re.compile("Look and answer|Open it")).click()
    expect(page.get_by_text("Rosa Marin")).to_be_visible()
    for answer in ("Today", "What is done differently"):  # a step asks when, a talk what about, a moment for a word
        choice = page.get_by_text(answer, exact=True)
        if choice.count():
            choice.click()
    page.locator("form button.btn-primary").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert len(said_by(site, rosa, *Kind)) > len(before)


def test_a_look_at_ones_people_and_the_choice_of_letters(page: Page, site: Site) -> None:
    open_mail(page, site, "Mark Jensen")
    page.get_by_role("link", name="Your people: what took place").click()
    page.get_by_role("button", name="See your people").click()
    expect(page.get_by_text("Petra Novak").first).to_be_visible()
    expect(page.get_by_text("Yusuf Demir")).to_have_count(0)
    open_mail(page, site, "Nina Okafor")
    page.get_by_role("link", name="Choose what you get, or stop it").click()
    page.get_by_text("A message on mornings with news").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")


def test_no_page_of_a_letter_is_wider_than_a_small_phone(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 320, "height": 900})

    def fits() -> None:
        assert width_of(page) <= 320

    open_mail(page, site, "Nina Okafor")
    fits()
    page.get_by_role("link", name="Choose what you get, or stop it").click()
    fits()
    open_mail(page, site, "Nina Okafor")
    page.get_by_role("link", name="Your people: what took place").click()
    fits()
    page.get_by_role("button", name="See your people").click()
    expect(page.get_by_role("heading", name="Your people")).to_be_visible()
    fits()

"""Each role from launch to effect: what they do in a real browser, its statement in the record store, and what follows.

Participant and manager are in `test_demo`, the owner of the goal in `test_coach`, designers in `test_designer`,
administrators in `test_plugins`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import orjson
import pytest
from playwright.sync_api import Page, expect

from lrs_bridge.demo.site import Site, open_site
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store import facts, results, statements
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.people import PersonRow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo of its own, in which nobody has done anything yet."""
    site = open_site(tmp_path_factory.mktemp("roles"), 0, 0, lambda *_: None, fresh=False)
    yield site
    site.stop()


def person(site: Site, name: str) -> PersonRow:
    with site.bridge.sessions.read() as session:
        return session.query(PersonRow).filter(PersonRow.name == name).one()


def launch(page: Page, site: Site, who: str) -> None:
    """In a tab of its own, as an LMS does that has no frame."""
    page.goto(f"{site.lms_url}/launch/{who}")
    page.wait_for_url(f"{site.tool_url}/s/**")


def said(site: Site, who: PersonRow, kind: Kind) -> dict[str, Fact]:
    """What somebody did or was part of, by statement id."""
    with site.bridge.sessions.read() as session:
        mine = FactRow.tenant_id == who.tenant_id, FactRow.actor == who.account, FactRow.kind == str(kind)
        return {fact.id: fact for fact in facts.facts_where(session, *mine)}


def soon(page: Page, holds: Callable[[], bool]) -> None:
    """The worker does it within seconds."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def recorded(page: Page, site: Site, who: PersonRow, fact: Fact) -> None:
    """The statement is in the record store, with its verb and under a pseudonym."""

    def stored() -> dict[str, str]:
        with site.bridge.sessions.read() as session:
            return statements.bodies(session, who.tenant_id, [fact.id])

    soon(page, lambda: bool(stored()))
    (body,) = stored().values()
    statement = orjson.loads(body)
    assert statement["verb"]["id"] == fact.verb
    assert statement["actor"]["account"]["name"] == fact.actor
    assert not any(part in body for part in (who.name or "nobody").split())


def counted(page: Page, site: Site, indicator: str, whose: PersonRow, fact: Fact) -> None:
    """It is among the evidence of somebody's value."""

    def there() -> bool:
        with site.bridge.sessions.read() as session:
            found = results.person_results(session, whose.tenant_id, site.seeded.run_id, whose.account)
            return fact.id in str(found[indicator].body["evidence"])

    soon(page, there)


def grade(page: Page, site: Site, name: str, column: str) -> str:
    page.goto(f"{site.lms_url}/gradebook")
    page.get_by_role("columnheader", name=re.compile(column)).wait_for()
    titles = page.get_by_role("columnheader").all_inner_texts()
    place = next(number for number, title in enumerate(titles, 1) if title.startswith(column))
    return page.get_by_role("row", name=re.compile(name)).locator(f"td:nth-child({place})").inner_text()


def test_a_coach_s_session_counts_for_the_coachee(page: Page, site: Site) -> None:
    """Recorded by Carl, done for Helena: in his reach, in her completion and in the gradebook."""
    carl, helena = person(site, "Carl Brenner"), person(site, "Helena Vidal")
    before, known = grade(page, site, helena.name or "", "Field-coaching journey"), said(site, carl, Kind.COACHED)
    launch(page, site, "carl")
    page.get_by_role("link", name=re.compile("Log the session.*Helena")).click()
    page.get_by_role("button", name="Save the session").click()
    expect(page.get_by_role("status")).to_be_visible()
    (new,) = (fact for id_, fact in said(site, carl, Kind.COACHED).items() if id_ not in known)
    recorded(page, site, carl, new)
    counted(page, site, "coaching_reach", helena, new)
    soon(page, lambda: grade(page, site, helena.name or "", "Field-coaching journey") != before)


def test_a_facilitator_s_list_counts_for_whoever_was_there(page: Page, site: Site) -> None:
    """Dario ticks; the statement is David's, and so is the value."""
    david = person(site, "David Roth")
    before, known = grade(page, site, david.name or "", "Field-coaching journey"), said(site, david, Kind.ATTENDED)
    launch(page, site, "dario")
    page.get_by_role("link", name="Who was there").click()
    page.get_by_role("link", name=re.compile("Open the list.*30-day group")).click()
    page.get_by_label("David Roth").check()
    page.get_by_role("button", name="Save the list").click()
    expect(page.get_by_role("status")).to_contain_text("One person was added")
    (new,) = (fact for id_, fact in said(site, david, Kind.ATTENDED).items() if id_ not in known)
    recorded(page, site, david, new)
    counted(page, site, "journey_completion", david, new)
    soon(page, lambda: grade(page, site, david.name or "", "Field-coaching journey") != before)


def test_a_sponsor_s_talk_counts_for_her_and_reaches_no_gradebook(page: Page, site: Site) -> None:
    """Sofia asked Oskar: her own value moves, and the gradebook has no column for it."""
    sofia = person(site, "Sofia Lindqvist")
    known = said(site, sofia, Kind.TALKED_WITH)
    launch(page, site, "sofia")
    page.get_by_role("button", name="I asked Oskar").click()
    expect(page.get_by_role("status")).to_contain_text("It is on the record")
    new = next(fact for id_, fact in said(site, sofia, Kind.TALKED_WITH).items() if id_ not in known)
    recorded(page, site, sofia, new)
    counted(page, site, "sponsor_engagement", sofia, new)
    page.goto(f"{site.lms_url}/gradebook")
    expect(page.get_by_role("columnheader", name=re.compile("Sponsor"))).to_have_count(0)


def test_an_assessor_scores_a_work_without_a_name(page: Page, site: Site) -> None:
    """Irene's points are on record with the rubric's version, and the work stands among those she scored."""
    irene = person(site, "Irene Walsh")
    known = said(site, irene, Kind.ASSESSED)
    launch(page, site, "irene")
    link = page.get_by_role("link", name=re.compile("^Score it")).first
    code = (link.inner_text()).split(":")[-1].strip()
    link.click()
    for group in page.get_by_role("group").all():
        if group.get_by_role("radio").count():
            group.get_by_role("radio").last.check(force=True)
    page.get_by_role("button", name="Keep my points").click()
    expect(page.get_by_text(code).first).to_be_visible()
    (new,) = (fact for id_, fact in said(site, irene, Kind.ASSESSED).items() if id_ not in known)
    recorded(page, site, irene, new)


def test_a_peer_s_post_is_read_by_the_others(page: Page, site: Site) -> None:
    """Ben's words stay here: the statement has none of them, and Petra reads them with his name."""
    ben = person(site, "Ben Adler")
    known = said(site, ben, Kind.COMMENTED)
    launch(page, site, "ben")
    page.goto(f"{'/'.join(page.url.split('/')[:5])}/steps/S19")
    page.get_by_label(re.compile("What worked")).fill("I asked before I told, twice.")
    page.get_by_role("button", name="Show it to the group").click()
    expect(page.get_by_role("status")).to_be_visible()
    (new,) = (fact for id_, fact in said(site, ben, Kind.COMMENTED).items() if id_ not in known)
    recorded(page, site, ben, new)
    launch(page, site, "petra")
    page.goto(f"{'/'.join(page.url.split('/')[:5])}/steps/S19")
    expect(page.get_by_text("I asked before I told, twice.")).to_be_visible()


def test_an_evaluator_draws_a_sample_and_sees_what_all_numbers_rest_on(page: Page, site: Site) -> None:
    """Eva's draw opens names and stands in the list of all that was done; her look at statements is noted."""
    launch(page, site, "eva")
    page.get_by_role("link", name="Sort and draw").first.click()
    page.get_by_role("heading", name="Sort and draw").first.wait_for()
    page.goto(f"{'/'.join(page.url.split('/')[:5])}/study/draw")
    page.get_by_role("button", name="Keep this draw").click()
    page.get_by_role("link", name="All that was done").first.click()
    expect(page.get_by_text(re.compile("[Dd]r(e|a)w")).first).to_be_visible()
    page.get_by_role("link", name="Statements").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

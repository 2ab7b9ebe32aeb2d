"""Why is it this number: of a whole run, of a stranger's evaluator, as a picture, and what it costs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lrs_bridge.domain.evaluators import Level
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.launch import enrol
from lrs_bridge.store import people
from tests.flows.world import ISSUER
from tests.personas import House
from tests.web.looking import applied
from tests.web.whys import OWN, RUN, STRANGER, asked, install, of_petra, stranger

# the run


def test_a_teacher_sees_who_counts_in_the_value_of_the_run(house: House) -> None:
    """And of those who do not, why; each leads on."""
    applied(house)
    house.evaluate()
    page = house.dario.open(RUN)
    assert re.search(r"Petra Novak [1-9]", page.text)
    assert "Three of three people in the run have a value." in page.text.replace("3 of three", "Three of three")
    assert re.search(r"[\d.]+ ÷ 3 = [\d.]+", page.text)
    assert any(link.endswith(of_petra(house, "mtm_application")) for link in page.links)


def test_what_was_not_posted_gives_no_mean_to_a_teacher_either(house: House) -> None:
    """As from a confidential survey: the mean of one is what one person said."""
    outcome = Outcome(55.56, n=1, components={"posted": 100.0})
    install(house, replace(stranger(outcome), audience={Role.PARTICIPANT: "own", Role.FACILITATOR: "posted"}))
    house.evaluate()
    dario = house.dario
    texts = [dario.open(path).text for path in ("overview", f"run/why/{STRANGER}", of_petra(house, STRANGER))]
    assert "Days here Hidden" in texts[0]
    assert "Petra" not in texts[1]
    assert "100 of 100" in texts[2]
    assert not any("55.56" in text or "56 of" in text for text in texts)


def test_totals_name_nobody(house: House) -> None:
    """What is hidden is told by nothing else on the page."""
    house.evaluate()
    text = house.dario.open("run/why/skill_gain").text
    assert "Petra" not in text
    assert "Ben" not in text
    assert "how it is spread" not in text


# evaluators of strangers


def test_a_stranger_s_evaluator_has_a_page_without_doing_anything(house: House) -> None:
    """Its parts under their own names for the person, and for nobody else."""
    petra, fact = house.petra, applied(house)
    outcome = Outcome(42.5, n=1, components={"late_days": 3, "deep": {"one": True}}, evidence=(fact.statement_id,))
    install(house, stranger(outcome))
    house.evaluate()
    own = petra.open(f"why/{STRANGER}").text
    assert "Days here" in own
    assert "42.5 to two places".replace("42.5", "42.50") in own
    assert "Late days 3" in own
    assert "Deep: One Yes" in own
    assert "Used a moment on the job" in own
    assert "days_here 0.3, from days-here 0.3" in own
    other = house.dario.open(of_petra(house, STRANGER)).text
    assert "42.50" in other
    assert "Late days" not in other
    assert "Some parts are for Petra Novak alone." in other


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_every_status_of_a_stranger_is_explained(house: House, status: Status) -> None:
    install(house, stranger(Outcome.none(status)))
    house.evaluate()
    text = house.petra.open(f"why/{STRANGER}").text
    assert "Why there is no number" in text
    assert not re.search(r"\d+ of 100", text)


def test_an_evaluator_that_fails_shows_no_trace(house: House) -> None:
    def fails(*_: object) -> Outcome:
        raise RuntimeError("secret of a plugin")

    install(house, replace(stranger(Outcome(1.0)), functions={Level.PERSON: fails}))
    house.evaluate()
    page = house.petra.open(f"why/{STRANGER}")
    assert page.status == 200
    assert "No number yet" in page.text
    assert "secret" not in page.text


# what it costs


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("petra", OWN),
        ("dario", "people/{petra}/why/mtm_application"),
        ("dario", RUN),
        ("dario", "overview"),
        ("eva", "numbers"),
    ],
)
def test_a_page_asks_as_often_in_a_larger_run(house: House, name: str, path: str) -> None:
    """However many people, statements and settings there are."""
    house.evaluate()
    counts = []
    for _ in range(2):
        tab = getattr(house, name)
        with asked(house) as found:
            assert tab.open(path.format(petra=house.enrolments["petra"].id)).status == 200
        counts.append(len(found))
        for number in range(8):
            applied(house)
            now = house.bridge.clock()
            with house.bridge.sessions.write() as session:
                tenant_id = house.world.tenant.id
                person = people.ensure_person(session, tenant_id, ISSUER, f"more-{number}", now, name=f"More {number}")
                enrol(session, house.world.run, person, now)
        house.evaluate()
    assert counts[0] == counts[1]


def test_a_value_that_moved_is_drawn_with_its_table(house: House) -> None:
    """The person's own from the statements; that of the run as it was kept, day by day."""
    applied(house)
    house.evaluate()
    house.world.clock.on(days=14)
    applied(house)
    house.evaluate()
    own = house.petra.open(OWN)
    assert "Application on the job, week by week" in own.text
    assert re.search(r"<svg [^>]*role=\"img\"", own.html)
    assert "Your journey" in house.petra.open().text
    for tab, path in ((house.dario, RUN), (house.eva, "numbers")):
        page = tab.open(path).text
        assert "Application on the job over time" in page
        assert re.search(r"26 Mar [\d.]+ 9 Apr [\d.]+", page)
        assert "Application on the job: how it is spread" in page


def test_the_overview_shows_the_steps_by_phase_and_how_values_are_spread(house: House) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.evaluate()
    text = house.dario.open("overview").text
    assert "Participants’ steps due so far" in text
    assert "Managers’ steps due so far" in text
    assert "Journey completion: how it is spread" in text
    assert "Success case: how it is spread" not in text

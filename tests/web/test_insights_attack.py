"""Somebody reads every page and takes every file, again and again, and subtracts: nothing about few people follows."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from lrs_bridge.domain.small_groups import K
from lrs_bridge.flows.publishing import publish_ended
from lrs_bridge.store import publications, results
from tests.personas import House
from tests.subtracting import groups_found
from tests.web.crowds import DEMO, Line, confirmed, crowd, csv_of, end, excel_of, keep, reacted, surveyed, told
from tests.web.test_insights import expected

CONTENT = (
    "Impact rate",
    "Impact rate by area",
    "What helps, what gets in the way",
    "Worth it for the person and for the business",
)
PAGES = ("results", "overview", "chain", "numbers", "run/why/mtm_application", "run/why/success_case")
_COUNT = re.compile(r"(\d+) of (\d+)")


@dataclass
class Reading:
    """What an attacker has read so far: each total of people with a clear result, in order.

    `looks`: at how many moments they looked; `behind`: what each total was made of, by person.
    """

    house: House
    seen: list[tuple[int, int]] = field(default_factory=list)
    looks: int = 0
    behind: list[dict[str, str]] = field(default_factory=list)

    def look(self) -> list[list[Line]]:
        """Everything that any reader may open now."""
        house = self.house
        self.looks += 1
        found = []
        for tab in (house.sofia, house.eva, house.dario):
            lines = csv_of(tab)
            excel_of(tab)
            found.append(lines)
            assert _same_everywhere(lines, [page.text for path in PAGES if (page := tab.open(path)).status == 200])
        rates = {told(lines, "Impact rate").get(("This run", "People"), "") for lines in found}
        assert len(rates) == 1  # all readers the same, at the same moment
        if match := _COUNT.fullmatch(rates.pop()):
            pair = int(match[1]), int(match[2])
            if not self.seen or self.seen[-1] != pair:
                self.seen.append(pair)
                self.behind.append(_behind(house))
        return found


def _same_everywhere(lines: Sequence[Line], pages: Sequence[str]) -> bool:
    """Where a page tells the impact rate, it is that of the file."""
    shown = told(lines, "Impact rate").get(("This run", "People"))
    rates = [match for page in pages for match in re.findall(r"[\d.]+ % (\d+ of \d+) people", page)]
    return all(rate == shown for rate in rates)


def _behind(house: House) -> dict[str, str]:
    """The newest total's mark of what each person did."""
    with house.bridge.sessions.read() as session:
        rows = publications.of_run(session, house.world.tenant.id, house.world.run.id)["mtm_application"]
        row = publications.newest_out(rows)
        assert row is not None
        return {person: mark for person, (mark, _) in row.cut[0].items()}


def _settle(house: House) -> None:
    house.evaluate()
    house.evaluate()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_total_moves_only_with_k_people_who_have_news(house: House, seed: int) -> None:
    """A few have news, somebody looks; a few more, somebody looks again, knowing who they were."""
    chance = random.Random(seed)
    rows = crowd(house, **DEMO)
    chance.shuffle(rows)
    reading = Reading(house)
    while rows:
        for row in [rows.pop() for _ in range(min(len(rows), chance.randint(2, 4)))]:
            keep(house, confirmed(house, row, chance.choice([1, 3]), chance.randint(1, 3)))
        _settle(house)
        reading.look()
        house.world.clock.on(minutes=10)
    end(house)
    reading.look()
    assert reading.seen[-1][1] == 24
    assert len(reading.seen) < reading.looks - 1
    for before, after in pairwise(reading.behind):
        assert sum(after[one] != before.get(one) for one in after) >= K


def test_the_area_of_four_is_on_no_page_and_in_no_file_and_follows_from_none(house: House) -> None:
    """Rates of the areas that nobody would mistake: 5 of 11, 4 of 9, 3 of 4. The whole is 12 of 24."""
    rows = crowd(house, **DEMO)
    clear = {"north": 5, "south": 4, "west": 3}
    for row in rows:
        assert row.area
        clear[row.area] -= 1
        keep(house, confirmed(house, row, 3 if clear[row.area] >= 0 else 1))
        keep(house, [surveyed(house, row, (clear[row.area] + 20) % 4)])
    _settle(house)
    end(house)
    people = {row.person.account: row.area or "" for row in rows}
    sums: list[set[str]] = []
    for tab in (house.sofia, house.eva, house.dario):
        lines = csv_of(tab)
        areas = told(lines, "Impact rate by area")
        texts = [str(lines), str(excel_of(tab)), *(tab.open(path).text for path in PAGES)]
        assert not re.search(r"(?<![.\d])(75|44\.4|53\.8) %", " ".join(texts))  # west, south, and the two together
        assert areas["north", "Impact rate"] == "45.5 %"
        sums += [
            {one for one, area in people.items() if area == name}
            for (name, column), value in areas.items()
            if column == "Impact rate" and value.endswith("%") and name in DEMO
        ]
        sums.append(set(people))
    assert not list(groups_found(list(people), sums, K))


def test_one_more_answer_changes_nothing_that_is_told_of_what_people_said(house: House) -> None:
    """Neither on the page nor in a file, while the run goes on and after its end."""
    rows = crowd(house, **DEMO)
    for number, row in enumerate(rows[:-1]):
        keep(house, confirmed(house, row, 3 if number % 2 else 1))
        keep(house, [surveyed(house, row, number % 4, ["timing"]), reacted(house, number % 11, usefulness=4, intent=3)])
    expected(house, participant=20, manager=6, coach=2)
    _settle(house)
    for over in (False, True):
        if over:
            end(house)
        before = [_content(csv_of(tab)) for tab in (house.sofia, house.eva, house.dario)]
        row = rows[0] if over else rows[-1]
        keep(house, confirmed(house, row, 4))
        keep(house, [surveyed(house, row, 3, [], ["timing"]), reacted(house, 10, usefulness=1, intent=1)])
        _settle(house)
        publish_ended(house.bridge.sessions, house.world.tenant.id, house.bridge.clock())
        _settle(house)
        assert [_content(csv_of(tab)) for tab in (house.sofia, house.eva, house.dario)] == before


def _content(lines: Sequence[Line]) -> list[Line]:
    """Without how many people are in the run, which is no secret."""
    return [line for line in lines if line[0] in CONTENT and line[1] != "Note"]


def test_no_present_total_of_what_people_said_reaches_page_or_file(house: House) -> None:
    """The present result is another one than what came out: nothing reads it."""
    rows = crowd(house, north=12)
    for number, row in enumerate(rows):
        keep(house, confirmed(house, row, 3 if number % 2 else 1))
    _settle(house)
    end(house)
    world = house.world
    with house.bridge.sessions.write() as session:
        for found in results.results_of_run(session, world.tenant.id, world.run.id, "cohort"):
            if found.indicator == "mtm_application":
                parts = {**found.body["components"], "impact_rate": 11 / 12}
                found.body = {**found.body, "components": parts}
    for tab in (house.sofia, house.eva, house.dario):
        told_now = told(csv_of(tab), "Impact rate")
        assert told_now["This run", "People"] == "6 of 12"
        assert "91.7" not in tab.open("results").text + str(excel_of(tab))

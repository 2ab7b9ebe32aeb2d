"""Every page tells the same total at the same moment, so that nothing can be told by taking one from another."""

from __future__ import annotations

import re
from dataclasses import replace

from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.publications import NOTHING_CUT, Figure
from lrs_bridge.store import publications, results
from tests.personas import House, Tab
from tests.web.looking import answered

WHY = "run/why/reaction"


def _published(house: House, value: float, n: int) -> None:
    """What came out of the reaction, beside what is true by now."""
    house.evaluate()
    world = house.world
    with house.bridge.sessions.write() as session:
        rows = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
        row = next(row for row in rows if row.indicator == "reaction" and not row.subject)
        was, present = (replace(row.result, outcome=Outcome(one, n=many)) for one, many in ((value, n), (77.0, n + 1)))
        row.value, row.status, row.body = present.value, str(present.status), present.as_dict()
        kept = publications.add(
            session,
            world.tenant.id,
            world.run.id,
            "reaction",
            1,
            NOTHING_CUT,
            {"": Figure(was.as_dict(), alike=False)},
            world.clock(),
        )
        kept.out = world.clock()


def _pages(house: House) -> list[tuple[Tab, str]]:
    readers = [house.petra, house.mark, house.dario, house.carl, house.sofia, house.eva]
    return [(house.dario, "overview"), (house.eva, "numbers"), *((reader, WHY) for reader in readers)]


def test_all_roles_read_the_same_frozen_total_on_every_page(house: House) -> None:
    """Though there is another answer by now."""
    _published(house, 41.0, 9)
    for tab, path in _pages(house):
        text = tab.open(path).text
        assert re.search(r"\b41\b", text), path
        assert "Nine people" in text, path
        assert not re.search(r"\b77\b", text), path
        assert "10 people" not in text, path


def test_what_came_out_of_too_few_is_on_no_page(house: House) -> None:
    """Such as with a smaller k in times past."""
    _published(house, 41.0, 4)
    for tab, path in _pages(house):
        text = tab.open(path).text
        assert not re.search(r"\b(41|77)\b", text), path
        assert "Fewer than 5 people stand behind it" in text, path


def test_the_statements_that_an_evaluator_takes_out_hold_no_answers_to_add_up(house: House) -> None:
    answered(house)
    text = house.eva.open("statements/export").text
    assert "answered" in text
    assert "answers" not in text
    assert '"M1"' not in text

"""What came of a run: one page, two files, for those who decide about it and for nobody else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.publications import Rule
from lrs_bridge.flows import coming
from lrs_bridge.flows.insights import MATRIX
from lrs_bridge.store import publications, runs, tensions
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.performance import OutcomeEntry
from lrs_bridge.store.publications import Suppression
from lrs_bridge.store.record_accesses import Looked
from tests.personas import House, Tab
from tests.web.crowds import DEMO, cells_of, confirmed, crowd, csv_of, end, excel_of, keep, reacted, surveyed, told
from tests.web.looking import looks
from tests.web.test_overview_of_many import fill
from tests.web.whys import asked

PATHS = ["results", "results.csv", "results.xlsx"]
UNFINISHED = "Nothing is known so far, and nothing counts as zero."


def expected(house: House, **roles: int) -> None:
    """What people of each role expected to get in the way, when the last day for answers is over."""
    world = house.world
    with house.bridge.sessions.write() as session:
        tensions.ask(session, world.tenant.id, world.run.id, world.mark.id, date(2026, 2, 28), world.clock())
        session.flush()
        request = tensions.latest_request(session, world.tenant.id, world.run.id)
        assert request is not None
        for role, size in roles.items():
            for number in range(size):
                factors = ["timing"] if number % 2 else ["incentives"]
                tensions.answer(session, world.tenant.id, request.id, f"{role} {number}", role, factors)


def finished(house: House) -> list[Tab]:
    """A run of 24 in three areas: half with a clear result, everybody answered; and who reads it."""
    rows = crowd(house, **DEMO)
    for number, row in enumerate(rows):
        keep(house, confirmed(house, row, 3 if number % 2 else 1))
        helped, hindered = (["timing"], ["incentives"]) if number % 3 else (["incentives"], [])
        keep(house, [surveyed(house, row, number % 4, helped, hindered)])
        keep(house, [reacted(house, number % 11, usefulness=3 + number % 3, intent=4)])
    house.evaluate()
    expected(house, participant=20, manager=6, coach=2)
    end(house)
    return [house.sofia, house.eva, house.dario]


# who


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "carl", "irene", "stan"])
def test_nobody_below_opens_the_results(house: House, name: str, path: str) -> None:
    """Sponsors, evaluators and whoever designs or teaches the journey do."""
    for reader in (house.sofia, house.eva, house.dario):
        assert reader.open(path).status == 200
    assert getattr(house, name).open(path).status in (403, 404)


def test_the_owner_of_the_goal_alone_does_not(house: House) -> None:
    house.relate("greta", Role.GOAL_OWNER)
    assert house.tab("greta").open("results").status in (403, 404)


def test_a_teacher_reads_neither_the_goal_nor_what_the_survey_said(house: House) -> None:
    """The goal is for sponsors and evaluators; the survey's answers are not for teachers."""
    finished(house)
    assert "What it is for" in house.sofia.open("results").text
    text = house.dario.open("results").text
    assert "What it is for" not in text
    assert "Helped, at the end" not in text
    assert "Helped, at the end" in house.eva.open("results").text


def test_no_person_is_named_on_page_or_file(house: House) -> None:
    for tab in finished(house):
        text = tab.open("results").text + str(csv_of(tab)) + str(excel_of(tab))
        assert not re.search(r"Name (north|south|west)|Petra|Jonas|Mark Jensen", text)


# page and files


def test_page_csv_and_excel_hold_the_same_cells(house: House) -> None:
    """For every reader; none of them can say more than another."""
    for tab in finished(house):
        lines = [line for line in csv_of(tab) if line[1] not in ("", "Note")]
        page = sorted((column, text) for column, text in cells_of(tab.open("results")) if text != "–")
        # The questions stand at the head of the page, in no table.
        assert page == sorted((column, value) for table, _, column, value in lines if table != "To decide")
        text = tab.open("results").text
        assert all(row in text and value in text for table, row, _, value in lines if table == "To decide")
        sheets = excel_of(tab)
        for table, row, column, value in lines:
            name = re.sub(r"[\[\]:*?/\\']", "", table)[:31]
            number = re.fullmatch(r"(-?[0-9.]+)( %)?", value)
            found = [cell for one in sheets[name] if one[0] == row for cell in one[1:]]
            assert value in found or (number and float(number[1]) in found), (table, row, column)


def test_the_file_says_what_it_is_about(house: House) -> None:
    tab, *_ = finished(house)
    said = told(csv_of(tab), "About these figures")
    assert "field-coaching" in said["Journey", ""] or "coaching" in said["Journey", ""]
    assert "version 1" in said["Journey", ""]
    assert said["Run", ""].endswith("from 2 March 2026")
    assert said["As of", ""].endswith("Europe/Berlin")
    assert said["Read as", ""] == "Sponsor"
    assert said["Fewest people behind a figure", ""] == "5"
    assert "Impact outcome 3" in said["Application on the job 1.0.0", ""]
    assert not any("eed 1" in value or "nterviews" in value for value in said.values())


def test_what_is_not_shown_is_in_the_file_with_its_reason(house: House) -> None:
    tab, *_ = finished(house)
    lines = csv_of(tab)
    held = [value for table, _, column, value in lines if table == "What is not shown, and why"]
    assert "west: Fewer than 5 people stand behind it." in held
    assert "south: Together with the total it would tell of a smaller group." in held
    assert "Coaches: Fewer than 5 people stand behind it." in held
    assert "Managers: Together with the total it would tell of a smaller group." in held


def test_every_file_is_in_the_access_log_and_the_page_is_not(house: House) -> None:
    house.eva.open("results")
    assert looks(house) == []
    house.eva.open("results.csv")
    house.sofia.open("results.xlsx")
    assert [(row.looked, row.role, row.filter, row.run_id) for row in looks(house)] == [
        (str(Looked.EXPORT), "sponsor", {"totals": "results.xlsx"}, house.world.run.id),
        (str(Looked.EXPORT), "evaluator", {"totals": "results.csv"}, house.world.run.id),
    ]
    assert all(row.count for row in looks(house))


def test_the_administrator_reads_who_took_a_file_out(house: House) -> None:
    house.sofia.open("results.csv")
    text = house.ada().come_in().open("looks").text
    assert "Sofia Marin, sponsor" in text
    assert "Exported, totals file results.csv" in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_what_somebody_typed_is_no_formula_in_a_file(house: House, start: str) -> None:
    """A source of the goal owner's, and the title of a course."""
    typed = f"{start}HYPERLINK(0)"
    world = house.world
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        run.course.title = typed
        entry = {"kind": "baseline", "measure": typed, "unit": "%", "value": -3.0, "day": date(2026, 2, 1)}
        session.add(
            OutcomeEntry(
                id="e" * 32,
                tenant_id=world.tenant.id,
                run_id=run.id,
                by_id=world.mark.id,
                at=world.clock(),
                source=typed,
                **entry,
            )
        )
    tab = house.eva
    values = [value for line in csv_of(tab) for value in line]
    assert any("HYPERLINK" in value for value in values)
    assert not any(value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) for value in values)
    cells = [cell for rows in excel_of(tab).values() for row in rows for cell in row if isinstance(cell, str)]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t")) for cell in cells)


# what it says


def test_a_finished_run(house: House) -> None:
    tab, *_ = finished(house)
    lines = csv_of(tab)
    assert told(lines, "Impact rate")["This run", "People"] == "12 of 24"
    assert told(lines, "Impact rate")["This run", "Percent"] == "50 %"
    assert told(lines, "Impact rate")["Needed", "Percent"] == "80 %"
    funnel = told(lines, "Where it gets lost")
    assert [funnel[row, "People"] for row in ("Enrolled", "Applied", "Confirmed", "With a clear result")] == [
        "24",
        "24",
        "24",
        "12",
    ]
    areas = told(lines, "Impact rate by area")
    assert areas["north", "Impact rate"] == "45.5 %"
    assert areas["south", "Impact rate"] == areas["west", "Impact rate"] == "Hidden"
    matrix = told(lines, "What helps, what gets in the way")
    assert matrix["The timing", "Participants"] == "10"
    assert not {column for _, column in matrix} & {"Managers", "Coaches"}
    assert matrix["The timing", "Helped, at the end"] == "16"
    assert matrix["What is rewarded here", "Hindered, at the end"] == "16"
    assert matrix["Something else", "Participants"] == "hardly any"
    pair = told(lines, "Worth it for the person and for the business")
    assert pair["For the person", "Mean, 1 to 5"] == "4.0"


def test_an_empty_run_says_what_comes(house: House) -> None:
    """And nothing that counts as zero."""
    crowd(house)
    for tab in (house.sofia, house.eva, house.dario):
        page = tab.open("results")
        assert page.status == 200
        assert "Nobody takes part yet" in page.text
        assert "0 %" not in page.text.replace("20 %", "").replace("40 %", "").replace("80 %", "")
        assert csv_of(tab)
        assert excel_of(tab)


def test_a_run_without_results_yet_gives_the_reason(house: House) -> None:
    crowd(house, north=9)
    tab = house.sofia
    house.evaluate()
    assert "Hidden" in tab.open("results").text or UNFINISHED in tab.open("results").text


def test_of_four_people_a_sponsor_reads_only_how_many_they_are(house: House) -> None:
    """A teacher sees their steps by name anyway."""
    rows = crowd(house, north=4)
    keep(house, [fact for row in rows for fact in confirmed(house, row, 3)])
    house.evaluate()
    found = told(csv_of(house.sofia), "Where it gets lost")
    assert (found["Enrolled", "People"], found["Applied", "People"]) == ("4", "Hidden")
    assert told(csv_of(house.dario), "Where it gets lost")["Applied", "People"] == "4"


def test_a_sponsor_counts_the_steps_of_her_own_managers(house: House) -> None:
    """As on her first page; the evaluator those of all."""
    house.world.clock.now = datetime(2026, 4, 20, 9, tzinfo=UTC)
    sofia, eva = house.sofia, house.eva
    house.evaluate()
    step = "Goal conversation: agree the line of sight and protect time"
    own = told(csv_of(sofia), "Whether the chain of managers works")
    every = told(csv_of(eva), "Whether the chain of managers works")
    assert (own[step, "Not"], every[step, "Not"]) == ("2", "3")


def test_pilots_stand_apart(house: House) -> None:
    world, eva = house.world, house.eva
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        pilot = runs.add_run(session, run.course, run.journey_row, date(2025, 9, 1), "Europe/Berlin", world.clock())
        pilot.pilot = True
        runs.add_run(session, run.course, run.journey_row, date(2025, 10, 1), "Europe/Berlin", world.clock())
    lines = csv_of(eva)
    rows = {row for table, row, _, _ in lines if table == "Runs of this journey"}
    apart = {row for table, row, _, _ in lines if table == "Pilots, apart"}
    assert [len(rows), len(apart)] == [2, 1]
    assert apart.pop().endswith("1 September 2025")


# what is held back


def noted(house: House, indicator: str) -> list[Suppression]:
    with house.bridge.sessions.read() as session:
        return list(session.scalars(select(Suppression).where(Suppression.indicator == indicator)))


def test_groups_that_are_held_back_are_noted_once_with_their_reason(house: House) -> None:
    """And the evaluator reads it."""
    expected(house, participant=9, manager=6, coach=3)
    sofia, eva = house.sofia, house.eva
    for _ in range(2):
        sofia.open("results")
        eva.open("results.csv")
    assert {(row.area, row.rule, row.n) for row in noted(house, MATRIX)} == {
        ("coach", Rule.FEW, 3),
        ("manager", Rule.COMPLEMENT, 6),
    }
    assert len(noted(house, MATRIX)) == 2
    assert "What helps, what gets in the way, coach Too few people 3" in eva.open("numbers").text


def test_what_is_not_held_back_any_more_has_ended(house: House) -> None:
    expected(house, participant=9, coach=3)
    house.eva.open("results")
    house.world.clock.on(minutes=1)
    expected(house, participant=9)
    house.eva.open("results")
    assert all(row.ended for row in noted(house, MATRIX))


def test_a_teacher_who_is_not_told_of_groups_ends_no_note(house: House) -> None:
    """Of what a reader does not see, nothing is decided."""
    expected(house, participant=9, coach=3)
    house.eva.open("results")
    with house.bridge.sessions.read() as session:
        before = len(publications.held_back(session, house.world.tenant.id, house.world.run.id, still=True))
    house.sofia.open("chain")
    house.dario.open("results")
    with house.bridge.sessions.read() as session:
        after = len(publications.held_back(session, house.world.tenant.id, house.world.run.id, still=True))
    assert before == after


# cost


def test_page_and_files_ask_as_often_for_two_hundred_people_as_for_twenty(house: House) -> None:
    def counted(path: str, tab: Tab) -> int:
        tab.open(path)
        with asked(house) as found:
            assert tab.open(path).status == 200
        return len(found)

    readers = (house.sofia, house.eva, house.dario)
    crowd(house, north=20)
    few = [counted(path, tab) for tab in readers for path in PATHS]
    crowd(house, north=200)
    many = [counted(path, tab) for tab in readers for path in PATHS]
    assert few == many
    assert max(many) < 60


def test_how_far_people_came_is_what_was_kept_and_a_look_at_those_who_did_something_since(house: House) -> None:
    """Nobody else's facts are read: they could as well be gone."""
    rows = crowd(house, north=9)
    keep(house, [fact for row in rows[:6] for fact in confirmed(house, row, 3)])
    house.evaluate()
    house.world.clock.on(seconds=5)
    keep(house, confirmed(house, rows[6], 3))
    with house.bridge.sessions.write() as session:
        session.execute(delete(FactRow).where(FactRow.registration.in_([row.id for row in rows[:6]])))
    found = told(csv_of(house.eva), "Where it gets lost")
    assert (found["Applied", "People"], found["Confirmed", "People"]) == ("7", "7")


def test_the_results_say_of_how_many_nothing_is_known_yet(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coming, "LOOKED_AT", 4)
    fill(house, 9)
    said = "Of eight people no more is known than that they are enrolled."
    assert said in house.eva.open("results").text
    house.evaluate()
    house.evaluate()
    assert said not in house.eva.open("results").text


def test_runs_of_other_courses_stand_beside_it_for_whom_the_run_knows(house: House) -> None:
    """A teacher's view ends with the course; nothing of another tenant is ever there."""
    world, readers = house.world, (house.eva, house.sofia, house.dario)
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        other = runs.ensure_course(session, world.tenant.id, world.platform_id, "1", "course-2")
        other.title = "Another course"
        runs.add_run(session, other, run.journey_row, date(2025, 10, 1), "Europe/Berlin", world.clock())
    found = ["Another course" in tab.open("results").text for tab in readers]
    assert found == [True, True, False]
    assert ["Another course" in str(csv_of(tab)) for tab in readers] == found

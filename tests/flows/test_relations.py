"""Who manages whom, from a file: all of it or nothing, with history kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.flows.relating import Hand
from lrs_bridge.flows.relations import SOURCE, Plan, import_relations, plan
from lrs_bridge.flows.relations_file import read_text, template
from lrs_bridge.journeyfile.leaders import read_leaders
from lrs_bridge.store import enrolments, people, runs
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.results import Due
from tests.flows.world import ISSUER, World

TODAY = date(2026, 3, 26)
HEAD = "participant,manager,role,from,to\n"


@pytest.fixture
def folk(world: World) -> dict[str, PersonRow]:
    """Ben and Jonas take part, Nina is known and leads nobody; Petra has Mark since February."""
    with world.sessions.write() as session:
        found = {}
        for sub in ("ben", "jonas", "nina"):
            found[sub] = people.ensure_person(
                session,
                world.tenant.id,
                ISSUER,
                sub,
                world.clock(),
                name=sub.title(),
                email=f"{sub}@example.org",
            )
        for sub in ("ben", "jonas"):
            enrol(session, world.run, found[sub], datetime(2026, 2, 10, 9, 0, tzinfo=UTC))
        petra = people.get_person(session, world.tenant.id, world.petra.id)
        assert petra is not None
        petra.email = "Petra@example.org"
    return {**found, "petra": world.petra, "mark": world.mark}


def run_import(world: World, text: str) -> Plan:
    with world.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        sent = read_text(session, run, text)
        return import_relations(session, Hand(run, world.clock(), SOURCE), sent.rows, sent.problems)


def tried(world: World, text: str) -> Plan:
    with world.sessions.read() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        sent = read_text(session, run, text)
        return plan(session, run, sent.rows, sent.problems, TODAY)


def relations_now(world: World) -> set[tuple[str, str, str, date | None, date | None]]:
    """(participant, leader, kind, start, end) by first name or e-mail."""
    with world.sessions.read() as session:
        found = people.people_by_id(session, world.tenant.id, _everybody(world))
        rows = enrolments.relations_of(session, world.tenant.id, world.run.id, found)
        leaders = people.people_by_id(session, world.tenant.id, [r.other_id for group in rows.values() for r in group])

    def word(person: PersonRow) -> str:
        return (person.name or person.email or "").split()[0].lower()

    return {
        (word(found[id_]), word(leaders[row.other_id]), row.kind, row.start, row.end)
        for id_, group in rows.items()
        for row in group
    }


def _everybody(world: World) -> list[str]:
    with world.sessions.read() as session:
        own = [row.person_id for row in enrolments.enrolments(session, world.tenant.id, world.run.id)]
    return [*own, world.mark.id]


MARK = ("petra", "mark", "manager", date(2026, 2, 1), None)


def test_somebody_without_a_manager_gets_one_since_ever(world: World, folk: dict[str, PersonRow]) -> None:
    """By e-mail in any casing or by user id; those not named are left alone."""
    done = run_import(world, HEAD + "BEN@example.org,nina@example.org,,,\njonas,nina,manager,2026-03-01,\n")
    assert done.problems == []
    assert relations_now(world) == {
        MARK,
        ("ben", "nina", "manager", None, None),
        ("jonas", "nina", "manager", date(2026, 3, 1), None),
    }


def test_a_new_manager_ends_the_old_one_the_day_before(world: World, folk: dict[str, PersonRow]) -> None:
    """From the day given, else from today; what was stays."""
    done = run_import(world, HEAD + "petra,nina,,2026-04-01,\n")
    assert [(change.what, change.leader) for change in done.changes] == [("begins", "Nina"), ("ends", "Mark Jensen")]
    assert relations_now(world) == {
        ("petra", "mark", "manager", date(2026, 2, 1), date(2026, 3, 31)),
        ("petra", "nina", "manager", date(2026, 4, 1), None),
    }


def test_an_empty_from_beside_another_manager_is_today(world: World, folk: dict[str, PersonRow]) -> None:
    """The file says who it is now."""
    run_import(world, HEAD + "petra,nina,,,\n")
    assert relations_now(world) == {
        ("petra", "mark", "manager", date(2026, 2, 1), TODAY - timedelta(days=1)),
        ("petra", "nina", "manager", TODAY, None),
    }


@pytest.mark.parametrize(
    "text",
    [
        "petra,mark,,,\n",
        "petra,nina,,2026-04-01,\n",
        "petra,nina,,,\nben,new@example.org,,,\n",
        "petra,mark,,2026-02-01,2026-05-31\npetra,nina,,2026-06-01,\njonas,nina,coach,,\nmark,nina,sponsor,,\n",
    ],
)
def test_the_same_file_twice_is_the_same_as_once(world: World, folk: dict[str, PersonRow], text: str) -> None:
    """Nothing changes the second time, also on a later day."""
    run_import(world, HEAD + text)
    before = relations_now(world)
    world.clock.on(days=2)
    again = run_import(world, HEAD + text)
    assert (again.changes, again.problems, relations_now(world)) == ([], [], before)


def test_an_end_is_set_and_taken_back(world: World, folk: dict[str, PersonRow]) -> None:
    """By a line with `to`, and one without."""
    run_import(world, HEAD + "petra,mark,,2026-02-01,2026-05-31\n")
    assert relations_now(world) == {("petra", "mark", "manager", date(2026, 2, 1), date(2026, 5, 31))}
    run_import(world, HEAD + "petra,mark,,2026-02-01,\n")
    assert relations_now(world) == {MARK}


def test_other_roles_stand_beside(world: World, folk: dict[str, PersonRow]) -> None:
    """A coach ends no manager; a sponsor is the manager's."""
    run_import(world, HEAD + "petra,nina,coach,,\nmark,nina,sponsor,2026-01-01,\n")
    assert relations_now(world) == {
        MARK,
        ("petra", "nina", "coach", None, None),
        ("mark", "nina", "sponsor", date(2026, 1, 1), None),
    }


def test_a_manager_nobody_knows_waits_under_their_e_mail(world: World, folk: dict[str, PersonRow]) -> None:
    """One person, however many lines name them; the next import finds them again."""
    done = run_import(world, HEAD + "ben,New@Example.org,,,\njonas,new@example.org,,,\n")
    assert done.invited == ["new@example.org"]
    run_import(world, HEAD + "petra,new@example.org,coach,,\n")
    with world.sessions.read() as session:
        run = enrolments.relations_of(session, world.tenant.id, world.run.id, [one.id for one in folk.values()])
    others = {row.other_id for group in run.values() for row in group if row.other_id != world.mark.id}
    assert len(others) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("stranger,nina,,,", "'stranger' is nobody in this run"),
        ("nina,mark,,,", "'nina' is nobody in this run"),
        ("petra,ghost,,,", "has not told us of a user 'ghost'"),
        ("petra,a@b@c,,,", "is no e-mail"),
        ("petra,petra@example.org,,,", "nobody leads themselves"),
        ("petra,PETRA,,,", "nobody leads themselves"),
        ("ben,nina,sponsor,,", "manages nobody in this run"),
        ("petra,nina,boss,,", "there is no role 'boss'"),
        ("petra,nina,,soon,", "'soon' is no day"),
        ("petra,nina,,2026-04-02,2026-04-01", "swap from and to"),
        ("petra,nina,,2026-01-15,", "somebody else is manager from 2026-02-01"),
        ("petra,mark,,2026-03-01,", "is manager already, from 2026-02-01"),
        ("petra,twin@example.org,,,", "several people have the e-mail"),
    ],
)
def test_a_problem_on_any_line_changes_nothing(world: World, folk: dict[str, PersonRow], line: str, words: str) -> None:
    """It is named with its line; the good lines wait too."""
    with world.sessions.write() as session:
        for sub in ("twin1", "twin2"):
            people.ensure_person(session, world.tenant.id, ISSUER, sub, world.clock(), email="twin@example.org")
    done = run_import(world, f"{HEAD}ben,nina,,,\n{line}\n")
    assert [problem.line for problem in done.problems] == [3]
    assert words in done.problems[0].text
    assert relations_now(world) == {MARK}


def test_a_dry_run_lists_every_problem_and_changes_nothing(world: World, folk: dict[str, PersonRow]) -> None:
    """Of the file and of the people, in the order of lines."""
    done = tried(world, HEAD + "stranger,nina,,,\nben,nina,,,\npetra,nina,boss,,\n,nina,,,\n")
    assert [problem.line for problem in done.problems] == [2, 4, 5]
    assert not done.ready
    good = tried(world, HEAD + "ben,nina,,,\n")
    assert good.ready
    assert relations_now(world) == {MARK}


def test_those_concerned_are_evaluated_again(world: World, folk: dict[str, PersonRow]) -> None:
    """And nobody else."""
    with world.sessions.write() as session:
        for due in session.query(Due):
            due.at = None
    run_import(world, HEAD + "ben,nina,,,\n")
    with world.sessions.read() as session:
        ben = enrolments.enrolment_of(session, world.tenant.id, world.run.id, folk["ben"].id)
        assert ben is not None
        due_now = {due.subject for due in session.query(Due) if due.at is not None}
    assert due_now == {ben.id, world.run.id}


def test_a_manager_who_was_enrolled_and_did_nothing_leaves(world: World, folk: dict[str, PersonRow]) -> None:
    """Jonas stood on the LMS's list of learners before anybody said that he manages Ben."""
    run_import(world, HEAD + "ben,jonas,,,\n")
    with world.sessions.read() as session:
        jonas = enrolments.enrolment_of(session, world.tenant.id, world.run.id, folk["jonas"].id)
    assert jonas is not None
    assert jonas.withdrawn == TODAY


def test_the_template_is_a_file_that_changes_nothing(world: World, folk: dict[str, PersonRow]) -> None:
    """It has everybody, by e-mail or user id, and a name that is no formula."""
    with world.sessions.write() as session:
        ben = people.get_person(session, world.tenant.id, folk["ben"].id)
        assert ben is not None
        ben.name = "=HYPERLINK(1)"
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        text = template(session, run, TODAY)
    assert "'=HYPERLINK(1)" in text
    assert "Petra@example.org" in text or "petra@example.org" in text
    rows, problems = read_leaders(text)
    assert ([(row.participant, row.leader, row.role) for row in rows], problems) == (
        [("petra@example.org", "mark", Role.MANAGER)],
        [],
    )
    done = tried(world, text)
    assert (done.changes, done.problems, done.unchanged) == ([], [], 1)

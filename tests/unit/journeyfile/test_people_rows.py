"""The people file for administering: rows with their lines, and a run written so that it reads back the same."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.domain.relating import GIVEN
from lrs_bridge.journeyfile import load_people
from lrs_bridge.journeyfile.people_rows import read_people_rows, write_people

RUN = Run("11111111-1111-4111-8111-111111111111", "small", 1, date(2026, 3, 2), "Europe/Berlin")
HOME = "https://bridge.example/tenants/t"
NAMES = [f"{UUID(int=n)}" for n in range(6)]
DAYS = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
AREAS = st.one_of(st.none(), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8), st.just("NO"))


@st.composite
def relations(draw: st.DrawFn, own: str) -> tuple[Relation, ...]:
    others = draw(st.lists(st.sampled_from([name for name in NAMES if name != own]), max_size=2, unique=True))
    found = []
    for other in others:
        start, end = draw(DAYS), draw(DAYS)
        found.append(Relation(other, *((end, start) if start and end and end < start else (start, end))))
    return tuple(found)


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """Everybody has a row, so that nobody is known from a relation only."""
    people = []
    for place, name in enumerate(NAMES):
        role = draw(st.sampled_from([Role.PARTICIPANT, Role.MANAGER, *GIVEN]))
        also = draw(st.frozensets(st.sampled_from(GIVEN), max_size=2)) - {role}
        takes_part = role is Role.PARTICIPANT
        enrolled = draw(DAYS) if takes_part else None
        identity = draw(
            st.sampled_from(["", f"mbox|mailto:p{place}@x.example", f"account|https://lms.example|{place}"])
        )
        people.append(
            Person(
                name,
                role,
                str(UUID(int=100 + place)) if takes_part else None,
                enrolled,
                None,
                draw(AREAS) if takes_part else None,
                managers=draw(relations(name)),
                coaches=draw(relations(name)),
                sponsors=draw(relations(name)),
                identities=(identity,) if identity else (),
                also=also,
            )
        )
    return Cohort(RUN, HOME, tuple(people))


@given(cohorts())
@settings(max_examples=60)
def test_what_is_written_reads_back(cohort: Cohort) -> None:
    """The same run with the same people, whatever they are to one another."""
    assert load_people(write_people(cohort), "people.yaml") == cohort


@given(cohorts())
@settings(max_examples=60)
def test_every_relation_becomes_a_row(cohort: Cohort) -> None:
    """And every role in the whole run that no relation of the file gives anyway."""
    told, problems = read_people_rows(write_people(cohort))
    assert told is not None
    assert problems == []
    assert {(row.participant, row.leader, row.role, row.start, row.end) for row in told.rows if row.participant} == {
        (person.account, one.account, role, one.start, one.end)
        for person in cohort.people
        for key, role in (("managers", Role.MANAGER), ("coaches", Role.COACH), ("sponsors", Role.SPONSOR))
        for one in getattr(person, key)
    }
    related = {(row.leader, row.role) for row in told.rows if row.participant}
    assert {(row.leader, row.role) for row in told.rows if not row.participant} == {
        (person.account, role)
        for person in cohort.people
        for role in {person.role, *person.also} & set(GIVEN)
        if (person.account, role) not in related
    }


def test_rows_and_problems_have_the_lines_of_the_file() -> None:
    """As an editor counts them."""
    head = f"run: {{id: {RUN.id}, journey: small, version: 1, day_zero: 2026-03-02}}\nhome_page: {HOME}\npeople:\n"
    told, _ = read_people_rows(
        head
        + "  - {account: eva, role: evaluator}\n"
        + "  - account: mark\n    role: manager\n    sponsors:\n      - {account: sofia}\n"
    )
    assert told is not None
    assert [(row.line, row.leader) for row in told.rows] == [(4, "eva"), (8, "sofia")]
    none, problems = read_people_rows(head + "  - {account: eva, role: king}\n")
    assert none is None
    assert [problem.line for problem in problems] == [4]
    assert "king" in problems[0].text

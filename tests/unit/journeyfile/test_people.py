"""The people file becomes a Cohort with one Person for each account."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from lrs_bridge.domain.people import Relation, Role
from lrs_bridge.journeyfile import JourneyFileError, load_people

RUN = "11111111-1111-4111-8111-111111111111"
REGISTRATION = "22222222-2222-4222-8222-222222222222"
HOME = "https://bridge.example/tenants/t"
START = f"""\
run: {{id: {RUN}, journey: small, version: 1, day_zero: 2026-03-02, time_zone: Europe/Berlin}}
home_page: {HOME}
people:
"""
PETRA = f"  - {{account: petra, role: participant, registration: {REGISTRATION}}}\n"


def problems(text: str) -> list[str]:
    with pytest.raises(JourneyFileError) as caught:
        load_people(text, "p.yaml")
    return str(caught.value).splitlines()


def test_the_example_of_the_contract_is_read():
    """All that the people file can say of a participant, a manager and a sponsor."""
    text = (
        START
        + f"""\
  - {{account: petra, role: participant, registration: {REGISTRATION.upper()}, enrolled: 2026-02-10, withdrawn: null,
     area: NO, managers: [{{account: mark, from: 2026-02-01, to: null}}], coaches: [{{account: carl}}],
     identities: [{{mbox: "mailto:P@X.example"}}, {{mbox_sha1sum: abc}}, {{openid: "https://p.example"}},
       {{homePage: https://lms.example, name: 7}}, {{homePage: {HOME}, name: petra-old}}]}}
  - {{account: mark, role: manager, sponsors: [{{account: sofia, from: 2026-01-01, to: 2026-12-31}}]}}
  - {{account: sofia, role: sponsor}}
"""
    )
    cohort = load_people(text, "p.yaml")
    assert (cohort.run.id, cohort.run.day_zero, cohort.run.time_zone) == (RUN, date(2026, 3, 2), "Europe/Berlin")
    petra = cohort.by_account["petra"]
    assert (petra.registration, petra.enrolled, petra.withdrawn) == (REGISTRATION, date(2026, 2, 10), None)
    assert petra.area == "NO"
    assert petra.managers == (Relation("mark", date(2026, 2, 1), None),)
    assert petra.identities == (
        "mbox|mailto:p@x.example",
        "mbox_sha1sum|abc",
        "openid|https://p.example",
        "account|https://lms.example|7",
        "petra-old",
    )
    assert cohort.by_account["mark"].sponsors == (Relation("sofia", date(2026, 1, 1), date(2026, 12, 31)),)
    assert [p.account for p in cohort.people] == ["petra", "mark", "sofia", "carl"]


def test_json_says_the_same():
    """The same content as JSON gives the same cohort."""
    import json

    content = yaml.safe_load(START + PETRA)
    as_json = json.dumps(content, default=str)
    assert load_people(as_json, "p.json") == load_people(START + PETRA, "p.yaml")


def test_whoever_leads_needs_no_row():
    """Managers, coaches and sponsors named only in relations are people of the run."""
    text = START + PETRA[:-2] + ", managers: [{account: mark}], coaches: [{account: carl}]}\n"
    cohort = load_people(text, "p.yaml")
    assert {p.account: p.role for p in cohort.people} == {
        "petra": Role.PARTICIPANT,
        "mark": Role.MANAGER,
        "carl": Role.COACH,
    }


@pytest.mark.parametrize("turned", [False, True])
def test_a_manager_may_take_part(turned):
    """Two rows of one account make one participant with another role beside, in whichever order they stand."""
    rows = [PETRA, "  - {account: petra, role: manager, sponsors: [{account: sofia}]}\n"]
    cohort = load_people(START + "".join(reversed(rows) if turned else rows), "p.yaml")
    petra = cohort.by_account["petra"]
    assert len([p for p in cohort.people if p.account == "petra"]) == 1
    assert (petra.role, petra.also, petra.registration) == (Role.PARTICIPANT, {Role.MANAGER}, REGISTRATION)
    assert petra.acts_as(Role.MANAGER)
    assert petra.acts_as(Role.PARTICIPANT)
    assert not petra.acts_as(Role.SPONSOR)
    assert petra.sponsors == (Relation("sofia"),)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (PETRA + PETRA, "p.yaml:5: people[1].account: the participant row of account 'petra' stands already on line 4"),
        (PETRA + PETRA.replace("petra", "paul"), "p.yaml:5: people[1].registration: the registration"),
        ("  - {account: p, role: participant}\n", "p.yaml:4: people[0].registration: is missing: add it."),
        ("  - {account: p, role: participant, registration: 7}\n", "p.yaml:4: people[0].registration: must be a uuid"),
        ("  - {account: p, role: boss}\n", "p.yaml:4: people[0].role: 'boss' is none of what can stand here."),
        ("  - {role: coach}\n", "p.yaml:4: people[0].account: is missing"),
        (PETRA[:-2] + ", enrolled: 10.2.2026}\n", "p.yaml:4: people[0].enrolled: must be a day such as 2026-03-02"),
        (PETRA[:-2] + ", enrolled: 2026-02-30}\n", "p.yaml:4: people[0].enrolled: must be a day"),
        (
            PETRA[:-2] + ", enrolled: 2026-02-10, withdrawn: 2026-02-09}\n",
            "p.yaml:4: people[0].withdrawn: 2026-02-09 is before the enrolment",
        ),
        (
            PETRA[:-2] + ", managers: [{account: m, from: 2026-02-10, to: 2026-02-09}]}\n",
            "p.yaml:4: people[0].managers[0].to: 2026-02-09 is before 2026-02-10",
        ),
        (PETRA[:-2] + ", managers: [{account: petra}]}\n", "p.yaml:4: people[0].managers[0].account: is the person's"),
        (PETRA[:-2] + ", managers: [m]}\n", "p.yaml:4: people[0].managers[0]: must be a mapping"),
        (PETRA[:-2] + ", manager: m}\n", "p.yaml:4: people[0].manager: is not a key here. Did you mean 'managers'?"),
        (PETRA[:-2] + ", identities: [{mbox: p@x}]}\n", "p.yaml:4: people[0].identities[0].mbox: must be an IRI"),
        (
            PETRA[:-2] + ", identities: [{mbox: 'http://p'}]}\n",
            "p.yaml:4: people[0].identities[0].mbox: must begin with",
        ),
        (PETRA[:-2] + ", identities: [{name: p}]}\n", "p.yaml:4: people[0].identities[0]: an identity needs one of"),
        (
            PETRA[:-2] + ", identities: [{openid: 'http://p'}, {openid: 'http://p'}]}\n",
            "p.yaml:4: people[0].identities[1].openid: the identity 'openid|http://p' stands already on line 4",
        ),
    ],
)
def test_wrong_rows_are_named(rows, said):
    """What is wrong with a person stands with file, line and key."""
    assert any(line.startswith(said) for line in problems(START + rows)), problems(START + rows)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Europe/Berlin", "Europe/Bonn", "p.yaml:1: run.time_zone: 'Europe/Bonn' is no time zone"),
        ("Europe/Berlin", "../etc/passwd", "p.yaml:1: run.time_zone: '../etc/passwd' is no time zone"),
        ("Europe/Berlin", "Europe", "p.yaml:1: run.time_zone: 'Europe' is no time zone"),
        (RUN, "run-1", "p.yaml:1: run.id: must be a uuid"),
        ("version: 1,", "version: x,", "p.yaml:1: run.version: must be a whole number"),
        ("day_zero: 2026-03-02,", "", "p.yaml:1: run.day_zero: is missing"),
        (f"home_page: {HOME}\n", "", "p.yaml:1: home_page: is missing"),
        (f"home_page: {HOME}", "home_page: bridge", "p.yaml:2: home_page: must be an IRI"),
    ],
)
def test_a_wrong_run_is_named(old, new, said):
    """The run's own data are checked as closely."""
    lines = problems((START + PETRA).replace(old, new))
    assert any(line.startswith(said) for line in lines), lines

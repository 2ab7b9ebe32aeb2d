"""Patterns over the statements of registrations: which belong together, in which order, and what comes of it."""

import pytest

from lrs_bridge.xapi.patterns import Outcome
from lrs_bridge.xapi.profile import read
from tests.unit.xapi.checking.held import (
    RACE,
    REGISTRATION,
    SUBREGISTRATION,
    check,
    in_context,
    outcomes,
    race,
    told,
    without_registration,
)
from tests.unit.xapi.profiles import BASE, VERSION, changed, statement


@pytest.mark.parametrize(
    ("what", "outcome", "taken"),
    [
        (RACE, Outcome.SUCCESS, 5),
        (RACE[:1], Outcome.PARTIAL, 1),
        (RACE[:4], Outcome.PARTIAL, 4),
        (["started", "started"], Outcome.FAILURE, 1),
        (["passed"], Outcome.FAILURE, 0),
        ([*RACE, "passed"], Outcome.FAILURE, 5),
    ],
)
def test_the_statements_of_a_registration_follow_a_pattern_or_do_not(what, outcome, taken):
    """Success, under way, or failure at the first statement that does not fit."""
    assert outcomes(race(*what)) == [(REGISTRATION, None, outcome, taken)]


def test_a_failure_is_told_at_the_first_statement_that_does_not_fit():
    """With what was looked for there."""
    (finding,) = check(race("started", "passed", "started")).findings
    assert (finding.rule, finding.about["number"], finding.about["registration"]) == ("pattern", 3, REGISTRATION)
    assert finding.message == (
        "does not go on with the pattern after 2 statements: "
        f"looked for: {BASE}/templates/passed or {BASE}/templates/finished"
    )


def test_statements_are_ordered_by_time():
    """However a page of an LRS orders them; with times in different zones."""
    made = race(*RACE)
    made[1]["timestamp"] = "2026-03-01T11:00:02+01:00"
    assert outcomes(made[::-1]) == [(REGISTRATION, None, Outcome.SUCCESS, 5)]


def test_statements_of_one_instant_may_stand_in_either_order():
    """Pages come newest first."""
    made = [{**one, "timestamp": "2026-03-01T10:00:00Z"} for one in race(*RACE)]
    assert outcomes(made) == outcomes(made[::-1]) == [(REGISTRATION, None, Outcome.SUCCESS, 5)]


def test_without_times_the_order_is_that_of_the_file():
    """Nothing else is known."""
    made = [{key: value for key, value in one.items() if key != "timestamp"} for one in race("started", "passed")]
    untimed = read(changed("templates.1.rules", [], changed("templates.0.rules", [])))
    assert outcomes(made, untimed) == [(REGISTRATION, None, Outcome.PARTIAL, 2)]
    assert outcomes(made[::-1], untimed) == [(REGISTRATION, None, Outcome.FAILURE, 0)]


def test_registrations_are_matched_one_by_one():
    """Interleaved in time."""
    other = "22222222-2222-4222-8222-222222222222"
    made = [*race("started", "passed"), *(in_context(one, registration=other) for one in race("passed", first=10))]
    assert outcomes(made) == [(REGISTRATION, None, Outcome.PARTIAL, 2), (other, None, Outcome.FAILURE, 0)]


def test_a_statement_without_registration_stands_alone():
    """Then only a pattern of its one template is for it."""
    alone = without_registration(race(*RACE))
    assert {rule for _, rule, _ in told(alone)} == {"registration"}
    labels = {"prefLabel": {"en": "x"}, "definition": {"en": "x"}, "primary": True}
    solo = {"id": f"{BASE}/patterns/solo", "type": "Pattern", **labels, "sequence": [f"{BASE}/templates/passed"]}
    assert told(alone[1:3], read(changed("patterns.+", solo))) == []


def test_a_voided_statement_takes_no_part_in_a_pattern():
    """It is no evidence any more; the voiding statement counts if it names the profile."""
    made = race("started", "started", "passed")
    void = {
        "id": "33333333-3333-4333-8333-333333333333",
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": made[1]["id"]},
    }
    assert outcomes(made)[0][2] is Outcome.FAILURE
    assert outcomes([*made, void]) == [(REGISTRATION, None, Outcome.PARTIAL, 2)]


def part(name: str, made):
    extension = [{"profile": VERSION, "subregistration": f"{name * 8}-0000-4000-8000-000000000000"}]
    return in_context(made, extensions={SUBREGISTRATION: extension})


def test_subregistrations_part_a_registration():
    """Two races under one registration, interleaved."""
    made = [part("a", one) for one in race(*RACE)] + [part("b", one) for one in race("started", first=13)]
    assert [(sub[0], outcome) for _, sub, outcome, _ in outcomes(made)] == [
        ("a", Outcome.SUCCESS),
        ("b", Outcome.PARTIAL),
    ]


def test_with_one_statement_outside_all_have_to_follow_one_pattern_together():
    """So says the specification: the parts and the whole."""
    made = [part("a", one) for one in race("started", "passed")] + race("started", first=9)
    assert [(sub and sub[0], outcome) for _, sub, outcome, _ in outcomes(made)] == [
        (None, Outcome.FAILURE),
        ("a", Outcome.PARTIAL),
    ]


@pytest.mark.parametrize(
    "extension",
    [
        [],
        {"profile": VERSION},
        [{"profile": "https://x.example", "subregistration": "aaaaaaaa-0000-4000-8000-000000000000"}],
        [{"profile": VERSION, "subregistration": "aaaaaaaa-0000-4000-0000-000000000000"}],
        [{"profile": VERSION, "subregistration": 7}],
        [{"profile": VERSION, "subregistration": {}}],
        [{"profile": [VERSION], "subregistration": "aaaaaaaa-0000-4000-8000-000000000000"}],
        ["x"],
    ],
)
def test_a_subregistration_is_as_the_specification_wants_it(extension):
    """A list of objects, each with a profile that the statement names and a UUID of variant 2."""
    made = in_context(statement("started"), extensions={SUBREGISTRATION: extension})
    assert told([made]) == [("error", "subregistration", 1)]


def test_a_subregistration_needs_a_registration():
    """It is a part of it."""
    (made,) = without_registration([part("a", statement("started"))])
    assert ("error", "subregistration", 1) in told([made])

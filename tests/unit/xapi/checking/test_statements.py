"""Statements are held against profiles: what is found, where, and what is let alone."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.checking.findings import Severity
from lrs_bridge.xapi.checking.statement_findings import RULES
from lrs_bridge.xapi.checking.statements import Naming
from lrs_bridge.xapi.patterns import Outcome
from lrs_bridge.xapi.profile import read
from tests.unit.xapi.checking.held import (
    PLACE,
    RACE,
    SPORT,
    SUBREGISTRATION,
    check,
    in_context,
    outcomes,
    race,
    told,
    without_category,
    without_registration,
)
from tests.unit.xapi.profiles import BASE, PROFILE, VERSION, changed, statement


def test_statements_that_follow_the_profile_have_no_findings():
    """And the report counts them."""
    report = check(race(*RACE))
    assert report.findings == []
    assert (report.statements, report.unmatched, report.outside) == (5, 0, 0)
    assert report.templates == {
        f"{BASE}/templates/started": 1,
        f"{BASE}/templates/passed": 2,
        f"{BASE}/templates/finished": 1,
        f"{BASE}/templates/confirmed": 1,
    }


def test_a_broken_rule_is_told_with_rule_location_and_value():
    """Enough to find it in both files."""
    report = check([statement("finished", 7, result={"extensions": {PLACE: 4}})], naming=Naming.NAMED)
    first = report.findings[0].as_dict()
    assert first == {
        "severity": "error",
        "rule": "template-rule",
        "number": 1,
        "statement": "00000000-0000-4000-8000-000000000007",
        "template": f"{BASE}/templates/finished",
        "rule_index": 1,
        "location": f"$.result.extensions['{PLACE}']",
        "pointer": "/0",
        "message": "must be one of [1, 2, 3]",
        "value": [4],
    }


def test_who_breaks_one_template_and_follows_another_is_only_warned():
    """Profiles tell templates apart by rules alone; by the letter each of them would have to be followed."""
    other = {**PROFILE["templates"][2], "id": f"{BASE}/templates/unplaced", "rules": []}
    loose = read(changed("templates.+", other))
    made = [without_category(statement("finished", 1, result={}))]
    assert told(made) == [("error", "template-rule", 1)]
    assert told(made, loose) == [("warning", "template-rule", 1)]


def test_single_context_activities_are_read_as_lists():
    """The category names the profile in both spellings."""
    made = in_context(statement("begun"), contextActivities={"category": {"id": VERSION}})
    assert told([made]) == [("warning", "no-template", 1), ("error", "pattern", 1)]


@pytest.mark.parametrize(
    ("naming", "rules"),
    [(Naming.ANY, ["template-rule"]), (Naming.NAMED, []), (Naming.ASSUMED, ["template-rule", "pattern"])],
)
def test_whether_statements_have_to_name_the_profile_can_be_said(naming, rules):
    """By default templates are for all, patterns for those that name it."""
    made = [without_category(statement("finished", 1, result={}))]
    assert [rule for _, rule, _ in told(made, naming=naming)] == rules


# Extensions


def test_an_extension_belongs_to_its_kind():
    """Whatever template the statement is meant for, and if none."""
    stray = in_context(statement("waved"), extensions={PLACE: 1}, contextActivities={})
    assert told([stray]) == [("error", "extension-place", 1)]
    stray["object"]["definition"]["extensions"] = {PLACE: 1, "https://x.example/other": 2}
    assert told([stray]) == [("error", "extension-place", 1)] * 2


# References


def test_a_reference_has_to_lead_to_a_statement_of_the_template_asked_for():
    """Here the judge confirms a start."""
    made = race("started", "confirmed", first=1)
    report = check([without_category(one) for one in made])
    (finding,) = report.findings
    assert (finding.severity, finding.rule, finding.about["number"]) == (Severity.ERROR, "reference", 2)
    assert finding.value == made[0]["id"]
    assert "statement 1, which follows https://profiles.example/sport/templates/started" in finding.message


def test_a_reference_to_a_statement_that_breaks_its_template_breaks_too():
    """It confirms nothing that the profile knows."""
    made = [statement("finished", 1, result={}), statement("confirmed", 2)]
    found = told([without_category(one) for one in made])
    assert found == [("error", "template-rule", 1), ("error", "reference", 2)]


def test_a_reference_that_leads_outside_is_counted_and_not_judged():
    """The other page may hold it."""
    report = check([without_category(statement("confirmed", 2))])
    assert (report.findings, report.outside) == ([], 1)


def test_where_a_reference_belongs_nothing_else_will_do():
    """An activity, for example."""
    made = without_category(statement("confirmed", 2, object={"id": "https://club.example/races/1"}))
    assert told([made]) == [("error", "reference", 1)]


def test_a_reference_in_the_context_is_followed_too():
    """contextStatementRefTemplate."""
    asks = read(changed("templates.1.contextStatementRefTemplate", [f"{BASE}/templates/started"]))
    start = without_category(statement("started", 1))
    passed = in_context(
        without_category(statement("passed", 2)), statement={"objectType": "StatementRef", "id": start["id"]}
    )
    assert told([start, passed], asks) == []
    assert told([start, without_category(statement("passed", 2))], asks) == [("error", "reference", 2)]


def test_ids_are_compared_without_regard_to_case():
    """They are UUIDs."""
    made = race(*RACE)
    made[4]["object"]["id"] = made[4]["object"]["id"].upper()
    made[3]["id"] = made[3]["id"].upper()
    assert told(made) == []
    assert check(made).outside == 0


# Several profiles


def test_who_names_a_profile_is_held_against_it_and_not_against_others():
    """Some profiles have templates for anything."""
    anything = {"id": "https://strict.example/t", "rules": [{"location": "$.result.score", "presence": "included"}]}
    strict = read({"id": "https://strict.example", "versions": [], "templates": [anything]})
    made = race("started")
    assert told(made, SPORT, strict) == []
    assert told([without_category(one) for one in made], SPORT, strict) == [("error", "template-rule", 1)]


def version(number: str, asks: bool):
    """The profile in a version of its own, whose templates ask for a score or do not."""
    rule = {"location": "$.result.score", "presence": "included"}
    document = json.loads(json.dumps(PROFILE).replace(VERSION, f"{BASE}/{number}"))
    document["versions"] = [{"id": f"{BASE}/{number}", "generatedAtTime": f"202{number[1]}-01-01T00:00:00Z"}]
    return read(changed("templates.1.rules", [rule] if asks else [], document))


def test_each_version_speaks_for_the_statements_that_name_it():
    """The newest for those that name none."""
    old, new = version("v3", asks=False), version("v4", asks=True)
    names = [
        in_context(statement("passed", n), contextActivities={"category": [{"id": f"{BASE}/v{n}"}]}) for n in (3, 4)
    ]
    rules = [(rule, number) for _, rule, number in told([*names, without_category(statement("passed", 5))], old, new)]
    assert [one for one in rules if one[0] == "template-rule"] == [("template-rule", 2), ("template-rule", 3)]


def test_statements_of_an_older_version_are_held_against_the_newest_with_a_warning():
    """Once for all of them."""
    made = [in_context(one, contextActivities={"category": [{"id": f"{BASE}/v1"}]}) for one in race(*RACE)]
    (finding,) = check(made).findings
    assert (finding.severity, finding.rule, finding.value) == (Severity.WARNING, "version", f"{BASE}/v1")
    assert finding.message == f"names {BASE}/v1, with 4 more: held against {VERSION}"


def test_a_pattern_may_use_templates_of_another_profile():
    """As if they were in this one; the statements name this one only."""
    games = "https://profiles.example/games"
    other = read(json.loads(json.dumps(PROFILE).replace(BASE, games)))
    mixed = read(changed("patterns.1.zeroOrMore", f"{games}/templates/passed"))
    made = race("started", "passed")
    made[1]["verb"]["id"] = f"{games}/verbs/passed"
    made[1]["object"]["definition"]["type"] = f"{games}/types/race"
    assert [outcome for _, _, outcome, _ in outcomes(made, mixed, other)] == [Outcome.PARTIAL]
    (alone,) = [one for one in check(made, mixed).findings if one.rule == "profile"]
    assert "which is no known pattern or template" in alone.message


def test_what_was_left_out_of_a_profile_is_told():
    """A rule that cannot be evaluated is not kept in silence."""
    dirty = read(changed("templates.0.rules.+", {"location": "$.a[?(@.b)]", "presence": "included"}))
    (finding,) = check([], dirty).findings
    assert (finding.severity, finding.rule, finding.about) == (Severity.WARNING, "profile", {"profile": VERSION})


def test_an_id_that_stands_twice_counts_once():
    """Pages overlap."""
    assert told([*race(*RACE), statement("started", 1)]) == [("warning", "statement-twice", 6)]


DIRTY = read(changed("templates.0.rules.+", {"location": "$["}))
V1 = {"category": [{"id": f"{BASE}/v1"}]}
EXAMPLES = {
    "template-rule": ([statement("finished", 1, result={})], SPORT),
    "reference": (race("started", "confirmed"), SPORT),
    "extension-place": ([in_context(statement("started"), extensions={PLACE: 1})], SPORT),
    "no-template": ([statement("waved")], SPORT),
    "version": ([in_context(statement("started"), contextActivities=V1)], SPORT),
    "pattern": (race("passed"), SPORT),
    "registration": (without_registration(race("started")), SPORT),
    "subregistration": ([in_context(statement("started"), extensions={SUBREGISTRATION: []})], SPORT),
    "statement-twice": (race("started") * 2, SPORT),
    "profile": ([], DIRTY),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_finds_something(rule):
    """A rule that nothing shows might as well not be there."""
    statements, profile = EXAMPLES[rule]
    assert rule in {found for _, found, _ in told(statements, profile)}


JUNK = st.sampled_from(
    [
        None,
        True,
        7,
        "",
        "x",
        [],
        {},
        [None],
        [{}],
        [[VERSION]],
        {"profile": []},
        [{"profile": {}}],
        {"id": None},
        {"id": VERSION},
        [{"id": VERSION}],
    ]
)


@st.composite
def spoilt(draw: st.DrawFn):
    made = copy.deepcopy(statement(draw(st.sampled_from(RACE)), draw(st.integers(0, 3))))
    for _ in range(draw(st.integers(1, 3))):
        inner = made
        for _ in range(draw(st.integers(0, 3))):
            nested = [one for one in inner.values() if isinstance(one, dict) and one]
            inner = draw(st.sampled_from(nested)) if nested else inner
        keys = [*inner, "attachments", "extensions", "registration", SUBREGISTRATION]
        inner[draw(st.sampled_from(keys))] = copy.deepcopy(draw(JUNK))
    return made


@given(st.lists(spoilt(), max_size=4), st.sampled_from(Naming))
def test_no_statement_is_too_spoilt_to_be_checked(statements, naming):
    """And the report is JSON."""
    json.dumps(check(statements, naming=naming).as_dict())

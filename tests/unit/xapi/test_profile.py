"""The profile document is a legal xAPI Profile, and says what the code says."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.journey import STEP_TYPES
from lrs_bridge.domain.people import Role
from lrs_bridge.xapi import names
from lrs_bridge.xapi.locations import parse
from lrs_bridge.xapi.patterns import TEMPLATE, compiled
from lrs_bridge.xapi.profile import load
from lrs_bridge.xapi.values import RESULT_EXTENSIONS

DOCUMENT = json.loads(files("xapi_profiles").joinpath("learning_journey", "profile.jsonld").read_text("utf-8"))
PARTS = [*DOCUMENT["concepts"], *DOCUMENT["templates"], *DOCUMENT["patterns"]]
CONTEXT_EXTENSIONS = {names.extension(name) for name in ("role", "step", "with", "recorded")}


def ids(key, *types):
    return {part["id"] for part in DOCUMENT[key] if not types or part["type"] in types}


def test_the_head_names_profile_and_version():
    assert DOCUMENT["@context"] == "https://w3id.org/xapi/profiles/context"
    assert (DOCUMENT["id"], DOCUMENT["type"]) == (names.PROFILE, "Profile")
    assert DOCUMENT["conformsTo"] == "https://w3id.org/xapi/profiles#1.0"
    assert [version["id"] for version in DOCUMENT["versions"]] == [names.PROFILE_VERSION] == [load().version]


def test_ids_are_ours_and_stand_once():
    found = [part["id"] for part in PARTS]
    assert len(set(found)) == len(found)
    assert all(iri.startswith(names.PROFILE + "/") for iri in found)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["id"])
def test_a_part_belongs_to_the_version_and_is_explained(part):
    assert part["inScheme"] == names.PROFILE_VERSION
    if part["type"] != "Pattern" or part.get("primary"):
        for text in (part["prefLabel"], part["definition"]):
            assert text["en"].strip()


def test_no_value_is_empty():
    """Values in a profile must not be empty objects, null, empty strings or empty arrays (part two, 4.0)."""

    def empties(value):
        if isinstance(value, dict | list) and value:
            inner = value.values() if isinstance(value, dict) else value
            return [found for one in inner for found in empties(one)]
        return [value] if value in (None, "", [], {}) and value is not False else []

    assert empties(DOCUMENT) == []


def test_every_kind_of_event_has_one_template():
    assert [template.verb for template in load().templates] == [
        names.VERBS[kind] for kind in Kind if kind in names.VERBS
    ]
    assert set(Kind) - set(names.VERBS) == {Kind.OTHER}


def test_our_verbs_are_concepts_with_the_words_the_statements_show():
    ours = {iri: kind for kind, iri in names.VERBS.items() if iri.startswith(names.PROFILE)}
    labels = {c["id"]: c["prefLabel"]["en"] for c in DOCUMENT["concepts"] if c["type"] == "Verb"}
    assert labels == {iri: kind.replace("-", " ") for iri, kind in ours.items()}


def test_every_step_type_moment_and_capability_is_an_activity_type():
    expected = {names.step_type(name) for name in STEP_TYPES} | {names.MOMENT, names.CAPABILITY}
    assert ids("concepts", "ActivityType") == expected


def test_extensions_are_those_the_code_reads_and_writes():
    assert ids("concepts", "ResultExtension") == set(RESULT_EXTENSIONS)
    assert ids("concepts", "ContextExtension") == CONTEXT_EXTENSIONS


def test_extensions_have_a_legal_schema_and_known_verbs():
    for concept in DOCUMENT["concepts"]:
        if concept["type"].endswith("Extension"):
            assert isinstance(json.loads(concept["inlineSchema"]), dict)
            assert set(concept.get("recommendedVerbs", [])) <= set(names.KINDS)
    role = next(c for c in DOCUMENT["concepts"] if c["id"] == names.extension("role"))
    assert json.loads(role["inlineSchema"])["enum"] == [str(role) for role in Role]


def test_every_rule_can_be_evaluated_and_demands_something():
    for template in DOCUMENT["templates"]:
        assert template["type"] == "StatementTemplate"
        for rule in template["rules"]:
            assert parse(rule["location"]).remarks == ()
            assert set(rule) & {"presence", "any", "all", "none"}
            assert rule.get("presence") in (None, "included", "excluded", "recommended")


def test_every_extension_a_rule_names_exists():
    known = ids("concepts", "ResultExtension", "ContextExtension")
    for template in DOCUMENT["templates"]:
        for rule in template["rules"]:
            if ".extensions['" in rule["location"]:
                assert rule["location"].split("'")[1] in known


def test_references_between_templates_resolve():
    for template in DOCUMENT["templates"]:
        referred = template.get("objectStatementRefTemplate", [])
        assert set(referred) <= ids("templates") - {names.PROFILE + "/templates/voided"}
        assert not (referred and "objectActivityType" in template)


def test_an_anonymous_answer_is_a_pattern_of_its_own():
    """It has no registration, so it can be no part of a journey."""
    primary = {pattern.id: pattern.members for pattern in load().patterns if pattern.primary}
    assert primary.pop(f"{names.PROFILE}/patterns/anonymous-answer") == (f"{names.PROFILE}/templates/answered",)
    assert list(primary) == [f"{names.PROFILE}/patterns/journey"]


def test_the_journey_reaches_every_template():
    patterns = {pattern.id: pattern for pattern in load().patterns}
    journey = compiled(f"{names.PROFILE}/patterns/journey", patterns, ids("templates"))

    def reached(node):
        return {node.id} if node.how == TEMPLATE else {iri for part in node.parts for iri in reached(part)}

    assert reached(journey) == ids("templates")


def test_a_profile_that_is_not_shipped_is_not_found():
    with pytest.raises(FileNotFoundError):
        load("no_such_profile")


def test_the_table_in_the_docs_is_the_table_of_the_code():
    page = (Path(__file__).parents[3] / "docs" / "xapi.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z-]+) \| `([^`]+)` \|", page, re.MULTILINE)
    assert [(kind, verb.replace("LJ/", names.PROFILE + "/")) for kind, verb in rows] == list(names.VERBS.items())

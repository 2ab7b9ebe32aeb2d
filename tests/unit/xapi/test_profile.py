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
from lrs_bridge.xapi.checking.profile_check import check_text
from lrs_bridge.xapi.patterns import TEMPLATE, compiled
from lrs_bridge.xapi.profile import NoProfile, find_shipped, load, newest_first, read
from lrs_bridge.xapi.values import RESULT_EXTENSIONS
from tests.unit.xapi.profiles import BASE, changed

TEXT = files("xapi_profiles").joinpath("learning_journey", "profile.jsonld").read_text("utf-8")
DOCUMENT = json.loads(TEXT)
PARTS = [*DOCUMENT["concepts"], *DOCUMENT["templates"], *DOCUMENT["patterns"]]
CONTEXT_EXTENSIONS = {names.extension(name) for name in ("role", "step", "with", "recorded")}


def ids(key, *types):
    return {part["id"] for part in DOCUMENT[key] if not types or part["type"] in types}


def test_the_profile_is_in_order():
    """Not even a warning."""
    assert check_text(TEXT) == []
    assert load().problems == ()


def test_the_head_names_profile_and_version():
    assert DOCUMENT["id"] == names.PROFILE
    assert [version["id"] for version in DOCUMENT["versions"]] == [names.PROFILE_VERSION] == [load().version]


def test_ids_are_ours():
    assert all(part["id"].startswith(names.PROFILE + "/") for part in PARTS)


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


def test_extensions_are_for_verbs_and_roles_that_there_are():
    for concept in DOCUMENT["concepts"]:
        assert set(concept.get("recommendedVerbs", [])) <= set(names.KINDS)
    role = next(c for c in DOCUMENT["concepts"] if c["id"] == names.extension("role"))
    assert json.loads(role["inlineSchema"])["enum"] == [str(role) for role in Role]


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


@pytest.mark.parametrize("name", ["learning_journey", names.PROFILE, names.PROFILE_VERSION])
def test_a_shipped_profile_is_found_by_name_and_by_iri(name):
    assert find_shipped(name) is load()


def test_a_profile_that_is_not_shipped_is_not_found():
    assert find_shipped("https://w3id.org/xapi/video") is None
    with pytest.raises(FileNotFoundError):
        load("no_such_profile")


@pytest.mark.parametrize("junk", [None, [], "x", {}, {"id": 7}, {"id": "https://x.example"}])
def test_what_is_no_profile_is_refused(junk):
    with pytest.raises(NoProfile):
        read(junk)


def test_reading_is_lenient_and_tells_what_it_left_out():
    """One value stands for a list of one; what cannot be evaluated is left out by name."""
    dirty = changed("templates.0.contextParentActivityType", "https://x.example/t")
    dirty = changed("templates.0.rules.+", {"location": "$.a[?(@.b)]", "presence": "included"}, dirty)
    dirty = changed("templates.0.rules.+", {"location": "verb.id", "any": "x"}, dirty)
    dirty = changed("patterns.1.zeroOrMore", ["a", "b"], dirty)
    profile = read(dirty)
    assert profile.templates[0].parent_type == "https://x.example/t"
    assert [rule.any for rule in profile.templates[0].rules] == [None, ["x"]]
    assert [pattern.id.rpartition("/")[2] for pattern in profile.patterns] == ["race", "end"]
    assert profile.problems == (
        f"{BASE}/templates/started: a rule's location '$.a[?(@.b)]' has a filter or script expression, "
        "which profiles must not use",
        f"{BASE}/patterns/course: the pattern says in no known way what it is made of",
    )


def test_the_table_in_the_docs_is_the_table_of_the_code():
    page = (Path(__file__).parents[3] / "docs" / "xapi.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z-]+) \| `([^`]+)` \|", page, re.MULTILINE)
    assert [(kind, verb.replace("LJ/", names.PROFILE + "/")) for kind, verb in rows] == list(names.VERBS.items())


def test_the_newest_version_is_told_by_time_and_not_by_its_spelling():
    """Zones count; a version without a readable time is the oldest."""
    versions = [
        {"id": "https://x.example/v1", "generatedAtTime": "2026-01-01T23:30:00-02:00"},
        {"id": "https://x.example/v2", "generatedAtTime": "2026-01-02T01:00:00Z"},
        {"id": "https://x.example/v0", "generatedAtTime": "some time in 2027"},
    ]
    assert newest_first(versions) == tuple(f"https://x.example/v{n}" for n in (1, 2, 0))

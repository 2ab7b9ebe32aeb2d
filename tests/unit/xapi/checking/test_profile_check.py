"""Profiles are held against xAPI Profiles 1.0, part two: each rule is seen to find what it is for, and nothing else."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.checking.findings import Severity
from lrs_bridge.xapi.checking.lines import NotJson
from lrs_bridge.xapi.checking.profile_check import check, check_text
from lrs_bridge.xapi.checking.profile_notes import RULES
from lrs_bridge.xapi.profile import NoProfile, read
from tests.unit.xapi.profiles import BASE, PROFILE, VERSION, changed

TEMPLATES, PATTERNS = f"{BASE}/templates", f"{BASE}/patterns"
RULE = "templates.0.rules.0"


def told(document: Any, *others: Any) -> list[tuple[str, str, str]]:
    found = check(document, [read(other) for other in others])
    return sorted((str(finding.severity), finding.rule, finding.pointer) for finding in found)


def test_a_profile_in_order_has_no_findings():
    """The ground on which the other tests stand."""
    assert told(PROFILE) == []


def pattern(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{PATTERNS}/{name}", "type": "Pattern", **more}


def concept(sort: str, **more: Any) -> dict[str, Any]:
    labels = {"prefLabel": {"en": "x"}, "definition": {"en": "x"}}
    return {"id": f"{BASE}/new", "type": sort, "inScheme": VERSION, **labels, **more}


ERRORS = [
    ("required", "/prefLabel", "prefLabel", ...),
    ("required", "/versions", "versions", []),
    ("required", "/author/name", "author.name", ""),
    ("required", "/versions/1/generatedAtTime", "versions.1.generatedAtTime", ...),
    ("required", "/templates/0/definition", "templates.0.definition", ...),
    ("required", "/templates/0/rules/0/location", f"{RULE}.location", ""),
    ("required", "/patterns/0/definition", "patterns.0.definition", ...),
    ("required", "/concepts/7/contentType", "concepts.+", concept("StateResource")),
    ("value", "/definition", "definition", "Races."),
    ("value", "/prefLabel/en", "prefLabel.en", 7),
    ("value", "/patterns/1/primary", "patterns.1.primary", 1),
    ("value", "/concepts/6/activityDefinition", "concepts.6.activityDefinition", "a race"),
    ("value", "/templates/0/attachmentUsageType", "templates.0.attachmentUsageType", 7),
    ("value", "/concepts/7", "concepts.+", "a verb"),
    ("value", "/versions/1/generatedAtTime", "versions.1.generatedAtTime", 2026),
    ("iri", "/seeAlso", "seeAlso", "www.example.org"),
    ("iri", "/templates/0/contextParentActivityType/0", "templates.0.contextParentActivityType", ["a b:c d"]),
    ("type", "/type", "type", "profile"),
    ("type", "/author/type", "author.type", "Company"),
    ("type", "/concepts/6/type", "concepts.6.type", "activity"),
    ("type", "/templates/0/type", "templates.0.type", "Template"),
    ("type", "/patterns/1/type", "patterns.1.type", "Sequence"),
    ("time", "/versions/1/generatedAtTime", "versions.1.generatedAtTime", "2020-xx-xxT00:00:00Z"),
    ("version-id", "/versions/1/id", "versions.1.id", BASE),
    ("in-scheme", "/templates/0/inScheme", "templates.0.inScheme", BASE),
    ("schema", "/concepts/5/inlineSchema", "concepts.5.inlineSchema", "{integer}"),
    ("schema", "/concepts/5", "concepts.5.schema", "https://club.example/schema"),
    ("duplicate-id", "/concepts/7/id", "concepts.+", concept("Verb", id=f"{BASE}/verbs/started")),
    ("unknown-reference", "/concepts/4/broader/0", "concepts.4.broader", ["https://elsewhere.example/type"]),
    (
        "unknown-reference",
        "/templates/3/objectStatementRefTemplate/0",
        "templates.3.objectStatementRefTemplate",
        ["x:y"],
    ),
    ("unknown-reference", "/patterns/1/zeroOrMore", "patterns.1.zeroOrMore", f"{TEMPLATES}/past"),
    ("wrong-reference", "/templates/0/verb", "templates.0.verb", f"{BASE}/types/race"),
    ("wrong-reference", "/concepts/4/narrower/0", "concepts.4.narrower", [f"{BASE}/verbs/started"]),
    ("wrong-reference", "/patterns/1/zeroOrMore", "patterns.1.zeroOrMore", f"{BASE}/verbs/passed"),
    (
        "wrong-reference",
        "/templates/3/objectStatementRefTemplate/0",
        "templates.3.objectStatementRefTemplate",
        [f"{PATTERNS}/end"],
    ),
    ("object-twice", "/templates/3", "templates.3.objectActivityType", f"{BASE}/types/race"),
    ("location", "/templates/0/rules/0/location", f"{RULE}.location", "$.attachments[?(@.sha2)]"),
    ("location", "/templates/0/rules/0/selector", f"{RULE}.selector", "$["),
    ("presence", "/templates/0/rules/0/presence", f"{RULE}.presence", "required"),
    ("rule-empty", "/templates/0/rules/0", f"{RULE}.presence", ...),
    ("pattern-choice", "/patterns/1", "patterns.1.optional", f"{TEMPLATES}/passed"),
    ("pattern-members", "/patterns/2/sequence", "patterns.2.sequence", [f"{TEMPLATES}/finished"]),
    ("pattern-cycle", "/patterns/1", "patterns.1.zeroOrMore", f"{PATTERNS}/course"),
]
WARNINGS = [
    (
        "one-for-list",
        "/templates/0/contextOtherActivityType",
        "templates.0.contextOtherActivityType",
        "http://x.example",
    ),
    ("one-for-list", "/templates/0/rules/0/any", f"{RULE}.any", "x"),
    ("empty-value", "/seeAlso", "seeAlso", ""),
    ("empty-value", "/versions/1/wasRevisionOf", "versions.1.wasRevisionOf", []),
    ("empty-value", "/concepts/6/activityDefinition/extensions", "concepts.6.activityDefinition.extensions", {}),
    ("unknown-property", "/templates/0/allowedSolo", "templates.0.allowedSolo", True),
    ("unknown-property", "/concepts/0/inlineSchema", "concepts.0.inlineSchema", "{}"),
    ("context", "/@context", "@context", "https://w3id.org/xapi/profiles/context.jsonld"),
    ("context", "/concepts/6/activityDefinition/@context", "concepts.6.activityDefinition.@context", ...),
    ("conforms-to", "/conformsTo", "conformsTo", "https://w3id.org/xapi/profiles#1.0.0"),
    ("time", "/versions/1/generatedAtTime", "versions.1.generatedAtTime", "2026-01-01"),
    ("language", "/prefLabel/english language", "prefLabel.english language", "Sport"),
    ("revision", "/versions/0", "versions.0.wasRevisionOf", ...),
    ("in-scheme", "/templates/0/inScheme", "templates.0.inScheme", f"{BASE}/v1"),
    ("schema", "/concepts/5/inlineSchema", "concepts.5.inlineSchema", {"type": "integer"}),
    ("related", "/concepts/0/related", "concepts.0.related", [f"{BASE}/verbs/passed"]),
    ("unknown-reference", "/templates/0/verb", "templates.0.verb", f"{BASE}/verbs/begun"),
    (
        "unknown-reference",
        "/templates/0/rules/0/location",
        f"{RULE}.location",
        f"$.result.extensions['{BASE}/extensions/palce']",
    ),
    ("wrong-reference", "/concepts/4/exactMatch/0", "concepts.4.exactMatch", [f"{BASE}/types/race"]),
    ("not-checked", "/patterns/1/zeroOrMore", "patterns.1.zeroOrMore", "https://elsewhere.example/templates/passed"),
    ("location-dirty", "/templates/0/rules/0/location", f"{RULE}.location", "timestamp"),
    ("location-nowhere", "/templates/0/rules/0/location", f"{RULE}.location", "$.duration"),
    ("location-nowhere", "/templates/0/rules/0/location", f"{RULE}.location", "$.context['registration','revison']"),
    ("rule-contradiction", "/templates/0/rules/0", f"{RULE}.none", ...),
    ("pattern-unused", "/patterns/3", "patterns.+", pattern("more", optional=f"{TEMPLATES}/passed")),
]
"""Rule, where it is found, the path that is changed, to what."""


@pytest.mark.parametrize(("rule", "pointer", "path", "value"), ERRORS, ids=lambda value: str(value)[:40])
def test_an_error_is_found_where_it_is_and_nothing_else(rule, pointer, path, value):
    """One change, one finding."""
    assert told(changed(path, value)) == [("error", rule, pointer)]


@pytest.mark.parametrize(
    ("rule", "pointer", "path", "value"),
    [case for case in WARNINGS if case[0] != "rule-contradiction"],
    ids=lambda value: str(value)[:40],
)
def test_what_leaves_no_doubt_is_a_warning(rule, pointer, path, value):
    """The same, for what published profiles are full of."""
    assert told(changed(path, value)) == [("warning", rule, pointer)]


@pytest.mark.parametrize(
    "demands",
    [
        {"presence": "excluded", "any": ["x"]},
        {"presence": "included", "any": ["x"], "all": ["y"]},
        {"any": ["x"], "none": ["x", "y"]},
    ],
)
def test_a_rule_that_cannot_be_kept_is_told(demands):
    """Or a part of it that is never looked at."""
    broken = changed(RULE, {"location": "$.result.response", **demands})
    assert told(broken) == [("warning", "rule-contradiction", "/templates/0/rules/0")]


def test_a_context_among_others_counts():
    """As an array it must contain that of the specification."""
    assert told(changed("@context", ["https://w3id.org/xapi/profiles/context", {"x": "https://x.example/"}])) == []
    assert told(changed("@context", ["https://x.example/"])) == [("error", "context", "/@context")]


def test_a_primary_sequence_may_consist_of_one_template_and_of_nothing_else():
    """The one exception that the specification makes."""
    alone = {"primary": True, "prefLabel": {"en": "x"}, "definition": {"en": "x"}}
    assert told(changed("patterns.+", pattern("solo", **alone, sequence=[f"{TEMPLATES}/passed"]))) == []
    found = told(changed("patterns.+", pattern("solo", **alone, sequence=[f"{PATTERNS}/course"])))
    assert found == [("error", "pattern-members", "/patterns/3/sequence/0")]


def test_what_may_be_empty_does_not_stand_in_alternates():
    """It would hide a partial match."""
    choice = pattern("course", alternates=[f"{TEMPLATES}/passed", f"{PATTERNS}/maybe"])
    maybe = pattern("maybe", optional=f"{TEMPLATES}/started")
    broken = changed("patterns.+", maybe, changed("patterns.1", choice))
    assert told(broken) == [("error", "pattern-alternates", "/patterns/1/alternates/1")]


def test_cycles_are_told_at_each_pattern_on_them():
    """However long."""
    broken = changed("patterns.2.sequence.1", f"{PATTERNS}/race")
    assert told(broken) == [("error", "pattern-cycle", "/patterns/0"), ("error", "pattern-cycle", "/patterns/2")]


def test_without_a_primary_pattern_nothing_is_ever_matched():
    """Which is hardly meant."""
    broken = changed("patterns.0.primary", False)
    assert told(broken) == [
        ("warning", "pattern-primary", "/patterns"),
        ("warning", "pattern-unused", "/patterns/0"),
    ]


def test_a_pattern_that_greedy_matching_cannot_follow_is_told_by_an_example():
    """Any number of passings, and then a passing."""
    broken = changed("patterns.0.sequence", [f"{PATTERNS}/course", f"{TEMPLATES}/passed"])
    broken["patterns"][2] |= {"primary": True, "prefLabel": {"en": "x"}, "definition": {"en": "x"}}
    (finding,) = check(broken)
    assert (finding.severity, finding.rule, finding.pointer) == (Severity.WARNING, "pattern-greedy", "/patterns/0")
    assert finding.message.startswith(f"matches {TEMPLATES}/passed by its words")


def test_references_into_a_profile_that_is_given_are_followed():
    """Into one that is not, they are told as not checked."""
    other = json.loads(json.dumps(PROFILE).replace(BASE, "https://profiles.example/games"))
    there = "https://profiles.example/games/templates/passed"
    assert told(changed("patterns.1.zeroOrMore", there), other) == []
    assert told(changed("patterns.1.zeroOrMore", f"{there}x"), other) == [
        ("error", "unknown-reference", "/patterns/1/zeroOrMore")
    ]
    wrong = changed("templates.0.verb", "https://profiles.example/games/types/race")
    assert told(wrong, other) == [("error", "wrong-reference", "/templates/0/verb")]


def test_properties_of_other_vocabularies_are_let_alone():
    """An IRI, a compact IRI, a keyword of JSON-LD."""
    for name in ("https://x.example/p", "skos:note", "@type", "scopeNote"):
        assert told(changed("concepts.0", {**PROFILE["concepts"][0], name: "x"})) == []


def test_a_finding_in_a_text_has_its_line():
    """Also for what is missing: the line of the part that should have it."""
    text = json.dumps(changed("templates.0.verb", "started"), indent=1)
    (finding,) = check_text(text)
    assert text.splitlines()[finding.line - 1].strip() == '"verb": "started",'
    (missing,) = check_text(json.dumps(changed("templates.0.definition", ...), indent=1))
    assert missing.line == text[: text.index('"templates"')].count("\n") + 2


def test_a_key_given_twice_is_told():
    """JSON decoders take the last one in silence."""
    text = json.dumps(PROFILE).replace('"type": "Profile"', '"type": "Profile",\n"type": "Profile"')
    (finding,) = check_text(text)
    assert (finding.severity, finding.rule, finding.pointer, finding.line) == ("error", "duplicate-key", "/type", 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("{\n]", 2), ('{"a": NaN}', 1), ("\n" + "[" * 80 + "]" * 80, 2), ("[" * 100000, 1)],
    ids=["empty", "broken", "no value", "deep", "deeper"],
)
def test_what_is_no_json_is_refused_with_its_line(text, line):
    """Or is nested deeper than any profile."""
    with pytest.raises(NotJson) as refused:
        check_text(text)
    assert refused.value.line == line


def test_every_rule_finds_something_here():
    """A rule that nothing shows might as well not be there."""
    apart = {"duplicate-key", "pattern-alternates", "pattern-primary", "pattern-greedy"}
    assert {case[0] for case in (*ERRORS, *WARNINGS)} | apart == set(RULES)


# A stranger's file

JUNK = st.sampled_from([None, True, 0, -1.5, "", "x", "https://x.example/y", f"{BASE}/verbs/started", [], {}, [[]]])


@st.composite
def dirty(draw: st.DrawFn) -> Any:
    """The profile with junk in up to four places, or with parts moved to where they do not belong."""
    document: Any = copy.deepcopy(PROFILE)
    for _ in range(draw(st.integers(1, 4))):
        inner = document
        for _ in range(draw(st.integers(0, 5))):
            below = list(inner.values()) if isinstance(inner, dict) else inner if isinstance(inner, list) else []
            nested = [one for one in below if isinstance(one, dict | list) and one]
            if not nested:
                break
            inner = draw(st.sampled_from(nested))
        value = copy.deepcopy(draw(JUNK | st.just(PROFILE["patterns"][0]) | st.just(PROFILE["templates"])))
        if isinstance(inner, dict):
            inner[draw(st.sampled_from([*inner, "any", "optional", "selector", "related"]))] = value
        elif isinstance(inner, list):
            inner[draw(st.integers(0, len(inner) - 1)) :] = [value]
    return document


@given(dirty())
def test_no_document_is_too_dirty_to_be_checked(document):
    """Findings, and no exception; reading takes what can be used of it."""
    for finding in check(document):
        assert finding.message
        json.dumps(finding.as_dict())
    try:
        read(document)
    except NoProfile:
        return


@given(st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)))
def test_any_json_can_be_checked(document):
    """Nothing of it is a profile in order."""
    assert check(document)

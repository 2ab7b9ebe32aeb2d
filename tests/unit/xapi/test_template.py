"""Locations and rules of statement templates, as xAPI Profiles 1.0 says."""

import pytest

from lrs_bridge.xapi.template import Rule, locate

DOCUMENT = {
    "verb": {"id": "v"},
    "context": {"grouping": [{"id": "a"}, {"id": "b"}, {"name": "c"}], "extensions": {"https://e.example/x.y": 1}},
}


@pytest.mark.parametrize(
    ("location", "values"),
    [
        ("$.verb.id", ["v"]),
        ("$.verb.name", []),
        ("$.verb.id.id", []),
        ("$.context.grouping[*].id", ["a", "b"]),
        ("$.context.grouping[1].id", ["b"]),
        ("$.context.grouping[0,1].id", ["a", "b"]),
        ("$.context.grouping[9]", []),
        ("$.context.grouping['id']", []),
        ("$.context.extensions['https://e.example/x.y']", [1]),
        ("$.context.extensions.*", [1]),
        ("$['verb','context']['id']", ["v"]),
        ("$", [DOCUMENT]),
    ],
)
def test_a_location_finds_its_values(location, values):
    assert locate(DOCUMENT, location) == values


@pytest.mark.parametrize("location", ["verb.id", "$..id", "$.a[?(@.b)]", "$.a[-1]", "$.a['b]", "$.a[]"])
def test_other_jsonpath_is_refused(location):
    with pytest.raises(ValueError, match="not a location"):
        locate(DOCUMENT, location)


@pytest.mark.parametrize(
    ("rule", "keeps", "breaks"),
    [
        (Rule("$.a", presence="included"), [{"a": None}, {"a": 0}], [{}]),
        (Rule("$.a", presence="excluded"), [{}], [{"a": 1}]),
        (Rule("$.a", presence="recommended", all=[1, 2]), [{}, {"a": 2}], [{"a": 3}]),
        (Rule("$.a[*]", any=[1]), [{"a": [1, 5]}], [{"a": [5]}, {"a": []}, {}]),
        (Rule("$.a[*]", all=[1, 2]), [{"a": [1, 2]}, {"a": []}], [{"a": [1, 5]}]),
        (Rule("$.a[*]", none=[1]), [{"a": [5]}, {}], [{"a": [1, 5]}]),
        (Rule("$.a", all=[1]), [{"a": 1.0}], [{"a": True}]),
        (Rule("$.a", all=[True]), [{"a": True}], [{"a": 1}]),
    ],
)
def test_a_rule_is_kept_or_broken(rule, keeps, breaks):
    assert [rule.broken(statement) for statement in keeps] == [None] * len(keeps)
    assert all(rule.broken(statement) for statement in breaks)

"""Rules of templates against the MUST text of xAPI Profiles, part two, 8.1."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.locations import parse
from lrs_bridge.xapi.rules import PRESENCES, Rule, Values, same


def rule(location: str, selector: str | None = None, **demands: Any) -> Rule:
    return Rule(location=parse(location), selector=parse(selector) if selector else None, **demands)


@pytest.mark.parametrize(
    ("asked", "keeps", "breaks"),
    [
        (rule("$.a", presence="included"), [{"a": None}, {"a": 0}], [{}]),
        (rule("$.a", presence="excluded"), [{}], [{"a": 1}, {"a": None}]),
        (rule("$.a", presence="recommended", all=[1, 2]), [{}, {"a": 2}], [{"a": 3}]),
        (rule("$.a[*]", any=[1]), [{"a": [1, 5]}], [{"a": [5]}, {"a": []}, {}]),
        (rule("$.a[*]", all=[1, 2]), [{"a": [1, 2]}, {"a": []}], [{"a": [1, 5]}]),
        (rule("$.a[*]", none=[1]), [{"a": [5]}, {}], [{"a": [1, 5]}]),
        (rule("$.a", all=[1]), [{"a": 1.0}], [{"a": True}]),
        (rule("$.a", all=[True]), [{"a": True}], [{"a": 1}]),
        (rule("$.a", all=[[1, {"b": 1}]]), [{"a": [1.0, {"b": 1}]}], [{"a": [1, {"b": True}]}, {"a": [1]}]),
    ],
)
def test_a_rule_is_kept_or_broken(asked, keeps, breaks):
    """Presence, any, all and none, alone and together."""
    assert [asked.breaches(statement) for statement in keeps] == [[]] * len(keeps)
    assert all(asked.breaches(statement) and asked.broken(statement) for statement in breaks)


GROUPING = [{"id": "a", "type": "t"}, {"id": "b"}]


@pytest.mark.parametrize(
    ("demands", "statement", "broken"),
    [
        ({"presence": "included"}, {"g": GROUPING}, ["presence"]),
        ({"presence": "included"}, {"g": GROUPING[:1]}, []),
        ({"presence": "included"}, {"g": []}, ["presence"]),
        ({"presence": "excluded"}, {"g": GROUPING[1:]}, []),
        ({"presence": "excluded"}, {"g": GROUPING}, ["presence"]),
        ({"all": ["t"]}, {"g": GROUPING}, ["all"]),
        ({"all": ["t"]}, {"g": GROUPING[:1]}, []),
        ({"any": ["t"]}, {"g": GROUPING}, []),
        ({"none": ["t"]}, {"g": GROUPING[1:]}, []),
        ({"presence": "recommended", "all": ["t"]}, {"g": GROUPING}, ["all"]),
    ],
)
def test_where_a_selector_finds_nothing_there_is_an_unmatchable_value(demands, statement, broken):
    """Which `included` and `all` forbid, and the others do not see."""
    asked = rule("$.g[*]", selector="$.type", **demands)
    assert [breach.demand for breach in asked.breaches(statement)] == broken


@pytest.mark.parametrize(
    ("demands", "statement"),
    [
        ({"presence": "excluded", "any": ["t"]}, {}),
        ({"presence": "recommended", "all": ["t"]}, {"g": GROUPING[1:]}),
        ({"presence": "recommended", "any": ["t"]}, {"g": GROUPING[1:]}),
    ],
)
def test_where_the_pseudo_code_is_stricter_the_text_holds(demands, statement):
    """`excluded` asks nothing of values; `recommended` only where some value can be matched."""
    assert rule("$.g[*]", selector="$.type", **demands).breaches(statement) == []


def test_a_breach_names_the_values_at_fault_and_what_was_asked():
    """So that a person sees what to change."""
    (breach,) = rule("$.a[*]", all=["x", "y"]).breaches({"a": ["x", "z", 3]})
    assert (breach.demand, breach.why, breach.values) == ("all", 'must be one of ["x", "y"]', ("z", 3))


SCALARS = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0, "a", "b"])
NESTED = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)
DEMANDS = st.fixed_dictionaries(
    {},
    optional={
        "presence": st.sampled_from(PRESENCES),
        **{key: st.lists(NESTED, min_size=1, max_size=3) for key in ("any", "all", "none")},
    },
)
STATEMENTS = st.dictionaries(
    st.just("g"), st.lists(st.dictionaries(st.just("v"), NESTED, max_size=1), max_size=3), max_size=1
)
UNMATCHABLE = object()


def equal(one: Any, other: Any) -> bool:
    """By the text of a JSON encoder that writes 1.0 as 1."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        return int(value) if isinstance(value, float) else value

    return json.dumps(plain(one), sort_keys=True) == json.dumps(plain(other), sort_keys=True)


def has(values: list[Any], one: Any) -> bool:
    return one is not UNMATCHABLE and any(equal(one, value) for value in values)


def kept(demands: dict[str, Any], evaluated: list[Any]) -> bool:
    """The MUST sentences of part two, 8.1, one after the other, on evaluated values."""
    matchable = [value for value in evaluated if value is not UNMATCHABLE]
    unmatchable = len(matchable) < len(evaluated)
    presence = demands.get("presence")
    if presence == "included" and (not matchable or unmatchable):
        return False
    if presence == "excluded" and matchable:
        return False
    if not (presence in (None, "included") or (presence == "recommended" and matchable)):
        return True
    if "any" in demands and not any(has(demands["any"], value) for value in matchable):
        return False
    if "all" in demands and (unmatchable or not all(has(demands["all"], value) for value in matchable)):
        return False
    return not ("none" in demands and any(has(demands["none"], value) for value in matchable))


@given(DEMANDS, STATEMENTS)
def test_a_rule_with_a_selector_means_what_the_text_says(demands, statement):
    """For every presence with every any, all, none."""
    evaluated = [place.get("v", UNMATCHABLE) for place in statement.get("g", [])]
    assert (rule("$.g[*]", selector="$.v", **demands).breaches(statement) == []) == kept(demands, evaluated)


@given(DEMANDS, STATEMENTS)
def test_a_rule_without_a_selector_means_what_the_text_says(demands, statement):
    """There, nothing is unmatchable."""
    evaluated = [place["v"] for place in statement.get("g", []) if "v" in place]
    assert (rule("$.g[*].v", **demands).breaches(statement) == []) == kept(demands, evaluated)


@given(NESTED, NESTED)
def test_values_are_equal_as_json(one, other):
    """1 is 1.0, true is neither, and so in lists and objects."""
    assert same(one, other) == equal(one, other) == (one in Values([other]))

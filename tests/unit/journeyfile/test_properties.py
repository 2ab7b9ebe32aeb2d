"""Whatever stands in a file, the loaders answer with a value or with problems."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs_bridge.journeyfile import (
    JourneyFileError,
    Problem,
    load_journey,
    load_people,
    load_settings,
    read_statements,
    sample_text,
    statement_texts,
)
from lrs_bridge.journeyfile.marks import plain, read_tree

KEYS = st.sampled_from(
    """journey version title steps id phase type owner opens_day due_day weight expected surveys kind items scale routes
    step from rules at_least below route missing choices choose behaviours moments evaluators gradebook maximum run
    home_page people account role registration identities mbox managers to day_zero time_zone matches verb""".split()
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.sampled_from(["participant", "before", "self_study", "a", "A", "low", "ask_coach", "2026-03-02", "UTC", "é"]),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=6),
    max_leaves=30,
)
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOADERS = (load_journey, load_people, load_settings)


SAMPLE = json.dumps(yaml.safe_load(sample_text("field-coaching-90")))


def either_way(text: str) -> None:
    for load in LOADERS:
        found = problems_of(load, text)
        assert all(p.line >= 1 and p.message for p in found)


def problems_of(load: Any, *content: Any) -> list[Problem]:
    try:
        load(*content, "f.yaml")
    except JourneyFileError as error:
        return list(error.problems) or [Problem("", 0, "", "")]
    return []


@QUICK
@given(st.text(max_size=200))
def test_any_text_is_a_value_or_problems(text):
    """No text makes a loader raise anything else."""
    either_way(text)


@QUICK
@given(TREES)
def test_any_tree_is_a_value_or_problems(tree):
    """Neither does any YAML, with the right keys in the wrong places."""
    either_way(yaml.safe_dump(tree, allow_unicode=True))


@QUICK
@given(st.data())
def test_a_damaged_sample_is_a_value_or_problems(data):
    """Nor the sample with one value replaced by something else."""
    content = json.loads(SAMPLE)
    place: Any = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(TREES)
    either_way(json.dumps(content, default=str))


@QUICK
@given(st.binary(max_size=80))
def test_any_bytes_are_statements_or_problems(data):
    """The statements file is read or refused."""
    assert all(problem.message for problem in problems_of(read_statements, data))
    assert problems_of(statement_texts, data) == problems_of(read_statements, data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.text(max_size=10, alphabet=st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@QUICK
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_comes_out_as_it_went_in(content, indent, ascii_only):
    """Any JSON object is read as JSON means it, however it is laid out."""
    tree, problems = read_tree(json.dumps(content, indent=indent, ensure_ascii=ascii_only), "f.json")
    assert problems == []
    assert plain(tree) == content


@pytest.mark.parametrize("load", LOADERS)
def test_deep_nesting_is_a_problem_not_a_crash(load):
    """Neither brackets nor indentation nor keys can be nested until something breaks."""
    for text in (
        "a: " + "[" * 100_000,
        "? " * 5_000 + "a",
        "- " * 5_000,
        "{a: " * 5_000,
        "\n".join(" " * n + "a:" for n in range(3_000)),
    ):
        with pytest.raises(JourneyFileError):
            load(text, "f.yaml")

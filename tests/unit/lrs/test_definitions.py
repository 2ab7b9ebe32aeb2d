"""One definition for each activity: what is added, what is corrected, and what stays (Data 2.4.4.1)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.lrs.definitions import activities_in, definitions_in, merge, with_definitions
from tests.fakes.statements import HOME, statement

CHOICE = {
    "interactionType": "choice",
    "correctResponsesPattern": ["a"],
    "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
}

maps = st.dictionaries(st.sampled_from(["de", "en", "fr"]), st.text(max_size=3))
components = st.lists(st.sampled_from("abc"), unique=True).flatmap(
    lambda ids: st.tuples(*(st.fixed_dictionaries({"id": st.just(id_)}, optional={"description": maps}) for id_ in ids))
)
definitions = st.fixed_dictionaries(
    {},
    optional={
        "name": maps,
        "description": maps,
        "type": st.sampled_from(["https://example.org/a", "https://example.org/b"]),
        "extensions": st.dictionaries(st.sampled_from(["https://example.org/x"]), st.none() | st.integers()),
        "interactionType": st.sampled_from(["choice", "likert"]),
        "correctResponsesPattern": st.lists(st.text(max_size=2), max_size=2),
        "choices": components.map(list),
    },
)


def test_languages_and_extensions_are_put_together() -> None:
    """What the newer one says about the same language or extension is a correction."""
    kept = {"name": {"en": "meting"}, "extensions": {"https://e.org/a": 1}, "type": "https://e.org/t"}
    new = {"name": {"en": "meeting", "fr": "réunion"}, "extensions": {"https://e.org/b": None}}
    assert merge(kept, new) == {
        "name": {"en": "meeting", "fr": "réunion"},
        "extensions": {"https://e.org/a": 1, "https://e.org/b": None},
        "type": "https://e.org/t",
    }


def test_an_interaction_stays_what_it_was() -> None:
    """Else the statements that are there would change their meaning; its components may be described further."""
    new = {
        "interactionType": "likert",
        "correctResponsesPattern": ["b"],
        "choices": [{"id": "b", "description": {"en": "B"}}, {"id": "c"}, {"id": "a", "description": {"de": "Ä"}}],
        "scale": [{"id": "x"}],
    }
    merged = merge(CHOICE, new)
    assert merged == {
        **CHOICE,
        "choices": [{"id": "a", "description": {"en": "A", "de": "Ä"}}, {"id": "b", "description": {"en": "B"}}],
    }


def test_an_activity_may_become_an_interaction() -> None:
    """Where it was defined without being one."""
    assert merge({"name": {"en": "x"}}, CHOICE) == {"name": {"en": "x"}, **CHOICE}


@given(definitions, definitions)
def test_merging_changes_neither_and_merging_again_changes_nothing(kept: dict[str, Any], new: dict[str, Any]) -> None:
    """So that a statement that is sent again, or one like it, costs no write."""
    before = repr((kept, new))
    merged = merge(kept, new)
    assert merge(merged, new) == merged
    assert repr((kept, new)) == before


@given(definitions, definitions)
def test_no_text_is_lost(kept: dict[str, Any], new: dict[str, Any]) -> None:
    """Every language that either had is there."""
    merged = merge(kept, new)
    for name in ("name", "description"):
        assert {*kept.get(name, {}), *new.get(name, {})} == {*merged.get(name, {})}


def activity(name: str) -> dict[str, Any]:
    return {"id": f"{HOME}/{name}", "definition": {"name": {"en": name}}}


def rich() -> dict[str, Any]:
    """Activities a to e wherever there may be one, of which d has no definition."""
    inner = {
        "objectType": "SubStatement",
        "actor": statement(1)["actor"],
        "verb": statement(1)["verb"],
        "object": activity("a"),
        "context": {"contextActivities": {"parent": activity("b")}},
    }
    context = {"contextActivities": {"grouping": [activity("c"), {"id": f"{HOME}/d"}], "other": [activity("e")]}}
    return statement(1, object=inner, context=context)


def test_all_activities_of_a_statement_are_found() -> None:
    """The object, the context's, single or not, and those of a SubStatement; undefined ones say nothing."""
    found = dict(definitions_in(rich()))
    assert activities_in([rich(), statement(2)]) == {*(f"{HOME}/{name}" for name in "abcde"), f"{HOME}/steps/step-1"}
    assert found == {f"{HOME}/{name}": {"name": {"en": name}} for name in "abce"}


def test_what_is_known_stands_in_for_what_a_statement_says() -> None:
    """Everywhere; an activity nobody defined stays as it is, and the statement is not touched."""
    sent, known = rich(), {f"{HOME}/{name}": {"type": f"https://example.org/{name}"} for name in "abcd"}
    told = with_definitions(sent, known)
    assert sent == rich()
    assert dict(definitions_in(told)) == {**known, f"{HOME}/e": {"name": {"en": "e"}}}
    assert with_definitions(statement(1), {}) == statement(1)

"""What of a statement stands beside a name: the process, and nothing that somebody answered, rated or wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind
from lrs_bridge.xapi.disclosure import is_process, process_of
from lrs_bridge.xapi.names import extension
from lrs_bridge.xapi.reading import read
from tests.unit.xapi.golden import BASE, PAIRS

HIDDEN = {
    "answered": ("result.extensions answers", "result.extensions factors"),
    "applied": ("result.score",),
    "approved": ("result.extensions goal-agreed",),
    "assessed": ("result.extensions criteria", "result.score"),
    "coached": ("result.extensions goal-linked", "result.extensions themes"),
    "practised": ("result.extensions difficulty",),
    "rated": ("result.extensions source", "result.score"),
    "routed": ("result.extensions route",),
    "completed": (),
    "attended": (),
    "talked-with": (),
    "verified": (),
}


def golden(name: str) -> dict[str, Any]:
    statement: dict[str, Any] = PAIRS[name]["statement"]
    return statement


@pytest.mark.parametrize("name", HIDDEN)
def test_content_of_our_own_statements_is_left_out_and_named(name: str) -> None:
    """By path, so that a reader knows what is not there."""
    kept, hidden = process_of(golden(name), BASE)
    assert hidden == HIDDEN[name]
    assert "score" not in kept.get("result", {})


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_left_says_who_did_what_when_and_where(name: str) -> None:
    """The same fact, but for its content."""
    whole = read(golden(name), BASE)
    kept = read(process_of(golden(name), BASE)[0], BASE)
    assert kept._replace(data={}, score=None) == whole._replace(data={}, score=None)


@pytest.mark.parametrize("name", PAIRS)
def test_a_statement_without_content_is_as_it_was(name: str) -> None:
    """Cutting what is cut already changes nothing."""
    once, _ = process_of(golden(name), BASE)
    assert process_of(once, BASE) == (once, ())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("completed", True),
        ("verified", True),
        ("answered", True),
        ("rated", True),
        ("rated-by-a-peer", False),
        ("confirmed", False),
        ("disputed", False),
        ("routed", False),
        ("routed-by-a-person", False),
    ],
)
def test_what_is_between_two_people_is_not_told_at_all(name: str, told: bool) -> None:
    """Nor is a route, nor when a peer rated."""
    assert is_process(read(golden(name), BASE)) is told


def test_a_report_that_rated_is_not_told_either() -> None:
    """Reports rate under a fresh account like peers."""
    rated = read(golden("rated"), BASE)
    assert not is_process(rated._replace(kind=Kind.RATED, data={"source": "report"}))


def test_other_systems_agents_lose_what_identifies_them() -> None:
    """A name, an address, an account elsewhere, the members of a group."""
    statement = golden("completed") | {
        "actor": {"objectType": "Agent", "name": "Petra", "mbox": "mailto:petra@example.org"},
        "authority": {"objectType": "Group", "member": [{"name": "Mark", "openid": "https://mark.example.org"}]},
    }
    kept, hidden = process_of(statement, BASE)
    assert kept["actor"] == {"objectType": "Agent"}
    assert kept["authority"] == {"objectType": "Group"}
    assert {"actor.mbox", "actor.name", "authority.member"} <= set(hidden)


_SECRET = "what nobody may read"
_JSON = st.recursive(
    st.just(_SECRET) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just(_SECRET), inner, max_size=2),
    max_leaves=6,
)
_WORDS = st.sampled_from(
    ["response", "score", "success", "platform", "language", "attachments", "team", "name", "more"]
)
_EXTENSIONS = st.dictionaries(st.sampled_from([extension("answers"), extension("note"), "https://x.example/y"]), _JSON)


@given(
    result=st.dictionaries(_WORDS, _JSON),
    context=st.dictionaries(_WORDS, _JSON),
    definition=st.dictionaries(st.sampled_from(["name", "description", "choices", "moreInfo", "extensions"]), _JSON),
    extensions=_EXTENSIONS,
    more=st.dictionaries(_WORDS, _JSON),
)
def test_whatever_else_a_statement_holds_does_not_come_through(
    result: Any, context: Any, definition: Any, extensions: Any, more: Any
) -> None:
    """What is let through is on a list; nothing is let through for not being known."""
    statement = more | {
        "id": "57189626-7437-5703-8def-8ce257fb8399",
        "actor": {"account": {"homePage": BASE, "name": "p"}, **more},
        "verb": {"id": "https://x.example/did", "display": {"en": _SECRET}},
        "object": {"id": "https://x.example/thing", "definition": definition},
        "result": result | {"extensions": extensions},
        "context": context | {"extensions": extensions, "contextActivities": {"other": [{"id": _SECRET}]}},
        "timestamp": "2026-03-09T11:00:00Z",
    }
    kept, _ = process_of(statement, BASE)
    assert _SECRET not in repr(kept)
    assert set(kept) <= {"id", "actor", "verb", "object", "context", "timestamp"}

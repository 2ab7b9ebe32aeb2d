"""A Person has the names that statements give to one identifier, and no identifier but the one asked for."""

from __future__ import annotations

from lrs_bridge.lrs.persons import person
from tests.fakes.statements import agent, statement

ALICE = agent("alice")


def test_an_unknown_agent_is_a_person_of_what_was_asked() -> None:
    """Communication 2.4: the information in the request."""
    assert person({"mbox": "mailto:a@example.org", "name": "A"}, []) == {
        "objectType": "Person",
        "name": ["A"],
        "mbox": ["mailto:a@example.org"],
    }


def test_names_come_from_wherever_the_agent_stands() -> None:
    """Actor, object, instructor, team, member of a group, contextAgents; each name once, newest statement first."""
    named = [{**ALICE, "name": name} for name in "abcdef"]
    group = {"objectType": "Group", "member": [named[3], {**agent("bob"), "name": "Bob"}]}
    agents = [{"objectType": "contextAgent", "agent": named[4]}]
    statements = [
        statement(1, actor=named[0], object=named[1]),
        statement(2, actor=named[0], context={"instructor": named[2], "team": group, "contextAgents": agents}),
    ]
    assert person(ALICE, statements) == {
        "objectType": "Person",
        "name": ["a", "b", "c", "d", "e"],
        "account": [ALICE["account"]],
    }


def test_the_spelling_of_an_address_does_not_hide_a_name() -> None:
    """A domain has no case; what comes back is what was asked."""
    there = {"mbox": "mailto:a@EXAMPLE.org", "name": "A"}
    assert person({"mbox": "mailto:a@example.org"}, [statement(1, actor=there)])["name"] == ["A"]


def test_what_only_looks_like_an_agent_gives_no_name() -> None:
    """Extensions hold anything."""
    like = {"https://example.org/x": {**ALICE, "name": "not a name"}}
    activity = {"id": "https://example.org/a", "definition": {"extensions": like}}
    found = person(ALICE, [statement(1, object=activity, result={"extensions": like}, context={"extensions": like})])
    assert "name" not in found

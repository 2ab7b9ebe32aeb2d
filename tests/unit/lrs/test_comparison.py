"""Two statements are the same when they differ only in what the specification says not to look at."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.lrs.comparison import same_statement
from tests.fakes.statements import HOME, agent, statement

GROUP = {"objectType": "Group", "member": [agent("dora"), agent("emil")]}
FULL = statement(
    1,
    actor={**agent("alice"), "name": "Alice"},
    object={"id": f"{HOME}/steps/1", "definition": {"name": {"en": "Step"}}},
    result={
        "duration": "PT60M1S",
        "score": {"raw": 3},
        "completion": True,
        "extensions": {"https://x.org/e": [1, None]},
    },
    context={
        "team": GROUP,
        "registration": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "contextActivities": {"parent": [{"id": f"{HOME}/run"}]},
        "language": "en-US",
    },
    authority=agent("writer"),
    stored="2026-09-01T10:00:01.000Z",
    version="1.0.0",
)

Change = Callable[[dict[str, Any]], object]

IGNORED: dict[str, Change] = {
    "what the store sets": lambda s: s.update(id="x", authority=agent("other"), stored="later", version="2.0.0"),
    "a timestamp in another zone": lambda s: s.update(timestamp="2026-09-01T12:00:00+02:00"),
    "a timestamp the store filled in": lambda s: s.pop("timestamp"),
    "the display of the verb": lambda s: s["verb"].pop("display"),
    "the definition of an activity": lambda s: s["object"].pop("definition"),
    "an objectType that is the default anyway": lambda s: s["object"].update(objectType="Activity"),
    "an agent's default objectType": lambda s: s["actor"].pop("objectType"),
    "the order of group members": lambda s: s["context"]["team"]["member"].reverse(),
    "a context activity outside an array": lambda s: s["context"]["contextActivities"].update(
        parent={"id": f"{HOME}/run"}
    ),
    "the case of a UUID": lambda s: s["context"].update(registration="A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
    "the case of a language tag": lambda s: s["context"].update(language="en-us"),
    "a number's spelling": lambda s: s["result"]["score"].update(raw=3.0),
    "attachments": lambda s: s.update(attachments=[]),
    "what a duration has beyond hundredths": lambda s: s["result"].update(duration="PT60M1.0099S"),
    "hundredths that are none": lambda s: s["result"].update(duration="PT60M1.00S"),
}
SEEN: dict[str, Change] = {
    "another actor": lambda s: s["actor"]["account"].update(name="bob"),
    "another name of the actor": lambda s: s["actor"].update(name="Bob"),
    "another time": lambda s: s.update(timestamp="2026-09-01T10:00:00.001Z"),
    "another verb": lambda s: s["verb"].update(id="https://example.org/other"),
    "another object": lambda s: s["object"].update(id=f"{HOME}/steps/2"),
    "another object of the same id": lambda s: s.update(object={"objectType": "StatementRef", "id": s["object"]["id"]}),
    "a duration of the same length, spelled otherwise": lambda s: s["result"].update(duration="PT1H1S"),
    "a duration a hundredth longer": lambda s: s["result"].update(duration="PT60M1.01S"),
    "true where there was 1": lambda s: s["result"]["extensions"].update({"https://x.org/e": [True, None]}),
    "a null less": lambda s: s["result"]["extensions"].update({"https://x.org/e": [1]}),
    "a member less": lambda s: s["context"]["team"]["member"].pop(),
    "no result": lambda s: s.pop("result"),
    "another relation of a context activity": lambda s: s["context"].update(
        contextActivities={"other": [{"id": f"{HOME}/run"}]}
    ),
}


def changed(change: Change) -> dict[str, Any]:
    other = copy.deepcopy(FULL)
    change(other)
    return other


@pytest.mark.parametrize("name", IGNORED)
def test_what_immutability_leaves_out_is_not_compared(name: str) -> None:
    """The list of Data 2.3.1, each alone and in both directions."""
    other = changed(IGNORED[name])
    assert same_statement(FULL, other)
    assert same_statement(other, FULL)


@pytest.mark.parametrize("name", SEEN)
def test_everything_else_is_compared(name: str) -> None:
    """In both directions."""
    other = changed(SEEN[name])
    assert not same_statement(FULL, other)
    assert not same_statement(other, FULL)


def test_mail_addresses_differ_by_case_only_before_the_at_sign() -> None:
    """Domains have no case."""
    one, same, other = (
        statement(1, actor={"mbox": f"mailto:{address}"})
        for address in ("Ann@example.org", "Ann@EXAMPLE.org", "ann@example.org")
    )
    assert same_statement(one, same)
    assert not same_statement(one, other)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(sorted(IGNORED))), st.sets(st.sampled_from(sorted(SEEN)), max_size=2))
def test_any_mixture_of_changes_is_seen_exactly_when_one_of_them_is(ignored: set[str], seen: set[str]) -> None:
    """The rules do not disturb each other, and the comparison is symmetric."""
    other = copy.deepcopy(FULL)
    for name in sorted(ignored):
        IGNORED[name](other)
    if "a timestamp the store filled in" in ignored:
        seen = seen - {"another time"}
    for name in sorted(seen, key=lambda name: (name == "no result", name)):
        SEEN[name](other)
    assert same_statement(FULL, other) is (not seen)
    assert same_statement(other, FULL) is (not seen)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(_JSON, _JSON)
def test_extensions_are_compared_as_json_and_nothing_else(one: Any, other: Any) -> None:
    """Equal exactly when they would be written the same."""
    first, second = (statement(1, result={"extensions": {"https://x.org/e": value}}) for value in (one, other))
    assert same_statement(first, copy.deepcopy(first))
    assert same_statement(first, second) is (_written(one) == _written(other))


def _written(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

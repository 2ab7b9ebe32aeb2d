"""Reading a text says of every statement what decoding and reading it says."""

import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.xapi.decoding import Reader
from lrs_bridge.xapi.names import CMI5, extension
from lrs_bridge.xapi.reading import Unreadable, read
from tests.unit.xapi.golden import BASE, PAIRS

STATEMENTS = {name: pair["statement"] for name, pair in PAIRS.items()}
STATEMENTS["cmi5"] = {
    **STATEMENTS["completed"],
    "context": {
        "registration": "7C0D2B2A-0000-4000-8000-000000000001",
        "contextActivities": {"category": [{"id": CMI5}]},
    },
}
STATEMENTS["everything"] = {
    "id": "AAAAAAAA-0000-4000-8000-000000000001",
    "actor": {"account": {"homePage": BASE, "name": "petra"}, "mbox": "mailto:Petra@example.org"},
    "verb": {"id": "http://example.org/tried"},
    "object": {"id": f"{BASE}/journeys/sales/v/1/steps/S%201", "definition": {"name": {"en": "One"}}},
    "timestamp": "2026-03-03T12:00:00.123456789+02:00",
    "stored": "2026-03-03T10:00:01Z",
    "context": {
        "registration": "R",
        "contextActivities": {"grouping": [{"id": "http://example.org/x"}, {"id": f"{BASE}/runs/AB"}]},
        "extensions": {extension(name): "" for name in ("step", "role", "with", "recorded")},
    },
    "result": {
        "completion": False,
        "score": {"raw": 3, "min": 0, "max": 4.5},
        "extensions": {extension("level"): 2, extension("answers"): {"a": 1, "b": "c"}, "http://example.org/e": [1]},
    },
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 4.0, 1e300, 2**70, "", "x", "Activity", "StatementRef", "Agent", "Group", [], {}),
        *("2026-03-03", "2026-03-03t12:00:00z", "2026-03-03T12:00", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
        *({"id": "x"}, [{"id": "x"}], [{"id": 7}], {"id": CMI5}, {"homePage": BASE}),
        *({"raw": "7"}, {"raw": 1e301}, {"raw": True}, {"mbox": "mailto:Petra@example.org"}),
    ]
)


def said(work: Any) -> Any:
    try:
        return work()
    except Unreadable as problem:
        return str(problem)


def same(statement: Any) -> None:
    text = json.dumps(statement).encode()
    expected = said(lambda: read(orjson.loads(text), BASE))
    assert said(lambda: Reader(BASE).read(text)) == expected
    assert said(lambda: Reader(BASE).read(text.decode())) == expected


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_of_the_profile_is_read_alike(name):
    """From bytes and from a text."""
    same(STATEMENTS[name])


def places(inside: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a statement."""
    keys = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
    return [way, *(place for key, value in keys for place in places(value, (*way, key)))]


@settings(deadline=None, max_examples=1000)
@given(st.sampled_from(list(STATEMENTS.values())), st.data())
def test_whatever_stands_in_the_place_of_a_value_is_read_alike(statement, data):
    """Another value, nothing at all, or one beside it that the specification does not know."""
    damaged = copy.deepcopy(statement)
    for _ in range(data.draw(st.integers(1, 2))):
        way = data.draw(st.sampled_from(places(damaged)))
        if not way:
            continue
        inside = damaged
        for key in way[:-1]:
            inside = inside[key]
        if data.draw(st.booleans()):
            inside[way[-1]] = copy.deepcopy(data.draw(ODD))
        elif isinstance(inside, dict):
            del inside[way[-1]]
            inside[data.draw(st.sampled_from(["mbox", "objectType", "account", "extensions", "member"]))] = 7
    same(damaged)


@pytest.mark.parametrize("text", ["7", "null", "[]", '"id"', "[" * 5000 + "]" * 5000])
def test_what_is_no_statement_is_refused_alike(text):
    """Nothing but an object, however deep it goes."""
    decoded = said_or_broken(lambda: read(orjson.loads(text), BASE))
    assert said_or_broken(lambda: Reader(BASE).read(text)) == decoded


def said_or_broken(work: Any) -> Any:
    try:
        return said(work)
    except orjson.JSONDecodeError as problem:
        return str(problem)


def test_no_json_is_an_error_of_its_own():
    """It is not a statement that says something wrong."""
    with pytest.raises(orjson.JSONDecodeError):
        Reader(BASE).read('{"id": ')

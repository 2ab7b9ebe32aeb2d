"""What is a statement and what is not, one rule of the specification at a time."""

from __future__ import annotations

import contextlib
import copy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.lrs.formats import read_timestamp
from lrs_bridge.lrs.intake import Writer, prepare
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.remembering import remembered
from lrs_bridge.lrs.validation import check_statement
from tests.fakes.statements import HOME, agent, statement, uuid, voiding

ACTIVITY = {"id": f"{HOME}/a"}
GROUP = {"objectType": "Group", "member": [agent("dora")]}
CHOICE = {"interactionType": "choice", "correctResponsesPattern": ["a"], "choices": [{"id": "a"}, {"id": "b"}]}
ATTACHMENT = {
    "usageType": "https://example.org/use",
    "display": {"en": "a file"},
    "contentType": "text/plain; charset=utf-8",
    "length": 3,
    "sha2": "0" * 64,
}


RELEVANT = {"objectType": "contextAgent", "agent": agent("b"), "relevantTypes": ["https://t.org"]}


def sub(**more: Any) -> dict[str, Any]:
    made = {name: value for name, value in statement(1).items() if name != "id"}
    return {"objectType": "SubStatement", **made, **more}


GOOD: dict[str, dict[str, Any]] = {
    "the plainest": statement(1),
    "a UUID of version 7": {**statement(1), "id": "018f8f8e-7f1c-7c3a-9b1e-0123456789ab"},
    "an actor by mail": statement(1, actor={"mbox": "mailto:a@example.org"}),
    "an actor by hash": statement(1, actor={"mbox_sha1sum": "a" * 40}),
    "an actor by openid": statement(1, actor={"openid": "https://a.example.org"}),
    "an anonymous group": statement(1, actor=GROUP),
    "an identified group without members": statement(1, actor={**agent("g"), "objectType": "Group"}),
    "a definition": statement(1, object={**ACTIVITY, "definition": {"type": "https://x.org/t", **CHOICE}}),
    "a SubStatement": statement(1, object=sub()),
    "an agent as object": statement(1, object=agent("bob")),
    "nulls in extensions": statement(1, context={"extensions": {"https://x.org/e": None}}),
    "a score": statement(1, result={"score": {"scaled": -1, "raw": 0, "min": 0, "max": 4.5}}),
    "weeks": statement(1, result={"duration": "P4W"}),
    "revision of an activity": statement(1, context={"revision": "2", "platform": "x", "language": "de-AT"}),
    "context activities, single and many": statement(
        1, context={"contextActivities": {"parent": ACTIVITY, "other": [ACTIVITY, ACTIVITY]}}
    ),
    "context agents of 2.0": statement(1, context={"contextAgents": [RELEVANT]}),
    "a voiding statement": voiding(2, 1),
    "an attachment": statement(1, attachments=[ATTACHMENT]),
    "an OAuth authority": statement(
        1, authority={"objectType": "Group", "member": [agent("app"), {"mbox": "mailto:a@example.org"}]}
    ),
}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no actor": ({"verb": {"id": "https://v.org"}, "object": ACTIVITY}, "actor"),
    "an unknown key": (statement(1, note="x"), "note"),
    "a key in another case": (statement(1, Context={}), "Context"),
    "a null": (statement(1, context=None), "context"),
    "an id that is no UUID": ({**statement(1), "id": "1"}, "id"),
    "an actor without identifier": (statement(1, actor={"name": "Ann"}), "actor"),
    "an actor with two": (statement(1, actor={**agent("a"), "mbox": "mailto:a@b.org"}), "actor"),
    "an unknown kind of actor": (statement(1, actor={**agent("a"), "objectType": "agent"}), "actor.objectType"),
    "mail without mailto": (statement(1, actor={"mbox": "a@b.org"}), "actor.mbox"),
    "an account without name": (statement(1, actor={"account": {"homePage": HOME}}), "actor.account.name"),
    "a relative home page": (statement(1, actor={"account": {"homePage": "/x", "name": "a"}}), "homePage"),
    "an anonymous group of nobody": (statement(1, actor={"objectType": "Group"}), "actor.member"),
    "a group in a group": (statement(1, actor={"objectType": "Group", "member": [GROUP]}), "actor.member[0]"),
    "a verb without id": (statement(1, verb={"display": {"en": "did"}}), "verb.id"),
    "a verb that is no IRI": (statement(1, verb={"id": "completed"}), "verb.id"),
    "a display without language": (statement(1, verb={"id": "https://v.org", "display": "did"}), "verb.display"),
    "a display in no language": (statement(1, verb={"id": "https://v.org", "display": {"a12345678": "x"}}), "display"),
    "an object of no kind": (statement(1, object={**ACTIVITY, "objectType": "activity"}), "object.objectType"),
    "a reference to nothing": (statement(1, object={"objectType": "StatementRef", "id": "1"}), "object.id"),
    "a SubStatement in one": (statement(1, object=sub(object=sub())), "object.object.objectType"),
    "a SubStatement with an id": (statement(1, object=sub(id=uuid(9))), "object"),
    "voiding an activity": (statement(1, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}), "object"),
    "choices twice": (
        statement(1, object={**ACTIVITY, "definition": {**CHOICE, "choices": [{"id": "a"}, {"id": "a"}]}}),
        "definition.choices[1].id",
    ),
    "choices without interaction": (
        statement(1, object={**ACTIVITY, "definition": {"choices": []}}),
        "interactionType",
    ),
    "an interaction of no kind": (
        statement(1, object={**ACTIVITY, "definition": {"interactionType": {}}}),
        "interactionType",
    ),
    "an extension key that is no IRI": (statement(1, result={"extensions": {"x": 1}}), "extensions"),
    "a scaled score of 2": (statement(1, result={"score": {"scaled": 2}}), "scaled"),
    "a score outside its bounds": (statement(1, result={"score": {"raw": 5, "max": 4}}), "raw"),
    "bounds the wrong way round": (statement(1, result={"score": {"min": 4, "max": 4}}), "max"),
    "a score in words": (statement(1, result={"score": {"raw": "3"}}), "raw"),
    "a score that is true": (statement(1, result={"score": {"raw": True}}), "raw"),
    "success in words": (statement(1, result={"success": "true"}), "success"),
    "a duration of weeks and days": (statement(1, result={"duration": "P4W1D"}), "duration"),
    "a duration of nothing": (statement(1, result={"duration": "PT"}), "duration"),
    "a timestamp in no zone known": (statement(1, timestamp="2026-09-01T10:00:00-00:00"), "timestamp"),
    "a day that is none": (statement(1, timestamp="2026-02-30T10:00:00Z"), "timestamp"),
    "revision of an agent": (statement(1, object=agent("b"), context={"revision": "1"}), "revision"),
    "a team that is an agent": (statement(1, context={"team": agent("a")}), "team"),
    "context activities of no kind": (statement(1, context={"contextActivities": {"x": []}}), "contextActivities"),
    "a language that is none": (statement(1, context={"language": "a1"}), "language"),
    "relevant types, but none": (
        statement(1, context={"contextAgents": [{**RELEVANT, "relevantTypes": []}]}),
        "relevantTypes",
    ),
    "an authority of three": (
        statement(1, authority={"objectType": "Group", "member": [agent("a"), agent("b"), agent("c")]}),
        "authority",
    ),
    "a version to come": (statement(1, version="1.1.0"), "version"),
    "an attachment without hash": (statement(1, attachments=[{**ATTACHMENT, "sha2": ""}]), "sha2"),
    "attachments that are one": (statement(1, attachments=ATTACHMENT), "attachments"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_the_specification_allows_is_accepted(name: str) -> None:
    """And left as it is."""
    before = copy.deepcopy(GOOD[name])
    check_statement(GOOD[name])
    assert before == GOOD[name]


@pytest.mark.parametrize("name", BAD)
def test_what_it_forbids_is_refused_with_the_place(name: str) -> None:
    """The message begins with the path of what is wrong."""
    value, place = BAD[name]
    with pytest.raises(Invalid) as problem:
        check_statement(value)
    assert place in str(problem.value)


@pytest.mark.parametrize(
    "statement_of_2",
    [
        statement(1, version="2.0.0"),
        statement(1, context={"contextAgents": [RELEVANT]}),
        statement(1, context={"contextGroups": [{"objectType": "contextGroup", "group": GROUP}]}),
        statement(1, object=sub(context={"contextAgents": [RELEVANT]})),
    ],
    ids=["version", "contextAgents", "contextGroups", "in a SubStatement"],
)
def test_what_2_0_brought_is_refused_where_1_0_is_spoken(statement_of_2: dict[str, Any]) -> None:
    """A 1.0 store knows neither (Data 2.2)."""
    check_statement(statement_of_2)
    with pytest.raises(Invalid):
        check_statement(statement_of_2, two=False)


def test_what_was_found_sound_is_remembered_and_what_was_not_is_told_with_its_own_place() -> None:
    """Each time anew: only what is sound is kept in mind."""
    asked: list[Any] = []

    @remembered
    def check(value: Any, where: str) -> None:
        asked.append(value)
        if value == "bad":
            raise Invalid(where, "is bad")

    for where in ("first", "second"):
        check({"id": 1}, where)
        with pytest.raises(Invalid, match=where):
            check("bad", where)
    assert asked.count({"id": 1}) == 1


def test_a_statement_nested_without_end_is_refused() -> None:
    """JSON can be read deeper than it can be written."""
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    with pytest.raises(Invalid, match="deep"):
        prepare(statement(1, result={"extensions": {"https://x.org/e": deep}}), Writer("t", agent("w")), "1.0.0")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_whatever_stands_in_any_place_is_accepted_or_refused_but_never_breaks(name: str, data: st.DataObject) -> None:
    """Any JSON value instead of any part of a statement; what is accepted can be indexed and written."""
    broken = copy.deepcopy(GOOD[name])
    here: Any = broken
    for _ in range(data.draw(st.integers(0, 3))):
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        inner = [key for key in keys if isinstance(here[key], dict | list) and here[key]]
        if not inner:
            break
        here = here[data.draw(st.sampled_from(inner))]
    key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
    here[key] = data.draw(_JSON)
    with contextlib.suppress(Invalid):
        assert prepare(broken, Writer("tenant", agent("writer")), "1.0.0").terms


@settings(max_examples=50, deadline=None)
@given(st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_timestamp_that_is_written_is_read_as_the_same_time(local: datetime, minutes: int) -> None:
    """At any offset from UTC."""
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_timestamp(moment.isoformat()) == moment

"""Writing refuses what does not fill the template, naming template and rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.xapi import names
from lrs_bridge.xapi.reading import read
from lrs_bridge.xapi.writing import CannotWrite, statement
from tests.unit.xapi.golden import BASE, PAIRS, event_of


def example(name):
    return event_of(PAIRS[name]["event"])


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("registered", {"registration": None}, "$.context.registration"),
        ("registered", {"registration": "Petra"}, "$.context.registration"),
        ("completed", {"step": None}, "$.object"),
        ("completed", {"step_type": None}, "$.object"),
        ("completed", {"completion": False}, "$.result.completion"),
        ("applied", {"moment": None}, "$.object"),
        ("applied", {"score": None}, "$.result.score.raw"),
        ("applied", {"score": Score(5, 0, 4)}, "$.result.score.raw"),
        ("applied", {"score": Score(3, 0, 5)}, "$.result.score.max"),
        ("applied", {"data": {}}, f"$.result.extensions['{names.extension('behaviours')}']"),
        ("rated", {"capability": None}, "$.object"),
        ("rated", {"data": {"source": "a friend"}}, f"$.result.extensions['{names.extension('source')}']"),
        ("approved", {"refers_to": None}, "$.object.id"),
        ("approved", {"refers_to": "the plan"}, "$.object.id"),
        ("approved", {"step": None}, f"$.context.extensions['{names.extension('step')}']"),
        ("verified", {"data": {"basis": "guessed"}}, f"$.result.extensions['{names.extension('basis')}']"),
        (
            "answered",
            {"data": {"answers": {"M1": "went well"}}},
            f"$.result.extensions['{names.extension('answers')}']",
        ),
        ("reflected", {"data": {"note": "free text"}}, f"$.result.extensions['{names.extension('note')}']"),
        ("practised", {"data": {"difficulty": 4}}, f"$.result.extensions['{names.extension('difficulty')}']"),
    ],
)
def test_what_does_not_fill_the_template_is_refused(name, change, rule):
    with pytest.raises(CannotWrite) as refused:
        statement(replace(example(name), **change), BASE)
    assert refused.value.rule == rule
    assert refused.value.template == f"{names.PROFILE}/templates/{example(name).kind}"
    assert refused.value.template in str(refused.value)


def test_a_statement_of_another_system_is_never_written():
    with pytest.raises(CannotWrite, match=r"\$\.verb\.id"):
        statement(replace(example("registered"), kind=Kind.OTHER), BASE)


def test_a_moment_or_capability_cannot_stand_for_a_step():
    with pytest.raises(CannotWrite, match=r"\$\.object\.definition\.type"):
        statement(replace(example("completed"), step_type="moment"), BASE)


def test_writing_twice_gives_the_same_statement():
    assert statement(example("applied"), BASE) == statement(example("applied"), BASE)


def test_the_template_gives_what_it_fixes():
    written = statement(replace(example("applied"), score=Score(3)), BASE)
    assert written["result"]["score"] == {"raw": 3, "min": 0, "max": 4}
    assert statement(replace(example("completed"), completion=None), BASE)["result"]["completion"] is True


def test_the_time_is_in_utc_to_the_millisecond():
    at = datetime(2026, 3, 9, 12, 0, 0, 123999, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert statement(replace(example("reflected"), at=at), BASE)["timestamp"] == "2026-03-09T06:30:00.123Z"


def test_the_system_acts_under_its_own_account():
    written = statement(replace(example("waived"), role=Role.SYSTEM), BASE)
    assert written["actor"]["account"] == {"homePage": BASE, "name": "system"}


def test_a_uuid_of_any_version_will_do_as_registration():
    seven = "018f3b6a-2f7c-7e4d-8a1b-5c6d7e8f9a0b"
    assert statement(replace(example("reflected"), registration=seven), BASE)["context"]["registration"] == seven


def test_frozen_data_becomes_plain_json():
    event = replace(example("applied"), data=MappingProxyType({"behaviours": ("B1", "B2")}))
    assert statement(event, BASE)["result"]["extensions"] == {names.extension("behaviours"): ["B1", "B2"]}


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
words = st.text(min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    step=words,
    moment=words,
    raw=st.integers(0, 4),
    behaviours=st.lists(words, max_size=3),
    at=st.integers(0, 10**16).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds)),
)
def test_what_is_written_is_read_back(step, moment, raw, behaviours, at):
    event = replace(
        example("applied"), step=step, moment=moment, score=Score(raw), data={"behaviours": behaviours}, at=at
    )
    fact = read(statement(event, BASE), BASE)
    assert (fact.step, fact.moment, fact.data) == (step, moment, {"behaviours": behaviours})
    assert fact.score == Score(raw, 0, 4)
    assert fact.at == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert (fact.actor, fact.registration, fact.run) == (event.actor, event.registration, event.run)

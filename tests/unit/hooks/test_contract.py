"""The check of a whole plugin finds what an author may get wrong; the formulas' part is in the evaluators' tests."""

from __future__ import annotations

import datetime as clocks
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import Evaluator, EvaluatorSettings, Heard, Level, Listener, Outcome, Status, declares, listens
from lrs_bridge.hooks.testing import ContractBroken, check_evaluator, check_plugin


def count(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    """An honest evaluator: facts counted, null while there are none."""
    if not evidence.facts:
        return Outcome.none(Status.NOT_STARTED)
    return Outcome(float(min(100, len(evidence.facts))), evidence=tuple(fact.id for fact in evidence.facts))


class Settings(EvaluatorSettings):
    """As they should be."""

    least = fields.Integer(load_default=1, metadata={"help": "How many at least."})


HONEST = Evaluator("mine", "Mine", "1.0.0", {Level.PERSON: count}, Settings)
EAR = Listener("ear", "Ear", "1.0.0", {Heard.STATEMENTS: lambda news, call: None})


def plugin(*evaluators: Evaluator, hears: tuple[Listener, ...] = ()) -> Any:
    hooks = {"register_evaluators": declares(*evaluators)} if evaluators else {}
    return SimpleNamespace(**hooks, **({"register_listeners": listens(*hears)} if hears else {}))


def test_an_honest_plugin_passes() -> None:
    check_plugin(plugin(HONEST, hears=(EAR,)), settings={"mine": {"least": 2}})


class NoDefault(EvaluatorSettings):
    """Nobody could switch it on without setting something."""

    least = fields.Integer(required=True, metadata={"help": "How many at least."})


class BadDefault(EvaluatorSettings):
    """Its own default is refused."""

    least = fields.Integer(load_default=0, validate=validate.Range(min=1), metadata={"help": "How many at least."})


class Silent(EvaluatorSettings):
    """Nobody knows what it is."""

    least = fields.Integer(load_default=1)


class Alone(Schema):
    """Without what every evaluator has."""


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (plugin(), "registers no evaluator and no listener"),
        (plugin(replace(HONEST, key="Not A Key")), "key must be lower-case"),
        (plugin(HONEST, HONEST), "declares 'mine' twice"),
        (plugin(HONEST, hears=(replace(EAR, key="mine"),)), "declares 'mine' twice"),
        (plugin(replace(HONEST, schema=NoDefault)), "mine.least: Missing data"),
        (plugin(replace(HONEST, schema=BadDefault)), "mine.least: Must be greater"),
        (plugin(replace(HONEST, schema=Silent)), "setting 'least' without a help text"),
        (plugin(replace(HONEST, schema=Alone)), "inherit from EvaluatorSettings"),
        (plugin(replace(HONEST, applies=lambda journey: journey.steps[0])), "raises IndexError"),
        (plugin(replace(HONEST, applies=lambda journey: journey.steps)), "neither True nor False"),
        (plugin(hears=(replace(EAR, schema=Silent),)), "setting 'least' without a help text"),
    ],
)
def test_a_declaration_that_would_make_trouble_is_found(broken: Any, said: str) -> None:
    with pytest.raises(ContractBroken, match=said):
        check_plugin(broken)


def indirectly(value: datetime) -> float:
    """Called by one that is called."""
    return (datetime.now(UTC) - value).days / 1e6


def writes(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    with open("left-behind.txt", "w") as file:
        file.write("x")
    return count(journey, evidence, settings, as_of)


def asks_a_database(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    sqlite3.connect(":memory:").close()
    return count(journey, evidence, settings, as_of)


def hides_it(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    try:
        return asks_a_database(journey, evidence, settings, as_of)
    except Exception:
        return count(journey, evidence, settings, as_of)


def changes_a_fact(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    for fact in evidence.facts:
        if isinstance(fact.data, dict):
            fact.data["seen"] = True
    return count(journey, evidence, settings, as_of)


CLOCKS: list[Callable[..., Any]] = [
    lambda journey, evidence, settings, as_of: Outcome(float(time.time() > 0)),
    lambda journey, evidence, settings, as_of: Outcome(float(monotonic() > 0)),
    lambda journey, evidence, settings, as_of: Outcome(float(date.today() > as_of.date())),  # noqa: DTZ011
    lambda journey, evidence, settings, as_of: Outcome(float(clocks.datetime.now(UTC) > as_of)),
    lambda journey, evidence, settings, as_of: Outcome(indirectly(as_of)),
    lambda journey, evidence, settings, as_of: Outcome(float(sum(indirectly(fact.at) for fact in evidence.facts))),
]


@pytest.mark.parametrize("function", CLOCKS)
def test_a_look_at_a_clock_is_found(function: Callable[..., Any]) -> None:
    """Also in a function that is called, and whether or not it would show today."""
    with pytest.raises(ContractBroken, match=r"is not pure: .* asks for the time"):
        check_evaluator(replace(HONEST, functions={Level.PERSON: function}))


def test_words_that_only_look_like_a_clock_are_none() -> None:
    """`today` of a record is the day of `as_of`."""

    def harmless(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
        asked = SimpleNamespace(today=as_of, now=datetime.fromisoformat("2026-03-02T09:00:00+00:00"))
        return count(journey, evidence, settings, max(asked.today, asked.now))

    check_evaluator(replace(HONEST, functions={Level.PERSON: harmless}))


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (writes, "writes the file left-behind.txt"),
        (asks_a_database, "opens a database"),
        (hides_it, "opens a database"),
        (changes_a_fact, "changes the statements"),
    ],
)
def test_reaching_out_of_the_function_is_found(
    function: Callable[..., Any], said: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And kept from happening."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ContractBroken, match=said):
        check_evaluator(replace(HONEST, functions={Level.PERSON: function}))
    assert not list(tmp_path.iterdir())


def test_after_the_check_everything_is_allowed_again(tmp_path: Any) -> None:
    """The watch is over when the function is."""
    check_evaluator(HONEST)
    (tmp_path / "file").write_text("x")
    sqlite3.connect(":memory:").close()

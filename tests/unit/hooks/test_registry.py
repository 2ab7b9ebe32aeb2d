"""Plugins come in one by one; what cannot be used is kept as data and takes nothing else down."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from lrs_bridge.hooks import Evaluator, Heard, Level, Listener, Outcome, Status, hookimpl, listens
from lrs_bridge.hooks.registry import Registry, load


def nothing(journey: Any, evidence: Any, settings: Any, as_of: Any) -> Outcome:
    return Outcome.none(Status.NOT_STARTED)


def evaluator(key: str = "sample", **keys: Any) -> Evaluator:
    return replace(Evaluator(key, "A sample", "1.0.0", {Level.PERSON: nothing}), **keys)


class Point:
    """An entry point as importlib.metadata has them, with what it loads."""

    def __init__(self, name: str, plugin: Any, distribution: str = "dist", requires: Any = None) -> None:
        self.name = name
        self.plugin = plugin
        self.dist = SimpleNamespace(name=distribution, version="2.1", requires=requires)

    def load(self) -> Any:
        if isinstance(self.plugin, BaseException):
            raise self.plugin
        return self.plugin


def plugin(answer: Any) -> Any:
    class Declares:
        @hookimpl
        def register_evaluators(self) -> Any:
            if isinstance(answer, BaseException):
                raise answer
            return answer

    return Declares()


def listener(key: str = "ear", **keys: Any) -> Listener:
    return replace(Listener(key, "An ear", "1.0.0", {Heard.STATEMENTS: lambda news, call: None}), **keys)


def listening(*listeners: Any) -> Any:
    """A plugin with `register_listeners` alone."""
    return SimpleNamespace(register_listeners=listens(*listeners))


def load_with_good(*points: Point) -> Registry:
    """Beside the given ones stands a plugin that works, and must go on working."""
    registry = load([*points, Point("good", plugin([evaluator("good")]))])
    assert "good" in registry.evaluators
    return registry


def test_the_built_in_evaluators_come_by_the_same_door():
    """They are found through the installed distribution's entry points."""
    registry = load()
    assert {"journey_completion", "manager_engagement", "mtm_application", "success_case"} <= set(registry.evaluators)
    assert registry.failures == ()
    assert registry.evaluators["success_case"].distribution.startswith("lrs-bridge ")


def test_an_evaluator_carries_its_distribution():
    """Name and version of the distribution are filled in, and stand in `plugins` too."""
    registry = load([Point("b", plugin([evaluator("two"), evaluator("one")]))])
    assert list(registry.evaluators) == ["one", "two"]
    assert registry.evaluators["one"].distribution == "dist 2.1"
    assert [(p.name, p.distribution, p.evaluators) for p in registry.plugins] == [("b", "dist 2.1", ("two", "one"))]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (ImportError("no module named x"), "could not be loaded: ImportError: no module named x"),
        (SystemExit(3), "could not be loaded: SystemExit: 3"),
        (plugin(RuntimeError("not today")), "could not be loaded: RuntimeError: not today"),
        (plugin(None), "registers no evaluator and no listener"),
        (object(), "registers no evaluator and no listener"),
        (plugin(7), "register_evaluators returned int: return a list of Evaluator."),
        (plugin("sample"), "register_evaluators returned str"),
        (plugin([7]), "registers 7, which is no Evaluator."),
        (plugin([evaluator("Bad Key")]), "the evaluator 'Bad Key': key must be lower-case"),
        (plugin([evaluator(title="")]), "title must be a text"),
        (plugin([evaluator(version=2)]), "version must be a text"),
        (plugin([evaluator(functions={})]), "functions must name at least one Level"),
        (plugin([evaluator(functions={"person": 3})]), "functions must name at least one Level"),
        (plugin([evaluator(schema=dict)]), "schema must be a marshmallow Schema class"),
        (plugin([evaluator(applies=True)]), "applies must be a function"),
        (plugin([evaluator(needs="other")]), "needs must be a tuple"),
        (plugin([evaluator(posting="never")]), "posting must be a Posting"),
        (plugin([evaluator(audience=["coach"])]), "audience must be a mapping"),
        (plugin([evaluator(audience={"coach": "everything"})]), "audience must be a mapping from Role to one of own"),
        (plugin([evaluator(audience={"nobody": "own"})]), "audience must be a mapping"),
        (plugin([evaluator(words="Well done.")]), "words must be a Words"),
        (plugin([evaluator(bounds=(100, 0))]), "bounds must be two numbers, the lower first"),
        (plugin([evaluator(surveys="reaction")]), "surveys must be a tuple"),
        (plugin([listener()]), "which is no Evaluator"),
        (listening(evaluator()), "which is no Listener"),
        (listening(listener(functions={})), "functions must name at least one Heard"),
        (listening(listener(key="")), "the listener '': key must be lower-case"),
        (listening(listener(schema=dict)), "schema must be a marshmallow Schema class"),
    ],
)
def test_a_broken_plugin_is_a_failure_with_its_reason(broken, said):
    """Whatever goes wrong in one plugin is told of it, and the others are there."""
    (failure,) = load_with_good(Point("broken", broken)).failures
    assert (failure.name, failure.distribution) == ("broken", "dist 2.1")
    assert said in failure.reason


def test_a_hook_that_is_not_there_is_a_failure():
    """A misspelt hook would otherwise be silently without effect."""

    class Misspelt:
        @hookimpl
        def register_evaluator(self) -> list[Evaluator]:
            return [evaluator()]

    (failure,) = load_with_good(Point("misspelt", Misspelt())).failures
    assert "register_evaluator" in failure.reason


def test_two_distributions_with_one_name_are_both_refused():
    """Which of the two was meant cannot be known."""
    registry = load_with_good(
        Point("same", plugin([evaluator("a")]), "one"), Point("same", plugin([evaluator("b")]), "two")
    )
    assert [(f.name, f.distribution) for f in registry.failures] == [("same", "one 2.1"), ("same", "two 2.1")]
    assert all("same of one 2.1; same of two 2.1" in f.reason for f in registry.failures)
    assert set(registry.evaluators) == {"good"}


def test_two_evaluators_with_one_key_are_both_refused():
    """Also when the plugins have different names, and also within one plugin."""
    registry = load_with_good(
        Point("x", plugin([evaluator("a"), evaluator("c")]), "one"), Point("y", plugin([evaluator("a")]), "two")
    )
    assert [f.name for f in registry.failures] == ["x", "y"]
    assert all("the key 'a' is claimed more than once" in f.reason for f in registry.failures)
    assert set(registry.evaluators) == {"good"}
    (twice,) = load_with_good(Point("z", plugin([evaluator("a"), evaluator("a")]))).failures
    assert "claimed more than once" in twice.reason


def test_a_plugin_may_listen_only():
    """It carries its distribution, too."""
    registry = load_with_good(Point("ears", listening(listener("one"), listener("another"))))
    assert list(registry.listeners) == ["another", "one"]
    assert registry.listeners["one"].distribution == "dist 2.1"
    assert [(p.evaluators, p.listeners) for p in registry.plugins] == [((), ("one", "another")), (("good",), ())]


def test_evaluators_and_listeners_share_one_set_of_keys():
    """Whoever names one means one."""
    registry = load_with_good(Point("x", plugin([evaluator("a")])), Point("y", listening(listener("a"))))
    assert [f.name for f in registry.failures] == ["x", "y"]
    assert not registry.listeners


@pytest.mark.parametrize(
    "requires", [None, [], ["lrs-bridge"], ["marshmallow>=3", "lrs_bridge>=0.0.1"], ["no; such(("]]
)
def test_a_plugin_that_requires_nothing_special_is_used(requires: Any):
    assert "a" in load([Point("a", plugin([evaluator("a")]), requires=requires)]).evaluators


def test_a_plugin_for_another_version_is_not_even_imported():
    """Its import might fail in a way that explains nothing."""
    point = Point("later", ZeroDivisionError("imported"), requires=["lrs-bridge >= 99"])
    (failure,) = load_with_good(point).failures
    assert failure.reason.startswith("is made for lrs-bridge >=99, and this is ")


def test_loading_twice_starts_anew():
    """There is no global plugin manager that remembers."""
    assert set(load([Point("a", plugin([evaluator("a")]))]).evaluators) == {"a"}
    assert set(load([Point("b", plugin([evaluator("b")]))]).evaluators) == {"b"}

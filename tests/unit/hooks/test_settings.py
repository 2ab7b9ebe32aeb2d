"""Settings are complete, checked, and the nearest layer counts."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from lrs_bridge.domain.journey import Journey
from lrs_bridge.hooks import Evaluator, EvaluatorSettings, Level, Outcome, Status
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import Fault, SettingsError, activate, resolve


class Weights(Schema):
    before = fields.Float(load_default=35.0)
    after = fields.Float(load_default=45.0)


class Own(EvaluatorSettings):
    weights = fields.Nested(Weights, load_default=lambda: {"before": 35.0, "after": 45.0})
    factors = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=lambda: {"self": 0.6, "peer": 0.8})
    late = fields.Float(load_default=0.5, validate=validate.Range(0, 1))
    names = fields.List(fields.String(), load_default=list)


class Alone(Schema):
    """A stranger's schema that knows nothing of `k`."""

    needed = fields.Integer(required=True)


def evaluator(schema: type[Schema] | None, key: str = "own", **more: Any) -> Evaluator:
    return Evaluator(
        key, "Own", "1", {Level.PERSON: lambda *_: Outcome.none(Status.NOT_STARTED)}, schema=schema, **more
    )


def test_without_layers_all_defaults_are_there():
    """A result can carry every setting used."""
    assert resolve(evaluator(Own)) == {
        "k": 5,
        "weights": {"before": 35.0, "after": 45.0},
        "factors": {"self": 0.6, "peer": 0.8},
        "late": 0.5,
        "names": [],
    }


def test_a_later_layer_goes_before_and_mappings_are_merged():
    """One weight can be set without repeating the others; lists are replaced."""
    settings = resolve(
        evaluator(Own),
        {"late": 0.1, "weights": {"before": 1, "after": 2}, "names": ["a", "b"]},
        {"late": 0.2, "factors": {"peer": 0.9}},
        {"weights": {"before": 40}, "names": ["c"]},
    )
    assert settings["late"] == 0.2
    assert settings["weights"] == {"before": 40.0, "after": 2.0}
    assert settings["factors"] == {"self": 0.6, "peer": 0.9}
    assert settings["names"] == ["c"]


def test_layers_are_left_as_they_were():
    """Resolving changes no layer."""
    layer = {"weights": {"before": 1}}
    resolve(evaluator(Own), layer, {"weights": {"after": 2}})
    assert layer == {"weights": {"before": 1}}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"lat": 1}, Fault("lat", "is no setting here. Did you mean 'late'?")),
        ({"zzz": 1}, Fault("zzz", "is no setting here. Known here: factors, k, late, names, weights.")),
        ({"weights": {"befor": 1}}, Fault("weights.befor", "is no setting here. Did you mean 'before'?")),
        ({"weights": {"before": "x"}}, Fault("weights.before", "Not a valid number.")),
        ({"late": 2}, Fault("late", "Must be greater than or equal to 0 and less than or equal to 1.")),
        ({"k": 4}, Fault("k", "Must be greater than or equal to 5 and less than or equal to 15.")),
        ({"names": "x"}, Fault("names", "Not a valid list.")),
    ],
)
def test_a_wrong_setting_is_named(given, fault):
    """The error names evaluator, key and what would do."""
    with pytest.raises(SettingsError) as caught:
        resolve(evaluator(Own), given)
    assert caught.value.faults == (fault,)
    assert str(caught.value) == f"own.{fault.key}: {fault.message}"


def test_what_is_no_mapping_is_refused():
    """A layer has to map names to values."""
    with pytest.raises(SettingsError, match="own: must be a mapping of names to values, not 5"):
        resolve(evaluator(Own), 5)  # type: ignore[arg-type]


def test_every_evaluator_has_k():
    """Also one without a schema, and one whose schema does not derive from ours."""
    assert resolve(evaluator(None)) == {"k": 5}
    assert resolve(evaluator(None), {"k": 7}) == {"k": 7}
    assert resolve(evaluator(Alone), {"needed": 1, "k": 6}) == {"needed": 1, "k": 6}
    with pytest.raises(SettingsError, match=r"own\.needed: Missing data"):
        resolve(evaluator(Alone))
    with pytest.raises(SettingsError, match=r"own\.x: is no setting here"):
        resolve(evaluator(None), {"x": 7})


def test_a_journey_switches_on_what_it_names():
    """Named and installed is active, with the settings of all layers; named and not installed is missing."""
    journey = Journey("j", 1, "t", (), evaluators={"own": {"late": 0.2, "k": 6}, "absent": {}})
    installed = {"own": evaluator(Own), "unnamed": evaluator(None, "unnamed")}
    activation = activate(journey, installed, platform={"own": {"late": 0.1, "names": ["p"]}}, file={"own": {"k": 7}})
    assert activation.missing == ("absent",)
    (active,) = activation.active
    assert active.key == "own"
    assert (active.settings["late"], active.settings["names"], active.settings["k"]) == (0.2, ["p"], 7)


def test_a_journey_that_names_none_gets_the_built_in_ones_that_apply():
    """Without a section, whatever of ours has a step or survey in the journey is on; a stranger's has to be named."""
    journey = Journey("j", 1, "t", ())
    ours = {
        key: evaluator(None, key, applies=answer, distribution="lrs-bridge 0.1.0")
        for key, answer in {"yes": lambda _: True, "no": lambda _: False, "fails": lambda _: 1 / 0}.items()
    }
    installed = {**ours, "strange": evaluator(None, "strange", distribution="other 1.0")}
    assert [one.key for one in activate(journey, installed).active] == ["yes", "fails"]
    named = Journey("j", 1, "t", (), evaluators={"strange": {}})
    assert [one.key for one in activate(named, installed).active] == ["strange"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "manager_engagement",
            {"phase_weights": {"before": 35, "during": 20, "after": 45}, "late": 0.5, "claimed": 0.7},
        ),
        (
            "mtm_application",
            {
                "factors": {"self": 0.6, "peer": 0.8, "verified": 1.0},
                "value_weights": {"F": 0.5, "C": 0.25, "S": 0.25},
                "index_weights": {"F": 0.4, "C": 0.2, "S": 0.2, "O": 0.2},
                "backdate_days": 14,
                "half_life_days": 21,
                "impact_outcome": 3,
            },
        ),
        (
            "success_case",
            {"high_items": 2, "min_answered": 0.6667, "sample": {"high": 6, "low": 6, "middle": 2}, "seed": 1},
        ),
        ("journey_completion", {"k": 5}),
    ],
)
def test_the_built_in_defaults_are_the_documented_ones(key, expected):
    """Names and defaults are a contract."""
    settings = resolve(load().evaluators[key])
    assert {name: settings[name] for name in expected} == expected

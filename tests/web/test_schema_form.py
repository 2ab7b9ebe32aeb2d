"""A form out of a marshmallow schema: what it shows of settings is read back as the same settings."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate

from lrs_bridge.domain.evaluators import Evaluator, Level
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.hooks.evaluator_settings import EvaluatorSettings
from lrs_bridge.hooks.settings import SettingsError, resolve
from lrs_bridge.web.admin import schema_form
from tests.plugins import installed

_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=9)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)
_BUILT_IN = sorted(installed().evaluators)


class _Inner(Schema):
    deeds = fields.Float()
    words = fields.Float()


class _All(EvaluatorSettings):
    """Every sort of field there is a way to enter."""

    number = fields.Float(load_default=0.5)
    whole = fields.Integer(load_default=1)
    yes = fields.Boolean(load_default=False)
    choice = fields.String(load_default="one", validate=validate.OneOf(["one", "two"]))
    text = fields.String(load_default="")
    pairs = fields.Dict(keys=fields.String(), values=fields.Float(), load_default=dict)
    numbers = fields.List(fields.Integer(), load_default=list)
    inner = fields.Nested(_Inner, load_default=dict)
    many = fields.List(fields.Nested(_Inner), load_default=list)


EVERY = Evaluator("every", "Every", "1", {Level.PERSON: lambda *_: Outcome(1.0)}, _All)
ANY = st.fixed_dictionaries(
    {},
    optional={
        "number": _NUMBERS,
        "whole": st.integers(-(2**53), 2**53),
        "yes": st.booleans(),
        "choice": st.sampled_from(["one", "two"]),
        "text": _TEXTS,
        "pairs": st.dictionaries(_TEXTS.filter(lambda text: ":" not in text), _NUMBERS, min_size=1, max_size=3),
        "numbers": st.lists(st.integers(-99, 99), min_size=1, max_size=4),
        "inner": st.dictionaries(st.sampled_from(["deeds", "words"]), _NUMBERS, min_size=1),
        "many": st.lists(st.fixed_dictionaries({"deeds": _NUMBERS}), min_size=1, max_size=2),
        "k": st.integers(5, 15),
    },
)


@given(ANY)
def test_what_is_shown_of_settings_is_read_back_as_the_same(settings: dict[str, Any]):
    typed = schema_form.typed_of(schema_form.groups(EVERY), settings)
    assert schema_form.settings_of(EVERY, typed) == settings
    assert schema_form.too_large(settings) == []


@given(st.dictionaries(st.sampled_from([f"set.{name}" for name in _All().fields]), st.text(max_size=30)))
def test_whatever_is_typed_is_taken_or_refused_in_words_and_never_an_error(typed: dict[str, str]):
    settings = schema_form.settings_of(EVERY, typed)
    with suppress(SettingsError):
        resolve(EVERY, settings)


@pytest.mark.parametrize("text", ["[" * 3000, '[{"deeds": NaN}]', "[1e999]", "{", '{"deeds": 1}'])
def test_json_that_is_none_stays_what_was_typed_or_is_refused(text: str):
    settings = schema_form.settings_of(EVERY, {"set.many": text})
    with pytest.raises(SettingsError):
        resolve(EVERY, settings)


@pytest.mark.parametrize("key", _BUILT_IN)
def test_every_built_in_setting_has_a_field_with_help_and_its_usual_value(key: str):
    evaluator = installed().evaluators[key]
    groups = schema_form.groups(evaluator)
    lines = [line for group in groups for line in group.lines]
    assert all(line.help and line.usual for line in lines)
    usual = schema_form.usual_values(evaluator)
    assert {line.path.partition(".")[0] for line in lines} == set(usual)
    assert schema_form.unknown_names(evaluator, usual) == []


def test_a_number_that_json_cannot_keep_is_too_large():
    assert schema_form.too_large({"whole": 2**53 + 2, "pairs": {"x": 1.0}}) == ["whole"]

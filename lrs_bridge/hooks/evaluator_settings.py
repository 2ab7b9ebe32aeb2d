"""The settings that every evaluator has; an evaluator's own schema inherits from this one."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema


class EvaluatorSettings(Schema):
    """Unknown names are refused. Every field has a default and a `help` text for the admin's form."""

    k = fields.Integer(
        load_default=5,
        validate=validate.Range(min=5, max=15),
        metadata={"help": "Smallest group, 5 to 15, whose figures pages and exports show."},
    )


class Weights(Schema):
    """Shares of a sum, 0 to 1; they make 1 together."""

    @validates_schema
    def make_one(self, data: Mapping[str, float], **_: Any) -> None:
        if abs(fsum(data.values()) - 1.0) > 1e-6:
            raise ValidationError(f"The weights must make 1 together, these make {fsum(data.values()):g}.")

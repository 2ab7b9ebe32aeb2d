"""The settings that every evaluator has; an evaluator's own schema inherits from this one."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class EvaluatorSettings(Schema):
    """Unknown names are refused. Every field has a default and a `help` text for the admin's form."""

    k = fields.Integer(
        load_default=5,
        validate=validate.Range(min=5, max=15),
        metadata={"help": "Smallest group, 5 to 15, whose figures pages and exports show."},
    )

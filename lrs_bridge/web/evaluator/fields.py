"""Fields of the study's forms: figures and shares as people write them, or nothing."""

from __future__ import annotations

from math import isfinite
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.web.forms import Trimmed

LARGEST = 1e12


class Figure(fields.Field[float | None]):
    """42, 3.5, 3,5, 12 000 or −500; None where nothing was written."""

    def __init__(self, complaint: str, **more: Any) -> None:
        super().__init__(load_default=None, allow_none=True, **more)
        self.complaint = complaint

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float | None:
        given = str(value).strip().replace("−", "-")
        for space in (" ", "\u202f", "\u00a0", "’", "'"):
            given = given.replace(space, "")
        if not given:
            return None
        if given.count(",") == 1 and "." not in given and len(given.split(",")[1]) != 3:
            given = given.replace(",", ".")
        try:
            number = float(given.replace(",", ""))
        except ValueError:
            raise ma.ValidationError(self.complaint) from None
        if not isfinite(number) or abs(number) > LARGEST:
            raise ma.ValidationError(self.complaint)
        return number


class Share(Figure):
    """A percentage, 0 to 100, as a share 0 to 1."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> float | None:
        number = super()._deserialize(str(value).replace("%", ""), *rest, **more)
        if number is None:
            return None
        if not 0 <= number <= 100:
            raise ma.ValidationError(self.complaint)
        return number / 100


def line(longest: int = 300, required: str | None = None) -> fields.String:
    """One line of text."""
    rules: list[Any] = [validate.Length(max=longest, error=f"Say it in fewer words, {longest} letters at most.")]
    if required is None:
        return Trimmed(load_default="", validate=rules)
    missing: dict[str, Any] = dict.fromkeys(("required", "null", "invalid"), required)
    return Trimmed(required=True, validate=[validate.Length(min=1, error=required), *rules], error_messages=missing)


def whole(low: int, high: int, complaint: str, **more: Any) -> fields.Integer:
    return fields.Integer(
        validate=validate.Range(low, high, error=complaint),
        error_messages=dict.fromkeys(("required", "null", "invalid"), complaint),
        **more,
    )

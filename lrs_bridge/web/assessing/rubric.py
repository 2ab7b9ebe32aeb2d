"""A rubric as a form, and points on it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from lrs_bridge.domain.journey import Assessment, Criterion
from lrs_bridge.web.forms import Acting, text
from lrs_bridge.web.words import plain

_MOST_CHOICES = 10
PREFIX = "points_"


@dataclass(frozen=True)
class Question:
    """A criterion on a form. `options` empty: a number is typed."""

    name: str
    title: str
    options: tuple[dict[str, str], ...]
    hint: str


def questions(rubric: Assessment) -> list[Question]:
    return [_question(criterion) for criterion in rubric.criteria]


def _question(criterion: Criterion) -> Question:
    most = plain(criterion.max)
    steps = range(int(criterion.max) + 1) if _is_short(criterion) else ()
    options = tuple({"value": str(points), "text": str(points)} for points in steps)
    return Question(PREFIX + criterion.id, criterion.title, options, f"0 is not at all, {most} is completely.")


def _is_short(criterion: Criterion) -> bool:
    return criterion.max == int(criterion.max) and criterion.max <= _MOST_CHOICES


def schema(rubric: Assessment) -> ma.Schema:
    """Reads the form: points for every criterion, and a word for the author."""
    made: dict[str, Any] = {PREFIX + criterion.id: _points(criterion) for criterion in rubric.criteria}
    made["comment"] = text()
    return Acting.from_dict(made)()


def _points(criterion: Criterion) -> fields.Float:
    most = plain(criterion.max)
    complaint = f"Give points from 0 to {most} for “{criterion.title}”."
    return fields.Float(
        required=True,
        allow_nan=False,
        validate=validate.Range(0, criterion.max, error=complaint),
        error_messages=dict.fromkeys(("required", "null", "invalid", "special"), complaint),
    )


def points_of(data: Mapping[str, Any], rubric: Assessment) -> dict[str, float]:
    return {criterion.id: _exact(data[PREFIX + criterion.id]) for criterion in rubric.criteria}


def _exact(points: float) -> float:
    return int(points) if points == int(points) else points


def start_of(points: Mapping[str, float]) -> dict[str, str]:
    """What a form begins with where points were given before."""
    return {PREFIX + id_: plain(value) for id_, value in points.items()}


def lines(rubric: Assessment, points: Mapping[str, float]) -> list[dict[str, str]]:
    """Title, points and maximum of each criterion, as text."""
    return [
        {
            "title": criterion.title,
            "points": plain(points[criterion.id], 1) if criterion.id in points else "–",
            "max": plain(criterion.max),
        }
        for criterion in rubric.criteria
    ]

"""Answers to the surveys of a journey: whose count, and what of an answer lies on its scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lrs_bridge.domain.facts import Fact, by_time
from lrs_bridge.domain.journey import Journey, Survey, SurveyItem

_SCALES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "likert": (1, 5), "use": (0, 3)}
_NO_SCALE = (1, 0)
_NUMBER = (int, float)
_MAP = (dict, Mapping)  # what JSON gives is asked for first


@dataclass(frozen=True, slots=True)
class Answer:
    """One respondent's latest answer to one survey."""

    fact: Fact
    survey: Survey

    def points(self, item: SurveyItem) -> float | None:
        """What was answered to an item, turned round where the item is `reversed`; None for what its scale lacks."""
        answers = self.fact.data.get("answers")
        given = answers.get(item.id) if isinstance(answers, _MAP) else None
        return points(given, item)


def points(given: object, item: SurveyItem) -> float | None:
    """`given` as a number on the item's scale, turned round where it is `reversed`; None where it is not on it."""
    low, high = _SCALES.get(item.scale, _NO_SCALE)
    if isinstance(given, bool) or not isinstance(given, _NUMBER) or not low <= given <= high:
        return None
    return float(low + high - given if item.reversed else given)


def latest(journey: Journey, facts: Iterable[Fact]) -> list[Answer]:
    """Each respondent's latest answer to each survey, of facts in order; the journey says which step asks which."""
    surveys = {step.id: journey.surveys.get(step.survey or "") for step in journey.steps}
    found: dict[tuple[str, str], Answer] = {}
    for fact in facts:
        survey = surveys.get(fact.step or "")
        if survey is not None:
            found[fact.actor, survey.name] = Answer(fact, survey)
    return sorted(found.values(), key=lambda answer: by_time(answer.fact))


def asked(journey: Journey, kind: str) -> tuple[Survey, ...]:
    """The surveys of a kind that some step asks."""
    named = {step.survey for step in journey.steps}
    return tuple(survey for survey in journey.surveys_of_kind(kind) if survey.name in named)

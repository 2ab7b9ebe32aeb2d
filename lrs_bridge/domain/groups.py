"""Group values: what the person values of an indicator say of a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import Any

from lrs_bridge.domain.evaluators import Member
from lrs_bridge.domain.indicators import Outcome, Status


def mean(values: Sequence[float]) -> float | None:
    """The mean, the same to the last digit whatever the order; None of nothing."""
    return fsum(values) / len(values) if values else None


def mean_of(members: Sequence[Member], in_journey: bool, **components: Any) -> Outcome:
    """The mean of the person values that are not null, `n` how many, `coverage` their share of the people in scope.

    Without any value: not_applicable where the journey has no such step or survey (`in_journey`), else
    not_started; `coverage` is then 0, and None only where nobody is in scope.
    """
    values = [member.outcome.value for member in members if member.outcome.value is not None]
    value = mean(values)
    if value is None:
        status = Status.NOT_STARTED if in_journey else Status.NOT_APPLICABLE
        return Outcome(None, status, coverage=0.0 if members else None)
    return Outcome(value, n=len(values), coverage=len(values) / len(members), components=components)

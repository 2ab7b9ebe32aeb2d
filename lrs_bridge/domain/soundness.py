"""Whether what an evaluator answered is an answer: one that can be kept, shown and posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.indicators import Outcome, Status

LARGEST = 1_000_000
"""Characters of the components and the evidence of one outcome, as JSON."""
DEEPEST = 50
SLACK = 1e-6
"""How far a value may lie outside its bounds by the rounding of sums."""
_WHOLE = 2**63
_NUMBER, _LIST = (float, int), (tuple, list)  # `float | int` would be put together at every call


def sound(answer: Any, declared: Evaluator) -> Outcome:
    """The answer, if it is an outcome within the evaluator's bounds that can be written as JSON.

    Raises TypeError or ValueError that says what is wrong.
    """
    if not isinstance(answer, Outcome):
        raise TypeError(f"answered {type(answer).__name__}, not an Outcome")
    if not isinstance(answer.status, Status):
        raise TypeError(f"answered the status {answer.status!r:.100}, which is none")
    _expect_number("the value", answer.value, *declared.bounds)
    _expect_number("the coverage", answer.coverage, 0.0, 1.0)
    if isinstance(answer.n, bool) or not isinstance(answer.n, int) or not 0 <= answer.n < _WHOLE:
        raise ValueError(f"answered n = {answer.n!r:.100}, which is no count")
    if not isinstance(answer.components, Mapping):
        raise TypeError(f"answered components that are {type(answer.components).__name__}, no mapping")
    if "posted" in answer.components:
        _expect_number("the component posted", answer.components["posted"], 0.0, 100.0)
    _expect_statements(answer.evidence)
    size = _size(answer.components) + 39 * len(answer.evidence)
    if size > LARGEST:
        raise ValueError(f"answered {size:,} characters, more than the {LARGEST:,} that are kept")
    return answer


def _expect_number(what: str, value: Any, low: float, high: float) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, _NUMBER):
        raise TypeError(f"answered {what} {value!r:.100}, which is no number")
    if not -_WHOLE < value < _WHOLE or not low - SLACK <= value <= high + SLACK:  # nor is NaN within anything
        raise ValueError(f"answered {what} {value!r:.100}, which is not within {low:g} to {high:g}")


def _expect_statements(evidence: Any) -> None:
    texts = isinstance(evidence, _LIST) and all(isinstance(id_, str) for id_ in evidence)
    if not texts or (evidence and max(map(len, evidence)) > 36):
        raise TypeError("answered evidence that is no tuple of statement ids")


def _size(value: Any, depth: int = 0) -> int:
    """How many characters this takes as JSON, about. Raises for what JSON does not know on every database: other
    types, lone surrogates, numbers beyond 64 bits, names that are no texts; and for what is nested without an end."""
    if value is None or value is True or value is False:
        return 5
    if isinstance(value, str):
        return len(value.encode()) + 2
    if isinstance(value, _NUMBER):
        if not -_WHOLE < value < _WHOLE:
            raise ValueError(f"answered a component with the number {value!r:.100}")
        return 10
    if depth > DEEPEST:
        raise ValueError(f"answered components that are nested more than {DEEPEST} deep")
    if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101 - asking a dict first is much quicker
        size = 2
        for key, inner in value.items():
            plain = type(inner) is float and -_WHOLE < inner < _WHOLE  # most are; none of them is asked again
            size += _name_size(key) + (10 if plain else _size(inner, depth + 1))
        return size
    if isinstance(value, _LIST):
        return 2 + sum([_size(inner, depth + 1) for inner in value])
    raise TypeError(f"answered a component that is {type(value).__name__}: it cannot be written as JSON")


def _name_size(key: Any) -> int:
    if not isinstance(key, str):
        raise TypeError(f"answered a component whose name {key!r:.100} is no text")
    return len(key.encode()) + 3

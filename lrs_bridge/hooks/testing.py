"""For the tests of an evaluator's author: `check_evaluator`, and builders that make a record in a few words.

from lrs_bridge.hooks.testing import check_evaluator, fact, journey, outcome, step

def test_my_evaluator_keeps_the_contract():
    check_evaluator(MY_EVALUATOR)

def test_a_reflection_counts():
    design = journey(step("S1"), step("S2"))
    assert outcome(MY_EVALUATOR, design, [fact(Kind.REFLECTED, 3, "S1")], day=10).value == 50
"""

from __future__ import annotations

from lrs_bridge.hooks.builders import (
    DAY_ZERO,
    RUN,
    evidence,
    fact,
    group_outcome,
    journey,
    on,
    outcome,
    participant,
    step,
)
from lrs_bridge.hooks.contract import ContractBroken, check_evaluator

__all__ = [
    "DAY_ZERO",
    "RUN",
    "ContractBroken",
    "check_evaluator",
    "evidence",
    "fact",
    "group_outcome",
    "journey",
    "on",
    "outcome",
    "participant",
    "step",
]

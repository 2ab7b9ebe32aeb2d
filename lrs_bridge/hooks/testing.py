"""For the tests of a plugin's author: the contract in one call, and builders that make a record in a few words.

    import my_plugin
    from lrs_bridge.hooks.testing import check_plugin, fact, journey, outcome, step

    def test_it_keeps_the_contract():
        check_plugin(my_plugin)

    def test_a_reflection_counts():
        design = journey(step("S1"), step("S2"))
        assert outcome(my_plugin.EVALUATOR, design, [fact(Kind.REFLECTED, 3, "S1")], day=10).value == 50

Days are numbers from day zero; petra takes part, mark manages her, carl coaches her. Of listeners, `tell` answers what
they sent.
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
    run,
    step,
)
from lrs_bridge.hooks.contract import ContractBroken, check_evaluator, check_plugin
from lrs_bridge.hooks.listening import Answered, Sent, change, recorded, tell

__all__ = [
    "DAY_ZERO",
    "RUN",
    "Answered",
    "ContractBroken",
    "Sent",
    "change",
    "check_evaluator",
    "check_plugin",
    "evidence",
    "fact",
    "group_outcome",
    "journey",
    "on",
    "outcome",
    "participant",
    "recorded",
    "run",
    "step",
    "tell",
]

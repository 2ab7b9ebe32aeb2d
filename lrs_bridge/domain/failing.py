"""Failing evaluators: how one can fail, and the rule by which it is switched off and comes back.

Pure. The rule is a choice of this project: a fault of one person's record must not cost everybody an indicator, and
an evaluator that fails for everybody must not cost the worker's time again and again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LINE = 500
"""Characters of a reason that are kept."""


class Fault(StrEnum):
    """How an evaluator failed: it raised, answered what is no answer, took too long, or took the process with it."""

    ERROR = "error"
    WRONG = "wrong"
    SLOW = "slow"
    ENDED = "ended"


class Standing(StrEnum):
    """Whether an evaluator is asked: of everybody, of nobody, or of one subject to see whether it works again."""

    ON = "on"
    OFF = "off"
    TRIAL = "trial"


class TooSlow(Exception):
    """An evaluator was stopped because it took too long."""


@dataclass(frozen=True)
class Rule:
    """When an evaluator is switched off: after `failures` in a row, with no good answer between them, about at least
    `subjects` different people or groups; after `slow` calls within an hour that took longer than `seconds`, whatever
    lies between them, since each holds up everybody; and at once where the process ended while it was at work."""

    failures: int = 10
    subjects: int = 3
    seconds: float = 10.0
    slow: int = 5
    slow_within: timedelta = timedelta(hours=1)


@dataclass(frozen=True)
class Call:
    """One question to an evaluator. `subject`: whom it was about. `fault` None: a good answer, however slow."""

    subject: str
    seconds: float = 0.0
    fault: Fault | None = None
    reason: str = ""


@dataclass(frozen=True)
class Conduct:
    """What is remembered of an evaluator for the rule; `why`: of the latest change of its standing."""

    standing: Standing = Standing.ON
    why: str = ""
    in_a_row: int = 0
    subjects: tuple[str, ...] = ()
    slow: int = 0
    slow_since: datetime | None = None


def after(conduct: Conduct, calls: Iterable[Call], rule: Rule, now: datetime) -> Conduct:
    """The conduct after these calls. On trial, one fault switches off again and a good answer switches on."""
    asked = list(calls)
    for call in asked:
        conduct = _after_one(conduct, call, rule, now)
    if conduct.standing is Standing.TRIAL:
        faults = [call for call in asked if call.fault is not None]
        if faults:
            return replace(conduct, standing=Standing.OFF, why=f"tried again, and failed: {faults[0].reason}")
        return Conduct(Standing.ON) if asked else conduct
    if conduct.standing is Standing.ON:
        why = _why_off(conduct, asked, rule)
        if why:
            return replace(conduct, standing=Standing.OFF, why=why)
    return conduct


def _after_one(conduct: Conduct, call: Call, rule: Rule, now: datetime) -> Conduct:
    if call.fault is Fault.SLOW or call.seconds > rule.seconds:
        since = conduct.slow_since
        if since is None or now - since > rule.slow_within:
            conduct = replace(conduct, slow=0, slow_since=now)
        conduct = replace(conduct, slow=conduct.slow + 1)
    if call.fault is None:
        return replace(conduct, in_a_row=0, subjects=())
    about = conduct.subjects
    if call.subject not in about and len(about) < rule.subjects:
        about = (*about, call.subject)
    return replace(conduct, in_a_row=conduct.in_a_row + 1, subjects=about)


def _why_off(conduct: Conduct, asked: Iterable[Call], rule: Rule) -> str:
    last = [call for call in asked if call.fault is not None]
    reason = f" The last one: {last[-1].reason}" if last else ""
    if any(call.fault is Fault.ENDED for call in last):
        return f"The process ended while it was at work.{reason}"
    if conduct.slow >= rule.slow:
        return f"{conduct.slow} times within an hour it took longer than {rule.seconds:g} seconds.{reason}"
    if conduct.in_a_row >= rule.failures and len(conduct.subjects) >= rule.subjects:
        about = f"{len(conduct.subjects)} or more people or groups"
        return f"It failed {conduct.in_a_row} times in a row, about {about}.{reason}"
    return ""


def first_line(text: str) -> str:
    """The first line that says something, cut to what is kept and without characters that cannot be."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line.replace("\0", "").encode("utf-8", "replace").decode()[:LINE]

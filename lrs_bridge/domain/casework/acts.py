"""What an evaluator does in a study, one act after the other, and what stands of it.

Nothing is ever changed: a later act takes the place of an earlier one, and an act that undoes another takes it back,
so that every number can be followed to whoever made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What is done. Of those about a person, `subject` says whom."""

    MODEL = "model"
    RULE = "rule"
    MOVE = "move"
    DRAW = "draw"
    DECLINED = "declined"
    INTERVIEW = "interview"
    QUOTE = "quote"
    CONSENT = "consent"
    WITHDRAWN = "withdrawn"
    VERIFY = "verify"
    MONEY = "money"
    STORY = "story"
    CHECKED = "checked"
    RELEASE = "release"
    REPORT = "report"
    HAND_OUT = "hand_out"
    UNDO = "undo"


FINAL = frozenset({Action.WITHDRAWN, Action.REPORT})
"""Acts that cannot be taken back: words that were erased do not come again, and a report was made."""
ABOUT_REPORTS = frozenset({Action.REPORT, Action.HAND_OUT})
"""Acts that follow from a study and are no part of it."""
WITH_WORDS = frozenset({Action.INTERVIEW, Action.QUOTE, Action.VERIFY, Action.STORY})
"""Acts whose words are erased when the person withdraws."""


@dataclass(frozen=True)
class Act:
    """`data` is about rules, codes and figures; `texts` is what was written, None where it was erased or cannot be
    opened. `by` is a name. `place` counts from 1 in the study."""

    id: str
    place: int
    action: Action
    at: datetime
    by: str
    subject: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] | None = field(default_factory=dict)
    undoes: str | None = None

    def text(self, name: str) -> str | None:
        return None if self.texts is None else self.texts.get(name, "")


@dataclass(frozen=True)
class Line:
    """One act on the list of all acts; `undone`: it was taken back, and does not count."""

    act: Act
    undone: bool


@dataclass(frozen=True)
class Interview:
    """An interview that was held: `answers` by the id of the question, `factors` helped or hindered by code.

    `claimed`: what the person says came of it, `evidence`: what shows it, `second`: who or what else knows it.
    `value` (None: none was said) lies between `low` and `high`; `attribution` and `confidence` are 0-1.
    """

    registration: str
    day: date
    factors: Mapping[str, str]
    answers: Mapping[str, str] | None
    claimed: str | None
    evidence: str | None
    second: str | None
    value: float | None
    low: float | None
    high: float | None
    attribution: float
    confidence: float
    act: Act


class Verdict(StrEnum):
    """`VERIFIED`: a second source agrees; nothing else verifies a case."""

    VERIFIED = "verified"
    DISAGREES = "disagrees"
    NO_SOURCE = "no_source"


@dataclass(frozen=True)
class Verification:
    registration: str
    verdict: Verdict
    source: str | None
    note: str | None
    act: Act


@dataclass(frozen=True)
class Quote:
    """`factor`: what it is about, if any."""

    id: str
    registration: str
    text: str | None
    factor: str | None
    act: Act


@dataclass(frozen=True)
class Consent:
    """The latest word on an interview: `agreed`, and how to be quoted: `named`, `role` or `not`.

    `own`: the person said so here, and not to the evaluator.
    """

    agreed: bool
    quoting: str
    at: datetime
    own: bool


@dataclass(frozen=True)
class Report:
    """A report that was made. `stale`: why it should not be handed on any more; empty where nothing speaks against.

    `handed_out`: when its readers could open it; None while they cannot, and `hand_out` the act that did it. `text` is
    the report as it was made, None where it is erased or was not kept. `marks`: by registration what its sums tell of.
    """

    id: str
    audience: str
    at: datetime
    by: str
    inputs_hash: str
    stories: tuple[str, ...]
    stale: tuple[str, ...] = ()
    handed_out: datetime | None = None
    hand_out: str | None = None
    text: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


def lines(acts: Iterable[Act]) -> tuple[Line, ...]:
    """Every act in its order. An act is undone by a later one that stands; an undoing can be undone as well."""
    known = sorted(acts, key=lambda act: act.place)
    undone: set[str] = set()
    for act in reversed(known):
        if act.action is Action.UNDO and act.undoes and act.id not in undone:
            undone.add(act.undoes)
    return tuple(Line(act, act.id in undone) for act in known)


def standing(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Those that count."""
    return tuple(line.act for line in lines(acts) if not line.undone and line.act.action is not Action.UNDO)


def latest(acts: Sequence[Act], action: Action) -> Act | None:
    return next((act for act in reversed(acts) if act.action is action), None)


def by_subject(acts: Sequence[Act], action: Action) -> dict[str, Act]:
    """The latest of each person."""
    return {act.subject: act for act in acts if act.action is action and act.subject}


def interview_of(act: Act) -> Interview:
    data, texts = act.data, act.texts
    answers = None if texts is None else {name[2:]: text for name, text in texts.items() if name.startswith("q_")}
    return Interview(
        registration=act.subject or "",
        day=date.fromisoformat(data["day"]),
        factors=data.get("factors", {}),
        answers=answers,
        claimed=act.text("claimed"),
        evidence=act.text("evidence"),
        second=act.text("second"),
        value=data.get("value"),
        low=data.get("low", data.get("value")),
        high=data.get("high", data.get("value")),
        attribution=data.get("attribution", 1.0),
        confidence=data.get("confidence", 1.0),
        act=act,
    )


def verification_of(act: Act) -> Verification:
    return Verification(act.subject or "", Verdict(act.data["verdict"]), act.text("source"), act.text("note"), act)


def consents(acts: Sequence[Act], own: Mapping[str, Consent]) -> dict[str, Consent]:
    """The latest word of everybody who said one, here (`own`) or to the evaluator, by registration."""
    found = dict(own)
    for act in acts:
        if act.action not in (Action.CONSENT, Action.WITHDRAWN, Action.DECLINED) or not act.subject:
            continue
        known = found.get(act.subject)
        if known is None or known.at <= act.at:
            agreed = act.action is Action.CONSENT
            found[act.subject] = Consent(agreed, act.data.get("quoting", "not"), act.at, own=False)
    return found

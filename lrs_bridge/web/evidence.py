"""What stands behind a participant's indicators, in the words a course teacher may read. Pure.

By the audience table of `docs/indicators.md`: that something took place, when, and by whom in which role. No words that
somebody wrote, no outcome, no title of a personal moment, and nothing of who agreed with whom: a dispute is between two
people, so what they said about each other's acts is left out, and so are credits that would give it away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lrs_bridge.domain import support
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Outcome, Result
from lrs_bridge.domain.journey import Phase
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.scores import ScoreRow, ScoreState
from lrs_bridge.web import tiles
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.tiles import Line
from lrs_bridge.web.words import brief, day_words, plain, rounded, when
from lrs_bridge.xapi.disclosure import is_process

_WORDS: Mapping[Kind, str] = {
    Kind.ACKNOWLEDGED: "Read it",
    Kind.COMPLETED: "Did the step",
    Kind.ATTENDED: "Took part",
    Kind.PLANNED: "Wrote the line of sight",
    Kind.APPROVED: "Approved the line of sight",
    Kind.PRACTISED: "Practised a moment",
    Kind.APPLIED: "Used a moment on the job",
    Kind.LACKED_OPPORTUNITY: "Said that a chance did not come",
    Kind.VERIFIED: "Saw it, or saw its result",
    Kind.TALKED_WITH: "Talked about it",
    Kind.OBSERVED: "Was there to see it",
    Kind.RECOGNISED: "Recognised it",
    Kind.COACHED: "Coached",
    Kind.MENTORED: "Held a mentor session",
    Kind.ASSESSED: "Assessed it",
    Kind.RATED: "Rated a capability",
    Kind.ANSWERED: "Answered the survey",
    Kind.REFLECTED: "Reflected",
    Kind.COMMENTED: "Wrote to the group",
    Kind.WAIVED: "Waived the step",
    Kind.OTHER: "Reported by another system",
}
"""Kinds that are not here are not told: `confirmed` and `disputed` are between two people, `routed` is content."""
_BETWEEN: Mapping[Kind, str] = {Kind.CONFIRMED: "Said that it took place", Kind.DISPUTED: "Said that it was different"}
"""What the participant is told beside the others: they are one of the two."""


@dataclass(frozen=True)
class Act:
    """A statement that counts: its day, what took place, about which step, by whom; `by_self`: by the participant.
    `href` leads to the statement itself, for whoever may read it."""

    day: str
    what: str
    step: str
    who: str
    id: str = ""
    by_self: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Panel:
    """One indicator. `shown` None: `word` says why. `sent`: one line about the gradebook. `why` leads to all of it."""

    name: str
    shown: str | None
    word: str
    lines: Sequence[Line]
    remarks: Sequence[str]
    acts: Sequence[Act]
    sent: str
    why: str | None = None


def panel(
    key: str,
    name: str,
    row: ResultRow | None,
    score: ScoreRow | None,
    situation: Situation,
    posted_only: bool,
    has_column: bool,
) -> Panel:
    """`posted_only`: the teacher sees the posted figure, not the value."""
    sent = sent_line(score, situation) if has_column else "Not for the gradebook."
    if row is None:
        return Panel(name, None, "Not yet", [], ["It has not been worked out yet."], [], sent)
    result = row.result
    value = result.outcome.posted if posted_only else result.value
    if value is None:
        word = tiles.WORDS.get(result.status, "Nothing to show")
        return Panel(name, None, word, [], _made(row, situation), [], sent)
    why = sum_rows(result, situation)
    remarks = [*_REMARKS.get(key, _no_remarks)(result.outcome), *_made(row, situation)]
    return Panel(name, rounded(value), "", why, remarks, acts(situation, result), sent)


def _made(row: ResultRow, situation: Situation) -> list[str]:
    old = tiles.old_words(row.old_since, situation.run.zone).strip()
    return [tiles.provenance(row.result, situation), *([old] if old else [])]


def acts(situation: Situation, result: Result, own: bool = False) -> list[Act]:
    """The statements behind a result that this reader may be told of, in order; `own`: the participant reads."""
    facts = (situation.by_id.get(id_) for id_ in result.outcome.evidence)
    words = {**_WORDS, **_BETWEEN} if own else _WORDS
    told = [fact for fact in facts if fact is not None and fact.kind in words and _is_told(situation, fact, own)]
    return [
        Act(
            day_words(situation.day(fact)),
            words[fact.kind],
            _step(situation, fact),
            "You" if own and _by_self(situation, fact) else _who(situation, fact),
            fact.id,
            _by_self(situation, fact),
        )
        for fact in sorted(told, key=lambda fact: (fact.at, fact.id))
    ]


def _is_told(situation: Situation, fact: Fact, own: bool) -> bool:
    """To the person all but what others rated; to others what took place."""
    if own:
        return fact.kind is not Kind.RATED or _by_self(situation, fact)
    return is_process(fact)


def _by_self(situation: Situation, fact: Fact) -> bool:
    return fact.actor in (situation.person.account, *situation.person.identities)


def sum_rows(result: Result, situation: Situation) -> Sequence[Line]:
    """The rows of the sum for somebody else than the participant."""
    return _WHY.get(result.indicator, _no_lines)(situation, result)


def _step(situation: Situation, fact: Fact) -> str:
    step = situation.journey.step_by_id.get(fact.step or "")
    return brief(step.title) if step else ""


def _who(situation: Situation, fact: Fact) -> str:
    if _by_self(situation, fact):
        return situation.name
    role = f", {fact.role}" if fact.role else ""
    return f"{situation.called(fact.actor)}{role}"


def sent_line(score: ScoreRow | None, situation: Situation) -> str:
    """What the gradebook has of it."""
    if score is None or (score.sent is None and score.state == ScoreState.NOTHING):
        return "Nothing has been sent to the gradebook."
    sent = "Nothing has been sent to the gradebook yet."
    if score.sent is not None and score.sent_at is not None:
        of = plain(score.sent_maximum or score.maximum)
        sent = f"The gradebook has {plain(score.sent)} of {of}, sent {when(score.sent_at, situation.run.zone)}."
    if score.state == ScoreState.REFUSED:
        return f"{sent} The LMS refused the latest: {score.reason or 'it gave no reason.'}"
    if score.state == ScoreState.WAITING:
        return f"{sent} {plain(score.wanted) if score.wanted is not None else 'A withdrawal'} is on its way."
    return sent


def _no_lines(situation: Situation, result: Result) -> list[Line]:
    return []


def _no_remarks(outcome: Outcome) -> list[str]:
    return []


def _support_lines(situation: Situation, result: Result) -> list[Line]:
    """Per phase how many steps took place and how many of them in time, and what the phase counts."""
    weights: Mapping[str, float] = result.params.get("phase_weights", {})
    found = support.of(situation.journey, situation.evidence, situation.now)
    lines = []
    for phase in Phase:
        steps = [step for step in found.entered if step.step.phase == phase]
        if steps:
            done = [step for step in steps if step.done]
            in_time = sum(not step.late for step in done)
            text = f"{PHASE_NAMES[phase]}: {len(done)} of {len(steps)} took place, {in_time} in time"
            lines.append(Line(text, f"counts {plain(weights.get(phase, 0))}"))
    return lines


_WHY: Mapping[str, Callable[[Situation, Result], Sequence[Line]]] = {
    "journey_completion": tiles.completion_sum,
    "mtm_application": tiles.application_sum,
    "manager_engagement": _support_lines,
}
_REMARKS: Mapping[str, Callable[[Outcome], Sequence[str]]] = {
    "journey_completion": lambda _: ["Only the participant’s own steps count here."],
    "manager_engagement": lambda _: ["What the two said about each other’s steps stays between them."],
    "mtm_application": lambda _: ["How good the participant said the result was stays out of it."],
    "success_case": lambda outcome: [
        "From the answers to the survey, which are for whoever runs the study."
        if outcome.posted == outcome.value
        else "Only that the survey was answered is told, as 100."
    ],
}

"""Indicators as tiles: name, value, one sentence, and the sum it is made of. Null is a word and never zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lrs_bridge.domain import applications, completion, support
from lrs_bridge.domain.indicators import Outcome, Result, Status
from lrs_bridge.domain.journey import Phase, Step, Survey
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import brief, day_words, first_name, number, plain, plural, rounded, sentence, when

WORDS = {
    Status.NOT_STARTED: "Not yet",
    Status.NOT_APPLICABLE: "Does not apply",
    Status.INSUFFICIENT_DATA: "Too little to say",
    Status.SUPPRESSED: "Hidden",
}
_NOTHING_POSTED = "Until then nothing is posted, and nothing counts as zero."
_GENERAL = {
    Status.NOT_STARTED: f"Nothing could have happened yet. {_NOTHING_POSTED}",
    Status.NOT_APPLICABLE: "There is nothing of this kind in your journey. Nothing is posted.",
    Status.INSUFFICIENT_DATA: "There is not enough to say anything. Nothing is posted.",
    Status.SUPPRESSED: "Too few people stand behind it.",
}


@dataclass(frozen=True)
class Line:
    text: str
    value: str


@dataclass(frozen=True)
class Sum:
    """Why this number: the rows of the sum, the last of which is the result, and lines of small print."""

    of: str
    rows: Sequence[Line]
    lines: Sequence[str]


@dataclass(frozen=True)
class Tile:
    """`shown` is the value as a whole number; where it is None `word` says why. `why` leads to all of it."""

    key: str
    name: str
    shown: str | None
    length: str
    word: str
    say: str
    sum: Sum | None = None
    why: str | None = None


def tile(result: Result, name: str, situation: Situation) -> Tile:
    """The tile of one participant's own indicator."""
    notes = [*_lines(result, situation), provenance(result, situation)]
    if result.as_of < situation.now:
        notes.append("It could not be worked out just now: this is the value from then.")
    sums = Sum(name.lower(), sum_rows(result, situation), notes)
    said = say(result, situation)
    return tile_of(result.indicator, name, result.outcome, said, sums if result.value is not None else None)


def say(result: Result, situation: Situation) -> str:
    """One sentence to the participant about their own indicator, or about why there is none."""
    return _SAY.get(result.indicator, _plain_say)(situation, result.outcome)


def sum_rows(result: Result, situation: Situation) -> Sequence[Line]:
    """The rows of the sum in the words of the steps, the last of which is the result; none where we know no sum."""
    rows = _SUM.get(result.indicator)
    return rows(situation, result) if rows and result.value is not None else []


def tile_of(key: str, name: str, outcome: Outcome, say: str, sums: Sum | None) -> Tile:
    value = outcome.value
    return Tile(
        key=key,
        name=name,
        shown=None if value is None else rounded(value),
        length="0" if value is None else plain(max(0.0, min(100.0, value))),
        word=WORDS.get(outcome.status, ""),
        say=say,
        sum=sums,
    )


def failed(key: str, name: str) -> Tile:
    """An evaluator that broke: the others stand."""
    say = "We could not work this one out. The others are not affected, and an administrator sees why."
    return Tile(key, name, None, "0", WORDS[Status.INSUFFICIENT_DATA], say)


def provenance(result: Result, situation: Situation) -> str:
    return (
        f"As of {when(result.as_of, situation.run.zone)}. "
        f"{result.evaluator} {result.version}, from {result.distribution}."
    )


def old_words(since: datetime | None, zone: ZoneInfo) -> str:
    """Of a value that could not be worked out anew when something changed; nothing of any other."""
    return f"Since {when(since, zone)} no newer value could be worked out. " if since else ""


def old_value(since: datetime | None, zone: ZoneInfo) -> str:
    """The same where the value itself is explained."""
    if since is None:
        return ""
    return (
        f"This value is from before {when(since, zone)}. Since then no newer one could be worked out; that is done as "
        "soon as it can be."
    )


def _plain_say(situation: Situation, outcome: Outcome) -> str:
    return _GENERAL.get(outcome.status, "")


def _lines(result: Result, situation: Situation) -> list[str]:
    if result.indicator == "journey_completion":
        if not situation.manager:
            return ["Only your own steps count here."]
        name = first_name(situation.called(situation.manager))
        return [f"Only your own steps count here. Nothing {name} does or misses changes it."]
    return []


# journey_completion


def _completion_say(situation: Situation, outcome: Outcome) -> str:
    if outcome.value is None:
        return _GENERAL[outcome.status]
    if outcome.components.get("complete"):
        return "Every step of your path is done."
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    late = sum(row.state(progress.today) is completion.StepState.OVERDUE for row in progress.counting)
    if late:
        verb = "is" if late == 1 else "are"
        return f"{sentence(plural(late, 'step'))} that {'was' if late == 1 else 'were'} due {verb} still open."
    return "Everything due so far is done. The rest of the path lies ahead."


def completion_sum(situation: Situation, result: Result) -> list[Line]:
    rows = completion.of(situation.journey, situation.evidence, situation.now).counting
    credited = [row for row in rows if row.credit]
    open_ = [row for row in rows if not row.credit]
    lines = [
        Line(f"{brief(row.step.title)}, weight {plain(row.step.weight)}", plain(row.step.weight * row.credit))
        for row in credited
    ]
    if open_:
        weight = plain(sum(row.step.weight for row in open_))
        lines.append(Line(f"{sentence(plural(len(open_), 'step'))} not yet done, weight {weight}", "0"))
    earned = sum(row.step.weight * row.credit for row in rows)
    whole = sum(row.step.weight for row in rows)
    return [*lines, _total(f"{plain(earned)} of {plain(whole)}", result)]


def _total(text: str, result: Result) -> Line:
    return Line(text, rounded(result.value or 0.0, 2))


# mtm_application


def periods_word(days: int | None, count: int) -> str:
    word = {7: "week", 14: "fortnight"}.get(days or 0, f"period of {days} days")
    if count == 1:
        return word
    return f"periods of {days} days" if word.startswith("period") else f"{word}s"


def _application_counts(situation: Situation) -> tuple[int, int, int]:
    """Applications that stand, distinct catalogue moments, and periods with one."""
    found = applications.of(situation.journey, situation.evidence, situation.now).standing
    moments = {one.moment for one in found if not one.personal}
    days = situation.journey.targets.period_days or 1
    periods = {max(0, (one.day - situation.person.starts(situation.run)).days) // days for one in found}
    return len(found), len(moments), len(periods)


def _application_say(situation: Situation, outcome: Outcome) -> str:
    found = applications.of(situation.journey, situation.evidence, situation.now)
    if outcome.value is None:
        if outcome.status is Status.NOT_STARTED and found.opens:
            return f"The first moment can be logged from {day_words(found.opens)}. {_NOTHING_POSTED}"
        return _GENERAL[outcome.status]
    count, moments, periods = _application_counts(situation)
    targets = situation.journey.targets
    parts = [
        f"{done} of {wanted} {word if wanted != 1 else one}"
        for done, wanted, one, word in (
            (count, targets.applications, "application", "applications"),
            (moments, targets.moments, "moment", "moments"),
            (periods, targets.periods, periods_word(targets.period_days, 1), periods_word(targets.period_days, 2)),
        )
        if wanted
    ]
    return f"{', '.join(parts)}. How good you said the result was stays out of it."


def application_sum(situation: Situation, result: Result) -> list[Line]:
    weights: Mapping[str, float] = result.params.get("value_weights", {})
    parts = result.outcome.components
    names = {"F": "Number of applications", "C": "Different moments", "S": "Spread over time"}
    lines = [
        Line(f"{name}: {plain(100 * parts[key])} of 100, counts {plain(100 * weights[key])} %", plain(value))
        for key, name in names.items()
        if key in weights and parts.get(key) is not None
        for value in [100 * weights[key] * parts[key]]
    ]
    confirmed = parts.get("N_eff")
    if confirmed is not None:
        text = f"Confirmed ones count fully, others in part: {plain(confirmed)} in all"
        lines.insert(0, Line(text, ""))
    return [*lines, _total("Together", result)]


# manager_engagement


def _support_say(situation: Situation, outcome: Outcome) -> str:
    if outcome.status is Status.NOT_APPLICABLE:
        return "You have no manager in this run. Nothing is posted."
    if outcome.value is None:
        return f"No step of your manager is due yet. {_NOTHING_POSTED}"
    found = support.of(situation.journey, situation.evidence, situation.now)
    in_time = sum(step.done and not step.late for step in found.entered)
    due = len(found.entered)
    who = f"{first_name(situation.called(situation.manager))}’s" if situation.manager else "your manager’s"
    if in_time == due:
        return f"All of {who} steps due so far took place in time." if due > 1 else f"{who} step took place in time."
    return f"{sentence(number(in_time))} of {plural(due, 'step')} of {who} due so far took place in time."


def _support_sum(situation: Situation, result: Result) -> list[Line]:
    weights: Mapping[str, float] = result.params.get("phase_weights", {})
    scores: Mapping[str, float] = result.outcome.components.get("phases", {})
    steps: Mapping[str, float] = result.outcome.components.get("steps", {})
    lines = [
        Line(brief(situation.journey.step_by_id[id_].title), plain(credit))
        for id_, credit in steps.items()
        if id_ in situation.journey.step_by_id
    ]
    for phase in Phase:
        if phase in scores and phase in weights:
            text = f"{PHASE_NAMES[phase]}: {plain(scores[phase], 4)} of 1, weight {plain(weights[phase])}"
            lines.append(Line(text, plain(scores[phase] * weights[phase])))
    whole = plain(sum(weights[phase] for phase in scores if phase in weights))
    return [*lines, _total(f"Together, of {whole}", result)]


# success_case


def success_case_survey(situation: Situation) -> tuple[Step, Survey] | None:
    """The participant's success case survey and its step."""
    for step in situation.journey.of_type("survey"):
        survey = situation.journey.surveys.get(step.survey or "")
        if survey is not None and survey.kind == "success_case":
            return step, survey
    return None


def _success_say(situation: Situation, outcome: Outcome) -> str:
    found = success_case_survey(situation)
    if found is None:
        return _GENERAL.get(outcome.status, "")
    step, survey = found
    if outcome.value is None:
        opens = situation.window(step).opens
        if situation.today < opens:
            return f"The survey opens on {day_words(opens)}. {_NOTHING_POSTED}"
        if outcome.status is Status.NOT_STARTED:
            return f"You have not answered the survey. {_NOTHING_POSTED}"
        return "It takes an answer to at least two thirds of the questions. Nothing is posted."
    if survey.confidentiality != "named":
        return "Only that you answered is posted, as 100. Your answers stay with whoever runs the survey."
    return "From your answers to the survey. The answers themselves are not posted."


def _success_sum(situation: Situation, result: Result) -> list[Line]:
    answered = result.outcome.components.get("answered")
    if not answered or result.value is None:
        return []
    points = result.value * 3 * answered / 100
    return [
        Line(f"{sentence(plural(answered, 'question'))} answered, up to three points each", plain(3 * answered)),
        Line("Your points", plain(points)),
        _total(f"{plain(points)} of {plain(3 * answered)}", result),
    ]


def _about(text: str) -> Callable[[Situation, Outcome], str]:
    return lambda situation, outcome: _plain_say(situation, outcome) or text


_SAY: Mapping[str, Callable[[Situation, Outcome], str]] = {
    "journey_completion": _completion_say,
    "mtm_application": _application_say,
    "manager_engagement": _support_say,
    "success_case": _success_say,
    "skill_gain": _about("Of what there was to gain between the two assessments."),
    "capability_progress": _about("The way from your first rating to the top level."),
    "line_of_sight": _about("How clear the aim is, how full the map, and whether your manager agrees."),
    "coaching_reach": _about("Coaching and mentor sessions that took place, of those planned so far."),
}
_SUM: Mapping[str, Callable[[Situation, Result], list[Line]]] = {
    "journey_completion": completion_sum,
    "mtm_application": application_sum,
    "manager_engagement": _support_sum,
    "success_case": _success_sum,
}

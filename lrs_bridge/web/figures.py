"""The run as its teacher sees it: cohort tiles, columns of the gradebook, people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from zoneinfo import ZoneInfo

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress, StepState
from lrs_bridge.domain.indicators import Status
from lrs_bridge.domain.journey import Phase
from lrs_bridge.store.result_viewing import Brief
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.score_viewing import Sent
from lrs_bridge.store.scores import ScoreState
from lrs_bridge.web import due_steps, next_steps, rows, tiles
from lrs_bridge.web.crowd import Crowd
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.tiles import Sum, Tile
from lrs_bridge.web.words import brief, day_words, plain, plural, rounded, sentence, short_day, when


@dataclass(frozen=True)
class Chip:
    text: str
    kind: str
    sign: str


@dataclass(frozen=True)
class Column:
    """One line item: what of it has reached the LMS."""

    label: str
    posted: int
    of: int
    chips: Sequence[Chip]


@dataclass(frozen=True)
class Cell:
    """An indicator of one person: the value on the page, and what the LMS has."""

    label: str
    shown: str
    sent: str | None
    indicator: str


@dataclass(frozen=True)
class PersonLine:
    name: str
    manager: str
    done: str
    open: int
    next: rows.Remark
    cells: Sequence[Cell]
    chip: Chip
    enrolment: str


# cohort tiles


def cohort_tile(row: ResultRow, name: str, crowd: Crowd, people: Iterable[Brief]) -> Tile:
    """The mean over the run, with one sentence about what stands behind it."""
    outcome = row.outcome
    told = {
        "journey_completion": _completion_say,
        "manager_engagement": _support_say,
        "mtm_application": _application_say,
        "success_case": _success_say,
    }
    own = [one for one in people if one.indicator == row.indicator]
    if outcome.value is None:
        say = _null_say(row, crowd)
    else:
        say = told[row.indicator](crowd, own) if row.indicator in told else ""
    why = Sum(name.lower(), (), [f"Mean of {plural(outcome.n, 'person', 'people')}.", as_of(row, crowd.run.zone)])
    return tiles.tile_of(row.indicator, name, outcome, say, why if outcome.value is not None else None)


def as_of(row: ResultRow, zone: ZoneInfo | None) -> str:
    """When a result was computed, and by what."""
    body = row.body["evaluator"]
    at = f"As of {when(row.computed, zone)}. {tiles.old_words(row.old_since, zone)}" if zone else ""
    return f"{at}{body['key']} {body['version']}, from {body['distribution']}."


def _null_say(row: ResultRow, crowd: Crowd) -> str:
    if row.indicator == "success_case" and len(crowd):
        opens = _survey_opens(crowd)
        if opens is not None and crowd.today < opens:
            return f"The survey opens on {day_words(opens)}. Nothing is posted until someone answers."
        return "Nobody has answered the survey yet. Nothing is posted until someone does."
    if row.outcome.status is Status.NOT_APPLICABLE:
        return "There is nothing of this kind in the journey."
    return "Nothing of it is due yet. Nothing is posted, and nothing counts as zero."


def _survey_opens(crowd: Crowd) -> date | None:
    """The first day of the success case survey for those whose days are counted from the run's day zero."""
    for step in crowd.journey.of_type("survey"):
        survey = crowd.journey.surveys.get(step.survey or "")
        if survey is not None and survey.kind == "success_case":
            return step.window(crowd.run.day_zero, None).opens
    return None


def _completion_say(crowd: Crowd, own: Sequence[Brief]) -> str:
    clear = sum(not one.overdue for one in crowd.headways.values())
    due = [value for row in own if (value := row.components.get("to_date")) is not None]
    start = f"{rounded(fmean(due))} of what was due. " if due else ""
    return f"{start}{clear} of {len(crowd)} have nothing open."


def _overdue(situation: Situation) -> list[StepProgress]:
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    return [row for row in progress.counting if row.state(progress.today) is StepState.OVERDUE]


def _support_say(crowd: Crowd, own: Sequence[Brief]) -> str:
    phases: dict[str, list[float]] = {}
    for row in own:
        for phase, score in (row.components.get("phases") or {}).items():
            phases.setdefault(phase, []).append(score)
    means = [f"{phase} {rounded(100 * fmean(phases[phase]))}" for phase in Phase if phases.get(phase)]
    without = len(crowd.headways) - due_steps.with_manager(crowd.headways.values())
    left_out = (
        f" {sentence(plural(without, 'participant'))} {'has' if without == 1 else 'have'} no manager and "
        f"{'is' if without == 1 else 'are'} left out."
        if without
        else ""
    )
    return f"{sentence(', '.join(means))}.{left_out}"


def _application_say(crowd: Crowd, own: Sequence[Brief]) -> str:
    found = crowd.headways.values()
    count, people = sum(one.applications for one in found), sum(one.applications > 0 for one in found)
    return f"{plain(count)} applications by {plain(people)} people. {sum(one.confirmed for one in found)} confirmed."


def _success_say(crowd: Crowd, own: Sequence[Brief]) -> str:
    answered = sum(row.value is not None for row in own)
    return f"{answered} of {len(crowd)} answered the survey."


# the gradebook


def columns(plans: Mapping[str, str], scores: Sequence[Sent], people: int) -> list[Column]:
    """`plans`: label by indicator, in order."""
    return [_column(label, [row for row in scores if row.indicator == key], people) for key, label in plans.items()]


def _column(label: str, scores: Sequence[Sent], people: int) -> Column:
    states = Counter(chip_state(row) for row in scores)
    posted = sum(row.sent is not None for row in scores)
    nothing = people - sum(states[state] for state in ("posted", "waiting", "again", "refused"))
    chips = [
        Chip(f"{states[state]} {words}", kind, sign)
        for state, words, kind, sign in (
            ("refused", "refused", "stop", "x"),
            ("again", "trying again", "care", "alert"),
            ("waiting", "waiting", "act", "clock"),
        )
        if states[state]
    ]
    if nothing > 0:
        text = "Nothing to send yet" if nothing == people else f"{nothing} nothing to send"
        chips.append(Chip(text, "hollow", "minus"))
    return Column(label, posted, people, chips)


def chip_state(row: Sent) -> str:
    if row.state == ScoreState.WAITING and row.attempts:
        return "again"
    return str(row.state)


_CHIPS = {
    "refused": Chip("Refused", "stop", "x"),
    "again": Chip("Trying again", "care", "alert"),
    "waiting": Chip("Waiting", "act", "clock"),
    "posted": Chip("Posted", "done", "check"),
    "nothing": Chip("Nothing to send", "hollow", "minus"),
}


def _person_chip(scores: Mapping[str, Sent]) -> Chip:
    """The worst of the person's columns."""
    states = {chip_state(row) for row in scores.values()}
    return _CHIPS[next((state for state in _CHIPS if state in states), "nothing")]


# people


def people(
    situations: Sequence[Situation],
    results: Mapping[str, Mapping[str, Brief]],
    scores: Mapping[str, Mapping[str, Sent]],
    plans: Mapping[str, str],
    posted_only: frozenset[str],
) -> list[PersonLine]:
    """Those with something open come first. `posted_only`: indicators of which only the posted figure is shown."""
    lines = [
        _person(one, results.get(one.person.account, {}), scores.get(one.enrolment.id, {}), plans, posted_only)
        for one in situations
    ]
    return sorted(lines, key=lambda line: (-line.open, line.name))


def _person(
    one: Situation,
    results: Mapping[str, Brief],
    scores: Mapping[str, Sent],
    plans: Mapping[str, str],
    posted_only: frozenset[str],
) -> PersonLine:
    progress = completion.of(one.journey, one.evidence, one.now)
    due = [row for row in progress.counting if row.window.is_over(progress.today)]
    manager = one.manager
    return PersonLine(
        name=one.name,
        manager=one.called(manager) if manager else "Nobody named",
        done=f"{sum(row.done for row in due)} of {len(due)}",
        open=len(_overdue(one)),
        next=_next(one, progress),
        cells=[
            _cell(key, label, results.get(key), scores.get(key), key in posted_only) for key, label in plans.items()
        ],
        chip=_person_chip(scores),
        enrolment=one.enrolment.id,
    )


def _next(one: Situation, progress: completion.Progress) -> rows.Remark:
    late = _overdue(one)
    if late:
        first = min(late, key=lambda row: row.window.due)
        return rows.Remark(f"{brief(first.step.title)}, was due {short_day(first.window.due)}", "care", "alert")
    row = next_steps.next_step(one, progress) or next_steps.upcoming(progress)
    return rows.Remark(f"{brief(row.step.title)}, by {short_day(row.window.due)}" if row else "Nothing")


def _cell(key: str, label: str, result: Brief | None, score: Sent | None, posted_only: bool) -> Cell:
    sent = plain(score.sent) if score is not None and score.sent is not None else None
    if result is None:
        return Cell(label, "–", sent, key)
    outcome = result.outcome
    value = outcome.posted if posted_only else outcome.value
    return Cell(label, tiles.WORDS.get(outcome.status, "–") if value is None else rounded(value), sent, key)

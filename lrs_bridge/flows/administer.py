"""Setting things up and watching them: starting a run, who belongs to whom, and whether everything arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from lrs_bridge.domain.alerting import Limits, Trouble
from lrs_bridge.flows.ingest import in_words
from lrs_bridge.flows.recompute import Outlook, outlook
from lrs_bridge.store import (
    arrivals,
    backlog,
    cursors,
    evaluator_watch,
    journeys,
    listeners,
    outbox,
    recomputations,
    record_pauses,
    results,
    runs,
    scores,
    unreadable,
)
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.backlog import NO_LETTERS, Letters
from lrs_bridge.store.cursors import Lap
from lrs_bridge.store.runs import RunRow

STUCK_AFTER = timedelta(hours=1)


class CannotStart(ValueError):
    """A run cannot be started like this; `field` is the form field to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def start_run(
    session: Session, tenant_id: str, course_id: str, journey_id: str, day_zero: date, time_zone: str, now: datetime
) -> RunRow:
    """Start a run of an installed journey in a course. Raises CannotStart."""
    journey = journeys.get_journey(session, tenant_id, journey_id)
    course = runs.get_course(session, tenant_id, course_id)
    if journey is None:
        raise CannotStart("journey", "This journey is not installed here. Choose one from the list.")
    if course is None:
        raise CannotStart("journey", "This course is not known here. Open the tool from the course once more.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CannotStart(
            "time_zone", f"There is no time zone {time_zone!r}. Give one such as Europe/Berlin."
        ) from None
    if runs.open_runs(session, tenant_id, course_id, journey.slug):
        raise CannotStart("journey", "This course has an open run of this journey already.")
    return runs.add_run(session, course, journey, day_zero, time_zone, now)


@dataclass(frozen=True)
class State:
    """Whether everything arrives, in numbers. Ages count from when the oldest waiting one was written.

    `caught_up`: when the end of the record was last reached, of the store that is furthest behind; None: never.
    `paused_until`: before that nothing is sent to the record store, for the reason `paused_for`.
    """

    now: datetime
    statements_waiting: int
    statements_dead: int
    oldest_statement: datetime | None
    scores: dict[str, int]
    score_problems: int
    evaluations_due: int
    unreadable: int
    ingest_reason: str | None
    caught_up: datetime | None
    came_in: Arrived
    recomputing: Outlook | None = None
    evaluators_off: tuple[str, ...] = ()
    evaluators_holding: tuple[str, ...] = ()
    paused_until: datetime | None = None
    paused_for: str | None = None
    listeners_failing: Mapping[str, str] = field(default_factory=dict)
    oldest_score: datetime | None = None
    letters: Letters = NO_LETTERS
    rosters_failing: int = 0
    roster_reason: str | None = None
    statements_aside: int = 0

    @property
    def lag(self) -> timedelta | None:
        """How old what we know of the record is; None where it has never been read to its end."""
        return None if self.caught_up is None else max(self.now - self.caught_up, timedelta(0))

    @property
    def stuck(self) -> bool:
        """Something waits for a person, or has waited too long."""
        return bool(self.alarms())

    def alarms(self) -> list[str]:
        """What has gone on for too long, or waits for a person: for the log, the terminal and the admin page."""
        return [trouble.text for trouble in self.troubles(Limits())]

    def troubles(self, limits: Limits) -> list[Trouble]:
        """The same, each with a name that stays as long as it goes on."""
        return [*self._late(limits), *self._given_up(limits), *self._broken()]

    def _late(self, limits: Limits) -> Iterator[Trouble]:
        age = self._age(self.oldest_statement)
        if age > limits.statements:
            why = f": {self.paused_for}" if self.paused_for else ""
            text = f"statements wait ({self.statements_waiting}), the oldest for {in_time(age)}{why}"
            yield Trouble("statements-waiting", text)
        if self.lag is not None and self.lag > limits.statements:
            yield Trouble("record-not-read", f"the record was last read to its end {in_time(self.lag)} ago")
        age = self._age(self.oldest_score)
        if age > limits.scores:
            waiting = self.scores.get(scores.ScoreState.WAITING, 0)
            yield Trouble("scores-waiting", f"scores wait ({waiting}), the oldest for {in_time(age)}")
        age = self._age(self.letters.oldest)
        if age > limits.letters:
            text = f"messages could not be sent ({self.letters.failing}), the oldest is of {in_time(age)} ago"
            yield Trouble("messages-waiting", text)

    def _given_up(self, limits: Limits) -> Iterator[Trouble]:
        if self.statements_dead >= limits.refused:
            text = f"statements were given up ({self.statements_dead}) and wait for a person"
            yield Trouble("statements-given-up", text)
        refused = self.scores.get(scores.ScoreState.REFUSED, 0)
        if refused >= limits.refused:
            yield Trouble("scores-refused", f"scores were refused ({refused}) and wait for a person")
        if self.letters.troubled >= limits.refused:
            text = f"messages were refused or may not have arrived ({self.letters.troubled}) and wait for a person"
            yield Trouble("messages-refused", text)

    def _broken(self) -> Iterator[Trouble]:
        if self.evaluators_off:
            text = f"evaluators are switched off after failures: {', '.join(self.evaluators_off)}"
            yield Trouble("evaluators-off", text)
        if self.evaluators_holding:
            text = f"evaluators hold a worker: {', '.join(self.evaluators_holding)}; restart it"
            yield Trouble("evaluators-holding", text)
        for key, reason in self.listeners_failing.items():
            yield Trouble(f"listener-{key}"[:200], f"the listener {key} fails: {reason}")
        if self.rosters_failing:
            text = f"the people of courses could not be read ({self.rosters_failing}): {self.roster_reason}"
            yield Trouble("rosters-failing", text)

    def _age(self, since: datetime | None) -> timedelta:
        return timedelta(0) if since is None else self.now - since

    def lines(self) -> list[tuple[str, str]]:
        """For a terminal."""
        oldest = "" if self.oldest_statement is None else f", the oldest since {self.oldest_statement.isoformat()}"
        paused = (
            f"nothing is sent before {self.paused_until.isoformat()}: {self.paused_for}" if self.paused_until else ""
        )
        aside = f", and {self.statements_aside} set aside" if self.statements_aside else ""
        lag = "not yet" if self.lag is None else f"{self.lag.total_seconds():.0f} seconds ago"
        return [
            ("statements waiting", f"{self.statements_waiting}{oldest}"),
            ("statements given up", f"{self.statements_dead}{aside}"),
            ("record store", paused or "nothing is in the way"),
            ("scores waiting", f"{self.scores.get('waiting', 0)}, of them failed before {self.score_problems}"),
            ("scores refused", str(self.scores.get("refused", 0))),
            ("scores posted", str(self.scores.get("posted", 0))),
            ("messages waiting", f"{self.letters.waiting}, of them failed before {self.letters.failing}"),
            ("messages refused or in doubt", str(self.letters.troubled)),
            ("evaluations due", str(self.evaluations_due)),
            ("computing again", again_in_words(self.recomputing)),
            ("record read to its end", f"{lag}{'' if self.ingest_reason is None else ': ' + self.ingest_reason}"),
            ("came in today", in_words(self.came_in)),
            ("statements that cannot be read", str(self.unreadable)),
        ]


def state_of(session: Session, tenant_id: str, now: datetime) -> State:
    """The state of a tenant, for the admin page and `lrs-bridge status`."""
    waiting = outbox.summary(session, tenant_id)
    laps = [row for row in cursors.cursors_of(session, tenant_id) if row.lap == Lap.NEW]
    ends = [row.caught_up for row in laps if row.caught_up is not None]
    by_state = scores.counts(session, tenant_id)
    rosters_failing, roster_reason = backlog.rosters_failing(session, tenant_id)
    pause = record_pauses.pause_of(session, tenant_id)
    paused = pause if pause is not None and pause.until > now else None
    return State(
        now=now,
        statements_waiting=waiting.waiting,
        statements_dead=waiting.dead,
        statements_aside=waiting.aside,
        oldest_statement=waiting.oldest,
        scores=by_state,
        score_problems=len(scores.refused_or_retrying(session, tenant_id)) - by_state.get("refused", 0),
        evaluations_due=results.waiting(session, tenant_id, now),
        unreadable=unreadable.count(session, tenant_id),
        ingest_reason=next((row.reason for row in laps if row.reason is not None), None),
        caught_up=min(ends) if ends and len(ends) == len(laps) else None,
        recomputing=outlook(recomputations.under_way(session, tenant_id), now),
        evaluators_off=tuple(sorted(evaluator_watch.switched_off(session, tenant_id))),
        evaluators_holding=tuple(results.holding(session, tenant_id, now)),
        paused_until=paused.until if paused else None,
        paused_for=paused.reason if paused else None,
        oldest_score=backlog.oldest_score(session, tenant_id),
        letters=backlog.letters(session, tenant_id),
        rosters_failing=rosters_failing,
        roster_reason=roster_reason,
        listeners_failing=listeners.failing(session, tenant_id, now - STUCK_AFTER),
        came_in=sum(arrivals.counts_since(session, tenant_id, now.date()).values(), Arrived()),
    )


def again_in_words(outlook: Outlook | None) -> str:
    """How far recomputations have come: 120 of 300 people in 2 runs, asked for 5 minutes ago, 8 minutes still."""
    if outlook is None or not outlook.runs:
        return "nothing"
    where = "one run" if outlook.runs == 1 else f"{outlook.runs} runs"
    waiting = f", of which {outlook.waiting} wait for their turn" if outlook.waiting else ""
    left = "" if outlook.left is None else f", about {in_time(outlook.left)} still"
    since = "" if outlook.since is None else f", asked for at {outlook.since.isoformat(timespec='seconds')}"
    return f"{outlook.done} of {outlook.total} people in {where}{waiting}{since}{left}"


def in_time(span: timedelta) -> str:
    """How long, in the largest unit that fits twice: 90 minutes, 3 hours, 12 days."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 2:
        return "a minute"
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"

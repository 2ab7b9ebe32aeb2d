"""The list of steps: each with a shape, a date in words, and what to do about it. Pure, from a situation.

Others' steps are smaller and never counted. No route is ever shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain import applications, coaching, completion, support
from lrs_bridge.domain.completion import Progress, StepProgress, StepState
from lrs_bridge.domain.journey import Phase, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.support import ManagerStep, Standing, SupportState
from lrs_bridge.web.deeds import Asks, Deed, is_anonymous, offered
from lrs_bridge.web.menus import left_out
from lrs_bridge.web.next_steps import Address, Link, next_step, still_counts
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import day_words, first_name, number, plural, span


@dataclass(frozen=True)
class Remark:
    """A few words under a title; `kind` is done, care or nothing; `sign` the icon before them."""

    text: str
    kind: str | None = None
    sign: str | None = None


@dataclass(frozen=True)
class Row:
    """`shape`: done, now, late, later, optional, other or closed."""

    id: str
    classes: str
    shape: str
    title: str
    remarks: Sequence[Remark]
    due: date
    link: Link | None = None
    button: Link | None = None


@dataclass(frozen=True)
class PhaseRows:
    name: str
    days: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Claim:
    """Something the manager or a coach (`manager` is the name of either) says took place; the participant confirms."""

    statement: str
    step: Step
    day: date
    manager: str


def headline(progress: Progress) -> str:
    """4 of 10 done, nothing late"""
    late = sum(row.state(progress.today) is StepState.OVERDUE for row in progress.counting)
    done = sum(row.done for row in progress.counting)
    return f"{done} of {len(progress.counting)} done, {f'{number(late)} late' if late else 'nothing late'}"


def phases(situation: Situation, page: Address) -> list[PhaseRows]:
    """Own steps and the manager's, by phase, in order of their day."""
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    current = next_step(situation, progress)
    own = [(row.step.phase, _own(situation, progress, row, row is current, page)) for row in _rows(progress)]
    theirs = support.of(situation.journey, situation.evidence, situation.now)
    others = [(step.step.phase, _other(situation, theirs.today, step)) for step in theirs.steps if theirs.managers]
    found = []
    for phase in Phase:
        rows = sorted((row for at, row in [*own, *others] if at is phase), key=lambda row: row.due)
        if rows:
            windows = [row.window for row in progress.steps if row.step.phase is phase]
            days = span(min(w.opens for w in windows), max(w.due for w in windows)) if windows else ""
            found.append(PhaseRows(PHASE_NAMES[phase], days, rows))
    return found


def _rows(progress: Progress) -> Iterator[StepProgress]:
    return (row for row in progress.steps if row.state(progress.today) is not StepState.OFF_ROUTE)


def _own(situation: Situation, progress: Progress, row: StepProgress, is_next: bool, page: Address) -> Row:
    state = row.state(progress.today)
    deed = offered(situation.journey, row.step)
    make = _Own(situation, row, progress.today, deed, page(row.step.id))
    if state is StepState.WAIVED:
        return make.row("is-closed", "closed", [make.waived()])
    if state in (StepState.DONE, StepState.DONE_LATE):
        return make.row("is-done", "done", [make.done(state)], link=make.read_again())
    if row.step.id in situation.answered:
        return make.row("is-done", "done", [Remark("You have answered, nobody can tell what", "done")])
    if is_anonymous(situation.journey, row.step) and state is StepState.OVERDUE:
        return make.row("is-closed", "optional", [Remark(f"Closed {day_words(row.window.last)}. It was anonymous.")])
    if row.step.id in left_out(situation):
        return make.row("is-closed", "optional", [Remark("Not among what you chose.")], link=make.do_it_all_the_same())
    if is_next:
        return make.now(state)
    if state is StepState.OVERDUE and not row.step.required:
        return make.row("is-closed", "optional", [Remark(f"Closed {day_words(row.window.last)}. Optional.")])
    if state is StepState.OVERDUE:
        return make.row("is-late", "late", [make.late()], link=make.do_it())
    shape = "later" if row.step.required else "optional"
    return make.row("is-later", shape, make.ahead(), link=make.do_it() if state is StepState.OPEN else None)


@dataclass(frozen=True)
class _Own:
    """Makes the row of one own step."""

    situation: Situation
    progress: StepProgress
    today: date
    deed: Deed | None
    href: str

    def row(
        self,
        classes: str,
        shape: str,
        remarks: Sequence[Remark],
        link: Link | None = None,
        button: Link | None = None,
    ) -> Row:
        step = self.progress.step
        day = self.progress.credited[-1].day if self.progress.done else self.progress.window.due
        return Row(step.id, classes, shape, step.title, remarks, day, link, button)

    def done(self, state: StepState) -> Remark:
        last = self.progress.credited[-1]
        if state is StepState.DONE_LATE:
            days = max(completion.days_late for completion in self.progress.credited)
            return Remark(f"Done {day_words(last.day)}, {plural(days, 'day')} late", sign="clock")
        word = "You were there" if self.progress.step.type == "live_event" else "Done"
        return Remark(f"{word} {day_words(last.day)}{self._confirmed(last.facts[0].id)}", "done")

    def _confirmed(self, statement: str) -> str:
        found = applications.of(self.situation.journey, self.situation.evidence, self.situation.now)
        for application in found.applications:
            if application.fact.id == statement and application.verified_by:
                return f", confirmed by {first_name(self.situation.called(application.words[-1].actor))}"
        return ""

    def read_again(self) -> Link | None:
        if self.deed is not None and self.deed.asks is Asks.FORUM:
            return Link(self.href, "Read what the group wrote")
        if self.deed is not None and self.deed.again:
            return Link(self.href, "Read or change it")
        wrote = any(fact.id in self.situation.notes for done in self.progress.credited for fact in done.facts)
        return Link(self.href, "Read it again") if wrote else None

    def waived(self) -> Remark:
        waiver = self.progress.waiver
        by = self.situation.called(waiver.actor) if waiver else "somebody"
        day = f", {day_words(self.situation.day(waiver))}" if waiver else ""
        return Remark(f"Waived for you by {first_name(by)}{day}. It does not count.")

    def do_it_all_the_same(self) -> Link | None:
        return Link(self.href, "Do it all the same") if self.progress.window.opens <= self.today else None

    def now(self, state: StepState) -> Row:
        if state is StepState.OVERDUE:
            remarks = [self.late()]
        else:
            remarks = [Remark(span(self.progress.window.opens, self.progress.window.due)), Remark(self._days_left())]
        remarks += self._so_far()
        text = "" if self.deed is None else (self.deed.button if self.deed.asks is Asks.MOMENT else self.deed.link)
        return self.row("is-now", "now", remarks, button=Link(self.href, text))

    def _days_left(self) -> str:
        left = (self.progress.window.due - self.today).days
        if left < 0:
            return f"open until {day_words(self.progress.window.last)}"
        return f"{plural(left, 'day')} left" if left else "today is the last day"

    def late(self) -> Remark:
        return Remark(f"Was due {day_words(self.progress.window.due)}. {still_counts(self.situation)}", "care")

    def ahead(self) -> list[Remark]:
        text = span(self.progress.window.opens, self.progress.window.due)
        if is_anonymous(self.situation.journey, self.progress.step):
            return [Remark(f"{text}. Optional and anonymous.")]
        return [Remark(text if self.progress.step.required else f"{text}. Optional."), *self._so_far()]

    def _so_far(self) -> list[Remark]:
        done, expected = len(self.progress.completions), self.progress.step.expected
        return [Remark(f"{done} of {expected} so far")] if done and expected > 1 else []

    def do_it(self) -> Link | None:
        return Link(self.href, self.deed.link) if self.deed else None


def _other(situation: Situation, today: date, step: ManagerStep) -> Row:
    who = step.owners[0] if step.owners else situation.manager
    name = first_name(situation.called(who)) if who else "Your manager"
    title = f"{name}: {step.step.title[:1].lower()}{step.step.title[1:]}"
    last = step.credited[-1].day if step.events else step.window.due
    done = " is-done" if step.done else ""
    return Row(step.step.id, f"is-other{done}", "other", title, [Remark(_told(step, today, name))], last)


def _told(step: ManagerStep, today: date, name: str) -> str:
    state = step.state(today)
    if state is SupportState.UPCOMING:
        return span(step.window.opens, step.window.due)
    if not step.events:
        return f"Until {day_words(step.window.due)}" if state is SupportState.OPEN else "Not yet"
    if not step.done:
        until = f", until {day_words(step.window.due)}" if not step.window.is_over(today) else ""
        return f"{len(step.events)} of {step.step.expected} so far{until}"
    last = step.credited[-1]
    words = {
        Standing.CONFIRMED: f"Took place {day_words(last.day)}, you confirmed it",
        Standing.CLAIMED: f"Took place {day_words(last.day)}, says {name}",
        Standing.DISPUTED: f"{day_words(last.day)}: you said it was different",
        Standing.UNQUESTIONED: f"Took place {day_words(last.day)}",
    }
    return words[last.standing]


def claims(situation: Situation) -> list[Claim]:
    """What the manager, or a coach, says took place and the participant has not answered yet, oldest first."""
    found = support.of(situation.journey, situation.evidence, situation.now)
    sessions = [
        _session(situation, one)
        for one in coaching.claimed(situation.journey, situation.record)
        if one.standing is Standing.CLAIMED
    ]
    return sessions + [
        Claim(event.fact.id, step.step, event.day, situation.called(event.fact.actor))
        for step in found.steps
        for event in step.events
        if event.standing is Standing.CLAIMED and step.step.corroborated_by is Role.PARTICIPANT
    ]


def claim_of(situation: Situation, statement: str) -> Claim | None:
    """A talk of the manager or a session with a coach that the participant may confirm or dispute, answered or not."""
    for one in coaching.claimed(situation.journey, situation.record):
        if one.fact.id == statement:
            return _session(situation, one)
    found = support.of(situation.journey, situation.evidence, situation.now)
    for step in found.steps:
        for event in step.events:
            if event.fact.id == statement and step.step.corroborated_by is Role.PARTICIPANT:
                return Claim(statement, step.step, event.day, situation.called(event.fact.actor))
    return None


def _session(situation: Situation, one: coaching.Claimed) -> Claim:
    return Claim(one.fact.id, one.step, situation.day(one.fact), situation.called(one.fact.actor))

"""What a manager has to do and what took place, per person. Pure, from their people's situations.

Process facts only: the name of the step, a sign and a date. No score, no colour band, no ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain import applications, support
from lrs_bridge.domain.applications import Standing as Word
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.support import ManagerStep, Standing, SupportState
from lrs_bridge.web import maps
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.next_steps import Link
from lrs_bridge.web.shared_work import shared
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import brief, day_words, first_name, initials, number, plural, sentence, short_day, weekday

MomentPage = Callable[[str, str], str]  # from enrolment and statement
StepPage = Callable[[str, str], str]  # from enrolment and step

_TO_DO = (SupportState.OPEN, SupportState.MISSING, SupportState.PARTIAL)


@dataclass(frozen=True)
class Todo:
    """One thing to do. `urgency` orders: questions of people first, then what is due first."""

    urgency: tuple[int, date]
    heading: str
    text: str
    link: Link
    guide: Sequence[str] = ()
    main: bool = False
    short: str = ""


@dataclass(frozen=True)
class ProcessFact:
    name: str
    text: str
    kind: str | None
    sign: str | None


@dataclass(frozen=True)
class PersonRow:
    name: str
    initials: str
    facts: Sequence[ProcessFact]
    open: Sequence[Todo]
    work: Link | None = None


@dataclass(frozen=True)
class Pages:
    """Where a question about a moment and a step lead, and what was written for manager and participant (`work`)."""

    moment: MomentPage
    step: StepPage
    work: Callable[[str], str] | None = None


def people(situations: Iterable[Situation], manager: str, pages: Pages) -> list[PersonRow]:
    return [
        PersonRow(
            one.name,
            initials(one.name),
            [fact for step in _own_steps(one) if (fact := _fact(one, step))],
            sorted(_todos(one, manager, pages), key=lambda todo: todo.urgency),
            _work(one, pages),
        )
        for one in sorted(situations, key=lambda one: one.name)
    ]


def _work(situation: Situation, pages: Pages) -> Link | None:
    if pages.work is None or not shared(situation):
        return None
    return Link(pages.work(situation.enrolment.id), f"What {first_name(situation.name)} wrote for you")


def this_week(rows: Sequence[PersonRow], most: int = 2) -> list[Todo]:
    """The first things over all people; a step for everybody at once is named once."""
    found: dict[str, Todo] = {}
    for todo in sorted((todo for row in rows for todo in row.open), key=lambda todo: todo.urgency):
        found.setdefault(todo.heading, todo)
    return list(found.values())[:most]


def _own_steps(situation: Situation) -> Sequence[ManagerStep]:
    return support.of(situation.journey, situation.evidence, situation.now).steps


def _todos(situation: Situation, manager: str, pages: Pages) -> Iterator[Todo]:
    name = first_name(situation.name)
    for fact, used in waiting(situation):
        yield _question(situation, fact, used, name, pages)
    for step in _own_steps(situation):
        state = step.state(situation.today)
        deed = offered(situation.journey, step.step)
        if deed is not None and step.done and deed.asks is Asks.APPROVAL and maps.changed_since(situation):
            yield _changed_map(situation, step, name, pages)
        if state not in _TO_DO or step.done:
            continue
        if deed is not None and (step.step.required or state is SupportState.OPEN):
            yield _step(situation, step, deed, name, pages)


def waiting(situation: Situation) -> Iterator[tuple[Fact, bool]]:
    """Moments that wait for a word, with whether they were used (or did not come), oldest first."""
    found = applications.of(situation.journey, situation.evidence, situation.now)
    for one in found.applications:
        if one.standing is Word.SELF and situation.asks_for_a_word(one.fact):
            yield one.fact, True
    for none in found.no_opportunities:
        if not _words_about(situation, none.fact):
            yield none.fact, False


def _words_about(situation: Situation, fact: Fact) -> list[Fact]:
    kinds = (Kind.VERIFIED, Kind.CONFIRMED, Kind.DISPUTED)
    return [said for said in situation.about.get(fact.id, ()) if said.kind in kinds and said.actor != fact.actor]


def word_of(situation: Situation, fact: Fact, account: str) -> Fact | None:
    """What this person has said about a moment, latest."""
    return next((said for said in reversed(_words_about(situation, fact)) if said.actor == account), None)


def _question(situation: Situation, fact: Fact, used: bool, name: str, pages: Pages) -> Todo:
    day = situation.day(fact)
    recent = (situation.today - day).days < 7
    on = f"on {weekday(day)}" if recent else f"on {day_words(day)}"
    heading = f"{name} used it {on}. Did it happen?" if used else f"{name} had no chance to use it. Is that so?"
    return Todo(
        urgency=(0, day),
        heading=heading,
        text=f"{situation.moment_title(fact)}, {day_words(day)}. {name} asks you to confirm it.",
        link=Link(pages.moment(situation.enrolment.id, fact.id), "Look and answer"),
        main=True,
        short=f"{situation.moment_title(fact)}, {short_day(day)}: did it happen?",
    )


def _changed_map(situation: Situation, step: ManagerStep, name: str, pages: Pages) -> Todo:
    return Todo(
        urgency=(1, situation.today),
        heading=f"{name} changed the line of sight",
        text="It is different from the one you answered. Read it once more.",
        link=Link(pages.step(situation.enrolment.id, step.step.id), "Look at it"),
        short=f"{name} changed the line of sight: look again",
    )


def _step(situation: Situation, step: ManagerStep, deed: Deed, name: str, pages: Pages) -> Todo:
    window, one = step.window, step.step
    late = window.is_over(situation.today)
    for_all = one.counterpart == "cohort"
    heading = one.title if for_all else f"{_call(one, deed)}: {name}"
    so_far = f" {sentence(number(len(step.events)))} of {number(one.expected)} so far." if one.expected > 1 else ""
    when = f"Was due {day_words(window.due)}. Still worth doing." if late else f"Until {day_words(window.due)}."
    return Todo(
        urgency=(1, window.due),
        heading=heading,
        text=f"{one.title}. {when}{so_far}" if not for_all else f"{when}{so_far}",
        link=Link(pages.step(situation.enrolment.id, one.id), deed.button),
        guide=one.guide,
        short=f"{_call(one, deed)} with {name}: {'still worth doing' if late else 'until ' + short_day(window.due)}",
    )


def _call(step: Step, deed: Deed) -> str:
    """The step in a few words."""
    head = brief(step.title)
    return head if len(head) <= 40 else deed.call


def _fact(situation: Situation, step: ManagerStep) -> ProcessFact | None:
    """Nothing before the step opens."""
    state = step.state(situation.today)
    deed = offered(situation.journey, step.step)
    name = _short_name(step.step, deed)
    who = first_name(situation.name)
    if state is SupportState.UPCOMING:
        return None
    if state is SupportState.MISSING:
        return ProcessFact(name, f"Was due {short_day(step.window.due)}", "care", "alert")
    if not step.done:
        if step.step.expected > 1:
            return ProcessFact(name, f"{len(step.events)} of {step.step.expected}", None, None)
        return ProcessFact(name, f"Until {short_day(step.window.due)}", None, None)
    standing = {event.standing for event in step.credited}
    if Standing.DISPUTED in standing:
        return ProcessFact(name, f"{who} says it was different", "care", "alert")
    if Standing.CLAIMED in standing:
        return ProcessFact(name, f"{who} to confirm", None, "clock")
    late = ", late" if step.late else ""
    return ProcessFact(name, f"{short_day(step.credited[-1].day)}{late}", "done", "check")


def _short_name(step: Step, deed: Deed | None) -> str:
    head = brief(step.title).split(" within ")[0]
    if step.type == "conversation" and len(head) <= 24:
        return head
    return deed.short if deed else head


def lede(rows: Sequence[PersonRow]) -> str:
    count = len(rows)
    return (
        f"For your {plural(count, 'person', 'people')}." if count else "Nobody in this run names you as their manager."
    )


def title(todos: Sequence[Todo]) -> str:
    return f"{sentence(plural(len(todos), 'thing'))} this week" if todos else "Nothing this week"

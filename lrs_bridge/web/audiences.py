"""Who sees what: one row per role, in the reader's words, at the place where something is entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.domain.journey import Step, Survey
from lrs_bridge.domain.people import Role
from lrs_bridge.web.deeds import Asks, Deed
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import first_name, listed, number

_COACH_SEES = (
    "Your steps, moments and line of sight, your assessments and action plan, and the notes of the two of you."
)


@dataclass(frozen=True)
class Audience:
    name: str
    sees: str
    sign: str = "eye"


OF_INTERVIEW = (
    "Whoever runs the study sees your answer here, and asks nobody who said no. A no is possible later, too: then what "
    "was written down of a talk is erased. Your manager does not see it, and nothing reaches the gradebook. The record "
    "store has no more than that a talk took place, under a random name."
)


def of_participant(
    situation: Situation, columns: Sequence[str], listeners: Sequence[str] = (), peers: Sequence[str] = ()
) -> list[Audience]:
    """`columns`: the labels of what is posted to the gradebook. `listeners`: titles of plugins that are told what
    took place. `peers`: names of colleagues who may be asked to confirm a moment."""
    found = [Audience("You", "Everything on this page, and all you wrote.")]
    if situation.manager:
        name = first_name(situation.called(situation.manager))
        sees = "Which steps took place and when. The moments you ask them to confirm, and your line of sight."
        found.append(Audience(f"{name}, your manager", sees))
    scores = {0: "no score", 1: "one score"}.get(len(columns), f"{number(len(columns))} scores")
    found.append(Audience("Your course teacher", f"Which steps took place, and {scores}: {listed(columns).lower()}."))
    found += [
        Audience(f"{first_name(situation.called(account))}, sponsor", "Totals of five people or more.", "people")
        for account in _sponsors(situation)
    ]
    found += [
        Audience(f"{first_name(situation.called(r.account))}, your coach", _COACH_SEES)
        for r in situation.person.coaches
        if r.holds_on(situation.today)
    ]
    found += [
        Audience(
            "Evaluators of the run", "Your scores, and which steps took place and when. Each look at steps is noted."
        ),
        Audience("Administrators", "Which steps took place and when. Each look of theirs is noted."),
    ]
    if peers:
        found.append(Audience(f"{listed(peers)}, beside you", "The moments you ask them to confirm, nothing else."))
    forums = [step for step in situation.journey.of_type("peer_forum") if step.owner is Role.PARTICIPANT]
    if forums:
        found.append(
            Audience("Everybody in the run", "What you write to the group, with your name if you want.", "people")
        )
    if listeners:
        sees = "Which acts took place and the posted scores, under a random name. None of your words or answers."
        found.append(Audience(f"Other systems: {listed(listeners)}", sees))
    found.append(
        Audience("The record store", "What happened and when, under a random name. None of your words.", "lock")
    )
    return found


def _sponsors(situation: Situation) -> list[str]:
    found: dict[str, None] = {}
    for account in situation.person.managers_on(situation.today):
        manager = situation.cohort.by_account.get(account)
        for relation in manager.sponsors if manager else ():
            if relation.holds_on(situation.today):
                found[relation.account] = None
    return list(found)


def _readers(situation: Situation, alone: str) -> str:
    """You, Mark and Carl see: the manager and the coaches of today; `alone` where there is nobody."""
    accounts = [situation.manager] if situation.manager else []
    accounts += [relation.account for relation in situation.person.coaches if relation.holds_on(situation.today)]
    names = [first_name(situation.called(account)) for account in dict.fromkeys(accounts)]
    return f"{listed(['You', *names])} see" if names else alone


def of_moment(situation: Situation) -> str:
    """The line under the form that logs a moment."""
    who = _readers(situation, "You see")
    sponsors = [first_name(situation.called(account)) for account in _sponsors(situation)]
    totals = (
        f" {listed(sponsors)} see{'s' if len(sponsors) == 1 else ''} only totals of five people or more."
        if (sponsors)
        else ""
    )
    return f"{who} this. Your course teacher sees that it happened.{totals} Your words never leave this tool."


def of_step(situation: Situation, step: Step, survey: Survey | None, deed: Deed | None) -> str:
    """The line under the form of a step."""
    if survey is not None and deed is not None and deed.asks is Asks.SURVEY:
        return _of_survey(survey)
    if deed is not None and deed.asks is Asks.FORUM:
        return "Everybody who takes part in this run reads it, and nobody else. It stays in this tool."
    if deed is not None and deed.asks is Asks.CONSENT:
        return OF_INTERVIEW
    if step.type == "content_request":
        return "Whoever designs or teaches this run reads it with your name, and says here what became of it."
    if deed is not None and deed.asks is Asks.MAP:
        who = _readers(situation, "Only you see")
        return f"{who} what you write. Your numbers are for you and whoever runs the study. Nothing of it is posted."
    coaches = [relation for relation in situation.person.coaches if relation.holds_on(situation.today)]
    if step.type == "action_plan" and coaches:
        names = listed(["You", *(first_name(situation.called(relation.account)) for relation in coaches)])
        return f"{names} see what you write here. Others see that you wrote, and when."
    if deed is not None and deed.asks is Asks.FIELDS and step.counterpart in _READ_BY and situation.manager:
        name = first_name(situation.called(situation.manager))
        return f"You and {name} see what you write here. Others see that you wrote, and when."
    if deed is not None and deed.asks in (Asks.TEXT, Asks.FIELDS, Asks.PRACTICE):
        return "Only you see what you write here. Others see that you wrote, and when."
    return "Your manager and your course teacher see that it took place, and when."


_READ_BY = frozenset({Role.MANAGER.value})
"""Steps with these are shown to them, with what was written."""


def _of_survey(survey: Survey) -> str:
    if survey.confidentiality == "anonymous":
        return (
            "Anonymous: your answer is kept without your name, time or place in a row, and goes on together with "
            "others as soon as there are five, or when the survey closes. We note only that you have answered, so that "
            "nobody answers twice. It cannot be changed afterwards, and figures are shown from five people on."
        )
    coded = "Administrators of the record can see coded answers under a random name."
    if survey.kind == "success_case":
        posted = (
            "What reaches the gradebook is one value made of your answers."
            if survey.confidentiality == "named"
            else "What reaches the gradebook is only that you answered."
        )
        return f"{posted} The answers are for whoever runs the study, not for your manager. {coded}"
    if survey.confidentiality == "named":
        return f"Whoever runs the study sees your answers with your name. Nothing of it is posted. {coded}"
    return f"Others see totals of five people or more. Nothing of it is posted. {coded}"


def of_manager(situation_names: Sequence[str]) -> list[Audience]:
    """`situation_names`: the sponsors' names."""
    found = [
        Audience("Your people", "Each sees the steps you share with them, and your answers about their moments."),
        Audience("Course teacher", "Which of your steps took place, and one score per participant."),
    ]
    found += [
        Audience(first_name(name), "How the chain works as a whole. No score with your name.", "people")
        for name in situation_names
    ]
    return found


def sponsors_of(situations: Sequence[Situation], manager: str) -> list[str]:
    """Names of the sponsors of a manager today."""
    found: dict[str, None] = {}
    for situation in situations:
        person = situation.cohort.by_account.get(manager)
        for relation in person.sponsors if person and person.role is not Role.PARTICIPANT else ():
            if relation.holds_on(situation.today):
                found[situation.called(relation.account)] = None
    return list(found)


def of_coach() -> list[Audience]:
    """On a coach's first page."""
    return [
        Audience("Your people", "The sessions that you log, and the notes of the two of you."),
        Audience("Course teacher", "Which sessions took place, and when."),
        Audience("Other coaches", "Themes of five people or more of others, without names.", "people"),
        Audience("The record store", "Sessions with day, length and themes, under random names. No notes.", "lock"),
    ]


def of_notes(who: str) -> list[Audience]:
    """`who`: the coachee, as the reader calls them."""
    with_whom = "You and your coach" if who == "you" else f"You and {who}"
    later = "if you say so" if who == "you" else f"if {who} says so"
    return [
        Audience(with_whom, "The notes, whoever of the two wrote them."),
        Audience("A coach who comes after", f"Nothing, {later.replace('if', 'unless')}."),
        Audience("Everybody else", "Nothing. Notes lie encrypted, and are in no export and in no statement.", "lock"),
    ]


def of_sponsor() -> list[Audience]:
    """On a sponsor's first page."""
    return [
        Audience("Your managers", "That a talk with you took place. They may confirm it."),
        Audience("Your people", "The message that you send them, with your name."),
        Audience("Whoever designs the journey", "The case that you give, with your name. They thank you here."),
        Audience("The record store", "What you did and when, under a random name. None of your words.", "lock"),
    ]

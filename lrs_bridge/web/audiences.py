"""Who sees what: one row per role, in the reader's words, at the place where something is entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.domain.journey import Step, Survey
from lrs_bridge.domain.people import Role
from lrs_bridge.web.deeds import Asks, Deed
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import first_name, listed, number


@dataclass(frozen=True)
class Audience:
    name: str
    sees: str
    sign: str = "eye"


def of_participant(situation: Situation, columns: Sequence[str]) -> list[Audience]:
    """`columns`: the labels of what is posted to the gradebook."""
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
        Audience(f"{first_name(situation.called(r.account))}, your coach", "Your steps, moments and line of sight.")
        for r in situation.person.coaches
        if r.holds_on(situation.today)
    ]
    found.append(
        Audience(
            "Evaluators of the run, administrators", "Which steps took place and when. Each look of theirs is noted."
        )
    )
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


def of_moment(situation: Situation) -> str:
    """The line under the form that logs a moment."""
    who = f"You and {first_name(situation.called(situation.manager))} see" if situation.manager else "You see"
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
    if deed is not None and deed.asks is Asks.MAP:
        who = f"You and {first_name(situation.called(situation.manager))} see" if situation.manager else "Only you see"
        return f"{who} what you write. Your numbers are for you and whoever runs the study. Nothing of it is posted."
    if deed is not None and deed.asks is Asks.TEXT:
        return "Only you see what you write here. Others see that you wrote, and when."
    return "Your manager and your course teacher see that it took place, and when."


def _of_survey(survey: Survey) -> str:
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

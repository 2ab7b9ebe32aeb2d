"""Menus: a step in which a participant chooses k of n, and what the choice does to the path.

The choice is theirs until the menu is due. What counts is computed from what was done (the best-credited k), so that
doing another step than the chosen one is no loss.
"""

from __future__ import annotations

from lrs_bridge.domain.journey import Choice, Journey, Step
from lrs_bridge.web.situations import Situation

CHOSEN = "chosen"  # the text of a note in which the ids stand, one a line


def choice_of(journey: Journey, step: Step) -> Choice | None:
    """The choice that a menu step is about: the one with its id, else the only one of the journey."""
    if step.type != "menu":
        return None
    named = next((choice for choice in journey.choices if choice.id == step.id), None)
    return named or (journey.choices[0] if len(journey.choices) == 1 else None)


def chosen(situation: Situation, step: Step) -> tuple[str, ...]:
    """What the participant chose last, in the order of the menu; nothing before they do."""
    choice = choice_of(situation.journey, step)
    said = [fact for fact in situation.facts if fact.step == step.id and fact.actor == situation.person.account]
    note = situation.notes.get(said[-1].id) if said else None
    if choice is None or note is None:
        return ()
    ids = note.texts.get(CHOSEN, "").split("\n")
    return tuple(id_ for id_ in choice.steps if id_ in ids)


def left_out(situation: Situation) -> frozenset[str]:
    """Steps of a menu that the participant did not choose, once they chose."""
    found: set[str] = set()
    for step in situation.journey.of_type("menu"):
        choice, own = choice_of(situation.journey, step), chosen(situation, step)
        if choice is not None and own:
            found |= set(choice.steps) - set(own)
    return frozenset(found)

"""The same form a second time: a double click, the back button, or a form that was changed after it was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from uuid import uuid5

from lrs_bridge.domain.events import statement_id_of
from lrs_bridge.web import doors
from lrs_bridge.web.acts import Act
from lrs_bridge.web.situations import Situation


class Sent(Enum):
    """What a form is: new, the same as was saved from it, or changed since."""

    NEW = auto()
    SAME = auto()
    CHANGED = auto()


def sent(situation: Situation, act: Act) -> Sent:
    """Compares words and values with those that were saved from this very form."""
    known = situation.by_id.get(statement_id_of(act.id))
    if known is None:
        return Sent.NEW
    note = situation.notes.get(known.id)
    texts = dict(note.texts) if note else {}
    same = texts == _kept(act.texts) and all(known.data.get(name) == value for name, value in act.data.items())
    moved = act.day is not None and situation.day(known) != act.day
    scored = act.score is not None and known.score != act.score
    return Sent.SAME if same and not moved and not scored else Sent.CHANGED


def saved_before(what: str) -> doors.Door:
    """A form that was changed after it was saved, by the back button most of the time."""
    return doors.Door(
        409,
        "This form was saved before",
        f"What you changed in it since was not saved. {what}",
        (("Go back", "to your journey."), doors.HELP_DESK),
        reason="a form was changed after it was saved",
    )


def anew(act: Act) -> Act:
    """A changed form as an act of its own: the same change twice is one."""
    content = repr((sorted(_kept(act.texts).items()), sorted(act.data.items(), key=repr), act.day))
    return replace(act, id=uuid5(act.id, content))


def _kept(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in texts.items() if text and text.strip()}

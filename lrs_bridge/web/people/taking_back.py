"""Files that were imported, and taking one back as a whole: first what it would change, then a button that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.flows import undoing
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.flows.relations import SOURCE
from lrs_bridge.flows.undoing import UNDO_FILE_FOR, Step
from lrs_bridge.store import people, people_changes
from lrs_bridge.web import doors
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.people.folk import days, role_word
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import Bridge

MOST = 10


@dataclass(frozen=True)
class Imported:
    """A file that was imported. `href` leads to taking it back, None where that is over."""

    when: str
    what: str
    href: str | None


def imported(session: Session, desk: Desk) -> list[Imported]:
    """The last files, newest first."""
    rows = people_changes.acts_of(session, desk.tenant_id, desk.run.id, SOURCE, MOST)
    names = people.people_by_id(session, desk.tenant_id, {row.by_id for row in rows if row.by_id})
    found = []
    for row in rows:
        by = names[row.by_id].shown_name if row.by_id in names else row.source.partition(", ")[2]
        what = f"{plural(row.count, 'change')}{f', by {by}' if by else ''}"
        state = ", taken back" if row.undone else ""
        old = desk.now - row.at > UNDO_FILE_FOR
        href = None if row.undone or old else desk.url("look_at_import", act=row.act)
        found.append(Imported(when(row.at, desk.run.run.zone), sentence(what + state), href))
    return found


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the page of one file and its button."""

    @pages.get(f"{prefix}/leaders/imported/<act>")
    def look_at_import(act: str, **place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        with bridge.sessions.read() as session:
            _of_a_file(session, desk, act)
            try:
                steps, problem = undoing.look(session, desk.run, act, desk.now, UNDO_FILE_FOR), None
            except CannotChange as no:
                steps, problem = [], str(no)
            names = _names(session, desk, steps)
        return desk.page(
            "people/take_back.html",
            act=act,
            problem=problem,
            rows=[_row(step, names) for step in steps],
            stopped=sum(step.changed for step in steps),
        )

    @pages.post(f"{prefix}/leaders/imported/<act>")
    def take_import_back(act: str, **place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        try:
            with bridge.sessions.write() as session:
                _of_a_file(session, desk, act)
                undoing.undo(session, desk.hand(), act, UNDO_FILE_FOR)
        except CannotChange as problem:
            raise doors.Door(
                409,
                "This cannot be taken back",
                str(problem),
                (("Go back", "to the files of the run and look at what it would change."),),
                reason="an import that cannot be taken back",
            ) from problem
        bridge.poke()
        return redirect(desk.url("everybody", saved="taken_back"), 303)


def _of_a_file(session: Session, desk: Desk, act: str) -> None:
    """Raises Door for what is no import of this run: what was done by hand is taken back where it was done."""
    done = people_changes.of_act(session, desk.tenant_id, desk.run.id, act)
    if not done or done[0].source.partition(", ")[0] != SOURCE:
        raise doors.door_for(404)


def _names(session: Session, desk: Desk, steps: list[Step]) -> Mapping[str, str]:
    ids = {id_ for step in steps for id_ in (step.person_id, step.other_id) if id_}
    found = people.people_by_id(session, desk.tenant_id, ids)
    return {id_: one.name or one.email or one.shown_name for id_, one in found.items()}


def _row(step: Step, names: Mapping[str, str]) -> dict[str, object]:
    person, other = names.get(step.person_id, "Somebody"), names.get(step.other_id or "", "Somebody")
    whole = step.other_id is None
    return {
        "participant": "The whole run" if whole else person,
        "who": person if whole else other,
        "role": role_word(step.role),
        "now": sentence(days(step.now.start, step.now.end)) if step.now else "Nothing",
        "then": sentence(days(step.then.start, step.then.end)) if step.then else "Nothing: as if never said",
        "changed": step.changed,
    }

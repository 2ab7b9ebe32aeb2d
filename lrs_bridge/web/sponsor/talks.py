"""The manager's word on a talk that their sponsor says took place, where the journey asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import people, relations
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.forms import Acting, WrongForm, one_of, read
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.wiring import Bridge

_SAID = {Kind.CONFIRMED: "yes", Kind.DISPUTED: "no"}


@dataclass(frozen=True)
class Talk:
    """A talk with the manager who reads. `said`: yes or no, None while they have not answered. `act`: of the form."""

    fact: Fact
    step: Step
    sponsor: str
    day: date
    said: str | None
    act: str


class _Word(Acting):
    word = one_of(("yes", "no"), "Say whether it took place.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the answer to the blueprint of the visit; the question stands beside the messages of sponsors."""

    @pages.post("/from-sponsors/talks/<statement>")
    def answer_talk(statement: str) -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.MANAGER)
        if visit.run_row is None:
            abort(404)
        with bridge.sessions.read() as session:
            talk = next((one for one in with_me(session, visit.run_row, visit) if one.fact.id == statement), None)
        if talk is None or talk.fact.registration is None:
            abort(404)
        try:
            data = read(_Word())
        except WrongForm:
            abort(400)
        kind = Kind.CONFIRMED if data["word"] == "yes" else Kind.DISPUTED
        if talk.said != data["word"]:
            keep(bridge, visit, Act(data["act"], kind, talk.fact.registration, Role.MANAGER, refers_to=statement))
        return redirect(url_for("visit.sponsor_messages", saved="word"), 303)


def with_me(session: Session, run: RunRow, visit: Visit) -> list[Talk]:
    """Talks of sponsors with the visitor, in steps that ask for the manager's word, newest first."""
    steps = {step.id: step for step in run.journey.owned_by(Role.SPONSOR) if step.corroborated_by is Role.MANAGER}
    if Role.MANAGER not in visit.roles or not steps:
        return []
    mine = FactRow.tenant_id == visit.tenant_id, FactRow.run_id == run.id
    sponsors = people.people_by_id(session, visit.tenant_id, relations.leader_ids(session, run, (Role.SPONSOR,)))
    by_them = FactRow.actor.in_([person.account for person in sponsors.values()]), FactRow.step.in_(steps)
    held = facts_where(session, *mine, *by_them, FactRow.kind == str(Kind.TALKED_WITH))
    talks = [fact for fact in held if fact.counterpart == visit.account]
    kinds = FactRow.kind.in_([str(kind) for kind in _SAID])
    words = facts_where(session, *mine, FactRow.target.in_([fact.id for fact in talks]), kinds)
    said = {word.target: _SAID[word.kind] for word in words if word.actor == visit.account}
    names = people.names(session, visit.tenant_id, {fact.actor for fact in talks})
    return [
        Talk(
            fact,
            steps[fact.step or ""],
            names.get(fact.actor, "Your manager"),
            run.run.local_day(fact.at),
            said.get(fact.id),
            str(uuid4()),
        )
        for fact in reversed(talks)
    ]

"""A statement as a sentence: "Mark Jensen verified: Petra Novak applied “A difficult talk”, 24 March 2026". Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.flows.naming import Known
from lrs_bridge.flows.shelves import Seen
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.words import full_day
from lrs_bridge.xapi import labels
from lrs_bridge.xapi.writing import SYSTEM_ACCOUNT

SOMEBODY = "Somebody"
_JOINED = {
    Kind.REGISTERED: "for ",
    Kind.WITHDREW: "from ",
    Kind.LACKED_OPPORTUNITY: "for ",
    Kind.COMMENTED: "on ",
    Kind.REFLECTED: "on ",
}
"""What English wants between the verb and its object."""
_TO_SOMEBODY = frozenset(
    {
        Kind.TALKED_WITH,
        Kind.COACHED,
        Kind.MENTORED,
        Kind.OBSERVED,
        Kind.RECOGNISED,
        Kind.ASSESSED,
        Kind.INTERVIEWED,
        Kind.ROUTED,
    }
)
"""Done with or to a person: who that is comes before the object."""


@dataclass(frozen=True)
class Teller:
    """Tells statements with the names in `known`; `named` False: with the record's own account names instead."""

    known: Known
    zone: ZoneInfo
    named: bool = True

    def sentence(self, seen: Seen, target: Seen | None = None) -> str:
        """`target`: what it refers to, where that may be seen."""
        if seen.fact is None:
            return f"A statement that cannot be read: {seen.why}"
        fact = seen.fact
        verb = "took back" if fact.kind is Kind.VOIDED else labels.verb(fact.verb)
        who, whom = self.actor(fact), self._whom(fact)
        if fact.target is not None:
            return f"{who} {verb}: {self._told(fact, target)}"
        what = self._what(fact, seen.statement)
        if fact.kind in _TO_SOMEBODY and whom:
            return f"{who} {verb} {whom}: {what}"
        joined = f"{who} {verb} {_JOINED.get(fact.kind, '')}{what}"
        return f"{joined}, for {whom}" if whom else joined

    def actor(self, fact: Fact) -> str:
        if fact.actor == SYSTEM_ACCOUNT:
            return "The tool"
        called = self.called(fact.actor)
        if called == SOMEBODY and fact.role and self.named:
            return f"{SOMEBODY}, as {fact.role},"
        return called

    def called(self, agent: str) -> str:
        """An agent by name, or by the first half of what the record calls them."""
        if self.named:
            return self.known.names.get(agent, SOMEBODY)
        return f"Account {agent[:8]}" if "|" not in agent else "Somebody of another system"

    def run(self, fact: Fact) -> RunRow | None:
        enrolment = self.known.enrolments.get(fact.registration or "")
        return self.known.runs.get(fact.run or (enrolment.run_id if enrolment else ""))

    def step(self, fact: Fact) -> str | None:
        """The step's title; its id where the journey does not have it."""
        run = self.run(fact)
        step = run.journey.step_by_id.get(fact.step or "") if run else None
        return step.title if step else fact.step

    def _whom(self, fact: Fact) -> str | None:
        """The other person: whoever the act was with, else the participant it is about."""
        about = self.known.participant(fact)
        other = fact.counterpart if fact.counterpart and fact.actor == about else about
        if other is None or other == fact.actor or self.called(other) == self.called(fact.actor) != SOMEBODY:
            return None
        called = self.called(other)
        return "somebody" if called == SOMEBODY else called

    def _told(self, fact: Fact, target: Seen | None) -> str:
        if target is None or target.fact is None:
            return "a statement that is not shown here"
        day = full_day(target.fact.at.astimezone(self.zone).date())
        return f"{self.sentence(target)}, {day}"

    def _what(self, fact: Fact, statement: Mapping[str, Any] | None) -> str:
        run = self.run(fact)
        title = _title(fact, run.journey if run else None)
        if title is None and fact.personal_moment:
            return "a moment of their own"
        if title is None and fact.activity is None:
            return "a person, or a statement inside this one"
        return f"“{title}”" if title else self._elsewhere(fact.activity or "", statement)

    def _elsewhere(self, iri: str, statement: Mapping[str, Any] | None) -> str:
        """An activity of another system. Its name may be anything, so it stands in no page with names."""
        if self.named or statement is None:
            return iri
        definition = statement["object"].get("definition")
        name = definition.get("name") if isinstance(definition, dict) else None
        texts = [text for text in name.values() if isinstance(text, str)] if isinstance(name, dict) else []
        return f"“{texts[0]}”" if texts else iri


def _title(fact: Fact, journey: Journey | None) -> str | None:
    """What the journey calls the object: a moment, a capability, a step, or itself where that is the run."""
    if journey is None:
        return None
    if fact.moment:
        return journey.moment_by_id[fact.moment].title if fact.moment in journey.moment_by_id else None
    if fact.capability:
        return next((one.title for one in journey.capabilities if one.id == fact.capability), None)
    if fact.activity and "/steps/" in fact.activity and fact.step in journey.step_by_id:
        return journey.step_by_id[fact.step].title
    return journey.title if fact.kind in (Kind.REGISTERED, Kind.WITHDREW) else None

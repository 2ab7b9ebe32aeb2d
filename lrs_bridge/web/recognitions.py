"""Who recognised the reader, and for what: on the page of whoever is recognised, and nobody else's.

A leader recognises somebody by a step with them. A participant writes a name; it is shown to whom it means among the
people beside them (manager, coach, mentor, peers, and whose sponsor or peer they are), if it means one and not several.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, notes, people, relations
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import day_words, first_name

MOST = 5


@dataclass(frozen=True)
class Recognised:
    """`words`: what was written, None where a leader only did the step."""

    who: str
    day: date
    title: str
    words: str | None

    @property
    def when(self) -> str:
        return day_words(self.day)


def of(session: Session, run: RunRow, reader: str, today: date, situation: Situation | None = None) -> list[Recognised]:
    """The latest of a reader (a person's id), newest first. `situation`: theirs, where they take part."""
    found = [*(_by_leaders(situation) if situation else ()), *_by_participants(session, run, reader, today)]
    return sorted(found, key=lambda one: one.day, reverse=True)[:MOST]


def _by_leaders(situation: Situation) -> Iterable[Recognised]:
    for fact in situation.facts:
        step = situation.journey.step_by_id.get(fact.step or "")
        if fact.kind is not Kind.RECOGNISED or fact.actor == situation.person.account:
            continue
        if step is None or step.counterpart in (Role.PARTICIPANT, "cohort"):
            title = step.title if step else "Recognition"
            yield Recognised(first_name(situation.called(fact.actor)), situation.day(fact), title, None)


def _by_participants(session: Session, run: RunRow, reader: str, today: date) -> Iterable[Recognised]:
    steps = {s.id: s for s in run.journey.of_type("recognition") if s.owner is Role.PARTICIPANT}
    if not steps:
        return
    beside = _beside(row for row in relations.all_of(session, run) if row.span.holds_on(today))
    authors = {one for one, others in beside.items() if reader in others}
    known = people.people_by_id(session, run.tenant_id, {id_ for one in authors for id_ in beside[one]} | authors)
    by_account = {known[id_].account: id_ for id_ in authors if id_ in known}
    facts = _written(session, run, steps, by_account)
    registrations = {fact.registration or "" for fact in facts}
    inside = enrolments.enrolments_by_id(session, run.tenant_id, registrations)
    written = notes.notes_of_many(session, run.tenant_id, registrations)
    for fact in facts:
        author, enrolment = by_account[fact.actor], inside.get(fact.registration or "")
        note = written.get(fact.registration or "", {}).get(fact.id)
        if note is None or enrolment is None or enrolment.person_id != author:
            continue
        if meant(note.texts.get("whom", ""), [known[id_] for id_ in beside[author] if id_ in known]) == reader:
            day = run.run.local_day(fact.at)
            who = first_name(known[author].shown_name)
            yield Recognised(who, day, steps[fact.step or ""].title, note.texts.get("words"))


def _written(session: Session, run: RunRow, steps: Iterable[str], accounts: Iterable[str]) -> list[Fact]:
    mine = FactRow.tenant_id == run.tenant_id, FactRow.run_id == run.id, FactRow.kind == str(Kind.COMPLETED)
    return facts_where(session, *mine, FactRow.step.in_(list(steps)), FactRow.actor.in_(list(accounts)))


def _beside(rows: Iterable[RelationRow]) -> Mapping[str, set[str]]:
    """Who is beside whom today, from both sides."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, set()).add(row.other_id)
        found.setdefault(row.other_id, set()).add(row.person_id)
    return found


def meant(word: str, beside: Iterable[PersonRow]) -> str | None:
    """The id of the one whom a name means: the whole name, else the first name; None where it is nobody or several."""
    wanted = " ".join(word.split()).casefold()
    names = {one.id: " ".join((one.name or "").split()).casefold() for one in beside}
    whole = [id_ for id_, name in names.items() if name and name == wanted]
    if whole:
        return whole[0] if len(whole) == 1 else None
    first = [id_ for id_, name in names.items() if name and name.split()[0] == wanted]
    return first[0] if len(first) == 1 else None

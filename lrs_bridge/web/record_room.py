"""The record to look at: list, single statement and export, the same for administrators and evaluators.

Every look is noted before anything is shown, so that what cannot be noted is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from flask import Response, request, url_for
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows import viewing
from lrs_bridge.flows.naming import known_of
from lrs_bridge.flows.shelves import Seen
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.store import people_search
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.record_accesses import Looked
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Form
from lrs_bridge.web.record_filter import NAMES, VOIDED, Asked, Filter, WrongFilter
from lrs_bridge.web.record_looks import Notebook, told
from lrs_bridge.web.record_words import Teller
from lrs_bridge.web.words import clock, full_day
from lrs_bridge.xapi import labels
from lrs_bridge.xapi.disclosure import BETWEEN_PEOPLE

_PEOPLE_OFFERED = 500
_LONGEST_BOX = 40  # lines of JSON that are shown without scrolling


@dataclass(frozen=True)
class Ways:
    """The endpoints of a room. `view` goes along in every link."""

    list: str
    one: str
    export: str
    view: Mapping[str, Any]

    def to_list(self, **wanted: Any) -> str:
        return url_for(self.list, **self.view, **wanted)

    def to_one(self, id_: str) -> str:
        return url_for(self.one, id_=id_, **self.view)


@dataclass(frozen=True)
class Room:
    """The record as one viewer sees it. `elsewhere`: where the record is, if not here."""

    sessions: Sessions
    eyes: Eyes
    notebook: Notebook
    filter: Filter
    ways: Ways
    elsewhere: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.filter.zone

    def listing(self) -> dict[str, Any]:
        """What the list's template needs."""
        given = request.args.to_dict()
        with self.sessions.read() as session:
            try:
                asked = self.filter.read(session, given)
            except WrongFilter as wrong:
                return self._listing(session, given, wrong.form, Asked(), None)
            if asked.choices:
                return self._listing(session, given, Form(data=request.args), asked, None)
            page = self._page(session, asked)
            content = self._listing(session, given, Form(data=_with_name(asked)), asked, page)
        self.notebook.note(Looked.LIST, asked.noted, len(page.seen))
        return content

    def one(self, id_: str) -> tuple[Seen, dict[str, Any]]:
        """The statement and what its template needs. Raises Door (404) for what this viewer does not see."""
        with self.sessions.read() as session:
            seen = viewing.find(session, self.eyes, id_)
            if seen is None:
                raise _no_such_statement()
            content = self._one(session, seen)
        self.notebook.note(Looked.STATEMENT, {"id": seen.id}, 1)
        return seen, content

    def export(self) -> Response:
        """The filtered set as a download; raises Door for a filter that cannot be read."""
        if self.elsewhere:
            raise doors.door_for(404)
        with self.sessions.read() as session:
            try:
                asked = self.filter.read(session, request.args.to_dict())
            except WrongFilter as wrong:
                raise doors.Door(400, "We could not read the filter", str(wrong), reason="wrong filter") from wrong
            one = viewing.find(session, self.eyes, asked.id) if asked.id else None
        if asked.choices:
            raise doors.Door(400, "That name fits several people", "Choose one on the list first.", reason="name")
        pieces = self._single(one) if asked.id else self._pieces(asked)
        response = Response(self.notebook.export(asked.noted, pieces), content_type="application/json")
        kind = "" if self.eyes.content else "-without-content"
        response.headers["Content-Disposition"] = f'attachment; filename="statements{kind}.json"'
        return response

    def _page(self, session: Session, asked: Asked) -> viewing.Page:
        if asked.id:
            found = viewing.find(session, self.eyes, asked.id)
            return viewing.Page([found] if found else [], None)
        return viewing.look(session, self.eyes, asked.search, asked.before)

    def _pieces(self, asked: Asked) -> Iterator[tuple[str, int]]:
        same = {name: text for name, text in request.args.items() if name != "before"}

        def more(place: str) -> str:
            """Relative, so that the visit's token stays out of the file."""
            return f"?{urlencode({**same, 'before': place})}"

        return viewing.export(self.sessions, self.eyes, asked.search, asked.before, more)

    def _single(self, seen: Seen | None) -> Iterator[tuple[str, int]]:
        found = [] if seen is None else [viewing.shown(self.eyes, seen)[0]]
        yield orjson.dumps({"statements": found, "more": ""}).decode(), len(found)

    def _listing(
        self, session: Session, given: Mapping[str, str], form: Form, asked: Asked, page: viewing.Page | None
    ) -> dict[str, Any]:
        offered = [name for name in NAMES if self.filter.named or name != "person"]
        kept: dict[str, Any] = {name: text for name in offered if (text := given.get(name, "").strip())}
        if asked.person is not None:
            kept["person"] = asked.person.id
        older = page.older if page else None
        return {
            "room": self,
            "form": form,
            "options": self._options(session, given),
            "told": self._told(asked),
            "rows": self._rows(session, page.seen) if page else [],
            "choices": [
                {"href": self.ways.to_list(**{**kept, "person": one.id}), "text": one.shown_name}
                for one in asked.choices
            ],
            "answered": page is not None,
            "filtered": bool(kept),
            "looked": page.looked if page else None,
            "newest": self.ways.to_list(**kept) if given.get("before") else None,
            "older": self.ways.to_list(**kept, before=older) if older else None,
            "clear": self.ways.to_list(),
            "export": None if self.elsewhere or page is None else url_for(self.ways.export, **self.ways.view, **kept),
            "export_most": viewing.EXPORT_AT_MOST,
        }

    def _options(self, session: Session, given: Mapping[str, str]) -> dict[str, Any]:
        run, only = self.filter.run_of(given), self.filter.only_run
        offered = []
        if only is not None and self.filter.named:
            offered = [
                person.shown_name
                for person in people_search.in_run(session, self.eyes.tenant_id, only.id, _PEOPLE_OFFERED)
            ]
        return {
            "verbs": [(str(kind), text) for kind, text in labels.deeds().items() if self._offers(kind)],
            "voided": list(VOIDED.items()),
            "runs": []
            if only
            else [
                (one.id, f"{one.journey_row.title}, {one.course.title or 'no title'}, from {full_day(one.day_zero)}")
                for one in self.filter.runs.values()
            ],
            "steps": [(step.id, f"{step.id}: {step.title}") for step in run.journey.steps] if run else [],
            "named": self.filter.named,
            "people": offered,
        }

    def _told(self, asked: Asked) -> list[str]:
        names = {asked.person.account: asked.person.shown_name} if asked.person else {}
        run = self.filter.runs.get(asked.noted.get("run", ""))
        return [*told(asked.noted, names), *([f"the run from {full_day(run.day_zero)}"] if run else [])]

    def _offers(self, kind: Kind) -> bool:
        return self.eyes.content or kind not in BETWEEN_PEOPLE

    def _rows(self, session: Session, seen: Sequence[Seen]) -> list[dict[str, Any]]:
        known = viewing.targets(session, self.eyes, seen)
        teller = self._teller(session, [*seen, *known.values()])
        return [self._row(teller, one, known.get(one.fact.target or "") if one.fact else None) for one in seen]

    def _row(self, teller: Teller, seen: Seen, target: Seen | None = None) -> dict[str, Any]:
        return {
            "text": teller.sentence(seen, target),
            "href": self.ways.to_one(seen.id),
            "when": self._when(seen.fact.at) if seen.fact else "",
            "role": (seen.fact.role if seen.fact else None) or "",
            "voided": seen.voided,
        }

    def _one(self, session: Session, seen: Seen) -> dict[str, Any]:
        found = viewing.around(session, self.eyes, seen)
        linked = [one for one in (found.target, found.context) if one]
        second = viewing.targets(session, self.eyes, [*linked, *found.referring])
        teller = self._teller(session, [seen, *linked, *found.referring, *second.values()])
        json, hidden = viewing.shown(self.eyes, seen)
        text = orjson.dumps(json, option=orjson.OPT_INDENT_2).decode()

        def row(one: Seen) -> dict[str, Any]:
            return self._row(teller, one, second.get(one.fact.target or "") if one.fact else None)

        return {
            "room": self,
            "seen": seen,
            "sentence": teller.sentence(seen, found.target),
            "facts": list(self._facts(teller, seen)),
            "about": self._about(teller, seen.fact),
            "target": row(found.target) if found.target else None,
            "context": row(found.context) if found.context else None,
            "referring": [row(one) for one in found.referring],
            "cut": found.cut,
            "json": text,
            "lines": min(text.count("\n") + 1, _LONGEST_BOX),
            "hidden": hidden,
            "download": None if self.elsewhere else url_for(self.ways.export, **self.ways.view, id=seen.id),
            "back": {"href": self.ways.to_list(), "text": "Statements"},
        }

    def _teller(self, session: Session, seen: Sequence[Seen]) -> Teller:
        facts = [one.fact for one in seen if one.fact]
        known = known_of(session, self.eyes.tenant_id, facts, self.eyes.run_id)
        return Teller(known, self.zone, not self.eyes.content)

    def _facts(self, teller: Teller, seen: Seen) -> Iterator[tuple[str, str]]:
        fact = seen.fact
        if fact is None:
            return
        yield "Happened", self._when(fact.at)
        if fact.recorded and fact.recorded != fact.stored:
            yield "Entered", self._when(fact.recorded)
        if fact.stored:
            yield "In the record since", self._when(fact.stored)
        if fact.role:
            yield "Acted as", fact.role
        run = teller.run(fact)
        if run is not None:
            yield "Journey", f"{run.journey.title}, from {full_day(run.day_zero)}"
        step = teller.step(fact)
        if step:
            yield "Step", step

    def _about(self, teller: Teller, fact: Fact | None) -> dict[str, str] | None:
        """The list of everything about the participant; only where there are names."""
        enrolment = teller.known.enrolments.get(fact.registration or "") if fact else None
        if enrolment is None or self.eyes.content:
            return None
        name = enrolment.person.shown_name
        return {"href": self.ways.to_list(person=enrolment.person_id), "text": f"Everything by and about {name}"}

    def _when(self, at: datetime) -> str:
        return f"{full_day(at.astimezone(self.zone).date())}, {clock(at, self.zone)}"


def _with_name(asked: Asked) -> Any:
    """What was asked, with the person's name in place of the id that links use."""
    shown = request.args.copy()
    if asked.person is not None:
        shown["person"] = asked.person.shown_name
    return shown


def _no_such_statement() -> doors.Door:
    return doors.Door(
        404,
        "There is no such statement here",
        "It may belong to another run, hold what only its people see, or not have arrived in the record yet.",
        (("Go back", "to the list of statements."), doors.HELP_DESK),
        reason="no such statement for this viewer",
    )

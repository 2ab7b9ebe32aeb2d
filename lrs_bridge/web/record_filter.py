"""What a list of statements is narrowed to: read from the address, said in words, and kept for the log of looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import marshmallow as ma
from marshmallow import fields, validate
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lrs_bridge.domain.events import Kind
from lrs_bridge.store import people, people_search
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.record_viewing import Search
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.forms import Form
from lrs_bridge.xapi import labels

CHOICES_AT_MOST = 20
VOIDED = {"": "Statements that stand", "with": "Also those taken back", "only": "Only those taken back"}
NAMES = ("verb", "person", "run", "step", "from", "to", "voided", "id")
_DAYS = validate.Range(date(1990, 1, 1), date(2200, 1, 1), error="Give a day of this century.")


def _saying(text: str) -> dict[str, Any]:
    return dict.fromkeys(("invalid", "invalid_uuid", "null"), text)


def _day(name: str) -> fields.Date:
    return fields.Date(
        data_key=name,
        validate=_DAYS,
        error_messages=_saying("There is no such day. Give one such as 2026-03-24."),
    )


class _Asked(ma.Schema):
    verb = fields.String(validate=validate.OneOf([str(kind) for kind in labels.deeds()], error="Choose from the list."))
    person = fields.String(validate=validate.Length(max=200, error="A part of a name is enough."))
    run = fields.String(validate=validate.Length(max=36, error="Choose from the list."))
    step = fields.String(validate=validate.Length(max=200, error="Choose from the list."))
    first = _day("from")
    last = _day("to")
    voided = fields.String(validate=validate.OneOf(["with", "only"], error="Choose from the list."))
    id = fields.UUID(error_messages=_saying("A statement’s id has 36 characters, such as 57189626-7437-…"))
    before = fields.String(validate=validate.Length(max=60))


@dataclass(frozen=True)
class Asked:
    """A filter that was understood. `noted` is what the log of looks keeps: ids and words of ours, no name.

    `choices`: people who may be meant, where a name fits several; there is nothing to show then.
    """

    search: Search = field(default_factory=Search)
    id: str | None = None
    before: str | None = None
    person: PersonRow | None = None
    choices: Sequence[PersonRow] = ()
    noted: Mapping[str, str] = field(default_factory=dict)


class WrongFilter(Exception):
    """The address cannot be taken; `form` shows it again with what is wrong."""

    def __init__(self, given: Mapping[str, str], errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.form = Form(data=MultiDict(given), errors=dict(errors))


@dataclass(frozen=True)
class Filter:
    """Reads filters for one viewer. `run`: the only one they see, or the one they chose; `runs` those to choose from.

    `named`: whether statements may be asked for by person.
    """

    tenant_id: str
    zone: ZoneInfo
    runs: Mapping[str, RunRow]
    only_run: RunRow | None = None
    named: bool = True

    def read(self, session: Session, given: Mapping[str, str]) -> Asked:
        """Raises WrongFilter."""
        filled = {name: text.strip() for name, text in given.items() if text.strip()}
        try:
            data = _Asked(unknown=ma.EXCLUDE).load(filled)
        except ma.ValidationError as problem:
            errors = {name: text[0] for name, text in problem.messages_dict.items()}
            raise WrongFilter(given, errors) from problem
        if data.get("first") and data.get("last") and data["first"] > data["last"]:
            raise WrongFilter(given, {"to": "The last day lies before the first."})
        run = self.run_of(filled)
        if "run" in data and run is None:
            raise WrongFilter(given, {"run": "There is no such run here. Choose from the list."})
        found = self._people(session, given, data.get("person"), run)
        if len(found) > 1:
            return Asked(choices=found)
        return self._asked(session, data, run, next(iter(found), None))

    def run_of(self, given: Mapping[str, str]) -> RunRow | None:
        """The run whose statements are shown: the viewer's own, or the one chosen."""
        return self.only_run or self.runs.get(given.get("run", ""))

    def _people(
        self, session: Session, given: Mapping[str, str], text: str | None, run: RunRow | None
    ) -> Sequence[PersonRow]:
        if text is None or not self.named:
            return ()
        run_id = run.id if run else None
        found = _by_id(session, self.tenant_id, text, run_id)
        if found is None:
            found = people_search.named(session, self.tenant_id, text, CHOICES_AT_MOST + 1, run_id)
        if not found:
            raise WrongFilter(given, {"person": "Nobody here is called that. A part of the name is enough."})
        if len(found) > CHOICES_AT_MOST:
            raise WrongFilter(given, {"person": "That fits many people. Give more of the name."})
        return found

    def _asked(self, session: Session, data: Mapping[str, Any], run: RunRow | None, person: PersonRow | None) -> Asked:
        first, last = data.get("first"), data.get("last")
        actors: tuple[str, ...] = ()
        registrations: tuple[str, ...] = ()
        if person is not None:
            only = self.only_run.id if self.only_run else None
            actors, registrations = people_search.keys_of(session, self.tenant_id, person, only)
        search = Search(
            kind=Kind(data["verb"]) if "verb" in data else None,
            run_id=run.id if run else None,
            step=data.get("step") if run else None,
            actors=actors,
            registrations=registrations,
            since=_midnight(first, self.zone) if first else None,
            until=_midnight(last + timedelta(days=1), self.zone) if last else None,
            voided={"with": None, "only": True}.get(data.get("voided", ""), False),
        )
        noted = {name: str(data[name]) for name in ("verb", "step", "voided", "id") if name in data}
        noted |= {name: str(day) for name, day in (("from", first), ("to", last)) if day}
        if person is not None:
            noted["person"] = person.account
        if run is not None and self.only_run is None:
            noted["run"] = run.id
        id_ = str(data["id"]) if "id" in data else None
        return Asked(search, id_, data.get("before"), person, noted=noted)


def _by_id(session: Session, tenant_id: str, text: str, run_id: str | None) -> Sequence[PersonRow] | None:
    """The person with this id, with a part in the run; None where the text is no id. Links name people so."""
    try:
        id_ = str(UUID(text))
    except ValueError:
        return None
    person = people.get_person(session, tenant_id, id_)
    if person is None or (run_id is not None and not people_search.has_part(session, tenant_id, run_id, id_)):
        return ()
    return [person]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)

"""Two companies in one database: Alphaville, of which every table has rows, and Beta, whose people ask for them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import product
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, Column, Integer, Table, select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.store import drafts, journeys
from lrs_bridge.store.base import Json
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tables import METADATA
from lrs_bridge.worker.tick import tick
from tests.flows.world import build
from tests.personas import House, Tab, move_in

WORD = "Alphaville"
THROUGH = {"gradebook_pause": "platform", "key_set": "platform", "login": "platform", "statement_term": "statement"}
"""Tables without a tenant of their own, and the table with one through which alone they are reached."""
NOBODYS = {
    "signing_key": "the installation signs as one tool",
    "tally": "counts of the installation, by reason, without names",
    "tenant": "the tenants themselves",
    "worker_sign": "which workers run",
}
IDS: Mapping[str, tuple[str, ...]] = {
    "run_id": ("run.id",),
    "enrolment": ("enrolment.id",),
    "enrolment_id": ("enrolment.id",),
    "person_id": ("person.id",),
    "coach": ("person.id",),
    "reader": ("person.id",),
    "former": ("person.id",),
    "manager": ("person.id",),
    "statement": ("event.statement_id",),
    "ref": ("event.statement_id",),
    "note": ("coaching_note.id",),
    "word": ("sponsor_word.id",),
    "act": ("people_change.act", "run_change.act"),
    "journey_id": ("journey.id",),
    "draft_id": ("draft.id",),
    "nomination_id": ("nomination.id",),
    "remark_id": ("pilot_remark.id",),
    "question_id": ("question.id",),
    "assignment_id": ("assignment.id",),
    "rater_id": ("rater.id",),
    "request_id": ("erasure_request.id",),
    "message_id": ("message.id",),
    "id_": ("platform.id", "deployment.id", "event.statement_id", "ingest_key.id"),
    "place_id": ("platform.id", "course.id", "journey.id", "run.id"),
    "code": ("hand_in.code",),
    "story": ("study_act.id",),
    "report": ("study_act.id",),
}
"""What stands in addresses and belongs to somebody, with the columns in which it lies."""
PLAIN = {
    "token": "the visit's own",
    "filename": "a file of ours",
    "tenant": "the name at which an LMS registers",
    "step_id": "of the journey of one's own run",
    "task": "a kind of task",
    "index": "a place in a draft",
    "slug": "the name of a journey, which many may have",
    "indicator": "of the plugins",
    "key": "of the plugins",
    "audience": "a kind of reader of a report",
    "scope": "of a switch",
}
"""What stands in addresses and belongs to nobody."""
_WORDS = {"step_id": "S13", "task": "moment", "index": 0, "indicator": "mtm_application", "key": "mtm_application"}
_WORDS |= {"slug": "field-coaching-90", "scope": "course", "audience": "sponsor"}
FIELDS: Mapping[str, str] = {
    **dict.fromkeys("who person to about manager ask_peer peer".split(), "person.id"),
    **dict.fromkeys("template version journey".split(), "journey.id"),
    "run": "run.id",
    "course": "course.id",
    "for": "enrolment.id",
    "relation": "relation.id",
    "undoes": "people_change.act",
    "instead_of": "outcome_entry.id",
    "id": "unreadable_statement.id",
    "statement": "event.statement_id",
}
"""What forms send that belongs to somebody."""
_SENTENCES = "text answer thanks reason words note source question title".split()
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN_VALUES = {
    bool: False,
    int: 1,
    float: 1.0,
    bytes: WORD.encode(),
    date: date(2026, 3, 20),
    datetime: datetime(2026, 3, 20, 9, tzinfo=UTC),
}
_MARKED = ("person.name", "person.email", "course.title", "platform.name", "journey.title", "draft.title")


@dataclass
class Companies:
    """`alpha` and `beta` have people of the same names; only ids tell them apart, and Alpha's words.

    `moment`: the statement of what Petra of Alpha did, which her manager may open.
    """

    sessions: Sessions
    alpha: House
    beta: House
    moment: str

    def ids(self, name: str) -> list[str]:
        """Alpha's values for a part of an address, one of each kind."""
        return [value for place in IDS[name] for value in self.values(place)]

    @cached_property
    def named(self) -> dict[str, str]:
        """What a form may name of Alpha's, once every table has a row of theirs."""
        return {name: self.values(place)[0] for name, place in FIELDS.items()}

    def values(self, place: str) -> list[str]:
        table, column = place.split(".")
        kept = METADATA.tables[table]
        query = select(kept.c[column]).where(kept.c.tenant_id == self.alpha.world.tenant.id).distinct()
        own = {self.alpha.world.petra.id, self.alpha.world.enrolment.id, self.moment}
        with self.sessions.read() as session:
            return sorted(map(str, session.scalars(query)), key=lambda one: (one not in own, one))[:1]

    def rows(self, house: House) -> dict[str, list[str]]:
        """Every row of a tenant, with those that are reached through one."""
        with self.sessions.read() as session:
            return {name: sorted(_rows(session, name, house.world.tenant.id)) for name in METADATA.tables}


def found_in(house: House) -> Iterator[tuple[str, Tab]]:
    """Everybody who may be in a run, each fresh from a launch."""
    for name in ("petra", "mark", "carl", "sofia", "dario", "eva", "irene"):
        yield name, getattr(house, name)
    yield "ada", house.ada().come_in()


def move_in_both(sessions: Sessions) -> Companies:
    alpha = move_in(build(sessions))
    tenant = METADATA.tables["tenant"]
    with sessions.write() as session:
        session.execute(update(tenant).values(name="alpha"))
        session.execute(update(METADATA.tables["platform"]).values(client_id="alpha"))
    moment = _live(alpha)
    return Companies(sessions, alpha, move_in(build(sessions)), moment)


def mark(companies: Companies) -> None:
    """Alpha's names get a word that Beta's people never saw."""
    with companies.sessions.write() as session:
        for place in _MARKED:
            table, column = place.split(".")
            kept = METADATA.tables[table]
            own = kept.c.tenant_id == companies.alpha.world.tenant.id
            session.execute(update(kept).where(own).values({column: WORD + " " + kept.c[column]}))


def bait(companies: Companies) -> None:
    """Every table in which Alpha has nothing gets a row of Alpha's."""
    tenant_id = companies.alpha.world.tenant.id
    with companies.sessions.write() as session:
        for kept in METADATA.sorted_tables:
            if "tenant_id" in kept.c and not _rows(session, kept.name, tenant_id):
                session.execute(kept.insert().values(_bait(session, kept, tenant_id)))


def _live(house: House) -> str:
    """What people did in the run: a moment, a word about it, and a draft on the desk. Answers the moment's id."""
    data = {"behaviours": ["B1"]}
    moment = house.acted(Kind.APPLIED, "petra", step="S13", moment="M1", score=Score(3, 0, 4), data=data)
    house.acted(Kind.VERIFIED, "mark", refers_to=moment.statement_id)
    house.relate("carl", Role.COACH, "petra")
    while tick(house.bridge):
        pass
    with house.bridge.sessions.write() as session:
        (row, *_) = journeys.installed(session, house.world.tenant.id)
        drafts.add_draft(session, house.world.tenant.id, row.source, "Ada", house.bridge.clock(), row.id)
    return str(moment.statement_id)


def _rows(session: Session, name: str, tenant_id: str) -> list[str]:
    kept = METADATA.tables[name]
    if name in NOBODYS or name == "statement_term":
        return []
    query = select(kept)
    if name in THROUGH:
        platform = METADATA.tables["platform"]
        query = query.join(platform).where(platform.c.tenant_id == tenant_id)
    else:
        query = query.where(kept.c.tenant_id == tenant_id)
    return [repr(tuple(row)) for row in session.execute(query)]


def _bait(session: Session, kept: Table, tenant_id: str) -> dict[str, Any]:
    """A row for a table that has none; numbers of its own it gets from the database."""
    own = list(kept.primary_key)
    counted = own[0] if len(own) == 1 and isinstance(own[0].type, Integer | BigInteger) else None
    return {one.name: _value(session, one, tenant_id) for one in kept.c if one is not counted}


def _value(session: Session, column: Column[Any], tenant_id: str) -> Any:
    if column.name == "tenant_id":
        return tenant_id
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return session.scalar(select(target).where(target.table.c.tenant_id == tenant_id).limit(1))
    if isinstance(column.type, Json):
        return {"word": WORD}
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if kind is str:
        length = column.type.length or 100 if hasattr(column.type, "length") else 100
        return str(uuid4()) if length == 36 else f"{WORD}-{column.name}"[:length]
    return _PLAIN_VALUES[kind]


def addresses(rule: Rule, companies: Companies) -> list[tuple[str, set[str]]]:
    """A rule with Alpha's values in it, after the token, and which of them are ids; none where Alpha has no such."""
    names = sorted(rule.arguments - {"token"})
    values = {name: companies.ids(name) if name in IDS else [_WORDS[name]] for name in names}
    found = []
    for row in product(*(values[name] for name in names)):
        path, ids = rule.rule.partition("<token>/")[2], set()
        for name, value in zip(names, map(str, row), strict=True):
            path = re.sub(rf"<(?:[^<>]*:)?{name}>", value, path)
            ids |= {value} if name in IDS else set()
        found.append((path, ids))
    return found


def form(companies: Companies, csrf: str) -> dict[str, str]:
    """A form that names Alpha's people, runs and journeys wherever one can be named."""
    named = companies.named
    return {
        "csrf": csrf,
        "act": str(uuid4()),
        "role": "coach",
        "route": "low",
        **dict.fromkeys(_SENTENCES, "A sentence."),
        **named,
    }


def words_of(answer: TestResponse) -> str:
    """All that an answer says, its address and what lies in a zipped sheet included."""
    body = answer.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return f"{answer.headers}\n{body.decode(errors='replace')}"


def ids_in(text: str) -> set[str]:
    return set(_UUID.findall(text))

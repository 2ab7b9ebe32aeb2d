"""The forum of a step: what participants wrote to their group. A post is a note beside a `commented` statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.notes import Note
from lrs_bridge.store.people import PersonRow

WORDS, UNNAMED, REPLY_TO = "words", "unnamed", "reply_to"
LONGEST = 200
"""Posts that a page shows, the newest."""


@dataclass(frozen=True)
class Post:
    """`name` is None where its author did not want it shown. `to`: the statement of the post it answers."""

    statement: str
    author_id: str
    name: str | None
    text: str
    to: str | None
    at: datetime


def posts(session: Session, tenant_id: str, run_id: str, step: str) -> list[Post]:
    """Of everybody in the run, oldest first; what was taken back is not there."""
    mine = FactRow.tenant_id == tenant_id, FactRow.run_id == run_id, FactRow.step == step
    standing = FactRow.kind == str(Kind.COMMENTED), FactRow.voided.is_(False)
    rows = session.execute(
        select(Note, PersonRow, FactRow.at)
        .join(FactRow, FactRow.id == Note.statement_id)
        .join(PersonRow, PersonRow.id == Note.author_id)
        .where(Note.tenant_id == tenant_id, Note.run_id == run_id, *mine, *standing)
        .order_by(FactRow.at.desc(), FactRow.id)
        .limit(LONGEST)
    ).all()
    return [_post(note, person, at) for note, person, at in reversed(rows)]


def _post(note: Note, person: PersonRow, at: datetime) -> Post:
    said = note.texts
    name = None if said.get(UNNAMED) else person.shown_name
    return Post(note.statement_id, note.author_id, name, said.get(WORDS, ""), said.get(REPLY_TO), at)

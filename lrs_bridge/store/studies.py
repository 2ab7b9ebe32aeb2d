"""Success case studies: every act of an evaluator, one row each, never changed; and what was written with it, sealed.

Words (quotes, notes of interviews, reasons, stories) lie apart, encrypted with a key that is not in the database, so
that they can be erased while it stays on record that something was done. They are sealed together with whose they are,
so that a row that was moved to another act does not open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.casework.acts import Act, Action, standing
from lrs_bridge.store import people
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime
from lrs_bridge.store.sealed import Seal, SealBrokenError

PURPOSE = "success case studies"
"""What the key of these words is derived for (`sealed.Seal`)."""


class StudyAct(Base):
    """One act. `data`: rules, codes and figures. `worded`: something was written with it, whether or not it is still
    there. `enrolment_id`: whom it is about. `id` is the form's, so that sending twice is the same as once."""

    __tablename__ = "study_act"
    __table_args__ = (
        UniqueConstraint("run_id", "place"),
        Index("ix_study_act_enrolment", "enrolment_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    place: Mapped[int]
    action: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[str | None] = mapped_column(ForeignKey("enrolment.id"))
    data: Mapped[Any] = mapped_column(Json)
    worded: Mapped[bool]
    undoes: Mapped[str | None] = mapped_column(Id)


class StudyWord(Base):
    """What was written with an act, encrypted with whose it is. It goes when the person withdraws or is erased."""

    __tablename__ = "study_word"
    __table_args__ = (Index("ix_study_word_enrolment", "enrolment_id"),)

    act_id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    enrolment_id: Mapped[str | None] = mapped_column(ForeignKey("enrolment.id"))
    sealed: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Doing:
    """An act to be kept. `subject` is an enrolment; `texts` go apart, and empty ones are nothing."""

    id: str
    action: Action
    subject: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    undoes: str | None = None


def put(session: Session, seal: Seal, tenant_id: str, run_id: str, by_id: str, doing: Doing, now: datetime) -> bool:
    """Keep an act as the latest of its run, which the caller has locked; False where this very act is kept already."""
    if session.get(StudyAct, doing.id) is not None:
        return False
    texts = {name: text.strip() for name, text in doing.texts.items() if text and text.strip()}
    session.add(
        StudyAct(
            id=doing.id,
            tenant_id=tenant_id,
            run_id=run_id,
            place=_places(session, tenant_id, run_id) + 1,
            action=str(doing.action),
            at=now,
            by_id=by_id,
            enrolment_id=doing.subject,
            data=dict(doing.data),
            worded=bool(texts),
            undoes=doing.undoes,
        )
    )
    if texts:
        sealed = seal.close(orjson.dumps({"of": _whose(run_id, doing.id, doing.subject), "texts": texts}))
        session.add(
            StudyWord(act_id=doing.id, tenant_id=tenant_id, run_id=run_id, enrolment_id=doing.subject, sealed=sealed)
        )
    session.flush()
    return True


def acts_of(
    session: Session, seal: Seal, tenant_id: str, run_id: str, opened: Collection[Action] = frozenset(Action)
) -> list[Act]:
    """Every act of a study in order, those of the kinds `opened` with their texts.

    Texts that were erased, do not open with this key, or were not asked for are None.
    """
    wanted = StudyAct.tenant_id == tenant_id, StudyAct.run_id == run_id
    rows = session.scalars(select(StudyAct).where(*wanted).order_by(StudyAct.place)).all()
    wordy = [row.id for row in rows if row.worded and row.action in opened]
    mine = StudyWord.tenant_id == tenant_id, StudyWord.run_id == run_id, StudyWord.act_id.in_(wordy)
    words = {row.act_id: row for row in session.scalars(select(StudyWord).where(*mine))}
    names = people.people_by_id(session, tenant_id, {row.by_id for row in rows})
    return [_act(seal, row, words.get(row.id), names[row.by_id].shown_name) for row in rows]


def has_any(session: Session, tenant_id: str, run_id: str) -> bool:
    """Whether somebody has begun a study of this run."""
    return _places(session, tenant_id, run_id) > 0


def forget_words(session: Session, tenant_id: str, run_id: str, enrolment_id: str, actions: Collection[Action]) -> int:
    """Erase for good what was written with these acts about one person; answers how many texts went."""
    mine = (
        StudyAct.tenant_id == tenant_id,
        StudyAct.run_id == run_id,
        StudyAct.enrolment_id == enrolment_id,
        StudyAct.action.in_([str(action) for action in actions]),
    )
    ids = session.scalars(select(StudyAct.id).where(*mine)).all()
    gone = session.execute(delete(StudyWord).where(StudyWord.tenant_id == tenant_id, StudyWord.act_id.in_(ids)))
    return int(getattr(gone, "rowcount", 0))


def forget_reports(session: Session, tenant_id: str, enrolment_ids: Collection[str]) -> int:
    """Erase for good the text of every report that was made of what one of these people said in an interview; that it
    was made stays. Answers how many went."""
    mine = StudyAct.tenant_id == tenant_id, StudyAct.enrolment_id.in_(enrolment_ids)
    runs = select(StudyAct.run_id).where(*mine).distinct()
    made = StudyAct.tenant_id == tenant_id, StudyAct.action == str(Action.REPORT), StudyAct.run_id.in_(runs)
    told = set(enrolment_ids)
    ids = [id_ for id_, data in session.execute(select(StudyAct.id, StudyAct.data).where(*made)) if _tells(data, told)]
    gone = session.execute(delete(StudyWord).where(StudyWord.tenant_id == tenant_id, StudyWord.act_id.in_(ids)))
    return int(getattr(gone, "rowcount", 0))


def _tells(data: Mapping[str, Any], people: set[str]) -> bool:
    return not people.isdisjoint(data.get("about", ()))


def handed_out(session: Session, tenant_id: str, run_id: str) -> frozenset[str]:
    """For whom reports of a run were handed out, and not taken back."""
    wanted = StudyAct.tenant_id == tenant_id, StudyAct.run_id == run_id
    about = StudyAct.action.in_([str(Action.HAND_OUT), str(Action.UNDO)])
    rows = session.scalars(select(StudyAct).where(*wanted, about).order_by(StudyAct.place)).all()
    acts = [Act(row.id, row.place, Action(row.action), row.at, "", data=row.data, undoes=row.undoes) for row in rows]
    return frozenset(act.data["audience"] for act in standing(acts))


def words_about(session: Session, seal: Seal, tenant_id: str, run_id: str, enrolment_id: str) -> list[Act]:
    """What was written about one person, for what they take out of their data."""
    return [act for act in acts_of(session, seal, tenant_id, run_id) if act.subject == enrolment_id and act.texts]


def _act(seal: Seal, row: StudyAct, word: StudyWord | None, by: str) -> Act:
    texts: Mapping[str, str] | None = {}
    if row.worded:
        texts = _open(seal, row, word) if word is not None else None
    return Act(row.id, row.place, Action(row.action), row.at, by, row.enrolment_id, row.data, texts, row.undoes)


def _open(seal: Seal, row: StudyAct, word: StudyWord) -> Mapping[str, str] | None:
    try:
        found = orjson.loads(seal.open(word.sealed))
    except SealBrokenError:
        return None
    texts: Mapping[str, str] = found["texts"]
    return texts if found["of"] == list(_whose(row.run_id, row.id, row.enrolment_id)) else None


def _whose(run_id: str, act_id: str, enrolment_id: str | None) -> Sequence[str | None]:
    return [run_id, act_id, enrolment_id]


def _places(session: Session, tenant_id: str, run_id: str) -> int:
    wanted = StudyAct.tenant_id == tenant_id, StudyAct.run_id == run_id
    return session.scalar(select(func.max(StudyAct.place)).where(*wanted)) or 0

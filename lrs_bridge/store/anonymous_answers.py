"""The boxes of anonymous surveys: who has answered, and answers that wait to be let out together.

Both stand in one row for each step of a run, names sorted and answers shuffled whenever one is added. Rows of their own
would tell by their order, or by the number of the transaction that wrote them, whose answer is whose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, insert_for


class AnswerBox(Base):
    """`marks`: enrolments that have answered, without a time. `waiting`: what goes into statements, by the statement's
    extensions. `words`: texts by item, apart from the numbers they came with; they never leave this database."""

    __tablename__ = "answer_box"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(100), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    marks: Mapped[Any] = mapped_column(Json)
    waiting: Mapped[Any] = mapped_column(Json)
    words: Mapped[Any] = mapped_column(Json)

    def take(
        self,
        enrolment_id: str,
        answers: Mapping[str, Any],
        words: Mapping[str, str],
        shuffle: Callable[[list[Any]], None],
    ) -> bool:
        """One answer a person; False where theirs is in the box already."""
        if enrolment_id in self.marks:
            return False
        self.marks = sorted([*self.marks, enrolment_id])
        self.waiting = _added(self.waiting, dict(answers), shuffle)
        kept = dict(self.words)
        for item, text in words.items():
            kept[item] = _added(kept.get(item, []), text, shuffle)
        self.words = kept
        return True

    def empty(self) -> list[dict[str, Any]]:
        """What waits, for good."""
        found: list[dict[str, Any]] = list(self.waiting)
        self.waiting = []
        return found


def _added(before: list[Any], one: Any, shuffle: Callable[[list[Any]], None]) -> list[Any]:
    after = [*before, one]
    shuffle(after)
    return after


def box(session: Session, tenant_id: str, run_id: str, step: str) -> AnswerBox:
    """The box of a step, made when it is the first answer, and locked until the end of the transaction."""
    session.execute(
        insert_for(session)(AnswerBox)
        .values(tenant_id=tenant_id, run_id=run_id, step=step, marks=[], waiting=[], words={})
        .on_conflict_do_nothing()
    )
    mine = AnswerBox.tenant_id == tenant_id, AnswerBox.run_id == run_id, AnswerBox.step == step
    return session.scalars(select(AnswerBox).where(*mine).with_for_update()).one()


def answered(session: Session, tenant_id: str, run_id: str, enrolment_id: str) -> frozenset[str]:
    """Steps whose anonymous survey this person has answered."""
    mine = AnswerBox.tenant_id == tenant_id, AnswerBox.run_id == run_id
    rows = session.execute(select(AnswerBox.step, AnswerBox.marks).where(*mine))
    return frozenset(step for step, marks in rows if enrolment_id in marks)


def boxes(session: Session) -> list[tuple[str, str, str, bool]]:
    """(tenant, run, step, whether something waits) of every box."""
    rows = session.execute(select(AnswerBox.tenant_id, AnswerBox.run_id, AnswerBox.step, AnswerBox.waiting))
    return [(tenant_id, run_id, step, bool(waiting)) for tenant_id, run_id, step, waiting in rows]

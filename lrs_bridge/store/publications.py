"""Publications: frozen aggregates of a run and its areas; and what was held back, for the evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.publications import Cut, Figure, Held, Publication, Rule, State
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, new_id


class PublicationRow(Base):
    """`figures` by area, the run itself under an empty name. `made` is when the cut was made, `out` when it came out;
    None: it waits. `last`: it is the one of the end of the run.

    `cut`: whose answers are in it, as marks; gone as soon as a later one is out, and when retention says so.
    """

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("run_id", "indicator", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    indicator: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    made: Mapped[datetime] = mapped_column(UtcDateTime)
    out: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last: Mapped[bool]
    figures: Mapped[Any] = mapped_column(Json)
    cut: Mapped[Any] = mapped_column(Json, nullable=True)

    @property
    def publication(self) -> Publication:
        """As pages see it."""
        figures = {
            area: Figure(one["body"], one["alike"], [tuple(band) for band in one["spread"]])
            for area, one in self.figures.items()
        }
        return Publication(self.indicator, self.number, self.last, figures)


class Suppression(Base):
    """Something that is, or was (`ended`), not shown. `area` is empty for the run itself; `n`: people kept back."""

    __tablename__ = "suppression"
    __table_args__ = (Index("ix_suppression_run", "tenant_id", "run_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    indicator: Mapped[str] = mapped_column(String(100))
    area: Mapped[str] = mapped_column(String(100))
    rule: Mapped[str] = mapped_column(String(20))
    n: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)


def of_run(session: Session, tenant_id: str, run_id: str) -> dict[str, list[PublicationRow]]:
    """All of a run by indicator, the oldest first, those that wait at the end."""
    mine = PublicationRow.tenant_id == tenant_id, PublicationRow.run_id == run_id
    found: dict[str, list[PublicationRow]] = {}
    for row in session.scalars(select(PublicationRow).where(*mine).order_by(PublicationRow.number)):
        found.setdefault(row.indicator, []).append(row)
    return found


def shown(session: Session, tenant_id: str, run_id: str) -> dict[str, Publication]:
    """What is out, by indicator: the newest total, and areas where they came out. One query."""
    return {
        indicator: found
        for indicator, rows in of_run(session, tenant_id, run_id).items()
        if (found := newest(rows)) is not None
    }


def of_runs(session: Session, tenant_id: str, run_ids: Iterable[str]) -> dict[str, dict[str, list[PublicationRow]]]:
    """The same of several runs, by run. One query."""
    mine = PublicationRow.tenant_id == tenant_id, PublicationRow.run_id.in_(set(run_ids))
    found: dict[str, dict[str, list[PublicationRow]]] = {}
    for row in session.scalars(select(PublicationRow).where(*mine).order_by(PublicationRow.number)):
        found.setdefault(row.run_id, {}).setdefault(row.indicator, []).append(row)
    return found


def last_of(rows: Iterable[PublicationRow]) -> Publication | None:
    """The one of the end of the run, whatever came out after it; None while there is none."""
    return next((row.publication for row in rows if row.out is not None and row.last), None)


def newest_out(rows: Iterable[PublicationRow]) -> PublicationRow | None:
    """The row of the newest total that is out."""
    return max((row for row in rows if row.out is not None), key=lambda row: row.number, default=None)


def newest(rows: Sequence[PublicationRow]) -> Publication | None:
    """What is out of one indicator: the newest total, and areas where they came out."""
    out = [row.publication for row in rows if row.out is not None]
    if not out:
        return None
    areas = next((one.figures for one in reversed(out) if one.last), {})
    newest = out[-1]
    return Publication(newest.indicator, newest.number, newest.last, {**areas, **newest.figures})


def state_of(rows: Sequence[PublicationRow]) -> State:
    """What is out and what waits, of the rows of one indicator."""
    out = [row for row in rows if row.out is not None]
    waiting = [row for row in rows if row.out is None]
    return State(
        _cut(out[-1].cut) if out else None,
        _cut(waiting[-1].cut) if waiting else None,
        any(row.last for row in out),
    )


def add(
    session: Session,
    tenant_id: str,
    run_id: str,
    indicator: str,
    number: int,
    cut: Cut,
    figures: Mapping[str, Figure],
    now: datetime,
) -> PublicationRow:
    """A new one, which waits."""
    row = PublicationRow(
        id=new_id(),
        tenant_id=tenant_id,
        run_id=run_id,
        indicator=indicator,
        number=number,
        made=now,
        out=None,
        last=False,
        figures=figures_of(figures),
        cut=[
            {key: list(one) for key, one in cut.people.items()},
            [dict(one) for one in cut.entered],
            [dict(one) for one in cut.stirred],
            cut.lost,
        ],
    )
    session.add(row)
    return row


def figures_of(figures: Mapping[str, Figure]) -> dict[str, Any]:
    """As they are kept."""
    return {
        area: {"body": dict(one.body), "alike": one.alike, "spread": [list(band) for band in one.spread]}
        for area, one in figures.items()
    }


def _cut(kept: Any) -> Cut:
    """Nobody, where it was forgotten: then every answer is new."""
    if not kept:
        return Cut({})
    people, entered, stirred, lost = kept
    return Cut({key: (mark, area) for key, (mark, area) in people.items()}, entered, stirred, lost)


def note_held(session: Session, tenant_id: str, run_id: str, held: Mapping[str, Iterable[Held]], now: datetime) -> None:
    """What is held back now, by indicator, as far as something changed about it; the rest of these has ended."""
    known = {(row.indicator, row.area, row.rule): row for row in held_back(session, tenant_id, run_id, still=True)}
    present = {(key, one.area, str(one.rule)): one.n for key, many in held.items() for one in many}
    for place, row in known.items():
        if place[0] in held and place not in present:
            row.ended = now
    for (indicator, area, rule), n in present.items():
        row_ = known.get((indicator, area, rule))
        if row_ is not None:
            row_.n = n
            continue
        session.add(
            Suppression(
                id=new_id(),
                tenant_id=tenant_id,
                run_id=run_id,
                indicator=indicator,
                area=area,
                rule=str(Rule(rule)),
                n=n,
                since=now,
            )
        )


def held_back(session: Session, tenant_id: str, run_id: str, still: bool = False) -> list[Suppression]:
    """What is held back in a run, or was, the newest first; `still`: only what is."""
    wanted = [Suppression.tenant_id == tenant_id, Suppression.run_id == run_id]
    if still:
        wanted.append(Suppression.ended.is_(None))
    return list(session.scalars(select(Suppression).where(*wanted).order_by(Suppression.since.desc(), Suppression.id)))


def waiting_since(session: Session, tenant_id: str, before: datetime) -> set[str]:
    """Runs in which something was cut before then and has not come out."""
    mine = PublicationRow.tenant_id == tenant_id, PublicationRow.out.is_(None), PublicationRow.made < before
    return set(session.scalars(select(PublicationRow.run_id).where(*mine)))


def without_last(session: Session, tenant_id: str, run_ids: Iterable[str]) -> set[str]:
    """Of these runs, those of which some indicator has a publication that is not the last."""
    mine = PublicationRow.tenant_id == tenant_id, PublicationRow.run_id.in_(set(run_ids))
    found: dict[tuple[str, str], bool] = {}
    query = select(PublicationRow.run_id, PublicationRow.indicator, PublicationRow.last).where(*mine)
    for run_id, indicator, last in session.execute(query):
        found[run_id, indicator] = found.get((run_id, indicator), False) or last
    return {run_id for (run_id, _), last in found.items() if not last}

"""What the data map says is done with rows about somebody, done: rows go, or some of their columns are emptied."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lrs_bridge.domain.data_map import DATA_MAP, Blank, Drop, Holding, Key, Step
from lrs_bridge.store.base import Json
from lrs_bridge.store.tables import METADATA

Whose = Mapping[Key, Collection[str]]
"""Of each kind of key the values that are meant."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Gone:
    """Rows of a table that went (`dropped`), or of which columns were emptied."""

    table: str
    dropped: bool
    rows: int


def of_erased(session: Session, tenant_id: str, whose: Whose, do: bool) -> list[Gone]:
    """All that goes with a person; only counted, unless `do`."""
    steps = [(name, step) for name, one in _in_order() for step in one.erased]
    return _all(session, tenant_id, steps, whose, do)


def of_over(session: Session, tenant_id: str, whose: Whose, tables: Collection[str], do: bool) -> list[Gone]:
    """All that goes of these tables when a run has been over for long enough."""
    steps = [(name, step) for name, one in _in_order() if name in tables for step in one.over]
    return _all(session, tenant_id, steps, whose, do)


def _in_order() -> list[tuple[str, Holding]]:
    """Rows that point to others first."""
    return [(table.name, DATA_MAP[table.name]) for table in reversed(METADATA.sorted_tables) if table.name in DATA_MAP]


def _all(session: Session, tenant_id: str, steps: Iterable[tuple[str, Step]], whose: Whose, do: bool) -> list[Gone]:
    """Rows that go are counted once, whatever the reasons they go for."""
    found: dict[tuple[str, bool], list[Step]] = {}
    for name, step in steps:
        found.setdefault((name, isinstance(step, Drop)), []).append(step)
    gone = [
        Gone(name, dropped, _some(session, METADATA.tables[name], tenant_id, some, whose, do))
        for (name, dropped), some in found.items()
    ]
    return [one for one in gone if one.rows]


def _some(session: Session, table: Table, tenant_id: str, steps: Sequence[Step], whose: Whose, do: bool) -> int:
    """Of one table, all rows that go, or those of which columns are emptied; answers how many."""
    mine = table.c.tenant_id == tenant_id
    reasons = [(step, _meant(table, step, whose)) for step in steps if whose.get(step.key)]
    if not reasons:
        return 0
    if not do:
        any_of = or_(*(wanted for _, wanted in reasons))
        return session.scalar(select(func.count()).select_from(table).where(mine, any_of)) or 0
    changes = [
        (update(table).values(_empty(table, step)) if isinstance(step, Blank) else delete(table)).where(mine, wanted)
        for step, wanted in reasons
    ]
    return sum(int(getattr(session.execute(change), "rowcount", 0)) for change in changes)


def _meant(table: Table, step: Step, whose: Whose) -> ColumnElement[bool]:
    """Whose rows; those that are empty already do not count."""
    values = sorted(whose[step.key])
    pieces = [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]
    wanted = [or_(*(table.c[step.by].in_(piece) for piece in pieces))]
    if step.only is not None:
        wanted.append(table.c.kind == step.only)
    if isinstance(step, Blank):
        wanted.append(or_(*(_holds(table, name, value) for name, value in _empty(table, step).items())))
    return and_(*wanted)


def _empty(table: Table, step: Blank) -> dict[str, Any]:
    """What emptied columns hold: nothing, or where something has to stand, an empty text."""
    found: dict[str, Any] = {}
    for name in step.columns.split():
        column = table.c[name]
        found[name] = None if column.nullable else {} if isinstance(column.type, Json) else ""
    return found


def _holds(table: Table, name: str, empty: Any) -> ColumnElement[bool]:
    return table.c[name].is_not(None) if empty is None else table.c[name] != empty

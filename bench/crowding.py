"""A house with many more people: everybody who takes part, several times over, under other names and ids.

The copies lived the same lives. Managers and coaches are copied with them, or stay, so that those whom they lead become
more; all others stay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench.copying import ids_in

_OWN_KEY = {"person": ("id", "account"), "enrolment": ("id",), "event": ("id", "statement_id"), "hand_in": ("id",)}
"""What belongs to a person, in the order of its making, and what it is known by elsewhere."""
_OTHERS = (
    "identity relation run_role fact result headway score note personal_moment question rater interview_consent"
    " assignment notice_read"
).split()
_UNIQUE = {"identity": "sub", "hand_in": "code"}
_NAMES = {"person": "name"}


def crowd(path: Path, times: int, leaders: bool) -> None:
    """Make `times` as many participants of the database at `path`.

    `leaders`: whether their managers and coaches are copied with them. Both kinds of copies may be made one after the
    other.
    """
    kind = "b" if leaders else "a"
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA foreign_keys = OFF")
        rows = {table: _rows(database, table) for table in (*_OWN_KEY, *_OTHERS)}
        own = _own(rows, leaders)
        mine = {table: [row for row in found if _is_own(table, row, own)] for table, found in rows.items()}
        for number in range(1, times):
            chance = Random(f"{kind}{number}")
            ids = {one: str(UUID(int=chance.getrandbits(128), version=4)) for one in sorted(own)}
            for table, found in mine.items():
                _insert(database, table, [_copied(table, row, ids, f"{kind}{number}") for row in found])
        database.commit()


def _is_own(table: str, row: Mapping[str, Any], own: set[str]) -> bool:
    """A result is that of its subject, whoever did what it rests on."""
    return row["subject"] in own if table == "result" else bool(own & _ids(row))


def _rows(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]


def _own(rows: Mapping[str, Sequence[Mapping[str, Any]]], leaders: bool) -> set[str]:
    """All ids that are somebody's own: theirs, and of what they did."""
    people = {row["person_id"] for row in rows["enrolment"]}
    if leaders:
        people |= {row["other_id"] for row in rows["relation"] if row["kind"] in ("manager", "coach")}
    own: set[str] = set()
    for table, keys in _OWN_KEY.items():
        for row in rows[table]:
            if (table == "person" and row["id"] in people) or (table != "person" and _ids(row) & (own | people)):
                own |= {row[key] for key in keys if row[key]}
    for table in _OTHERS:
        own |= {row["id"] for row in rows[table] if "id" in row and _ids(row) & own}
    return own


def _ids(row: Mapping[str, Any]) -> set[str]:
    return {one for value in row.values() if isinstance(value, str) for one in ids_in(value)}


def _copied(table: str, row: Mapping[str, Any], ids: Mapping[str, str], number: str) -> dict[str, Any]:
    made = {key: _renamed(value, ids) for key, value in row.items()}
    for key, mark in ((_UNIQUE.get(table), f"-{number}"), (_NAMES.get(table), f" {number}")):
        if key and made[key]:
            made[key] += mark
    return made


def _renamed(value: Any, ids: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for one in ids_in(value):
        value = value.replace(one, ids.get(one, one))
    return value


def _insert(database: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        names = ", ".join(f'"{name}"' for name in rows[0])
        marks = ", ".join("?" * len(rows[0]))
        database.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [tuple(row.values()) for row in rows])

"""The demo LMS's gradebook, signing key and registered tools, kept in one SQLite file: a restart loses nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from joserfc.jwk import RSAKey

_TABLES = """
CREATE TABLE IF NOT EXISTS signing_key (one INTEGER PRIMARY KEY CHECK (one = 1), pem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS line_item (
    number INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, maximum REAL NOT NULL,
    resource_id TEXT NOT NULL DEFAULT '', tag TEXT NOT NULL DEFAULT '', link_id TEXT,
    coupled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS grade (
    number INTEGER NOT NULL REFERENCES line_item(number) ON DELETE CASCADE, user_id TEXT NOT NULL,
    points REAL, comment TEXT, progress TEXT NOT NULL, stamped INTEGER NOT NULL, changed TEXT NOT NULL,
    PRIMARY KEY (number, user_id));
CREATE TABLE IF NOT EXISTS link (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL, custom TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tool (number INTEGER PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, told TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Column:
    """A line item. `coupled` is the one that belongs to the activity itself, made by the LMS."""

    number: int
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link_id: str | None = None
    coupled: bool | int = False


@dataclass(frozen=True)
class Grade:
    """`points` in the column's own maximum, None where erased. `stamped`: whole seconds a later score must exceed.

    `changed` is the LMS's clock when the points last changed.
    """

    number: int
    user_id: str
    points: float | None
    progress: str
    stamped: int
    changed: datetime


@dataclass(frozen=True)
class Link:
    """An activity that a tool was asked to offer; `custom` goes back to it with every launch."""

    id: str
    title: str
    text: str
    url: str
    custom: Mapping[str, str]


class Keeping:
    """One connection behind a lock: a demo's LMS has few visitors."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA foreign_keys=ON")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def signing_key(self) -> RSAKey:
        """Made on the first start."""
        with self._writing() as connection:
            row = connection.execute("SELECT pem FROM signing_key").fetchone()
            if row is None:
                pem = RSAKey.generate_key(2048).as_pem(private=True).decode()
                connection.execute("INSERT INTO signing_key VALUES (1, ?)", (pem,))
            else:
                pem = row[0]
        key = RSAKey.import_key(pem)
        key.ensure_kid()
        return key

    def tools(self) -> list[tuple[str, str]]:
        """Client ids of the tools that registered themselves, with what they told, oldest first."""
        rows = self._rows("SELECT client_id, told FROM tool ORDER BY number")
        return [(str(client_id), str(told)) for client_id, told in rows]

    def put_tool(self, client_id: str, told: str) -> None:
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO tool (client_id, told) VALUES (?, ?) ON CONFLICT (client_id) DO UPDATE SET told = ?",
                (client_id, told, told),
            )

    def links(self) -> list[Link]:
        rows = self._rows("SELECT id, title, text, url, custom FROM link ORDER BY rowid")
        return [
            Link(str(id), str(title), str(text), str(url), json.loads(str(custom)))
            for id, title, text, url, custom in rows
        ]

    def put_link(self, link: Link) -> None:
        with self._writing() as connection:
            values = (link.id, link.title, link.text, link.url, json.dumps(dict(link.custom)))
            connection.execute("INSERT INTO link (id, title, text, url, custom) VALUES (?, ?, ?, ?, ?)", values)

    def columns(self) -> list[Column]:
        rows = self._rows(
            "SELECT number, label, maximum, resource_id, tag, link_id, coupled FROM line_item ORDER BY number"
        )
        return [Column(*row) for row in rows]  # type: ignore[arg-type]

    def column(self, number: int) -> Column | None:
        return next((column for column in self.columns() if column.number == number), None)

    def couple(self, label: str, link_id: str) -> None:
        """The activity's own column, once."""
        if not any(column.coupled for column in self.columns()):
            self.add(Column(0, label, 100.0, link_id=link_id, coupled=True))

    def add(self, column: Column) -> Column:
        with self._writing() as connection:
            number = connection.execute(
                "INSERT INTO line_item (label, maximum, resource_id, tag, link_id, coupled) VALUES (?, ?, ?, ?, ?, ?)",
                (column.label, column.maximum, column.resource_id, column.tag, column.link_id, int(column.coupled)),
            ).lastrowid
        assert number is not None
        return Column(
            number, column.label, column.maximum, column.resource_id, column.tag, column.link_id, column.coupled
        )

    def change(self, column: Column) -> None:
        with self._writing() as connection:
            connection.execute(
                "UPDATE line_item SET label = ?, maximum = ?, resource_id = ?, tag = ?, link_id = ? WHERE number = ?",
                (column.label, column.maximum, column.resource_id, column.tag, column.link_id, column.number),
            )

    def remove(self, number: int) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM line_item WHERE number = ?", (number,))

    def grades(self) -> list[Grade]:
        rows = self._rows(
            "SELECT number, user_id, points, progress, stamped, changed FROM grade ORDER BY number, user_id"
        )
        return [_grade(row) for row in rows]

    def put(self, grade: Grade, comment: str | None, any_stamp: bool = False) -> bool:
        """Keep a grade unless its stamp is not later than the one before; False where it was refused.

        `any_stamp`: whenever it was stamped.
        """
        with self._writing() as connection:
            known = connection.execute(
                "SELECT stamped, points, changed FROM grade WHERE number = ? AND user_id = ?",
                (grade.number, grade.user_id),
            ).fetchone()
            if known and grade.stamped <= known[0] and not any_stamp:
                return False
            changed = known[2] if known and known[1] == grade.points else grade.changed.isoformat()
            connection.execute(
                "INSERT OR REPLACE INTO grade (number, user_id, points, comment, progress, stamped, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (grade.number, grade.user_id, grade.points, comment, grade.progress, grade.stamped, changed),
            )
        return True

    def restamp(self, number: int, user_id: str, stamped: int) -> None:
        """The activity's own column stores the LMS's clock, not the tool's."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE grade SET stamped = ? WHERE number = ? AND user_id = ?", (stamped, number, user_id)
            )


def _grade(row: tuple[object, ...]) -> Grade:
    number, user_id, points, progress, stamped, changed = row
    return Grade(
        int(str(number)),
        str(user_id),
        None if points is None else float(str(points)),
        str(progress),
        int(str(stamped)),
        datetime.fromisoformat(str(changed)).astimezone(UTC),
    )

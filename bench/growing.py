"""A record that has grown: the same statements many times over, in years before, made inside SQLite.

Each copy has people, registrations and ids of its own; verbs, activities and runs are those of the original. So what is
rare stays as rare, and what is common becomes more common.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_RARE = 200  # a term of at most so many statements belongs to a person
_GAP = 60_000_000  # microseconds between two copies


def grow(path: Path, times: int) -> int:
    """Add `times - 1` copies of what the database holds; answers how many statements there are then."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -800000")
    (first, last) = database.execute("SELECT min(stored), max(stored) FROM statement").fetchone()
    database.execute("CREATE TEMP TABLE original AS SELECT * FROM statement ORDER BY stored")
    database.execute("CREATE TEMP TABLE terms AS SELECT term, stored FROM statement_term ORDER BY term, stored")
    database.execute("CREATE TEMP TABLE rare AS SELECT term FROM terms GROUP BY term HAVING count(*) <= ?", (_RARE,))
    database.execute("CREATE UNIQUE INDEX temp.rare_term ON rare (term)")
    for number in range(1, times):
        back, mark = number * (last - first + _GAP), f"{number:06x}"
        _copy(database, back, mark)
    (count,) = database.execute("SELECT count(*) FROM statement").fetchone()
    database.close()
    return int(count)


def _copy(database: sqlite3.Connection, back: int, mark: str) -> None:
    """One more, `back` microseconds before the original."""
    given = {"back": back, "mark": mark}
    database.execute("BEGIN")
    database.execute(
        "INSERT INTO statement SELECT stored - :back, tenant_id, :mark || substr(id, 7), :mark || substr(refers_to, 7),"
        " voids, voided, replace(body, id, :mark || substr(id, 7)) FROM original",
        given,
    )
    database.execute(
        "INSERT INTO statement_term SELECT CASE WHEN rare.term IS NULL THEN terms.term"
        " ELSE CAST(:mark || substr(terms.term, 7) AS BLOB) END AS copied, stored - :back"
        " FROM terms LEFT JOIN rare ON rare.term = terms.term ORDER BY copied",
        given,
    )
    database.execute("COMMIT")

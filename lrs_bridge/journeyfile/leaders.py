"""The file that says who is what to whom: CSV as people export it, read into rows, every problem with its line.

Columns by name, in any order: `participant`, `manager` (either by e-mail or by the LMS's user id), `role`, `from`,
`to`. A row without a participant is about a role in the whole run. What spreadsheets make of such a file is read too
(see `sheets`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN, RELATED, Span
from lrs_bridge.journeyfile.sheets import day, separated

ROLES = tuple(dict.fromkeys((*RELATED, *GIVEN)))
COLUMNS = ("participant", "manager", "role", "from", "to")
TOLD = ("name", "manager_name")  # names, for reading; that of a manager nobody knows yet is taken over
MOST_ROWS = 20_000
_LONGEST = 320
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class LeaderRow:
    """`leader` is `participant`'s manager (coach, ...) on the days given, both included; None is open.

    An empty `participant`: `leader` has the role in the whole run. `name`: what the file calls the leader. `dated`:
    whether the file could have said days.
    """

    line: int
    participant: str
    leader: str
    role: Role
    start: date | None
    end: date | None
    name: str = ""
    dated: bool = True

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True)
class LineProblem:
    """What is wrong on a line, and how to mend it."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def read_leaders(text: str) -> tuple[list[LeaderRow], list[LineProblem]]:
    """The rows that can be used, and everything that is wrong with the others. Never raises.

    A row with a participant and nobody to lead them is what the template has for people without a manager: it says
    nothing.
    """
    text, delimiter, dropped = separated(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    rows: list[LeaderRow] = []
    problems: list[LineProblem] = []
    try:
        header = _header(next(reader, []), problems, dropped + 1)
        if header is None:
            return [], problems
        for cells in reader:
            line = reader.line_num + dropped
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= MOST_ROWS:
                problems.append(LineProblem(line, f"there are more than {MOST_ROWS:,} rows. Split the file."))
                break
            row = _row(line, cells, header, problems)
            if row is not None:
                rows.append(row)
    except csv.Error as error:
        problems.append(
            LineProblem(reader.line_num + dropped, f"this is not CSV ({error}). Save the sheet as CSV, UTF-8.")
        )
    return rows, [*problems, *_overlaps(rows)]


def write_leaders(rows: Sequence[Mapping[str, str]]) -> str:
    """The template: a line for each of these rows, columns that are for reading included."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ("participant", "name", "manager", "manager_name", "role", "from", "to"))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) if name in TOLD else value for name, value in row.items()})
    return out.getvalue()


def _harmless(text: str) -> str:
    """A name that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith((*_RISKY, "'")) else text


def _unharmed(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def _header(cells: Sequence[str], problems: list[LineProblem], line: int) -> dict[str, int] | None:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in ("participant", "manager") if name not in names]
    strange = [name for name in names if name and name not in (*COLUMNS, *TOLD)]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if missing:
        problems.append(
            LineProblem(line, f"the first line has to name the columns {', '.join(COLUMNS)}; {missing[0]} is missing.")
        )
    if strange:
        problems.append(LineProblem(line, f"there is no column {strange[0][:50]!r}. Columns: {', '.join(COLUMNS)}."))
    if twice:
        problems.append(LineProblem(line, f"the column {twice[0]} stands there twice."))
    return None if missing or strange or twice else {name: place for place, name in enumerate(names) if name}


def _row(line: int, cells: Sequence[str], header: Mapping[str, int], problems: list[LineProblem]) -> LeaderRow | None:
    found = {name: cells[place].strip() if place < len(cells) else "" for name, place in header.items()}
    wrong: list[str] = []
    if len(cells) > len(header) and any(cell.strip() for cell in cells[max(header.values()) + 1 :]):
        wrong.append("there are more cells than columns. Put quotes around cells that hold the separator.")
    for name in ("participant", "manager"):
        if len(found[name]) > _LONGEST or "\x00" in found[name]:
            wrong.append(f"{name} is neither an e-mail nor a user id.")
    role = _role(found.get("role", ""), wrong)
    _fits(found, role, wrong)
    start, end = (day(name, found.get(name, ""), wrong) for name in ("from", "to"))
    if start and end and end < start:
        wrong.append(f"{end} is before {start}: swap from and to.")
    if found["participant"] and found["participant"].lower() == found["manager"].lower():
        wrong.append("nobody leads themselves.")
    problems.extend(LineProblem(line, text) for text in wrong)
    if wrong or not found["manager"] or role is None:
        return None
    name = _unharmed(found.get("manager_name", ""))
    return LeaderRow(line, found["participant"], found["manager"], role, start, end, name[:200])


def _fits(found: Mapping[str, str], role: Role | None, wrong: list[str]) -> None:
    """A role of the whole run has no participant; all others have one."""
    if not found["participant"] and role is not None and role not in GIVEN:
        wrong.append("say who the participant is: their e-mail or user id.")
    elif found["participant"] and found["manager"] and role is not None and role not in RELATED:
        wrong.append(f"{_word(role)} is a role in the whole run. Leave participant empty.")


def _role(word: str, wrong: list[str]) -> Role | None:
    known = {str(role): role for role in ROLES}
    role = known.get(word.lower().replace(" ", "_") or str(Role.MANAGER))
    if role is None:
        wrong.append(f"there is no role {word[:50]!r} here. Say {', '.join(known)}, or nothing for manager.")
    return role


def _word(role: Role) -> str:
    return str(role).replace("_", " ")


def _overlaps(rows: Sequence[LeaderRow]) -> Iterator[LineProblem]:
    """The same two people twice in one role on one day: which of the lines is meant?"""
    earlier: dict[tuple[str, str, Role], list[LeaderRow]] = {}
    for row in rows:
        known = earlier.setdefault((row.participant.lower(), row.leader.lower(), row.role), [])
        for other in known:
            if row.span.overlaps(other.span):
                yield LineProblem(row.line, f"this is said in line {other.line} already. Take one of them out.")
                break
        known.append(row)

"""The file that says who manages whom: what spreadsheets write is read, and nothing else slips through."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN, RELATED
from lrs_bridge.journeyfile.leaders import ROLES, LeaderRow, read_leaders, write_leaders
from lrs_bridge.journeyfile.sheets import NotText, decoded

HEAD = ("participant", "manager", "role", "from", "to")
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(str.strip).filter(bool)
DAYS = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))


@st.composite
def leader_rows(draw: st.DrawFn) -> list[LeaderRow]:
    """Rows about different pairs of people, so that none contradicts another."""
    words = draw(st.lists(WORDS, min_size=2, max_size=8, unique_by=str.lower))
    rows = []
    for line, (one, other) in enumerate(zip(words[::2], words[1::2], strict=False), start=2):
        start, end = sorted((draw(DAYS), draw(DAYS)), key=lambda day: day or date.max)
        role = draw(st.sampled_from(ROLES))
        whom = one if role in RELATED else ""
        rows.append(LeaderRow(line, whom, other, role, start, end))
    return rows


def written(rows: list[LeaderRow], delimiter: str, ends: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ends)
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow([row.participant, row.leader, row.role, row.start or "", row.end or ""])
    return out.getvalue()


@given(leader_rows(), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
@settings(max_examples=80)
def test_what_a_spreadsheet_writes_is_read_back(rows: list[LeaderRow], delimiter: str, ends: str, mark: str) -> None:
    """Whatever separator, line ends and byte order mark it uses."""
    assert read_leaders(mark + written(rows, delimiter, ends)) == (rows, [])


@given(leader_rows(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@settings(max_examples=40)
def test_in_whatever_encoding_it_is_saved(rows: list[LeaderRow], encoding: str) -> None:
    """With the separator named in a line of its own, as Excel does for those who ask, and lines counted as sent."""
    found = decoded(("sep=;\r\n" + written(rows, ";", "\r\n")).encode(encoding))
    assert found.note is None
    moved = [replace(row, line=row.line + 1) for row in rows]
    assert read_leaders(found.text) == (moved, [])


def test_a_file_in_latin_letters_is_read_and_a_person_is_asked_to_look() -> None:
    """Excel's plain CSV in Western Europe."""
    found = decoded(
        "participant;manager;manager_name;from\npetra;boss@x.example;Jürgen Müßig;31.03.2026\n".encode("cp1252")
    )
    assert found.note is not None
    assert "line 2" in found.note
    (row,), problems = read_leaders(found.text)
    assert (row.name, row.start, problems) == ("Jürgen Müßig", date(2026, 3, 31), [])


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"\x00\x01\x02", b"\xff\xfe\x00"])
def test_a_workbook_is_no_text_file(content: bytes) -> None:
    """And it is said how to make one."""
    with pytest.raises(NotText, match="Save the sheet as CSV, UTF-8"):
        decoded(content)


@given(st.one_of(st.text(max_size=300), st.text("participant,manager;role\t\n\r\"'from to@2026-\x00", max_size=200)))
@settings(max_examples=150)
def test_no_text_breaks_the_reading(text: str) -> None:
    """Rows and problems come back, with lines that are there."""
    for prefix in ("", "participant,manager,role,from,to\n"):
        rows, problems = read_leaders(prefix + text)
        lines = (prefix + text).count("\n") + (prefix + text).count("\r") + 1
        assert all(1 <= one.line <= lines for one in [*rows, *problems])
        assert all(row.leader and row.role in (RELATED if row.participant else GIVEN) for row in rows)
        assert all(row.start is None or row.end is None or row.start <= row.end for row in rows)


def test_columns_may_stand_in_any_order_and_be_missing() -> None:
    """Only participant and manager have to be there; those for reading are passed over."""
    text = " Manager ,name,PARTICIPANT\nmark,Petra Novak,petra\n"
    assert read_leaders(text) == ([LeaderRow(2, "petra", "mark", Role.MANAGER, None, None)], [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "participant is missing"),
        ("manager\nb\n", 1, "participant is missing"),
        ("participant\na\n", 1, "manager is missing"),
        ("participant,manager,salary\na,b,c\n", 1, "no column 'salary'"),
        ("participant,manager,manager\na,b,c\n", 1, "stands there twice"),
        ("participant,manager\n,b\n", 2, "who the participant is"),
        ("participant,manager\na,b,c\n", 2, "more cells than columns"),
        ("participant,manager,role\na,b,king\n", 2, "no role 'king'"),
        ("participant,manager,role\na,b,evaluator\n", 2, "a role in the whole run. Leave participant empty"),
        ("participant,manager,role\n,b,peer\n", 2, "who the participant is"),
        ("participant,manager,from\na,b,45000\n", 2, "how a spreadsheet counts days"),
        ("participant,manager,from\na,b,31.2.2026\n", 2, "is no day"),
        ("sep=;\nparticipant;manager\n;b\n", 3, "who the participant is"),
        ("participant,manager,from\na,b,3/4/2026\n", 2, "can be read in more than one way. Write it as 2026-03-31"),
        ("participant,manager,from,to\na,b,2026-03-31,2026-03-30\n", 2, "swap from and to"),
        ("participant,manager\nA,a\n", 2, "nobody leads themselves"),
        ("participant,manager\na,b\n\nA,B\n", 4, "in line 2 already"),
        ("participant,manager,from,to\na,b,,2026-03-31\na,b,2026-03-31,\n", 3, "in line 2 already"),
        (f"participant,manager\n{'a' * 400},b\n", 2, "neither an e-mail nor a user id"),
        ("participant,manager\na\x00,b\n", 2, "neither an e-mail nor a user id"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, words: str) -> None:
    """And how to mend it."""
    _, problems = read_leaders(text)
    assert [problem.line for problem in problems] == [line]
    assert words in problems[0].text


def test_one_after_the_other_is_no_contradiction() -> None:
    """The same manager twice, with a gap between."""
    rows, problems = read_leaders(
        "participant,manager,from,to\na,b,2026-01-01,2026-01-31\na,b,2026-03-01,\na,b,2026-02-01,2026-02-28\n"
    )
    assert (len(rows), problems) == (3, [])


def test_a_line_without_a_manager_says_nothing() -> None:
    """The template has such lines."""
    assert read_leaders("participant,manager\npetra,\n,\n") == ([], [])


def test_too_many_rows_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is not read."""
    monkeypatch.setattr("lrs_bridge.journeyfile.leaders.MOST_ROWS", 2)
    rows, problems = read_leaders("participant,manager\na,b\nc,d\ne,f\ng,h\n")
    assert (len(rows), [problem.line for problem in problems]) == (2, [4])


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@sum", "\tx"])
def test_a_name_is_no_formula(name: str) -> None:
    """A spreadsheet that opens the template computes nothing."""
    assert f"'{name}" in write_leaders([{"participant": "a", "name": name}])

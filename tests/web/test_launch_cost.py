"""What a login and a launch ask of the database, once LMS, course and person are known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.store.engine import Sessions
from tests.fakes.launching import TARGET, Browser, Tool, state_of
from tests.fakes.platform import FakePlatform

Asked = list[tuple[str, Any]]
"""Statements with their parameters."""


@contextmanager
def _asked(tool: Tool) -> Iterator[Asked]:
    asked: Asked = []

    def remember(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        asked.append((" ".join(statement.split()), parameters))

    event.listen(tool.sessions.engine, "before_cursor_execute", remember)
    yield asked
    event.remove(tool.sessions.engine, "before_cursor_execute", remember)


def _launched(tool: Tool, petra: Browser, lms: FakePlatform) -> tuple[Asked, Asked]:
    """What the login asked, and what the launch."""
    assert petra.launch(lms).status_code == 303
    with _asked(tool) as by_login:
        begun = petra.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now)
    with _asked(tool) as by_launch:
        answer = petra.answer(state=state_of(begun), id_token=lms.sign(claims))
    assert answer.status_code == 303
    return by_login, by_launch


def test_each_asks_for_little(tool: Tool, petra: Browser, lms: FakePlatform) -> None:
    """A launch reads the login, redeems it, reads who comes, and opens a visit."""
    by_login, by_launch = _launched(tool, petra, lms)
    assert [_first(statement) for statement, _ in by_login] == ["SELECT platform", "INSERT login"]
    assert [_first(statement) for statement, _ in by_launch] == [
        "SELECT login",
        "UPDATE login",
        "SELECT person",
        "INSERT visit",
    ]


def test_only_the_first_launch_waits_for_the_disk(
    tool: Tool, petra: Browser, lms: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one by the same person leaves nothing behind but a visit, and what redeemed its login."""
    lasting: list[str] = []
    write = type(tool.sessions).write

    def counted(sessions: Sessions) -> Any:
        lasting.append("write")
        return write(sessions)

    monkeypatch.setattr(type(tool.sessions), "write", counted)
    assert petra.launch(lms).status_code == 303
    first = len(lasting)
    assert petra.launch(lms).status_code == 303
    assert (first > 0, len(lasting) - first) == (True, 0)


def test_everything_is_found_by_an_index(tool: Tool, petra: Browser, lms: FakePlatform) -> None:
    """However many people, courses and logins there are."""
    asked = [one for some in _launched(tool, petra, lms) for one in some if not one[0].startswith("INSERT")]
    with tool.sessions.engine.connect() as connection:
        plans = [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert len(plans) > len(asked)
    assert [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT ROW" not in plan] == []


def _first(statement: str) -> str:
    """What is done, and the table that is named first."""
    word, _, rest = statement.partition(" ")
    table = rest.removeprefix("INTO ").split(" ")[0].split(".")[0]
    return f"{word} {table}"

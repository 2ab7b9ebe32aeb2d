"""A database that is held by others, full or away: 503 and when to come back, nothing half written, then it goes on."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.test import TestResponse

from lrs_bridge.config import Settings
from lrs_bridge.store import lrs_keys
from lrs_bridge.store import statements as table
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.trouble import trouble
from lrs_bridge.web.lrs_api import lrs_api
from tests.databases import POSTGRES, empty
from tests.fakes.clock import FakeClock
from tests.fakes.statements import statement, uuid
from tests.web.lrs import SECRET, Bridge, Client, Lrs
from tests.web.test_lrs_attachments import BOUNDARY, as_part, body_of, with_data


@pytest.fixture
def impatient(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    """The same database, for whoever waits no longer than a moment."""
    monkeypatch.setattr(table, "LONGEST_WAIT", timedelta(milliseconds=20))
    if sessions.engine.dialect.name == "postgresql":
        yield sessions
        return
    engine = connect(sessions.engine.url.render_as_string(hide_password=False))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=20"))
    yield Sessions(engine, patience=0.02)
    engine.dispose()


def unavailable(answer: TestResponse) -> str:
    """What is said; the headers of the resource are there as ever."""
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert datetime.fromisoformat(answer.headers["X-Experience-API-Consistent-Through"])
    return str(answer.get_json()["error"])


def test_a_store_that_others_hold_says_when_to_come_back_and_goes_on_when_they_let_go(
    sessions: Sessions, impatient: Sessions, tmp_path: Path
) -> None:
    """Reading goes on meanwhile."""
    client = Lrs(impatient, tmp_path).client(lrs_keys.ALL)
    client.post(statement(1))
    with sessions.write() as session:
        table.lock(session)
        assert "busy" in unavailable(client.post(statement(2)))
        assert client.ids() == [uuid(1)]
    assert client.post(statement(2)).status_code == 200
    assert client.ids() == [uuid(1), uuid(2)]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite database that may not grow, as on a full disk."""
    path = tmp_path / "small.db"
    empty(path)
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def may_grow(engine: Engine, pages: int) -> None:
    """By so many pages from now on."""

    def limit(connection, _record=None) -> None:  # type: ignore[no-untyped-def]
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={count + pages}")

    engine.dispose()
    event.listen(engine, "connect", limit)


def test_a_full_disk_is_said_to_be_full_and_what_fits_later_is_taken(small: Engine, tmp_path: Path) -> None:
    """Of a batch that does not fit nothing is there, neither statements nor what they are found by."""
    client = Lrs(Sessions(small), tmp_path).client(lrs_keys.ALL)
    client.post(statement(1))
    may_grow(small, 4)
    large = [statement(number, result={"response": "x" * 5000}) for number in range(2, 22)]
    assert "full" in unavailable(client.post(*large))
    assert client.ids() == [uuid(1)]
    assert client.post(statement(22)).status_code == 200
    may_grow(small, 10_000)
    assert client.post(*large).status_code == 200
    assert set(client.ids()) == {uuid(number) for number in range(1, 23)}


def test_no_room_for_attachments_on_their_way_is_a_full_disk_too(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait in the folder for temporary files, which may lie elsewhere."""

    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    client = Lrs(sessions, tmp_path).client(lrs_keys.ALL)
    data = b"hello"
    monkeypatch.setattr("lrs_bridge.lrs.attachments.SpooledTemporaryFile", lambda _: Full())
    answer = client.send(
        "POST",
        data=body_of(with_data(1, data), as_part(data)),
        headers={"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"},
    )
    assert "full" in unavailable(answer)
    assert client.ids() == []


def test_a_database_that_is_not_there_is_said_not_to_answer(sessions: Sessions, tmp_path: Path) -> None:
    """Reading and writing alike."""
    known = Lrs(sessions, tmp_path).client(lrs_keys.ALL)
    nowhere = connect("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=1")
    app = Flask("test")
    settings = Settings(tmp_path, "", "https://tool.example.org", SECRET)
    app.register_blueprint(lrs_api(Bridge(Sessions(nowhere), settings, FakeClock())))
    client = Client(app.test_client(), known.credentials)
    for answer in (client.get(), client.post(statement(1))):
        assert "does not answer" in unavailable(answer)


@pytest.mark.parametrize(
    ("state", "why"),
    [("53100", "full"), ("55P03", "busy"), ("40P01", "busy"), ("53300", "busy"), ("57P01", "away"), ("58030", "away")],
)
def test_postgresql_names_its_troubles_by_state(postgres: Sessions, state: str, why: str) -> None:
    """Disk full, lock not available, deadlock, too many connections, shut down, input and output."""
    with pytest.raises(DBAPIError) as raised, postgres.read() as session:
        session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"))
    assert isinstance(raised.value, OperationalError)
    assert trouble(raised.value) == why


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Sessions:
    if not POSTGRES:
        pytest.skip("LRS_BRIDGE_TEST_POSTGRES_URL is not set")
    return Sessions(request.getfixturevalue("postgres_engine"))

"""From SQLite to PostgreSQL with one command: everything arrives, or nothing does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, inspect, select, text

from lrs_bridge.cli import main
from lrs_bridge.store import moving, worker_signs
from lrs_bridge.store.attachments import AttachmentPiece
from lrs_bridge.store.base import new_id
from lrs_bridge.store.digests import Digest, batches, digests
from lrs_bridge.store.engine import connect
from lrs_bridge.store.record_accesses import RecordAccess
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.tables import METADATA
from lrs_bridge.store.worker_signs import Me
from lrs_bridge.wiring import Bridge
from tests.filled import opened

pytestmark = pytest.mark.xdist_group("operations")  # it takes a while to fill an installation
Move = Callable[[], Result]


@pytest.fixture
def here(folder: Path) -> Iterator[Bridge]:
    bridge = opened(folder)
    yield bridge
    bridge.engine.dispose()


@pytest.fixture
def there(postgres_url: str) -> Iterator[Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def move(folder: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Move:
    """The command, on the copied installation."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(folder))
    monkeypatch.delenv("LRS_BRIDGE_DATABASE_URL", raising=False)
    plain = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    return lambda: CliRunner().invoke(main, ["db", "move", "--to", plain], catch_exceptions=False)


def held(engine: Engine) -> dict[str, Digest]:
    return dict(digests(engine, METADATA.sorted_tables))


def rows_of(engine: Engine) -> int:
    return sum(one.rows for one in held(engine).values())


def test_everything_arrives_and_the_source_stays_as_it_is(move: Move, here: Bridge, there: Engine, folder: Path):
    """Counted and compared once more, by somebody else than the command."""
    before, file_before = held(here.engine), (folder / "lrs_bridge.db").read_bytes()
    done = move()
    assert done.exit_code == 0, done.output
    assert held(there) == before == held(here.engine)
    assert before["statement"].rows > 500
    assert (folder / "lrs_bridge.db").read_bytes() == file_before
    assert f"statement: {before['statement'].rows:,} of {before['statement'].rows:,} rows compared" in done.stderr
    assert f"Moved: {sum(one.rows for one in before.values()):,} rows" in done.stdout


def test_the_installation_goes_on_where_it_was(
    move: Move, here: Bridge, there: Engine, folder: Path, postgres_url: str
):
    """The same indicators, the same secret, and new numbers above the old ones."""
    with here.sessions.write() as session:
        session.add_all([access(here, 7), access(here, 41)])
    assert move().exit_code == 0
    values = select(ResultRow.run_id, ResultRow.subject, ResultRow.indicator, ResultRow.value)
    bridge = opened(folder, DATABASE_URL=postgres_url)
    with here.sessions.read() as one, bridge.sessions.read() as other:
        assert {tuple(row) for row in one.execute(values)} == {tuple(row) for row in other.execute(values)} != set()
    added = access(bridge)
    with bridge.sessions.write() as session:
        session.add(added)
    assert added.id == 42
    bridge.engine.dispose()


def tenant_of(engine: Engine) -> str:
    with engine.connect() as connection:
        return connection.execute(text("SELECT id FROM tenant")).scalar_one()


def access(bridge: Bridge, number: int | None = None) -> RecordAccess:
    values = {"role": "admin", "looked": "page", "content": False, "filter": {}}
    return RecordAccess(id=number, tenant_id=tenant_of(bridge.engine), at=bridge.clock(), **values)


def test_an_interruption_leaves_the_target_empty_and_the_next_try_succeeds(here: Bridge, there: Engine):
    """It broke off when half of it was there."""

    def stop(doing: str, table: str, rows: int, total: int) -> None:
        if table == "result":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.move(here.engine, there, here.clock(), stop)
    assert rows_of(there) == 0
    moving.move(here.engine, there, here.clock(), lambda *_: None)
    assert held(there) == held(here.engine)


def test_a_target_with_something_in_it_is_refused(move: Move, here: Bridge, there: Engine):
    """Also where it is what the same command put there."""
    assert move().exit_code == 0
    before = held(there)
    again = move()
    assert again.exit_code == 1
    assert "not empty" in again.stderr
    assert held(there) == before


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("CREATE TABLE somebody_elses (id int)", "tables of something else"),
        (
            "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('0001')",
            "another version",
        ),
    ],
    ids=["somebody else's tables", "an older version"],
)
def test_a_target_of_another_kind_is_refused(move: Move, there: Engine, made: str, why: str):
    with there.begin() as connection:
        connection.exec_driver_sql(made)
    before = inspect(there).get_table_names()
    done = move()
    assert done.exit_code == 1
    assert why in done.stderr
    assert inspect(there).get_table_names() == before


def test_a_worker_that_is_at_work_stops_the_move(move: Move, here: Bridge, there: Engine):
    """What it does from then on would be missing."""
    me = Me(new_id(), "host", "loop", "1", here.clock())
    with here.sessions.write() as session:
        worker_signs.sign(session, me, here.clock())
    done = move()
    assert done.exit_code == 1
    assert "stop all processes" in done.stderr
    with here.sessions.write() as session:
        worker_signs.sign(session, me, here.clock() - timedelta(minutes=3))
    assert move().exit_code == 0


def test_what_is_changed_on_the_way_is_noticed_and_nothing_is_kept(move: Move, here: Bridge, there: Engine):
    """Here by a trigger in the target."""
    moving.migrate.upgrade(there)
    with there.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION spoil() RETURNS trigger AS $$ BEGIN NEW.value := 1.5; RETURN NEW; END $$ LANGUAGE plpgsql;"
            "CREATE TRIGGER spoil BEFORE INSERT ON result FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    done = move()
    assert done.exit_code == 1
    assert "result: what arrived" in done.stderr
    assert rows_of(there) == 0


@pytest.mark.parametrize("name", ["P" * 3000, "Pe\x00tra"], ids=["too long", "with a null character"])
def test_what_postgresql_cannot_hold_is_named_before_anything_is_sent(
    move: Move, here: Bridge, there: Engine, name: str
):
    """SQLite takes texts of any length; the row is named, not what stands in it."""
    with here.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person SET name = ?", (name,))
    done = move()
    assert done.exit_code == 1
    assert "A row of person holds what PostgreSQL cannot" in done.stderr
    assert name not in done.stderr
    assert rows_of(there) == 0


def test_a_few_rows_are_in_memory_at_a_time(here: Bridge):
    """Fewer of those that may hold half a megabyte each."""
    with here.sessions.write() as session:
        for number in range(50):
            values = {"tenant_id": tenant_of(here.engine), "sha2": "0", "number": number, "content": b"x"}
            session.add(AttachmentPiece(**values))
    with here.engine.connect() as connection:
        statements = [len(rows) for rows in batches(connection, METADATA.tables["statement_term"])]
        pieces = [len(rows) for rows in batches(connection, METADATA.tables["attachment_piece"])]
    assert len(statements) > 2
    assert max(statements) <= 500
    assert pieces == [20, 20, 10]


def test_a_digest_tells_the_smallest_difference(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The command that compares a database with what was restored."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(folder))

    def told() -> dict[str, str]:
        done = CliRunner().invoke(main, ["db", "digest"], catch_exceptions=False)
        return {line.split()[0]: line for line in done.stdout.splitlines()}

    before = told()
    assert before == told()
    bridge = opened(folder)
    with bridge.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE result SET value = value + 0.000001 WHERE value < 1")
    bridge.engine.dispose()
    assert {name for name, line in told().items() if before[name] != line} == {"result"}

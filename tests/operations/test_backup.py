"""A backup taken while people work, put back elsewhere: the same launch, the same indicators, the same keys."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import KeySet
from sqlalchemy import make_url

from lrs_bridge.cli import main
from lrs_bridge.config import PREFIX, from_environment
from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.store import moving, worker_signs
from lrs_bridge.store.base import new_id
from lrs_bridge.store.digests import digests
from lrs_bridge.store.engine import connect
from lrs_bridge.store.tables import METADATA
from lrs_bridge.store.worker_signs import Me
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge, build
from tests.fakes.launching import Browser
from tests.fakes.platform import FakePlatform
from tests.filled import LMS, TOOL, opened

pytestmark = pytest.mark.xdist_group("operations")  # it takes a while to fill an installation
Command = Callable[..., Result]
CAMPUS = campus.course(cast(), TOOL, LMS)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """`lrs-bridge`, with the data folder as its first argument and settings by name."""

    def run(folder: Path, *arguments: str | Path, **settings: str) -> Result:
        for name in ("DATABASE_URL", "SECRET_KEY"):
            monkeypatch.delenv(PREFIX + name, raising=False)
        for name, value in {"DATA_DIR": str(folder), "BASE_URL": TOOL, **settings}.items():
            monkeypatch.setenv(PREFIX + name, value)
        return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)

    return run


@pytest.fixture
def taken(command: Command, folder: Path, tmp_path: Path) -> Path:
    """A backup of the installation."""
    file = tmp_path / "backup.tar.gz"
    done = command(folder, "backup", file, "--verify")
    assert done.exit_code == 0, done.output
    return file


def held(bridge: Bridge) -> dict[str, tuple[int, str]]:
    return {name: (one.rows, one.hex) for name, one in digests(bridge.engine, METADATA.sorted_tables)}


def launched(folder: Path) -> str:
    """Petra launches from her LMS and sees her journey with her indicators, in words."""
    lms = FakePlatform(issuer=LMS, client_id=CAMPUS.tool.client_id, deployment_id=CAMPUS.deployment_id)
    keys = KeySet(lms.keys).as_dict(private=False)
    lms.answers[urlsplit(CAMPUS.jwks_url).path] = 200, {"Content-Type": "application/json"}, dict(keys)
    env = {f"{PREFIX}DATA_DIR": str(folder), f"{PREFIX}BASE_URL": TOOL}
    bridge = build(from_environment(env), http=lms.http())
    petra = Browser(SimpleNamespace(app=create_app(bridge), base_url=TOOL, clock=SimpleNamespace(now=bridge.clock())))
    context = {"id": CAMPUS.id, "title": CAMPUS.title}
    came = petra.launch(lms, sub=cast().by_key["petra"].user_id, context=context)
    assert came.status_code == 303, came.text
    page = petra.follow(came)
    assert page.status_code == 200
    bridge.engine.dispose()
    words = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(words.split())


def test_a_restored_installation_launches_and_shows_the_same(
    command: Command, folder: Path, taken: Path, tmp_path: Path
):
    """In a folder where nothing was: every table, the secret, and what Petra sees after a launch."""
    elsewhere = tmp_path / "elsewhere"
    done = command(elsewhere, "restore", taken)
    assert done.exit_code == 0, done.output
    before, after = opened(folder), opened(elsewhere)
    assert held(after) == held(before)
    assert held(after)["statement"][0] > 500
    assert after.settings.secret_key == before.settings.secret_key
    assert (elsewhere / "secret_key").stat().st_mode & 0o077 == 0
    for bridge in (before, after):
        bridge.engine.dispose()
    seen = launched(folder)
    assert seen == launched(elsewhere)
    assert re.search(r"Journey completion \d+ of 100", seen)


def test_a_backup_is_of_one_moment_while_somebody_writes(command: Command, folder: Path, tmp_path: Path):
    """A transaction under way is not in it, and is not held up by it."""
    bridge = opened(folder)
    file = tmp_path / "busy.tar.gz"
    with bridge.sessions.write() as session:
        session.connection().exec_driver_sql("UPDATE person SET name = 'Half done'")
        assert command(folder, "backup", file).exit_code == 0
    bridge.engine.dispose()
    assert command(tmp_path / "new", "restore", file).exit_code == 0
    restored = opened(tmp_path / "new")
    with restored.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM person WHERE name = 'Half done'").scalar() == 0
    restored.engine.dispose()


def test_a_backup_is_for_its_owner_and_replaces_no_other(command: Command, folder: Path, taken: Path):
    """Not even one of the same second."""
    assert taken.stat().st_mode & 0o077 == 0
    before = taken.read_bytes()
    again = command(folder, "backup", taken)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert taken.read_bytes() == before
    assert [path.name for path in taken.parent.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_backup_is_recognised_and_nothing_is_restored(command: Command, taken: Path, tmp_path: Path):
    """One byte, half a file, or another kind of file."""
    whole = taken.read_bytes()
    repacked = tmp_path / "repacked.tar.gz"
    with tarfile.open(taken) as old, tarfile.open(repacked, "w:gz") as new:
        for member in old:
            data = bytearray(old.extractfile(member).read())
            if member.name == "lrs_bridge.db":
                data[len(data) // 2] ^= 1
            (tmp_path / "member").write_bytes(data)
            new.add(tmp_path / "member", member.name)
    for name, content in {"half": whole[: len(whole) // 2], "other": b"no tar", "bit": repacked.read_bytes()}.items():
        (tmp_path / name).write_bytes(content)
        done = command(tmp_path / "new", "restore", tmp_path / name)
        assert done.exit_code == 1, name
        assert "damaged" in done.stderr or "cannot be read as a backup" in done.stderr
        assert not list((tmp_path / "new").iterdir())


def test_looking_changes_nothing(command: Command, folder: Path, taken: Path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = command(folder, "restore", taken, "--verify")
    assert done.exit_code == 0
    assert "it is whole, and its keys can be opened" in done.stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_is_there_is_kept_until_somebody_says_otherwise(command: Command, folder: Path, taken: Path):
    """And is put aside then, with its secret, so that there is a way back."""
    old = (folder / "lrs_bridge.db").read_bytes()
    refused = command(folder, "restore", taken)
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert (folder / "lrs_bridge.db").read_bytes() == old
    done = command(folder, "restore", taken, "--replace")
    assert done.exit_code == 0, done.output
    (aside,) = folder.glob("lrs_bridge.db.before-*")
    assert aside.read_bytes() == old
    assert len(list(folder.glob("secret_key.before-*"))) == 1


def test_nothing_is_replaced_under_a_worker(command: Command, folder: Path, taken: Path):
    bridge = opened(folder)
    with bridge.sessions.write() as session:
        now = bridge.clock() - timedelta(seconds=5)
        worker_signs.sign(session, Me(new_id(), "host", "loop", "1", now), now)
    bridge.engine.dispose()
    done = command(folder, "restore", taken, "--replace")
    assert done.exit_code == 1
    assert "stop all processes" in done.stderr
    assert not list(folder.glob("*.before-*"))


def test_a_secret_of_the_environment_is_not_in_the_backup_and_is_needed(command: Command, folder: Path, tmp_path: Path):
    """The wrong one, or none, is noticed before anything is put in place."""
    secret = (folder / "secret_key").read_text().strip()
    file = tmp_path / "outside.tar.gz"
    done = command(folder, "backup", file, SECRET_KEY=secret)
    assert "keep that elsewhere" in done.stdout
    with tarfile.open(file) as tar:
        assert set(tar.getnames()) == {"manifest.json", "lrs_bridge.db"}
    for wrong in ({}, {"SECRET_KEY": "another"}):
        done = command(tmp_path / "new", "restore", file, **wrong)
        assert done.exit_code == 1
        assert "cannot be opened with this secret" in done.stderr
    assert command(tmp_path / "new", "restore", file, SECRET_KEY=secret).exit_code == 0


def test_a_backup_of_a_newer_version_is_refused(command: Command, folder: Path, tmp_path: Path):
    bridge = opened(folder)
    with bridge.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of next year'")
    bridge.engine.dispose()
    file = tmp_path / "newer.tar.gz"
    assert command(folder, "backup", file).exit_code == 0
    done = command(tmp_path / "new", "restore", file)
    assert done.exit_code == 1
    assert "newer version" in done.stderr


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed")
def test_a_dump_of_postgresql_restores_to_the_same_digest(command: Command, folder: Path, postgres_url: str):
    """As docs/backup.md says; `lrs-bridge backup` itself leads there."""
    source, target = opened(folder), connect(postgres_url)
    moving.move(source.engine, target, source.clock(), lambda *_: None)
    source.engine.dispose()
    said = command(folder, "db", "digest", DATABASE_URL=postgres_url)
    schema = re.search("search_path%3D(o_[0-9a-f]+)", postgres_url).group(1)
    plain = make_url(postgres_url).set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    dumped = subprocess.run(["pg_dump", "--schema", schema, "--no-owner", plain], check=True, capture_output=True)
    with target.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    target.dispose()
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", plain], input=dumped.stdout, check=True, capture_output=True)
    assert command(folder, "db", "digest", DATABASE_URL=postgres_url).stdout == said.stdout != ""
    led = command(folder, "backup", folder / "x", DATABASE_URL=postgres_url)
    assert led.exit_code == 2
    assert "pg_dump" in led.stderr

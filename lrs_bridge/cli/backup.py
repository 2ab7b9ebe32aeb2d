"""`lrs-bridge backup` and `restore`: an installation on SQLite in one file, and back again."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import make_url

from lrs_bridge.cli.opening import unopened
from lrs_bridge.config import PREFIX, ConfigError, Settings, from_environment
from lrs_bridge.store import backups, worker_signs
from lrs_bridge.wiring import Bridge, build

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_POSTGRESQL = (
    "The state is in PostgreSQL, which has tools of its own: pg_dump --format=custom, and pg_restore. "
    "docs/backup.md says how, and what to save beside it."
)


@click.command()
@FILE
@click.option("--verify", is_flag=True, help="Unpack it once more, and look whether it can be restored.")
def backup(file: Path, verify: bool) -> None:
    """Copy database and secret into FILE, while the tool runs or not. FILE must not be there yet.

    Whoever has the file has everything: keep it as private as the data folder.
    """
    bridge = unopened()
    database = _database(bridge.settings)
    if not database.exists():
        raise click.ClickException(f"There is no database at {database}. Check LRS_BRIDGE_DATA_DIR.")
    secret_file = None if _secret_of_environment() else bridge.settings.data_dir / backups.SECRET
    file = file.resolve()
    try:
        made = backups.write(database, secret_file, file, bridge.clock())
        if verify:
            with backups.unpacked(file, file.parent, bridge.settings.secret_key):
                pass
    except (backups.BackupError, sqlite3.Error) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{file}: {made.size:,} bytes, of {made.made}{', and it can be restored' if verify else ''}.")
    if not made.with_secret:
        click.echo("LRS_BRIDGE_SECRET_KEY is not in it: keep that elsewhere, or its keys can never be opened.")


@click.command()
@FILE
@click.option("--verify", is_flag=True, help="Only look whether it can be restored; change nothing.")
@click.option("--replace", is_flag=True, help="Where a database is already: put it aside, and this in its place.")
def restore(file: Path, verify: bool, replace: bool) -> None:
    """Put database and secret from FILE into the data folder. Stop all processes of the tool first."""
    own_secret = _secret_of_environment()
    settings = _settings()
    database, secret_file = _database(settings), settings.data_dir / backups.SECRET
    if own_secret is None and secret_file.exists():
        own_secret = secret_file.read_text().strip()
    try:
        with backups.unpacked(file, settings.data_dir, own_secret) as found:
            made = found.backup
            click.echo(f"A backup of {made.made} by version {made.version}; it is whole, and its keys can be opened.")
            if verify:
                return
            _expect_free(settings, database, replace)
            _expect_same_secret(found)
            kept = backups.put_in_place(found, database, secret_file, build(settings).clock())
    except (backups.BackupError, sqlite3.Error) as problem:
        raise click.ClickException(str(problem)) from problem
    for one in kept:
        click.echo(f"What was there before is now {one}.")
    click.echo(f"Restored to {database}. lrs-bridge db upgrade, then lrs-bridge doctor; then start the processes.")


def _settings() -> Settings:
    """Of the environment, without making a secret in a folder that has none: the backup brings its own."""
    try:
        return from_environment({PREFIX + "SECRET_KEY": "of the backup", **os.environ})
    except ConfigError as problem:
        raise click.UsageError(str(problem)) from problem


def _secret_of_environment() -> str | None:
    return os.environ.get(PREFIX + "SECRET_KEY") or None


def _database(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise click.UsageError(_POSTGRESQL)
    return Path(url.database)


def _expect_free(settings: Settings, database: Path, replace: bool) -> None:
    if not database.exists():
        return
    if not replace:
        raise click.ClickException(
            f"{database} is there already, and was left as it is. --replace puts it aside and the backup in its place."
        )
    if _at_work(build(settings)):
        raise click.ClickException("A worker was at work within two minutes: stop all processes of the tool first.")


def _at_work(bridge: Bridge) -> bool:
    with bridge.sessions.read() as session:
        last = worker_signs.last_sign(session)
    bridge.engine.dispose()
    return last is not None and timedelta(0) <= bridge.clock() - last < worker_signs.LATE_AFTER


def _expect_same_secret(found: backups.Unpacked) -> None:
    of_environment = _secret_of_environment()
    if found.backup.with_secret and of_environment is not None and of_environment != found.secret:
        raise click.ClickException(
            "LRS_BRIDGE_SECRET_KEY is set to something else than the secret in the backup: unset it, or set it to "
            "the secret in the file secret_key of the backup."
        )

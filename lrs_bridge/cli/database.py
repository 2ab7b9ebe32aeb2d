"""`lrs-bridge db`: bring the database up to date, move it to PostgreSQL, and say what is in it."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import click
import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from lrs_bridge.cli.opening import unopened, with_bridge
from lrs_bridge.config import database_url
from lrs_bridge.store import digests, migrate, moving
from lrs_bridge.store.engine import connect
from lrs_bridge.store.tables import METADATA
from lrs_bridge.wiring import Bridge

_TELL_EVERY = 5.0  # seconds


@click.group()
def db() -> None:
    """The database."""


@db.command()
@with_bridge
def upgrade(bridge: Bridge) -> None:
    """Bring the database up to this version. Running it twice changes nothing."""
    url = _shown(bridge.engine)
    try:
        current = migrate.is_current(bridge.engine)
    except OperationalError as problem:
        raise click.ClickException(f"{url} cannot be reached: {problem.orig}") from problem
    click.echo(f"{url} is up to date." if current else f"{url} could not be brought up to date.")


@db.command()
@click.argument("message")
@with_bridge
def revision(bridge: Bridge, message: str) -> None:
    """Write a migration from the difference between the tables declared and those in the database."""
    click.echo(f"Written: {Path(migrate.write_revision(bridge.engine, message)).name}")


@db.command()
@click.option("--to", "url", required=True, help="The empty PostgreSQL: postgresql://user:password@host/name.")
def move(url: str) -> None:
    """Copy everything from SQLite to an empty PostgreSQL, and compare every table.

    The source stays as it is. What is interrupted leaves the target empty: call it again.
    """
    bridge = unopened()
    try:
        target = connect(database_url(url))
    except (ArgumentError, ImportError) as problem:
        raise click.UsageError("--to must be an address such as postgresql://user:password@host/name.") from problem
    try:
        found = moving.move(bridge.engine, target, bridge.clock(), _Progress())
    except moving.CannotMove as problem:
        raise click.ClickException(str(problem)) from problem
    except OperationalError as problem:
        said = str(problem.orig).strip().partition("\n")[0]
        raise click.ClickException(f"A database cannot be used: {said}. Nothing was moved.") from problem
    moving.settle(target)
    rows = sum(one.rows for one in found.values())
    click.echo(f"Moved: {rows:,} rows in {len(found)} tables, each compared with what was sent.")
    click.echo(f"Now set LRS_BRIDGE_DATABASE_URL to {_shown(target)} (with its password),")
    click.echo(f"keep LRS_BRIDGE_SECRET_KEY, or the file secret_key in {bridge.settings.data_dir}, as it is,")
    click.echo("and start the processes again. lrs-bridge doctor says whether all is well.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON object, for programs.")
def digest(as_json: bool) -> None:
    """Say how many rows each table has, and a digest of them: the same for the same rows in any database.

    Compare a database with its copy, or with what was restored.
    """
    bridge = unopened()
    if not migrate.is_current(bridge.engine):
        raise click.ClickException("The database is of another version than the tool: lrs-bridge db upgrade.")
    found = {}
    for name, one in digests.digests(bridge.engine, METADATA.sorted_tables):
        found[name] = {"rows": one.rows, "digest": one.hex}
        if not as_json:
            click.echo(f"{name:28} {one.rows:>12} {one.hex}")
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))


class _Progress:
    """A line for each table that has something in it, and one every few seconds where that takes long."""

    def __init__(self) -> None:
        self._told = monotonic()

    def __call__(self, doing: str, table: str, rows: int, total: int) -> None:
        done = doing == "compared" and rows == total
        if done or monotonic() - self._told > _TELL_EVERY:
            self._told = monotonic()
            click.echo(f"{table}: {rows:,} of {total:,} rows {doing}", err=True)


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)

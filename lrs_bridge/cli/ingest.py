"""`lrs-bridge ingest`: what comes in from record stores and forwarders, and what could not be read of it."""

from __future__ import annotations

import json

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.flows.read_again import read_again
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import cursors, ingest_keys, unreadable
from lrs_bridge.store.tenants import MAIN, Tenant, UnknownTenantError, tenant_named
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True)


@click.group()
def ingest() -> None:
    """Statements that come in: read everything again, see what could not be read, let systems forward some."""


@ingest.command()
@_TENANT
@with_bridge
def rescan(bridge: Bridge, tenant: str) -> None:
    """Have every record store read again from its beginning, beside what is new. Nothing counts twice."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        asked = cursors.read_again(session, owner.id, bridge.clock())
    if not asked:
        click.echo("Nothing has been read yet, so everything is to come. Is the background work running?")
    else:
        click.echo(f"record stores to be read again: {asked}. `lrs-bridge status` shows what comes in.")


@ingest.command("unreadable")
@click.option("--body", is_flag=True, help="With the statements themselves. They may name people.")
@_TENANT
@with_bridge
def unreadable_(bridge: Bridge, body: bool, tenant: str) -> None:
    """List statements that could not be read, each with the reason. Exits 1 if there are any."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.read() as session:
        rows = unreadable.listed(session, owner.id)
        known = unreadable.count(session, owner.id)
        names = {one.source: one.name for one in ingest_keys.keys_of(session, owner.id)}
    for row in rows:
        click.echo(f"{row.id}  {row.seen:%Y-%m-%d %H:%M}  {names.get(row.source, row.source)}: {row.reason}")
        if body:
            click.echo(json.dumps(row.body, indent=2, ensure_ascii=False))
    if known > len(rows):
        click.echo(f"and {known - len(rows)} more", err=True)
    if known:
        raise SystemExit(1)


@ingest.command("read-again")
@_TENANT
@with_bridge
def read_again_(bridge: Bridge, tenant: str) -> None:
    """Try to read them now. After an update of this tool that happens by itself."""
    owner = _tenant(bridge, tenant)
    done = read_again(bridge.sessions, owner, why_refused, bridge.clock())
    click.echo(f"read: {done.read}, left: {done.left}")


@ingest.command("set-aside")
@click.argument("statement", required=False)
@click.option("--all", "all_", is_flag=True, help="All that are listed.")
@_TENANT
@with_bridge
def set_aside(bridge: Bridge, statement: str | None, all_: bool, tenant: str) -> None:
    """Hear no more of a statement that cannot be read. It stays in its record store."""
    if (statement is None) != all_:
        raise click.UsageError("Name one statement, or say --all.")
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        done = unreadable.set_aside(session, owner.id, bridge.clock(), statement)
    if statement and not done:
        raise click.ClickException(f"{statement!r} is not listed; `lrs-bridge ingest unreadable` shows what is.")
    click.echo(f"set aside: {done}")


@ingest.group()
def key() -> None:
    """Keys of systems that forward statements to /ingest/statements."""


@key.command()
@click.option("--name", required=True, help="Who will use it; shown as the authority of what they send.")
@_TENANT
@with_bridge
def add(bridge: Bridge, name: str, tenant: str) -> None:
    """Make a key. It is shown once and not kept."""
    if not name.strip() or len(name) > 200:
        raise click.BadParameter("it is empty, or longer than 200 characters.", param_hint="--name")
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        _, token = ingest_keys.add_key(session, owner.id, name.strip(), bridge.settings.secret_key, bridge.clock())
    click.echo(f"key: {token}")
    click.echo(f"address: {bridge.settings.base_url}/ingest/statements")


@key.command("list")
@_TENANT
@with_bridge
def list_(bridge: Bridge, tenant: str) -> None:
    """Show keys, each line with its id first."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.read() as session:
        rows = ingest_keys.keys_of(session, owner.id)
    for row in rows:
        standing = f"revoked {row.revoked:%Y-%m-%d}" if row.revoked else "active"
        used = f"last used {row.used:%Y-%m-%d %H:%M}" if row.used else "never used"
        click.echo(f"{row.id}  {standing}, {used}  {row.name}")
    if not rows:
        click.echo("There is no key. `lrs-bridge ingest key add --name NAME` makes one.", err=True)


@key.command()
@click.argument("key_id")
@_TENANT
@with_bridge
def revoke(bridge: Bridge, key_id: str, tenant: str) -> None:
    """Shut a key out, for good. What it sent stays."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        done = ingest_keys.revoke_key(session, owner.id, key_id.strip(), bridge.clock())
    if not done:
        raise click.ClickException(f"There is no active key {key_id!r}; `lrs-bridge ingest key list` shows them.")
    click.echo(f"revoked: {key_id.strip()}")


def _tenant(bridge: Bridge, name: str) -> Tenant:
    with bridge.sessions.read() as session:
        try:
            return tenant_named(session, name)
        except UnknownTenantError as problem:
            raise click.ClickException(str(problem)) from problem

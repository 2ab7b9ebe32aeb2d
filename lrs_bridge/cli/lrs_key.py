"""`lrs-bridge lrs-key`: who may write to and read from the embedded record store at `/xapi`."""

from __future__ import annotations

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.store.lrs_keys import ALL, SCOPES, add_key, keys_of, revoke_key
from lrs_bridge.store.tenants import MAIN, Tenant, UnknownTenantError, tenant_named
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True, help="Whose record it is.")


@click.group()
def lrs_key() -> None:
    """Keys for the embedded record store: add, list, revoke."""


@lrs_key.command()
@click.option("--name", required=True, help="Who will use this key; shown as the authority of its statements.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=(ALL,), help="May be repeated.")
@_TENANT
@with_bridge
def add(bridge: Bridge, name: str, scopes: tuple[str, ...], tenant: str) -> None:
    """Make a key and its secret. The secret is shown once and not kept."""
    if not name.strip():
        raise click.BadParameter("it is empty.", param_hint="--name")
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        row, secret = add_key(session, owner.id, name.strip(), scopes, bridge.settings.secret_key, bridge.clock())
    click.echo(f"key: {row.key}")
    click.echo(f"secret: {secret}")
    click.echo(f"endpoint: {bridge.settings.base_url}/xapi/")


@lrs_key.command("list")
@_TENANT
@with_bridge
def list_(bridge: Bridge, tenant: str) -> None:
    """Show keys, with what they may do."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.read() as session:
        rows = keys_of(session, owner.id)
    for row in rows:
        standing = f"revoked {row.revoked:%Y-%m-%d}" if row.revoked else "active"
        click.echo(f"{row.key}  {standing}  {row.name}: {', '.join(row.scopes)}")
    if not rows:
        click.echo("There is no key. `lrs-bridge lrs-key add --name NAME` makes one.", err=True)


@lrs_key.command()
@click.argument("key")
@_TENANT
@with_bridge
def revoke(bridge: Bridge, key: str, tenant: str) -> None:
    """Shut a key out, for good. Its statements stay."""
    owner = _tenant(bridge, tenant)
    with bridge.sessions.write() as session:
        done = revoke_key(session, owner.id, key.strip(), bridge.clock())
    if not done:
        raise click.ClickException(f"There is no active key {key!r}; `lrs-bridge lrs-key list` shows them.")
    click.echo(f"revoked: {key.strip()}")


def _tenant(bridge: Bridge, name: str) -> Tenant:
    with bridge.sessions.read() as session:
        try:
            return tenant_named(session, name)
        except UnknownTenantError as problem:
            raise click.ClickException(str(problem)) from problem

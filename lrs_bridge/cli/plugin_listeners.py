"""`lrs-bridge plugins switch-on`, `switch-off`, `state`: the listeners of a tenant."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import click

from lrs_bridge.cli.files import FILE, loaded, refuse
from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.cli.runs import tenant_id
from lrs_bridge.flows import switching_listeners
from lrs_bridge.flows.switching_listeners import COMMAND_LINE
from lrs_bridge.hooks.settings import SettingsError
from lrs_bridge.journeyfile import load_settings
from lrs_bridge.store import listeners
from lrs_bridge.store.listeners import ListenerRow, Waiting
from lrs_bridge.store.tenants import MAIN
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True, help="Whose listener it is.")


@click.command("switch-on")
@click.argument("key")
@click.option("--settings", "settings_file", type=FILE, help="{listener: {name: value}}; they are kept encrypted.")
@_TENANT
@with_bridge
def switch_on(bridge: Bridge, key: str, settings_file: Path | None, tenant: str) -> None:
    """Have a listener called from now on. Once more with other settings changes these.

    It hears of what happens from now on: acts without their content, posted indicators, people under random accounts.
    """
    listener = bridge.registry.listeners.get(key)
    if listener is None:
        raise click.BadParameter(_unknown(bridge, key), param_hint="KEY")
    given = loaded(load_settings, settings_file) if settings_file else {}
    others = sorted(set(given) - {key})
    if others:
        refuse(f"{settings_file}: {others[0]}: the file may hold settings of {key} alone.")
    try:
        with bridge.sessions.write() as session:
            owner = tenant_id(session, tenant)
            switching_listeners.switch_on(
                session,
                bridge.telling.seal,
                owner,
                listener,
                given.get(key, {}),
                act=str(uuid4()),
                who=COMMAND_LINE,
                now=bridge.clock(),
            )
    except SettingsError as problem:
        where = f"{settings_file}: " if settings_file else ""
        refuse("\n".join(f"{where}{line}" for line in str(problem).splitlines()))
    click.echo(f"{key} hears: {', '.join(listener.hears)}")


def _unknown(bridge: Bridge, key: str) -> str:
    if key in bridge.registry.evaluators:
        return (
            f"{key} is an evaluator. It is switched on by a journey that names it under `evaluators`, or on the admin "
            "page of evaluators."
        )
    return f"there is no listener {key!r}. Installed: {', '.join(bridge.registry.listeners) or 'none'}."


@click.command("switch-off")
@click.argument("key")
@_TENANT
@with_bridge
def switch_off(bridge: Bridge, key: str, tenant: str) -> None:
    """Stop calling a listener, and forget its settings and what it was not told yet."""
    with bridge.sessions.write() as session:
        owner = tenant_id(session, tenant)
        known = switching_listeners.switch_off(
            session, owner, key, act=str(uuid4()), who=COMMAND_LINE, now=bridge.clock()
        )
    if not known:
        raise click.ClickException(f"The listener {key!r} is not switched on. `lrs-bridge plugins state` lists those.")
    click.echo(f"switched off: {key}")


@click.command("state")
@_TENANT
@with_bridge
def state(bridge: Bridge, tenant: str) -> None:
    """Show the listeners that are switched on, what waits for each, and why. Exits 1 where one fails."""
    with bridge.sessions.read() as session:
        owner = tenant_id(session, tenant)
        rows, waiting = listeners.switched_on(session, owner), listeners.waiting(session, owner)
    for row in rows:
        click.echo(_line(row, waiting.get(row.key, Waiting())))
    if not rows:
        click.echo("No listener is switched on.")
    if any(row.reason for row in rows):
        raise SystemExit(1)


def _line(row: ListenerRow, waiting: Waiting) -> str:
    told = f"told {row.told_at:%Y-%m-%d %H:%M:%S} in {row.seconds:g} s" if row.told_at else "not told anything yet"
    dropped = f", dropped {row.dropped}" if row.dropped else ""
    failing = f"; fails since {row.since:%Y-%m-%d %H:%M}: {row.reason}" if row.since and row.reason else ""
    return f"{row.key}  {', '.join(row.hears)}  {told}, waiting {waiting.number}{dropped}{failing}"

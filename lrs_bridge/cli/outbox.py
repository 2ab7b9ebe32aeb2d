"""`lrs-bridge outbox`: statements that have not arrived in the record, each with its state and reason."""

from __future__ import annotations

from typing import Any, BinaryIO

import click
import orjson

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.outbox import as_dict, replay_now
from lrs_bridge.flows.outbox import set_aside as leave
from lrs_bridge.store import outbox as rows
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.store.tenants import MAIN, UnknownTenantError, tenant_named
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True)
_STATE = click.option("--state", type=click.Choice([state.value for state in rows.EVERY]), help="Only these.")


@click.group()
def outbox() -> None:
    """Statements that have not arrived in the record store."""


@outbox.command("list")
@_STATE
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="So many of the oldest.")
@_TENANT
@with_bridge
def list_(bridge: Bridge, state: str | None, limit: int, tenant: str) -> None:
    """Show each with its state, age, attempts, last reason and next attempt. Exits 1 if any was given up."""
    with bridge.sessions.read() as session:
        tenant_id = _tenant(session, tenant)
        found = rows.undelivered(session, tenant_id, OutboxState(state) if state else None, limit)
        known = state_of(session, tenant_id, bridge.clock())
    for row in found:
        click.echo(_line(row))
    aside = f", set aside: {known.statements_aside}" if known.statements_aside else ""
    click.echo(f"waiting: {known.statements_waiting}, given up: {known.statements_dead}{aside}", err=True)
    if known.paused_until:
        click.echo(f"nothing is sent before {known.paused_until:%Y-%m-%d %H:%M:%S}: {known.paused_for}", err=True)
    if known.statements_dead:
        raise SystemExit(1)


@outbox.command()
@click.argument("statement", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="All that wait or were given up.")
@_TENANT
@with_bridge
def replay(bridge: Bridge, statement: tuple[str, ...], all_: bool, tenant: str) -> None:
    """Have statements sent again now, also those that were given up, and by name those that were set aside.

    The background work sends them.
    """
    if bool(statement) == all_:
        raise click.UsageError("Name statements by their ids, or say --all.")
    with bridge.sessions.write() as session:
        done = replay_now(session, _tenant(session, tenant), bridge.clock(), None if all_ else statement)
    bridge.poke()
    if statement and done < len(set(statement)):
        click.echo("Some of these have arrived, are on their way, or are not known.", err=True)
    click.echo(f"to be sent: {done}")


@outbox.command("set-aside")
@click.argument("statement", nargs=-1, required=True)
@click.option("--why", required=True, help="Why they are left; it stands beside them.")
@click.option("--by", required=True, help="Who says so.")
@_TENANT
@with_bridge
def set_aside(bridge: Bridge, statement: tuple[str, ...], why: str, by: str, tenant: str) -> None:
    """Leave statements that were given up: they raise no alarm any more, can be exported and sent again."""
    if not by.strip():
        raise click.BadParameter("it is empty.", param_hint="--by")
    try:
        with bridge.sessions.write() as session:
            done = leave(session, _tenant(session, tenant), statement, by.strip(), why, bridge.clock())
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--why") from None
    if done < len(set(statement)):
        click.echo("Some of these were not given up, or are not known.", err=True)
    click.echo(f"set aside: {done}")


@outbox.command()
@_STATE
@click.option("--output", type=click.File("wb"), default="-", help="A file, in place of the terminal.")
@_TENANT
@with_bridge
def export(bridge: Bridge, state: str | None, output: BinaryIO, tenant: str) -> None:
    """Write them as a JSON array, with the statements themselves. They may hold answers and ratings."""
    with bridge.sessions.read() as session:
        found = rows.undelivered(session, _tenant(session, tenant), OutboxState(state) if state else None)
    output.write(orjson.dumps([as_dict(row) for row in found], option=orjson.OPT_INDENT_2) + b"\n")


def _line(row: OutboxStatement) -> str:
    then = f", next {row.next_at:%Y-%m-%d %H:%M:%S}" if row.state == OutboxState.WAITING else ""
    reason = row.reason or "not tried yet"
    if row.state == OutboxState.ASIDE:
        reason += f"; set aside by {row.aside_by} on {row.aside_at:%Y-%m-%d}: {row.aside_for}"
    return f"{row.statement_id}  {row.state}  {row.created:%Y-%m-%d %H:%M}  attempts {row.attempts}{then}: {reason}"


def _tenant(session: Any, name: str) -> str:
    try:
        return tenant_named(session, name).id
    except UnknownTenantError as problem:
        raise click.ClickException(str(problem)) from problem

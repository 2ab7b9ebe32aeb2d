"""`lrs-bridge privacy`: forget what is old, erase a person, let somebody in again, and say what is held of whom."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.domain.data_map import DATA_MAP
from lrs_bridge.flows import erasing, retaining
from lrs_bridge.store import erased, people, people_search
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.tenants import MAIN, UnknownTenantError, tenant_named
from lrs_bridge.wiring import Bridge

_TENANT = click.option("--tenant", default=MAIN, show_default=True)
_DRY = click.option("--dry-run", is_flag=True, help="Only tell what would go.")


@click.group()
def privacy() -> None:
    """Erasing people, forgetting what is old, and what is held of whom."""


@privacy.command()
@_DRY
@_TENANT
@with_bridge
def retain(bridge: Bridge, dry_run: bool, tenant: str) -> None:
    """Forget what has been kept for long enough. The background work does it once a day."""
    with bridge.sessions.write() as session:
        found = retaining.retain(session, _tenant(session, tenant), bridge.terms, bridge.clock(), dry_run)
        for one in found:
            where = f", run {one.run.id}" if one.run else ""
            click.echo(f"{one.what}: {one.rows} {'would go' if dry_run else 'went'}{where}")
    if not found:
        click.echo("Nothing is due.")


@privacy.command()
@click.argument("who")
@_DRY
@click.option("--yes", is_flag=True, help="Do not ask.")
@_TENANT
@with_bridge
def erase(bridge: Bridge, who: str, dry_run: bool, yes: bool, tenant: str) -> None:
    """Erase a person. WHO is their e-mail address, or their random id in the record."""
    with bridge.sessions.read() as session:
        tenant_id = _tenant(session, tenant)
        person = _person(session, tenant_id, who)
        found = erasing.look(session, tenant_id, person.id)
    if found is None:
        raise click.ClickException("This person has been erased already.")
    for one in found.gone:
        click.echo(f"{one.table}: {one.rows} {'to go' if one.dropped else 'to be emptied'}")
    click.echo(f"statements to be voided: {len(found.named)}, documents to be deleted: {found.documents}")
    if dry_run:
        return
    if not yes:
        click.confirm(f"Erase {person.shown_name}? This cannot be undone.", abort=True)
    with bridge.sessions.write() as session:
        erasing.erase(session, tenant_id, person.id, "the command line", bridge.clock())
    bridge.poke()
    click.echo("Erased.")
    for id_ in found.named:
        click.echo(f"voided, to be deleted in a record store that can: {id_}")


@privacy.command()
@click.option("--issuer", required=True, help="The LMS, as in `lrs-bridge platform list`.")
@click.option("--sub", required=True, help="How the LMS names the person.")
@_TENANT
@with_bridge
def readmit(bridge: Bridge, issuer: str, sub: str, tenant: str) -> None:
    """Let somebody who was erased come in again, as somebody new."""
    with bridge.sessions.write() as session:
        if not erased.readmit(session, _tenant(session, tenant), issuer, sub):
            raise click.ClickException("Nobody of this LMS with this name was erased.")
    click.echo("Their next launch brings them in, as somebody new.")


@privacy.command("map")
@with_bridge
def map_(bridge: Bridge) -> None:
    """Say of every table that holds something about people what it is, who sees it, and how long it is kept."""
    for name, one in sorted(DATA_MAP.items()):
        if one.about_people:
            click.echo(f"{name}: {one.holds} Seen by: {one.seen}. Kept: {bridge.terms.said(one.kept)}.")


def _person(session: Session, tenant_id: str, who: str) -> PersonRow:
    if "@" in who:
        found = people_search.by_name_or_address(session, tenant_id, who, 2)
    else:
        found = list(people.people_by_account(session, tenant_id, [who]).values())
    if len(found) > 1:
        raise click.ClickException("Several people have this address. Name one by their random id.")
    if not found:
        raise click.ClickException("Nobody here has this address or id. The page “Erasing people” finds by name.")
    return found[0]


def _tenant(session: Session, name: str) -> str:
    try:
        return tenant_named(session, name).id
    except UnknownTenantError as unknown:
        raise click.ClickException(str(unknown)) from unknown

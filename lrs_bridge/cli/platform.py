"""`lrs-bridge platform`: the registrations of LMSs, and what waits for approval."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.store.platforms import (
    Deployment,
    Platform,
    PlatformTakenError,
    UnknownPlatformError,
    add_platform,
    all_platforms,
    approve,
    deployments_of,
)
from lrs_bridge.store.tenants import MAIN, UnknownTenantError, tenant_named
from lrs_bridge.wiring import Bridge


class _Address(click.ParamType[str]):
    """An http(s) URL, as the LMS shows it in its tool settings."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            self.fail(f"{value!r} is not a web address: it begins with https:// (or http://).", param, ctx)
        return value.strip()


class _Words(click.ParamType[str]):
    """A text that says something, without the blanks that copying brings along."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail("it is empty.", param, ctx)
        return value.strip()


ADDRESS, WORDS = _Address(), _Words()


@click.group()
def platform() -> None:
    """Learning management systems that launch this tool."""


@platform.command()
@click.option("--name", required=True, type=WORDS, help="What you call this LMS.")
@click.option("--issuer", required=True, type=WORDS, help="Platform ID, or issuer, to the letter.")
@click.option("--client-id", required=True, type=WORDS, help="The id this tool has there.")
@click.option("--deployment-id", "deployment_ids", multiple=True, type=WORDS, help="May be given several times.")
@click.option("--auth-url", required=True, type=ADDRESS, help="Authentication request URL.")
@click.option("--token-url", required=True, type=ADDRESS, help="Access token URL.")
@click.option("--jwks-url", required=True, type=ADDRESS, help="Public key set URL of the LMS.")
@click.option("--audience", type=WORDS, help="Audience of token requests, where it is not the access token URL (D2L).")
@click.option("--tenant", default=MAIN, show_default=True, type=WORDS, help="Whose registration it is.")
@with_bridge
def add(bridge: Bridge, tenant: str, name: str, deployment_ids: tuple[str, ...], **given: Any) -> None:
    """Register an LMS, and say what it has to know about this tool."""
    with bridge.sessions.write() as session:
        try:
            added = add_platform(
                session,
                tenant_id=tenant_named(session, tenant).id,
                name=name,
                deployment_ids=deployment_ids,
                now=bridge.clock(),
                **given,
            )
        except (PlatformTakenError, UnknownTenantError) as problem:
            raise click.ClickException(str(problem)) from problem
        click.echo(_platform_line(added))
    base = bridge.settings.base_url
    click.echo(f"Login URL: {base}/lti/login")
    click.echo(f"Launch and redirect URL: {base}/lti/launch")
    click.echo(f"Public key set URL: {base}/lti/jwks.json")
    if not deployment_ids:
        click.echo("No deployment id was given: the first launch waits for `lrs-bridge platform approve`.", err=True)


@platform.command("list")
@with_bridge
def list_(bridge: Bridge) -> None:
    """Show registrations and their deployments, each line with its id first."""
    with bridge.sessions.read() as session:
        platforms = all_platforms(session)
        for one in platforms:
            click.echo(_platform_line(one))
            for deployment in deployments_of(session, one.id):
                click.echo(_deployment_line(deployment, one))
    if not platforms:
        click.echo("No LMS is registered. `lrs-bridge platform add --help` says how.", err=True)


@platform.command("approve")
@click.argument("id_", metavar="ID")
@with_bridge
def approve_(bridge: Bridge, id_: str) -> None:
    """Let in a registration or a deployment that waits; `platform list` shows their ids."""
    with bridge.sessions.write() as session:
        try:
            approved = approve(session, id_.strip())
        except UnknownPlatformError as problem:
            raise click.ClickException(str(problem)) from problem
        if isinstance(approved, Platform):
            click.echo(_platform_line(approved))
        else:
            click.echo(_deployment_line(approved, session.get_one(Platform, approved.platform_id)))


def _platform_line(one: Platform) -> str:
    return f"{one.id}  {one.standing}  {one.name}: {one.issuer}, client id {one.client_id}"


def _deployment_line(one: Deployment, of: Platform) -> str:
    return f"{one.id}  {one.standing}  deployment {one.deployment_id} of {of.name}"

"""`lrs-bridge keys`: the keys with which this tool signs what it sends to LMSs."""

from __future__ import annotations

from datetime import timedelta

import click

from lrs_bridge.cli.opening import with_bridge
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store.keys import RetirementError, retire_signing_key, signer, signing_keys
from lrs_bridge.wiring import Bridge


@click.group()
def keys() -> None:
    """This tool's own signing keys: list, rotate, retire."""


@keys.command("list")
@with_bridge
def list_(bridge: Bridge) -> None:
    """Show the keys that LMSs can see, each line with its id first."""
    now = bridge.clock()
    with bridge.sessions.read() as session:
        known = signing_keys(session)
    for key in known:
        if key is signer(known, now):
            standing = f"signs since {key.signs_from:%Y-%m-%d %H:%M} UTC"
        elif key.signs_from > now:
            standing = f"signs from {key.signs_from:%Y-%m-%d %H:%M} UTC"
        else:
            standing = "published only"
        click.echo(f"{key.kid}  {standing}")
    if not known:
        click.echo("There is no key yet. The first one is made when it is needed.", err=True)


@keys.command()
@click.option(
    "--after",
    "hours",
    default=24.0,
    show_default=True,
    type=click.FloatRange(0, 24 * 365),
    help="Hours until the new key signs, so that LMSs can fetch it before; 0 after a theft.",
)
@with_bridge
def rotate(bridge: Bridge, hours: float) -> None:
    """Make a new key and publish it. The old one signs until its hour, and stays published until it is retired."""
    now = bridge.clock()
    made = SigningKeys(bridge.sessions, bridge.settings.secret_key).rotate(now, now + timedelta(hours=hours))
    click.echo(f"{made.kid}  signs from {made.signs_from:%Y-%m-%d %H:%M} UTC")


@keys.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a dash
@click.argument("kid")
@with_bridge
def retire(bridge: Bridge, kid: str) -> None:
    """Take a key that signs no more out of the published set, for good."""
    with bridge.sessions.write() as session:
        try:
            retire_signing_key(session, kid.strip(), bridge.clock())
        except RetirementError as problem:
            raise click.ClickException(str(problem)) from problem
    click.echo(f"retired: {kid.strip()}")

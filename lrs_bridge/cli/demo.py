"""`lrs-bridge demo`: the product with an LMS, a cohort and ninety days behind it, in one command."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from lrs_bridge.config import PREFIX, ConfigError, from_environment
from lrs_bridge.demo.platform.personality import PERSONALITIES
from lrs_bridge.demo.seed import OtherPlaceError
from lrs_bridge.demo.site import PortTakenError, Site, open_site

PORT = click.IntRange(0, 65535)


@click.command()
@click.option("--port", default=8000, show_default=True, type=PORT, help="Port of the tool.")
@click.option("--lms-port", default=8001, show_default=True, type=PORT, help="Port of the demo LMS.")
@click.option(
    "--lms",
    default="moodle",
    show_default=True,
    type=click.Choice(list(PERSONALITIES)),
    help="Whose manners the LMS has.",
)
@click.option("--fresh", is_flag=True, help="Forget what an earlier demo left, and begin again.")
def demo(port: int, lms_port: int, lms: str, fresh: bool) -> None:
    """Start the tool and a small LMS with a made-up cohort, and say where to click.

    For looking around only: anybody who reaches the ports may be anyone.
    """
    try:
        site = open_site(_folder(), port, lms_port, _show, fresh, lms_like=PERSONALITIES[lms])
    except (PortTakenError, OtherPlaceError, ConfigError) as problem:
        raise click.ClickException(str(problem)) from problem
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    _welcome(site)
    try:
        stop.wait()
    finally:
        click.echo("\nStopping.")
        site.stop()


def _folder() -> Path:
    """Beside the data of the environment, never among them."""
    known = os.environ.get(PREFIX + "DATA_DIR", "")
    folder = from_environment({PREFIX + "DATA_DIR": known, PREFIX + "SECRET_KEY": "not used"}).data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _show(what: str, done: int, of: int) -> None:
    """One line that rewrites itself on a terminal; elsewhere the last state only."""
    if sys.stdout.isatty():
        click.echo(f"\r{what}: {done} of {of}   ", nl=done >= of)
    elif done >= of:
        click.echo(f"{what}: {done} of {of}")


def _welcome(site: Site) -> None:
    state = "new" if site.seeded.new else "kept from an earlier start; --fresh begins again, in the middle of things"
    click.echo(
        f"""
The demo runs. Click here:

    {site.lms_url}/              the LMS: choose who you want to be
    {site.lms_url}/as/petra      in the tool at once, as Petra, a participant
    {site.lms_url}/gradebook     the LMS's gradebook, which follows what people do
    {site.lms_url}/mail/         what people would get by e-mail; managers come in from there without an account

Today is day {site.seeded.day} of the run ({state}).
Admin pages of the tool, once, within 15 minutes:
    {site.admin_url}

Not for production: nobody logs in here, and everybody in it is made up. Ctrl-C stops it.
"""
    )

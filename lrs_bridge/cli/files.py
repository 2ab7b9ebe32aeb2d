"""Files named on the command line: read, or a clear line on stderr and exit 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from lrs_bridge.journeyfile import JourneyFileError

Read = TypeVar("Read")

FILE = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
WRONG_INPUT = 2


def text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        refuse(f"{path}:{line}: this is not UTF-8 text: save the file as UTF-8.")


def loaded(load: Callable[[str, str], Read], path: Path) -> Read:
    """What `load` makes of the file; its problems on stderr and exit 2."""
    try:
        return load(text_of(path), str(path))
    except JourneyFileError as error:
        refuse(str(error))


def refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(WRONG_INPUT)

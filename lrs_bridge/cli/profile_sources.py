"""Profiles named on the command line: a file, a folder, or the name or IRI of one that is shipped."""

from __future__ import annotations

from pathlib import Path

import click

from lrs_bridge.cli.files import refuse, text_of
from lrs_bridge.xapi.checking.lines import NotJson, decode
from lrs_bridge.xapi.profile import NoProfile, Profile, find_shipped, read, shipped

_BOM = "\ufeff"


def profiles_of(names: tuple[str, ...]) -> list[Profile]:
    """All profiles named. Exits 2 with a line on stderr for what is none."""
    return [profile for name in names for profile in _named(name)]


def profile_text(path: Path) -> str:
    return text_of(path).removeprefix(_BOM)


def _named(name: str) -> list[Profile]:
    path = Path(name)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        try:
            return [_read(path)]
        except (NotJson, NoProfile) as error:
            refuse(_said(path, error))
    found = find_shipped(name)
    if found is None:
        refuse(f"{name}: there is no such file or folder, and no such profile is shipped ({', '.join(shipped())}).")
    return [found]


def _folder(folder: Path) -> list[Profile]:
    """Every profile in a folder and those below; what is none is named on stderr and left out."""
    found: list[Profile] = []
    for path in sorted(one for one in folder.rglob("*") if one.suffix in (".jsonld", ".json") and one.is_file()):
        try:
            found.append(_read(path))
        except (NotJson, NoProfile) as error:
            click.echo(f"left out: {_said(path, error)}", err=True)
    if not found:
        refuse(f"{folder}: there is no profile in this folder.")
    return found


def _read(path: Path) -> Profile:
    document, _ = decode(profile_text(path))
    return read(document)


def _said(path: Path, error: NotJson | NoProfile) -> str:
    return f"{path}:{error.line}: {error.why}" if isinstance(error, NotJson) else f"{path}: {error}"

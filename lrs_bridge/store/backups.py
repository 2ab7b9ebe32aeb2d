"""Backups of an installation on SQLite: one file with the database, the secret, and what is needed to check both.

The file is a compressed tar: `manifest.json`, `lrs_bridge.db` as SQLite's online backup copies it while others write,
and `secret_key` where it lies in the data folder.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from lrs_bridge import __version__
from lrs_bridge.store import keys, migrate
from lrs_bridge.store.sealed import Seal, SealBrokenError

FORMAT = 1
DATABASE, SECRET, MANIFEST = "lrs_bridge.db", "secret_key", "manifest.json"
_PIECE = 1024 * 1024


class BackupError(RuntimeError):
    """The backup cannot be made or used; the message says why, and what to do."""


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself. `with_secret`: the secret is in it."""

    made: str
    version: str
    schema: tuple[str, ...]
    with_secret: bool
    size: int


@dataclass(frozen=True)
class Unpacked:
    """A backup that was looked at: its files lie in `folder`; `secret` is the one inside, or the one given."""

    backup: Backup
    folder: Path
    secret: str | None


def write(database: Path, secret_file: Path | None, target: Path, now: datetime) -> Backup:
    """Copy a database, in use or not, and its secret into a new file that its owner alone can read.

    An interruption leaves nothing under the name of `target`. Raises BackupError.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: nothing was written. Give another name.")
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".backup-") as place:
            return _write(database, secret_file, target, Path(place), now)
    except OSError as problem:
        raise BackupError(f"{problem.filename or target} cannot be written: {problem.strerror}.") from problem


def _write(database: Path, secret_file: Path | None, target: Path, place: Path, now: datetime) -> Backup:
    _copy(database, place / DATABASE)
    files = {DATABASE: place / DATABASE}
    if secret_file is not None:
        files[SECRET] = secret_file
    manifest = {
        "format": FORMAT,
        "made": now.isoformat(timespec="seconds"),
        "version": __version__,
        "schema": _schema_of(place / DATABASE),
        "files": {name: {"bytes": path.stat().st_size, "sha256": _hash(path)} for name, path in files.items()},
    }
    (place / MANIFEST).write_text(json.dumps(manifest, indent=2))
    packed = place / "packed"
    with open(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            for name, path in {MANIFEST: place / MANIFEST, **files}.items():
                tar.add(path, name, recursive=False)
        out.flush()
        os.fsync(out.fileno())
    os.rename(packed, target)
    return _described(manifest, target)


def _copy(database: Path, target: Path) -> None:
    """SQLite's online backup, all in one step: of one moment, whoever writes meanwhile."""
    with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file


def _schema_of(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]


@contextmanager
def unpacked(file: Path, place: Path, own_secret: str | None) -> Iterator[Unpacked]:
    """Unpack into a folder of its own within `place`, and look at everything. Raises BackupError.

    `own_secret` is the installation's, for a backup without one. The folder is removed at the end.
    """
    try:
        place.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place, prefix=".restore-") as folder:
            manifest = _unpack(file, Path(folder))
            inside = Path(folder, SECRET)
            secret = inside.read_text().strip() if SECRET in manifest["files"] else own_secret
            _expect_whole(Path(folder, DATABASE))
            _expect_known(manifest["schema"])
            _expect_opens(Path(folder, DATABASE), secret)
            yield Unpacked(_described(manifest, file), Path(folder), secret)
    except (tarfile.TarError, EOFError, OSError, KeyError, TypeError, ValueError) as problem:
        raise BackupError(f"{file} cannot be read as a backup: {type(problem).__name__}: {problem}") from problem


def _unpack(file: Path, folder: Path) -> Mapping[str, Any]:
    """The files that the manifest names, each compared with what it says."""
    with tarfile.open(file, mode="r:gz") as tar:
        for member in tar:
            if member.name not in (MANIFEST, DATABASE, SECRET) or not member.isreg():
                raise BackupError(f"{file} holds {member.name!r}, which belongs to no backup.")
            with open(os.open(folder / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                data = tar.extractfile(member)
                while data is not None and (piece := data.read(_PIECE)):
                    out.write(piece)
                os.fsync(out.fileno())
    manifest: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text())
    if manifest["format"] != FORMAT:
        raise BackupError(f"{file} was written by a newer version of the tool ({manifest['version']}): install that.")
    for name, said in manifest["files"].items():
        if name not in (DATABASE, SECRET) or not (folder / name).exists() or _hash(folder / name) != said["sha256"]:
            raise BackupError(f"{file} is damaged: {name} is not what was written. Take an older backup.")
    return manifest


def _expect_whole(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        astray = connection.execute("PRAGMA foreign_key_check").fetchone()
    if said != "ok" or astray is not None:
        raise BackupError("The database in it is damaged. Take an older backup.")


def _expect_known(schema: list[str]) -> None:
    known = ScriptDirectory(str(migrate.SCRIPTS))
    try:
        for revision in schema:
            known.get_revision(revision)
    except CommandError as problem:
        raise BackupError("It is of a newer version of the tool than this one: install that first.") from problem


def _expect_opens(database: Path, secret: str | None) -> None:
    """Without the tables of this version, since the backup may be older."""
    with closing(sqlite3.connect(database)) as connection:
        sealed = [row[0] for row in connection.execute("SELECT private FROM signing_key")]
    try:
        for one in sealed:
            Seal(secret or "", keys.PURPOSE).open(one)
    except SealBrokenError as problem:
        raise BackupError(
            "Its keys cannot be opened with this secret. Set LRS_BRIDGE_SECRET_KEY to what it was when it was made."
        ) from problem


def put_in_place(found: Unpacked, database: Path, secret_file: Path, now: datetime) -> list[Path]:
    """Move what was unpacked to where the tool looks for it; answers where what was there has been put."""
    kept = []
    stamp = now.strftime("%Y%m%dT%H%M%S")
    replaced = [database, Path(f"{database}-wal"), Path(f"{database}-shm")]
    if (found.folder / SECRET).exists():
        replaced.append(secret_file)
    for old in replaced:
        if old.exists():
            aside = old.with_name(f"{old.name}.before-{stamp}")
            os.rename(old, aside)
            kept.append(aside)
    if (found.folder / SECRET).exists():
        os.rename(found.folder / SECRET, secret_file)
    os.rename(found.folder / DATABASE, database)
    return kept


def _hash(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _described(manifest: Mapping[str, Any], file: Path) -> Backup:
    size = file.stat().st_size
    return Backup(manifest["made"], manifest["version"], tuple(manifest["schema"]), SECRET in manifest["files"], size)

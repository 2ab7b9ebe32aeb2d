"""`lrs-bridge doctor`: looks at everything that an installation rests on, and says what to do."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from difflib import get_close_matches

import click
import orjson

from lrs_bridge.cli import examining
from lrs_bridge.config import PREFIX, ConfigError, from_environment
from lrs_bridge.domain.probing import Finding, Verdict
from lrs_bridge.wiring import build

_SIGNS = {Verdict.OK: "ok", Verdict.CARE: "care", Verdict.BAD: "BAD", Verdict.LEFT_OUT: "-"}


class _Asked(dict[str, str]):
    """Remembers what was asked for."""

    def __init__(self, env: Iterable[tuple[str, str]]) -> None:
        super().__init__(env)
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(key)
        return super().get(key, default)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array of findings.")
def doctor(as_json: bool) -> None:
    """Look at configuration, database, record store, LMSs, mail, clocks, keys, disk, broker and workers.

    Changes nothing. Exits 1 if something is broken, 0 otherwise, also with things that need care.
    """
    logging.disable(logging.WARNING)
    try:
        worst = Verdict.OK
        found = []
        for finding in _findings():
            found.append(finding)
            if finding.verdict is Verdict.BAD:
                worst = Verdict.BAD
            if not as_json:
                click.echo(_line(finding))
    finally:
        logging.disable(logging.NOTSET)
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2))
    if worst is Verdict.BAD:
        raise SystemExit(1)


def _findings() -> Iterator[Finding]:
    env = _Asked(os.environ.items())
    try:
        settings = from_environment(env)
    except ConfigError as problem:
        yield Finding("Settings", Verdict.BAD, str(problem), "Mend it, and look again: nothing works before.")
        return
    except OSError as problem:
        todo = "Give the folder to the user that runs the tool, or set LRS_BRIDGE_DATA_DIR to another."
        text = f"{problem.filename}: {problem.strerror}."
        yield Finding("Files", Verdict.BAD, text, todo)
        return
    unknown = sorted(name for name in env if name.startswith(PREFIX) and name not in env.names)
    for name in unknown:
        near = get_close_matches(name, env.names, 1)
        todo = f"Did you mean {near[0]}?" if near else "docs/running.md lists those that are."
        yield Finding("Settings", Verdict.CARE, f"{name} is set, and is no setting of the tool.", todo)
    if not unknown:
        yield Finding("Settings", Verdict.OK, "All can be understood.")
    try:
        bridge = build(settings)
    except Exception as problem:  # a database URL of an unknown kind, a folder that cannot be made
        todo = "Check LRS_BRIDGE_DATABASE_URL: postgresql://user:password@host/name, or unset it for SQLite."
        yield Finding("Database", Verdict.BAD, f"{type(problem).__name__}: {problem}", todo)
        return
    yield from examining.examined(bridge)


def _line(finding: Finding) -> str:
    line = f"{_SIGNS[finding.verdict]:4}  {finding.about}: {finding.text}"
    return f"{line}\n      {finding.advice}" if finding.advice else line

"""`lrs-bridge evaluate`: indicators from a journey, a people and a statements file, without a database."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import click
import orjson

from lrs_bridge.cli.files import FILE, loaded, refuse, text_of
from lrs_bridge.domain.evaluation import Active, evaluate_all
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Run
from lrs_bridge.hooks.registry import Registry, load
from lrs_bridge.hooks.settings import Activation, SettingsError, activate
from lrs_bridge.journeyfile import (
    JourneyFileError,
    line_of,
    load_journey,
    load_people,
    load_settings,
    statement_texts,
)
from lrs_bridge.xapi.decoding import Reader
from lrs_bridge.xapi.reading import Unreadable

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@click.command()
@click.option("--journey", "journey_file", type=FILE, required=True, help="The journey file.")
@click.option("--people", "people_file", type=FILE, required=True, help="The people file: run, people, relations.")
@click.option("--statements", "statements_file", type=FILE, required=True, help="JSON array or JSON lines.")
@click.option("--as-of", required=True, help="2026-06-01T12:00:00+02:00, or a day: its end in the run's time zone.")
@click.option("--settings", "settings_file", type=FILE, help="{evaluator: {name: value}}, before all other settings.")
@click.option("--indicator", "indicators", multiple=True, metavar="KEY", help="Only this indicator; may repeat.")
@click.option("--format", "form", type=click.Choice(["json", "table"]), default="json", show_default=True)
def evaluate(
    journey_file: Path,
    people_file: Path,
    statements_file: Path,
    as_of: str,
    settings_file: Path | None,
    indicators: tuple[str, ...],
    form: str,
) -> None:
    """Compute indicators from files, without a database.

    Results go to stdout, warnings to stderr. Exits 2 for input that cannot be used, 1 where an evaluator failed.
    """
    journey = loaded(load_journey, journey_file)
    cohort = loaded(load_people, people_file)
    _same_journey(journey, cohort, people_file)
    moment = parse_as_of(as_of, cohort.run)
    registry = load()
    activation = _activation(registry, journey, journey_file, settings_file)
    shown = _shown(indicators, registry, activation)
    facts = _facts(statements_file, cohort.home_page)
    evaluation = evaluate_all(_needed(activation.active, shown), journey, cohort, facts, moment).of(*shown)
    click.echo(_table(evaluation.results) if form == "table" else _json(evaluation.results))
    for failure in evaluation.failures:
        subject = " ".join(failure.subject.as_dict().values())
        click.echo(f"evaluator {failure.indicator} failed for {subject}: {failure.reason}", err=True)
    if evaluation.failures:
        sys.exit(1)


def parse_as_of(given: str, run: Run) -> datetime:
    """A time with an offset, in UTC; a bare date is the last microsecond of that day in the run's zone.

    Raises click.BadParameter.
    """
    try:
        if _DAY.fullmatch(given):
            midnight = datetime.combine(date.fromisoformat(given) + timedelta(days=1), time.min, tzinfo=run.zone)
            return midnight.astimezone(UTC) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{given!r} is no time: write 2026-06-01, or 2026-06-01T12:00:00+02:00.", param_hint="--as-of"
        ) from None
    raise click.BadParameter(
        f"{given!r} has no offset from UTC: add Z or one such as +02:00, or write the day alone.", param_hint="--as-of"
    )


def _same_journey(journey: Journey, cohort: Cohort, people_file: Path) -> None:
    run, problems = cohort.run, []
    for key, here, there in (("journey", run.journey, journey.slug), ("version", run.version, journey.version)):
        if here != there:
            line = line_of(text_of(people_file), str(people_file), "run", key)
            problems.append(f"{people_file}:{line}: run.{key}: is {here}, but the journey file says {there}.")
    if problems:
        refuse("\n".join(problems))


def _activation(registry: Registry, journey: Journey, journey_file: Path, settings_file: Path | None) -> Activation:
    for failure in registry.failures:
        click.echo(f"warning: plugin {failure.name} ({failure.distribution}) {failure.reason}", err=True)
    settings = loaded(load_settings, settings_file) if settings_file else {}
    for key in settings:
        if key not in registry.evaluators and settings_file:
            click.echo(f"warning: {settings_file}: {key}: there is no such evaluator.", err=True)
    try:
        activation = activate(journey, registry.evaluators, file=settings)
    except SettingsError as error:
        refuse(_placed(error, journey, journey_file, settings, settings_file))
    for key in activation.missing:
        line = line_of(text_of(journey_file), str(journey_file), "evaluators", key)
        click.echo(
            f"warning: {journey_file}:{line}: evaluators.{key}: no installed plugin provides it; no result.", err=True
        )
    return activation


def _placed(
    error: SettingsError, journey: Journey, journey_file: Path, settings: Mapping[str, Any], settings_file: Path | None
) -> str:
    """Each fault with the file and line that set it."""
    lines = []
    for fault in error.faults:
        path = (error.evaluator, *fault.key.split("."))
        if settings_file is not None and _is_set(settings, path):
            lines.append(_at(settings_file, path, fault.message))
        else:
            lines.append(_at(journey_file, ("evaluators", *path), fault.message))
    return "\n".join(lines)


def _at(file: Path, path: tuple[str, ...], message: str) -> str:
    return f"{file}:{line_of(text_of(file), str(file), *path)}: {'.'.join(part for part in path if part)}: {message}"


def _is_set(values: Any, path: Iterable[str]) -> bool:
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def _shown(indicators: tuple[str, ...], registry: Registry, activation: Activation) -> tuple[str, ...]:
    active = tuple(one.key for one in activation.active)
    for key in indicators:
        if key not in registry.evaluators and key not in activation.missing:
            raise click.BadParameter(
                f"there is no indicator {key!r}. Installed: {', '.join(registry.evaluators) or 'none'}.",
                param_hint="--indicator",
            )
        if key not in active and key not in activation.missing:
            click.echo(f"warning: {key} is not enabled in this journey; no result.", err=True)
    return tuple(key for key in active if key in indicators) if indicators else active


def _needed(active: Sequence[Active], shown: Iterable[str]) -> list[Active]:
    """Those shown, and those whose results they read."""
    by_key = {one.key: one for one in active}
    wanted: set[str] = set()
    waiting = list(shown)
    while waiting:
        key = waiting.pop()
        if key in by_key and key not in wanted:
            wanted.add(key)
            waiting += by_key[key].evaluator.needs
    return [by_key[key] for key in sorted(wanted)]


def _facts(path: Path, home_page: str) -> Iterator[Fact]:
    try:
        statements = statement_texts(path.read_bytes(), str(path))
    except JourneyFileError as error:
        refuse(str(error))
    reader = Reader(home_page)
    for position, text in enumerate(statements, start=1):
        try:
            yield reader.read(text)
        except Unreadable as error:
            known = orjson.loads(text).get("id") or "no id"
            click.echo(f"warning: {path}: statement {position} ({known}) is left out: {error}", err=True)


def _json(results: Iterable[Result]) -> str:
    return json.dumps([result.as_dict() for result in results], indent=2, ensure_ascii=False, allow_nan=False)


def _table(results: Sequence[Result]) -> str:
    rows = [("indicator", "subject", "value", "status", "n", "coverage")]
    for result in results:
        out = result.outcome
        subject = " ".join(result.subject.as_dict().values())
        value, coverage = _two_decimals(out.value), _two_decimals(out.coverage)
        rows.append((result.indicator, subject, value, str(out.status), str(out.n), coverage))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _two_decimals(value: float | None) -> str:
    if value is None:
        return "-"
    return str(Decimal(repr(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))

"""What a page of results says about itself: run, time, settings, and what it does not show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lrs_bridge.domain import explaining
from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.insights.cells import Cell, Sheet, word
from lrs_bridge.web.words import full_day, when


def held(missing: Sequence[tuple[str, str]]) -> Sheet:
    """`missing`: title of the table, and the sentence."""
    return Sheet(
        "held",
        "What is not shown, and why",
        "By the rule for small groups, which holds on every page and in every file.",
        ["Where", "What, and why"],
        [[word(where), word(why)] for where, why in missing],
        empty=("Everything is shown", "Enough people stand behind each figure."),
    )


def about(figures: Figures, run: RunRow, reader: str) -> Sheet:
    """Run, journey, time and settings."""
    rows = [
        ("Run", f"{run.course.title or 'Course without a title'}, from {full_day(run.day_zero)}"),
        ("Pilot", "Yes" if run.is_pilot else "No"),
        ("Journey", f"{run.journey.title}, version {run.journey_row.version}"),
        ("As of", f"{when(figures.as_of, run.run.zone)} {figures.as_of.year}, {run.time_zone}"),
        ("Read as", reader),
        ("Fewest people behind a figure", str(figures.k)),
        *_settings(figures),
    ]
    return Sheet("about", "About these figures", "", ["", ""], [[word(name), Cell(text)] for name, text in rows])


def _settings(figures: Figures) -> Iterator[tuple[str, str]]:
    for made in figures.made:
        settings = sorted(made.settings.items())
        said = "; ".join(f"{explaining.readable(name)} {_value(value)}" for name, value in settings)
        yield f"{made.title} {made.version}", said or "No settings"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    return "none" if value is None else str(value)

"""Pictures of numbers, as SVG inside the page: layout by pygal, paint by `look.css`, words and a table by us.

A picture is an `img` with title and description for those who hear it, and the same values stand in a table beside it.
It has neither style nor script, so the page's policy holds, prints as lines, and comes in two drawings: one for a wide
page, one for a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast
from xml.etree import ElementTree
from zlib import crc32

import pygal
from markupsafe import Markup
from pygal.style import Style

from lrs_bridge.web.words import plain, rounded

_LOOK = Style(
    font_family="sans-serif",  # for the room that labels take; the page's own face is drawn
    label_font_size=13,
    major_label_font_size=13,
    value_font_size=13,
    value_label_font_size=13,
    legend_font_size=13,
)
_COMMON: dict[str, Any] = {
    "style": _LOOK,
    "js": [],
    "css": [],
    "no_prefix": True,
    "show_legend": False,
    "disable_xml_declaration": True,
    "print_values": True,
    "spacing": 6,
    "margin": 6,
}
KEPT = 200
"""How many of the pictures drawn last a process remembers, some 20 kB each."""
_DRAWINGS = (("chart-wide", 560), ("chart-narrow", 300))
_DROPPED = frozenset({"defs", "title", "desc"})
_NEEDLESS = frozenset({"background", "plot tooltip-overlay", "titles"})
_KINDS = ("c-fill", "c-soft", "c-track")


class Line(pygal.Line):  # type: ignore[misc]
    """Its values stand above their dots."""

    def _static_value(self, node: Any, value: Any, x: float, y: float, *rest: Any, **more: Any) -> Any:
        size = self.style.value_font_size
        return super()._static_value(node, value, x - size, y - 2.2 * size, *rest, **more)


@dataclass(frozen=True)
class Table:
    """The values of a picture in words: `head` names the columns, the first cell of a row names the row."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """`title` says what, `of` of whom; `summary` is what somebody hears in the place of the picture. `legend`: the
    class of a mark and its word, where marks cannot be labelled in place."""

    title: str
    of: str
    summary: str
    drawings: Sequence[Markup]
    table: Table
    legend: Sequence[tuple[str, str]] = ()


Make = TypeVar("Make", bound=Callable[..., Any])


def _once(make: Make) -> Make:
    """The same values make the same picture, and drawing takes longer than all else on a page: it is drawn once."""
    kept = lru_cache(maxsize=KEPT, typed=True)(make)

    @wraps(make)
    def made(*args: Any, **more: Any) -> Any:
        return kept(*map(_frozen, args), **{name: _frozen(value) for name, value in more.items()})

    return cast("Make", made)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


@_once
def over_time(
    title: str,
    of: str,
    points: Sequence[tuple[str, float | None]],
    bounds: tuple[float, float] = (0.0, 100.0),
    notes: Sequence[str] = (),
) -> Chart | None:
    """A line through the values of some days, with a gap where there is none; None while fewer than two are known.

    `points`: the words for a day and its value. `notes` go behind the value in the table.
    """
    known = [(day, value) for day, value in points if value is not None]
    if len(known) < 2:
        return None
    begun = next(number for number, (_, value) in enumerate(points) if value is not None)
    points, notes = points[begun:], notes[begun:]
    (first, start), (last, end) = known[0], known[-1]
    summary = f"From {rounded(start)} on {first} to {rounded(end)} on {last}."

    def draw(width: int) -> Any:
        line = Line(
            width=width,
            height=210,
            margin_top=22,
            margin_right=22,
            range=bounds,
            y_labels=_ticks(bounds),
            dots_size=4,
            formatter=rounded,
            x_labels_major=_some([day for day, _ in points], width // 90),
            show_minor_x_labels=False,
            truncate_label=-1,
            **_COMMON,
        )
        line.x_labels = [day for day, _ in points]
        told = (
            {0, len(points) - 1}
            if width < 400
            else set(range(0, len(points), -(-len(points) // 8))) | {len(points) - 1}
        )
        line.add(
            title,
            [
                {"value": value, "formatter": rounded if number in told else _silent}
                for number, (_, value) in enumerate(points)
            ],
            allow_interruptions=True,
        )
        return line

    words = [("–" if value is None else rounded(value, 2)) for _, value in points]
    rows = [
        [day, said, *notes[number : number + 1]]
        for number, ((day, _), said) in enumerate(zip(points, words, strict=True))
    ]
    head = ["Day", "Value", *(["Note"] if notes else [])]
    return Chart(title, of, summary, _drawn(title, summary, draw), Table(head, rows))


@_once
def counts(title: str, of: str, bars: Sequence[tuple[str, int]], heading: str = "Value", unit: str = "People") -> Chart:
    """A bar for each band, with how many people are in it."""
    whole = sum(number for _, number in bars)
    summary = "; ".join(f"{band}: {number}" for band, number in bars if number) + "."

    def draw(width: int) -> Any:
        bar = pygal.Bar(
            width=width,
            height=170,
            formatter=_whole,
            show_y_labels=False,
            show_y_guides=False,
            print_values_position="top",
            range=(0, max((number for _, number in bars), default=1) * 1.15 or 1),
            truncate_label=-1,
            **_COMMON,
        )
        bar.x_labels = [band.replace(" to ", "–") if width < 400 else band for band, _ in bars]
        bar.add(title, [number for _, number in bars], rounded_bars=3)
        return bar

    rows = [[band, str(number), f"{rounded(100 * number / whole)} %" if whole else "–"] for band, number in bars]
    return Chart(title, of, summary, _drawn(title, summary, draw), Table([heading, unit, "Share"], rows))


@_once
def levels(title: str, of: str, bars: Sequence[tuple[str, float]], high: float = 100.0) -> Chart:
    """A bar for each value, from 0 to `high`, with its number: with a tenth where the scale is short."""
    digits = 1 if high <= 10 else 0

    def told(value: float) -> str:
        return rounded(value, digits)

    summary = "; ".join(f"{name}: {told(value)}" for name, value in bars) + "."

    def draw(width: int) -> Any:
        bar = pygal.HorizontalBar(
            width=width,
            height=14 + 40 * len(bars),
            formatter=told,
            show_x_labels=False,
            show_x_guides=False,
            show_y_guides=False,
            print_values_position="top",
            range=(0, high * 1.1),
            truncate_label=-1,
            **_COMMON,
        )
        bar.x_labels = [name for name, _ in bars][::-1]
        bar.add(title, [value for _, value in bars][::-1])
        return bar

    rows = [[name, rounded(value, 2)] for name, value in bars]
    return Chart(title, of, summary, _drawn(title, summary, draw), Table(["", f"Of {plain(high)}"], rows))


@_once
def shares(title: str, of: str, rows: Sequence[tuple[str, Sequence[int]]], names: Sequence[str]) -> Chart | None:
    """A bar for each row, divided among up to three named parts, each bar as long as the others; None of nothing."""
    told = [(row, numbers) for row, numbers in rows if sum(numbers)]
    if not told:
        return None
    summary = " ".join(
        f"{row}: {', '.join(f'{number} {name}' for number, name in zip(numbers, names, strict=True))}."
        for row, numbers in told
    )

    def draw(width: int) -> Any:
        bar = pygal.HorizontalStackedBar(
            width=width,
            height=14 + 40 * len(told),
            show_x_labels=False,
            show_x_guides=False,
            show_y_guides=False,
            range=(0, 100),
            truncate_label=-1,
            **_COMMON,
        )
        bar.x_labels = [row for row, _ in told][::-1]
        for part, name in enumerate(names):
            values = []
            for _, numbers in told[::-1]:
                share = 100 * numbers[part] / sum(numbers)
                shown = _saying(str(numbers[part])) if share * width > 100 * 30 else _silent
                values.append({"value": share, "formatter": shown})
            bar.add(name, values)
        return bar

    table = Table(
        ["", *(f"{name[:1].upper()}{name[1:]}" for name in names)], [[row, *map(str, numbers)] for row, numbers in told]
    )
    return Chart(title, of, summary, _drawn(title, summary, draw), table, list(zip(_KINDS, names, strict=False)))


def _drawn(title: str, summary: str, draw: Callable[[int], Any]) -> list[Markup]:
    return [_clean(draw(width).render(is_unicode=True), title, summary, kind) for kind, width in _DRAWINGS]


def _clean(drawn: str, title: str, summary: str, kind: str) -> Markup:
    """Without the style, script and words that pygal puts in; with a title and a description of ours."""
    root = ElementTree.fromstring(drawn)  # noqa: S314 - pygal's own
    for parent in root.iter():
        parent.tag = parent.tag.rpartition("}")[2]  # SVG inside HTML is known by its name
        for child in list(parent):
            if child.tag.rpartition("}")[2] in _DROPPED or child.get("class") in _NEEDLESS:
                parent.remove(child)
        for name in ("style", "id"):
            parent.attrib.pop(name, None)
    mark = f"chart-{crc32(f'{title}|{summary}|{kind}'.encode()):08x}"
    root.attrib |= {"class": f"chart-svg {kind}", "role": "img"}
    for place, (name, role, text) in enumerate((("title", "labelledby", title), ("desc", "describedby", summary))):
        told = ElementTree.Element(name, {"id": f"{mark}-{name[0]}"})
        told.text = text
        root.insert(place, told)
        root.set(f"aria-{role}", f"{mark}-{name[0]}")
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - escaped by ElementTree


def _ticks(bounds: tuple[float, float]) -> list[float]:
    low, high = bounds
    return [low + (high - low) * part / 4 for part in range(5)]


def _some(labels: Sequence[str], most: int) -> list[str]:
    """At most so many of the labels, evenly, the last always."""
    step = max(1, -(-len(labels) // max(1, most)))
    return list(labels[::-1][::step])


def _silent(_value: Any) -> str:
    return ""


def _whole(value: Any) -> str:
    return plain(value) if value else ""


def _saying(text: str) -> Callable[[Any], str]:
    return lambda _value: text

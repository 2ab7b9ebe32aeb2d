"""How long pages take in a run of five hundred: all that everybody finds in the demo's house, many times as full."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from bench.measuring import Aim, Comparison
from bench.touring import House, Stop
from bench.visiting import crowded, tour

LEADERS = 21  # times the 24 participants of the demo, with as many times their managers and coaches
ROUNDS = 7
SHOWN = 6
PROMISED = 0.1  # seconds, at the median
_PEER = "what was promised"


class Seconds(NamedTuple):
    """Of one answer: until it was there, and how long a processor was at work on it."""

    waited: float
    worked: float


def measure(folder: Path) -> list[Comparison]:
    """The pages that take most, and the one in the middle."""
    walked = folder / "walked"
    walked.mkdir()
    house, found = tour(walked)
    large = crowded(walked, house, folder / "large", teams=1, leaders=LEADERS)
    stops = found.pages()
    return told(timed(large, stops, ROUNDS), people=24 * LEADERS)


def timed(house: House, stops: Sequence[Stop], rounds: int) -> Mapping[Stop, Sequence[Seconds]]:
    """Seconds of each, through Flask's test client; a first round warms up and is left out.

    A round goes through all pages, so that a burst of work elsewhere on the machine meets few rounds of each.
    """
    client = house.client()
    taken: dict[Stop, list[Seconds]] = {stop: [] for stop in stops}
    for number in range(rounds + 1):
        gc.collect()
        for stop in stops:
            start, begun = perf_counter(), process_time()
            answer = client.get(stop.path)
            seconds = Seconds(perf_counter() - start, process_time() - begun)
            if answer.status_code != 200:
                raise ValueError(f"{stop} answered {answer.status_code}")
            if number:
                taken[stop].append(seconds)
    return taken


def told(taken: Mapping[Stop, Sequence[Seconds]], people: int) -> list[Comparison]:
    """Those that take most work come first, the one in the middle of all last."""
    ordered = sorted(taken, key=lambda stop: -median(one.worked for one in taken[stop]))
    found = []
    for stop in ordered[:SHOWN]:
        name = f"a page in a run of {people}: {stop.guest} at `{stop.endpoint}`"
        found.append(_compared(name, [one.waited for one in taken[stop]]))
        found.append(_compared(f"{name}: processor time", [one.worked for one in taken[stop]]))
    middle = taken[ordered[len(ordered) // 2]]
    return [*found, _compared(f"the page in the middle of all {len(ordered)}", [one.waited for one in middle])]


def _compared(what: str, seconds: Sequence[float]) -> Comparison:
    ratios = tuple(one / PROMISED for one in seconds)
    return Comparison(what, _PEER, "ms", 1e3 * median(seconds), 1e3 * PROMISED, ratios, Aim(1, at_least=False))

"""`python -m bench [NAME ...]`: run the benchmarks and print their table in Markdown."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter

from bench.measuring import Comparison

NAMES = ("launching", "storing", "reading", "evaluating", "recording", "gradebook", "delivering", "pages")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(NAMES)}")
    parser.add_argument("--folder", type=Path, help="where the databases are made: on the disk to be measured")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    logging.getLogger("lrs_bridge").setLevel(logging.ERROR)
    print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores\n")
    print("| what | against | ours | theirs | ratio (from - to) | aim | met |\n|---|---|---|---|---|---|---|")
    for name in asked.names or NAMES:
        start = perf_counter()
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            measure: Callable[[Path], list[Comparison]] = import_module(f"bench.{name}").measure
            for compared in measure(Path(folder)):
                print(line(compared), flush=True)
        print(f"{name}: {perf_counter() - start:.0f} s", file=sys.stderr)


def line(compared: Comparison) -> str:
    """One row of the table. The range is that of the rounds; the ratio is their median."""
    figures = [f"{_short(figure)} {compared.unit}" for figure in (compared.ours, compared.theirs)]
    ratio = f"**{compared.ratio:.2f}** ({min(compared.ratios):.2f} - {max(compared.ratios):.2f})"
    met = {True: "yes", False: "no", None: ""}[compared.met]
    return f"| {' | '.join([compared.what, compared.peer, *figures, ratio, str(compared.aim or ''), met])} |"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2g}"


if __name__ == "__main__":
    main()

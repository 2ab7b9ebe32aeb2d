"""The documentation as tests see it: pages, their sections, links, code blocks and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_INDENTED = re.compile(r"(?:^    .*\n)+", re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """Every page that a reader may open; bench/README.md where it is there."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted(DOCS.rglob("*.md")), *(ROOT / "bench").glob("*.md")]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def page(name: str) -> str:
    return text_of(DOCS / name)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(text: str) -> list[str]:
    """Targets of links and pictures, as written."""
    return _LINK.findall(_FENCED.sub("", text))


def anchors(text: str) -> set[str]:
    """What `#...` may name on a page: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-") for heading in headings}


def codes(text: str) -> list[str]:
    """Everything `like this`, outside of code blocks."""
    return _CODE.findall(_FENCED.sub("", text))


def fenced(text: str, language: str) -> list[str]:
    return [block for found, block in _FENCED.findall(text) if found == language]


def commands(text: str, program: str) -> Iterator[list[str]]:
    """The words of every command line with this program on a page, in blocks and in sentences."""
    blocks = [block for language, block in _FENCED.findall(text) if language in ("", "sh")]
    blocks += _INDENTED.findall(_FENCED.sub("", text))
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *codes(text)]:
        words = shlex.split(line, comments=True) if line.startswith(f"{program} ") else []
        if words:
            yield words[1:]


def sections(text: str, level: int) -> dict[str, str]:
    """Heading to what stands under it, down to the next heading of this or a higher level."""
    parts = re.split(rf"^(#{{1,{level}}}) (.+)$", text, flags=re.M)
    found = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return {heading: body for marks, heading, body in found if len(marks) == level}


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, without header rules."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not set(line) <= set("|-: ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def first_cells(text: str) -> set[str]:
    """What the first column of the tables documents."""
    return {code for row in rows(text) for code in _CODE.findall(row[0])}

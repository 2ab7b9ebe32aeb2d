"""The words of letters, from template files: a folder a language, with English where a language has none.

A letter is one text template, whose first line is the subject, and one HTML template; both take their sentences from
the language's `phrases.txt`. A new language is a new folder with the files of `templates/en`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lrs_bridge.domain.mailing import Words

_FOLDER = Path(__file__).with_name("templates")
FALLBACK = "en"
_SUBJECT = "Subject: "


@cache
def languages() -> Mapping[str, str]:
    """Languages with templates, with their own names for themselves: `{"de": "Deutsch", ...}`."""
    found = sorted(path.parent.name for path in _FOLDER.glob("*/words.json"))
    return {language: str(_words_of(language)["name"]) for language in found}


def nearest(wanted: str | None) -> str:
    """The language with templates that is closest to a BCP 47 tag (`de-AT` is `de`), else English."""
    primary = (wanted or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in languages() else FALLBACK


def write(template: str, language: str, context: Mapping[str, Any]) -> Words:
    """The letter of this template in this language, which has to be one of `languages()`."""
    values = {**context, "language": language}
    first, _, text = _environment(language, False).get_template(f"{template}.txt").render(values).partition("\n")
    subject = first.removeprefix(_SUBJECT).strip()
    html = _environment(language, True).get_template(f"{template}.html").render({**values, "subject": subject})
    return Words(subject, text.strip() + "\n", html)


@cache
def _words_of(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((_FOLDER / language / "words.json").read_text(encoding="utf-8"))
    return found


@cache
def _environment(language: str, html: bool) -> Environment:
    """For HTML everything is escaped, the phrases too: what a macro yields counts as escaped where HTML calls it."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=html,  # noqa: S701 - plain text has nothing to escape
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    words = _words_of(language)
    environment.filters["day"] = lambda given: _day(words, given)
    environment.filters["number"] = lambda count: _number(words["numbers"], count)
    environment.filters["rows"] = _rows
    return environment


def _day(words: Mapping[str, Any], given: str | date) -> str:
    day = date.fromisoformat(given) if isinstance(given, str) else given
    return str(words["day"]).format(day=day.day, month=words["months"][day.month - 1])


def _number(numbers: Sequence[str], count: int) -> str:
    return numbers[count] if 0 <= count < len(numbers) else str(count)


def _rows(lines: str) -> list[tuple[str, str]]:
    """`term | text` lines as pairs."""
    pairs = (line.partition(" | ") for line in lines.splitlines() if " | " in line)
    return [(term.strip(), text.strip()) for term, _, text in pairs]

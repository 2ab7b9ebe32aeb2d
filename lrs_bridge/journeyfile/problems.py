"""What is wrong with a file: every problem with its place, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """`line` counts from 1; `key` is the path (`steps[3].due_day`), empty for the file as a whole."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.key, self.message) if part)


class JourneyFileError(ValueError):
    """A journey, people or settings file that cannot be used; `problems` holds all of them, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence that helps: the word that was probably meant, else all that would do."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Known here: " + ", ".join(words) + "." if words else "None is defined here."

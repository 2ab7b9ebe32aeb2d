"""What a table holds about people, in words and in steps: who sees it, how long it is kept, how somebody is erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kept(StrEnum):
    """How long. What hangs on a setting is said with it."""

    PERSON = "until the person is erased"
    TOMBSTONE = "always, under a random id"
    WORDS = "words"
    PROCESS = "process"
    ACCESS = "access"
    LETTERS = "half a year"
    SHORT = "hours"
    RECORD = "as long as the record store keeps it"
    AGGREGATE = "always, as a total"
    ALWAYS = "as long as the installation runs"


class Key(StrEnum):
    """What the value of a column says: whose row it is."""

    PERSON = "person"
    ENROLMENT = "enrolment"
    ACCOUNT = "account"
    EMAIL = "email"
    RUN = "run"


@dataclass(frozen=True)
class Drop:
    """Rows go whose column `by` is one of these. `only`: those of this kind."""

    by: str
    key: Key
    only: str | None = None


@dataclass(frozen=True)
class Blank:
    """Of these rows the named columns are emptied; the rows stay."""

    by: str
    key: Key
    columns: str
    only: str | None = None


Step = Drop | Blank


@dataclass(frozen=True)
class Holding:
    """A table. Columns by class, names with spaces between: what says who somebody is; what they said or were rated;
    what they did or are; and what is about nobody.

    `erased`: what is done when somebody is; `over`: when a run has been over for as long as `kept` says.
    """

    holds: str
    seen: str
    kept: Kept
    identity: str = ""
    content: str = ""
    process: str = ""
    plain: str = ""
    erased: tuple[Step, ...] = ()
    over: tuple[Step, ...] = ()

    @property
    def columns(self) -> list[str]:
        """All that are classified."""
        return " ".join((self.identity, self.content, self.process, self.plain)).split()

    @property
    def about_people(self) -> bool:
        return bool(self.identity or self.content or self.process)

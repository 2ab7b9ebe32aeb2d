"""The other sides that are a network: a record store, a gradebook and a roster. `lrs` and `lti` implement these.

Decisions about trying again are the flows'; an adapter says what happened in the words of `domain.delivery` and
never retries by itself, but for what its protocol asks for in one exchange (a new token after 401, reading a
statement after 409).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from lrs_bridge.domain.alerting import Notice
from lrs_bridge.domain.delivery import Delivered, StatementPage
from lrs_bridge.domain.mailing import Entry, Letter, Words
from lrs_bridge.domain.probing import Probed
from lrs_bridge.domain.roster import Member
from lrs_bridge.domain.scores import LineItem, Score

Statement = Mapping[str, Any]


class RecordStore(Protocol):
    """A learning record store, embedded or remote."""

    def write(self, statements: Sequence[Statement]) -> Sequence[Delivered]:
        """Deliver all; answers one `Delivered` per statement, in order.

        The same statement twice is success; one bad statement does not hold up the others. What is unknown is
        answered as `later`: send the same id again. Raises Unavailable when all of it is.
        """
        ...

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        """Statements stored after `since` (exclusive), or the next page. Raises Unavailable, Refused."""
        ...


class RecordProbe(Protocol):
    """A test of a record store that is not ours."""

    def run(self, write: bool = True) -> Probed:
        """Try what it can do; `write` leaves a few voided statements there. Raises nothing that the store causes."""
        ...


class Gradebook(Protocol):
    """The gradebook of an LMS over AGS 2.0, addressed by our platform id."""

    def line_item(self, platform_id: str, lineitems_url: str, item: LineItem) -> str:
        """Find the line item by resource id and tag, or create it; answers its URL. Raises Unavailable, Refused."""
        ...

    def send(self, platform_id: str, line_item_url: str, score: Score) -> None:
        """Send one score. Raises Unavailable, Refused (this person or item), LineItemGone."""
        ...


class Roster(Protocol):
    """The people of a course over NRPS 2.0, addressed by our platform id."""

    def pages(self, platform_id: str, memberships_url: str, with_groups: bool = False) -> Iterator[Sequence[Member]]:
        """The members page by page; the roster is whole only when the iterator ends by itself.

        `with_groups`: the course has groups, and who is in which is asked for.
        Raises Unavailable, Refused, also after some pages.
        """
        ...

    def groups(self, platform_id: str, groups_url: str) -> Mapping[str, str]:
        """Names of the course's groups by id. Raises Unavailable, Refused."""
        ...


class MailLine(Protocol):
    """An open connection to a mail server."""

    def hand_over(self, letter: Letter, before: Callable[[], None]) -> None:
        """Give one letter to the server; `before` is called when only the last line is missing.

        Raises Refused (this letter, never), Unavailable (not taken, try again), Unsure (nobody knows).
        """
        ...


class AlertChannel(Protocol):
    """A way to tell whoever keeps the installation running."""

    def tell(self, notice: Notice) -> None:
        """Raises Unavailable, Refused, Unsure."""
        ...


class Mailing(Protocol):
    """Writing letters and handing them in. Only `line` is a network."""

    def language(self, wanted: str | None) -> str:
        """The language with templates that is closest to a BCP 47 tag."""
        ...

    def words(self, template: str, language: str, context: Mapping[str, Any]) -> Words:
        """What stands in a letter of this template."""
        ...

    def calendar(self, entries: Sequence[Entry], now: datetime) -> bytes:
        """A calendar file."""
        ...

    def line(self) -> AbstractContextManager[MailLine]:
        """A connection for a batch of letters. Raises Unavailable."""
        ...

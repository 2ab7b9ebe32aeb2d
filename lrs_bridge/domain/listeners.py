"""Listeners: plugins that react to what was recorded or computed, and what they are told.

They hear no more than a gradebook or a list of acts may show anyway: which acts took place, never how good or how
much (`xapi.disclosure`), and the figures that are posted. People are random accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Heard(StrEnum):
    """What a listener can react to."""

    STATEMENTS = "statements"
    INDICATORS = "indicators"


@dataclass(frozen=True)
class Recorded:
    """A statement that the record has now, without its content. Told again, it has the same `id`, the statement's."""

    id: str
    statement: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        return dict(self.statement)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Recorded:
        return cls(body["id"], body)


@dataclass(frozen=True)
class Change:
    """A participant's indicator has another posted value, 0-100, than `before`; None: nothing is posted.

    Told again, it has the same `id`. `account` is the name of the xAPI account, `registration` that of the enrolment.
    """

    id: str
    at: datetime
    run: str
    journey: str
    journey_version: int
    account: str
    registration: str
    indicator: str
    title: str
    value: float | None
    before: float | None
    evaluator_version: str
    distribution: str

    @property
    def body(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Change:
        return cls(**{**body, "at": datetime.fromisoformat(body["at"])})


class Http(Protocol):
    """What a listener is given to reach others: a `requests.Session` that stays out of private networks, but for the
    hosts that the listener's settings name, and whose connections are cut when the time is up."""

    @property
    def request(self) -> Callable[..., Any]:
        """`requests.Session.request`."""
        ...


@dataclass(frozen=True)
class Call:
    """For whom and with what a listener is called. `tenant`: its name; `home_page`: of its people's accounts."""

    tenant: str
    home_page: str
    settings: Mapping[str, Any]
    http: Http


Reaction = Callable[[Sequence[Any], Call], None]


@dataclass(frozen=True)
class Listener:
    """The declaration a plugin returns.

    `functions`: what to call with `Recorded`s and with `Change`s. `schema`: a marshmallow Schema class for the
    settings, all of which are kept encrypted (None: no settings). `distribution` is filled by the registry.
    """

    key: str
    title: str
    version: str
    functions: Mapping[Heard, Reaction]
    schema: type[Any] | None = None
    distribution: str = ""

    @property
    def hears(self) -> tuple[Heard, ...]:
        return tuple(one for one in Heard if one in self.functions)


NEWS: Mapping[Heard, type[Recorded] | type[Change]] = {Heard.STATEMENTS: Recorded, Heard.INDICATORS: Change}

"""What a person did, before it is a statement. The outer tables of `docs/xapi.md` are these kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from lrs_bridge.domain.people import Role

_STATEMENT_NAMESPACE = uuid5(NAMESPACE_URL, "https://w3id.org/xapi/learning-journey")


class Kind(StrEnum):
    """One per row of the profile's table; the value is the last part of the verb's IRI."""

    REGISTERED = "registered"
    WITHDREW = "withdrew"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    ATTENDED = "attended"
    PLANNED = "planned"
    APPROVED = "approved"
    PRACTISED = "practised"
    APPLIED = "applied"
    LACKED_OPPORTUNITY = "lacked-opportunity"
    VERIFIED = "verified"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    TALKED_WITH = "talked-with"
    OBSERVED = "observed"
    RECOGNISED = "recognised"
    COACHED = "coached"
    MENTORED = "mentored"
    ASSESSED = "assessed"
    RATED = "rated"
    ANSWERED = "answered"
    REFLECTED = "reflected"
    COMMENTED = "commented"
    INTERVIEWED = "interviewed"
    ROUTED = "routed"
    WAIVED = "waived"
    VOIDED = "voided"
    OTHER = "other"  # a statement of another system, kept for `matches`


@dataclass(frozen=True)
class Score:
    """An xAPI score; `raw` within `min` and `max` where these are given."""

    raw: float
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class Event:
    """One act in one run. `id` is fixed when the form is shown, so acting twice is the same as once.

    `registration` is the enrolment the act is about, also when a manager or coach acts.
    `refers_to` is the statement id that an approval, verification, confirmation, dispute or void is about.
    `data` holds the row's extensions by their short names (`behaviours`, `level`, `answers`, ...).
    `instructor` is the account of whoever ticked the attendance list.
    """

    id: UUID
    kind: Kind
    at: datetime
    actor: str
    role: Role
    run: str
    journey: str
    version: int
    registration: str | None = None
    step: str | None = None
    step_type: str | None = None
    moment: str | None = None
    personal_moment: bool = False
    capability: str | None = None
    refers_to: str | None = None
    counterpart: str | None = None
    instructor: str | None = None
    recorded: datetime | None = None
    score: Score | None = None
    completion: bool | None = None
    duration_seconds: int | None = None
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def statement_id(self) -> str:
        """uuid5 of the event, so that a replay collapses into one statement."""
        return statement_id_of(self.id)


def statement_id_of(event_id: UUID) -> str:
    """The id of the statement that the event of this id makes."""
    return str(uuid5(_STATEMENT_NAMESPACE, str(event_id)))

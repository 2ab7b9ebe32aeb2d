"""Statements to write, small and complete, with ids and people that tests can name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

HOME = "https://tool.example.org/tenants/1"
DONE = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def uuid(number: int) -> str:
    return str(UUID(int=number))


def agent(name: str) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": HOME, "name": name}}


def statement(number: int, person: str = "alice", activity: str = "step-1", **more: Any) -> dict[str, Any]:
    """`number` makes the id; `more` adds or replaces properties."""
    return {
        "id": uuid(number),
        "actor": agent(person),
        "verb": {"id": DONE, "display": {"en": "completed"}},
        "object": {"id": f"{HOME}/steps/{activity}"},
        "timestamp": "2026-09-01T10:00:00.000Z",
        **more,
    }


VERIFIED = "https://w3id.org/xapi/tla/verbs/verified"


def about(number: int, target: int, person: str = "bob", verb: str = VERIFIED) -> dict[str, Any]:
    """A statement whose object is another statement."""
    reference = {"objectType": "StatementRef", "id": uuid(target)}
    return statement(number, person, verb={"id": verb}, object=reference)


def voiding(number: int, target: int) -> dict[str, Any]:
    return about(number, target, "admin", VOIDED)

"""The terms a statement is found by: one for each verb, activity, agent and registration a filter may name.

A term is 16 bytes, a hash of tenant, kind and value, so that the index stays small whatever the length of the IRIs,
and so that one tenant's filter cannot reach another's statements. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

Kind = Literal["verb", "activity", "agent", "registration", "related_activity", "related_agent", "writer"]

# The broad kind of a value lies beside its narrow kind, so that writing both touches one page of the index.
_SUBJECTS: dict[Kind, tuple[str, bytes]] = {
    "verb": ("verb", b"\0"),
    "activity": ("activity", b"\0"),
    "related_activity": ("activity", b"\1"),
    "agent": ("agent", b"\0"),
    "related_agent": ("agent", b"\1"),
    "registration": ("registration", b"\0"),
    "writer": ("writer", b"\0"),
}


@lru_cache(maxsize=65_536)
def term(tenant_id: str, kind: Kind, value: str) -> bytes:
    """15 bytes of hash and one that tells narrow from broad."""
    subject, breadth = _SUBJECTS[kind]
    return blake2b(f"{tenant_id}\0{subject}\0{value}".encode(), digest_size=15).digest() + breadth


def agent_value(actor: Mapping[str, Any]) -> str | None:
    """The identifier of an agent or identified group, in one spelling; None for an anonymous group."""
    if "account" in actor:
        account = actor["account"]
        return f"account {account['homePage']} {account['name']}"
    if "mbox" in actor:
        local, _, domain = actor["mbox"].rpartition("@")
        return f"mbox {local}@{domain.lower()}"
    if "mbox_sha1sum" in actor:
        return f"mbox_sha1sum {actor['mbox_sha1sum'].lower()}"
    if "openid" in actor:
        return f"openid {actor['openid']}"
    return None


def terms_of(tenant_id: str, statement: Mapping[str, Any]) -> set[bytes]:
    """The statement's own terms, without those it inherits from a statement it refers to (Communication 2.1.3)."""
    return {term(tenant_id, kind, value) for kind, value in _found(statement)}


def _found(statement: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    target = statement["object"]
    yield "verb", statement["verb"]["id"]
    for value in _actors(statement["actor"]):
        yield "agent", value
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield "activity", target["id"]
    elif kind in {"Agent", "Group"}:
        for value in _actors(target):
            yield "agent", value
    registration = statement.get("context", {}).get("registration")
    if registration:
        yield "registration", registration.lower()
    if "authority" in statement:
        for value in _actors(statement["authority"]):
            yield "related_agent", value
    yield from _related(statement)


def _related(statement: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """What the broad filters look at: also the context, and the same of a SubStatement."""
    for value in _actors(statement["actor"]):
        yield "related_agent", value
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield "related_activity", target["id"]
    elif kind in {"Agent", "Group"}:
        for value in _actors(target):
            yield "related_agent", value
    elif kind == "SubStatement":
        yield from _related(target)
    context = statement.get("context")
    if not context:
        return
    for found in context.get("contextActivities", {}).values():
        for activity in found if isinstance(found, list) else (found,):
            yield "related_activity", activity["id"]
    for actor in _context_actors(context):
        for value in _actors(actor):
            yield "related_agent", value


def _context_actors(context: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("instructor", "team"):
        if name in context:
            yield context[name]
    for item in context.get("contextAgents", ()):
        yield item["agent"]
    for item in context.get("contextGroups", ()):
        yield item["group"]


def _actors(actor: Mapping[str, Any]) -> Iterator[str]:
    """The agent or group itself and, of a group, each member: a filter for a member finds the group's statements."""
    value = agent_value(actor)
    if value is not None:
        yield value
    for member in actor.get("member", ()):
        value = agent_value(member)
        if value is not None:
            yield value

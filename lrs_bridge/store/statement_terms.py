"""The terms a statement is found by: one for each verb, activity, agent and registration a filter may name.

A term is 16 bytes, a hash of tenant, kind and value, so that the index stays small whatever the length of the IRIs,
and so that one tenant's filter cannot reach another's statements. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def terms_of(tenant_id: str, statement: Mapping[str, Any]) -> frozenset[bytes]:
    """The statement's own terms, without those it inherits from a statement it refers to (Communication 2.1.3)."""
    terms: list[bytes] = []
    _collect(tenant_id, statement, terms)
    terms.append(term(tenant_id, "verb", statement["verb"]["id"]))
    _add_actors(tenant_id, statement["actor"], terms, "agent")
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        terms.append(term(tenant_id, "activity", target["id"]))
    elif kind in {"Agent", "Group"}:
        _add_actors(tenant_id, target, terms, "agent")
    registration = statement.get("context", {}).get("registration")
    if registration:
        terms.append(term(tenant_id, "registration", registration.lower()))
    if "authority" in statement:
        _add_actors(tenant_id, statement["authority"], terms)
    return frozenset(terms)


def _collect(tenant_id: str, statement: Mapping[str, Any], terms: list[bytes]) -> None:
    """What the broad filters look at: also the context, and the same of a SubStatement.

    Appends to one list instead of yielding: this is run for every statement that comes in.
    """
    _add_actors(tenant_id, statement["actor"], terms)
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        terms.append(term(tenant_id, "related_activity", target["id"]))
    elif kind in {"Agent", "Group"}:
        _add_actors(tenant_id, target, terms)
    elif kind == "SubStatement":
        _collect(tenant_id, target, terms)
    context = statement.get("context")
    if not context:
        return
    for found in context.get("contextActivities", {}).values():
        for activity in found if isinstance(found, list) else (found,):
            terms.append(term(tenant_id, "related_activity", activity["id"]))
    for actor in _context_actors(context):
        _add_actors(tenant_id, actor, terms)


def _context_actors(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = [context[name] for name in ("instructor", "team") if name in context]
    found += [item["agent"] for item in context.get("contextAgents", ())]
    found += [item["group"] for item in context.get("contextGroups", ())]
    return found


def _add_actors(tenant_id: str, actor: Mapping[str, Any], terms: list[bytes], kind: Kind = "related_agent") -> None:
    """The agent or group itself and, of a group, each member: a filter for a member finds the group's statements."""
    value = agent_value(actor)
    if value is not None:
        terms.append(term(tenant_id, kind, value))
    for member in actor.get("member", ()):
        value = agent_value(member)
        if value is not None:
            terms.append(term(tenant_id, kind, value))

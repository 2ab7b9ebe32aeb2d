"""Are these agents and groups as the specification wants them? (Data 2.4.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs_bridge.lrs.comparison import fold_mailto
from lrs_bridge.lrs.formats import is_iri, is_mailto, is_sha1
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.remembering import remembered

_IDENTIFIERS = frozenset({"mbox", "mbox_sha1sum", "openid", "account"})
_AGENT = _IDENTIFIERS | {"objectType", "name"}
_GROUP = _AGENT | {"member"}
_ACCOUNT = frozenset({"homePage", "name"})


@remembered
def check_actor(actor: Any, where: str) -> None:
    """An agent, or a group identified or anonymous."""
    if isinstance(actor, dict) and actor.get("objectType") == "Group":
        check_group(actor, where)
    else:
        check_agent(actor, where)


def check_agent(agent: Any, where: str) -> None:
    """One person: objectType Agent or none, and exactly one identifier."""
    check_keys(agent, _AGENT, where)
    if agent.get("objectType", "Agent") != "Agent":
        raise Invalid(f"{where}.objectType", "must be Agent or Group")
    _check_name(agent, where)
    if _check_identifier(agent, where) == 0:
        raise Invalid(where, "needs one of mbox, mbox_sha1sum, openid, account")


def check_group(group: Any, where: str) -> None:
    """Identified by one identifier, or anonymous and then with members; members are agents, never groups."""
    check_keys(group, _GROUP, where)
    if group.get("objectType") != "Group":
        raise Invalid(f"{where}.objectType", "must be Group")
    _check_name(group, where)
    identified = _check_identifier(group, where)
    members = group.get("member")
    if "member" in group and not isinstance(members, list):
        raise Invalid(f"{where}.member", "must be an array of agents")
    if not identified and not members:
        raise Invalid(f"{where}.member", "an anonymous group needs members")
    for index, member in enumerate(members or ()):
        check_agent(member, f"{where}.member[{index}]")


def check_authority(authority: Any, where: str) -> None:
    """An agent, or the pair of an application and its user that OAuth makes (Data 2.4.9)."""
    if not isinstance(authority, dict) or authority.get("objectType") != "Group":
        check_agent(authority, where)
        return
    check_group(authority, where)
    if _IDENTIFIERS & authority.keys():
        raise Invalid(where, "a group as authority must be anonymous")
    members = authority["member"]
    if len(members) != 2:
        raise Invalid(f"{where}.member", "a group as authority has exactly two agents")
    if not any("account" in member for member in members):
        raise Invalid(f"{where}.member", "one of the two agents must be the application, with an account")


def check_keys(value: Any, allowed: frozenset[str], where: str) -> None:
    """`value` is an object and has no other keys than these; case counts."""
    if not isinstance(value, dict):
        raise Invalid(where, "must be an object")
    if not value.keys() <= allowed:
        unknown = ", ".join(sorted(value.keys() - allowed))
        raise Invalid(where, f"does not know {unknown}; it may have {', '.join(sorted(allowed))}")


def identifier(actor: Mapping[str, Any]) -> dict[str, Any] | None:
    """What identifies an agent or group, in one spelling (as `statement_terms.agent_value`); None if anonymous."""
    if "mbox" in actor:
        return {"mbox": fold_mailto(actor["mbox"])}
    if "mbox_sha1sum" in actor:
        return {"mbox_sha1sum": actor["mbox_sha1sum"].lower()}
    return next(({kind: actor[kind]} for kind in ("account", "openid") if kind in actor), None)


def _check_name(actor: Mapping[str, Any], where: str) -> None:
    if "name" in actor and not isinstance(actor["name"], str):
        raise Invalid(f"{where}.name", "must be a string")


def _check_identifier(actor: Mapping[str, Any], where: str) -> int:
    found = _IDENTIFIERS & actor.keys()
    if len(found) > 1:
        raise Invalid(where, f"has more than one identifier: {', '.join(sorted(found))}")
    for kind in found:
        _CHECKS[kind](actor[kind], f"{where}.{kind}")
    return len(found)


def _check_mbox(value: Any, where: str) -> None:
    if not is_mailto(value):
        raise Invalid(where, "must look like mailto:someone@example.org")


def _check_sha1(value: Any, where: str) -> None:
    if not is_sha1(value):
        raise Invalid(where, "must be the 40 hexadecimal digits of a SHA-1")


def _check_openid(value: Any, where: str) -> None:
    if not is_iri(value):
        raise Invalid(where, "must be an absolute URI")


def _check_account(value: Any, where: str) -> None:
    check_keys(value, _ACCOUNT, where)
    if not is_iri(value.get("homePage")):
        raise Invalid(f"{where}.homePage", "must be an absolute IRL")
    if not isinstance(value.get("name"), str) or not value["name"]:
        raise Invalid(f"{where}.name", "must be a string that is not empty")


_CHECKS = {"mbox": _check_mbox, "mbox_sha1sum": _check_sha1, "openid": _check_openid, "account": _check_account}

"""What of a statement may be read beside a person's name: the process, never the content. Pure.

By list of what is let through, so that whatever another system adds is left out until somebody decides otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.xapi.names import extension
from lrs_bridge.xapi.values import RESULT_EXTENSIONS, text

PROCESS = frozenset({"basis", "behaviours", "level", "map", "rubric-version"})
"""Result extensions that say how something took place. All others say how good, how much or which way."""
BETWEEN_PEOPLE = frozenset({Kind.CONFIRMED, Kind.DISPUTED, Kind.ROUTED})
_FRESH_ACCOUNTS = frozenset({"peer", "report"})
_CONTEXT_EXTENSIONS = frozenset(extension(name) for name in ("role", "step", "with", "recorded"))
_AS_IT_IS = ("id", "timestamp", "stored", "version")
_ACTIVITIES = ("category", "parent", "grouping")


def is_process(fact: Fact) -> bool:
    """Whether that it happened may be told beside a name.

    What two people say of each other's acts is theirs, a route is shown to nobody, and when a peer rated would tell
    who rated.
    """
    if fact.kind in BETWEEN_PEOPLE:
        return False
    return not (fact.kind is Kind.RATED and fact.data.get("source") in _FRESH_ACCOUNTS)


def process_of(statement: Mapping[str, Any], home_page: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The statement without its content, and the paths of what was left out, in order.

    Accounts under `home_page` stay, being random; other agents lose what identifies them. The statement has to be one
    that `reading.read` can read.
    """
    cut = _Cut(home_page)
    kept = {name: statement[name] for name in _AS_IT_IS if name in statement}
    kept["actor"] = cut.agent(statement["actor"], "actor")
    kept["verb"] = {"id": statement["verb"]["id"]}
    kept["object"] = cut.thing(statement["object"])
    for name, found in (
        ("result", cut.result(statement.get("result"))),
        ("context", cut.context(statement.get("context"))),
    ):
        if found:
            kept[name] = found
    if isinstance(statement.get("authority"), dict):
        kept["authority"] = cut.agent(statement["authority"], "authority")
    cut.rest(statement, {**kept, "result": None, "context": None}, "")
    return {name: kept[name] for name in [*statement, *kept] if name in kept}, tuple(sorted(cut.hidden))


class _Cut:
    """Collects what is left out on the way."""

    def __init__(self, home_page: str) -> None:
        self.home_page = home_page
        self.hidden: set[str] = set()

    def rest(self, given: Mapping[str, Any], kept: Mapping[str, Any], where: str) -> None:
        """Whatever was given and not kept is hidden."""
        self.hidden |= {f"{where}{name}" for name in given if name not in kept}

    def agent(self, agent: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Groups lose their members: they are agents, with names and addresses."""
        kept: dict[str, Any] = {}
        if agent.get("objectType") in ("Agent", "Group"):
            kept["objectType"] = agent["objectType"]
        account = agent.get("account")
        if isinstance(account, dict) and account.get("homePage") == self.home_page and text(account.get("name")):
            kept["account"] = {"homePage": account["homePage"], "name": account["name"]}
        self.rest(agent, kept, f"{where}.")
        return kept

    def thing(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        sort = thing.get("objectType", "Activity")
        if sort == "Activity":
            return self.activity(thing, "object")
        if sort in ("Agent", "Group"):
            return self.agent(thing, "object")
        kept = {"objectType": sort} | ({"id": thing["id"]} if sort == "StatementRef" else {})
        self.rest(thing, kept, "object.")
        return kept

    def activity(self, activity: Mapping[str, Any], where: str) -> dict[str, Any]:
        """The type of its definition stays: names and descriptions may be questions, with answers."""
        kept = {name: activity[name] for name in ("id", "objectType") if text(activity.get(name))}
        definition = activity.get("definition")
        if isinstance(definition, dict):
            kind = text(definition.get("type"))
            if kind:
                kept["definition"] = {"type": kind}
            self.rest(definition, {"type": kind}, f"{where}.definition.")
        self.rest(activity, kept | {"definition": None}, f"{where}.")
        return kept

    def result(self, result: Any) -> dict[str, Any]:
        if not isinstance(result, dict):
            return {}
        kept: dict[str, Any] = {}
        if isinstance(result.get("completion"), bool):
            kept["completion"] = result["completion"]
        if text(result.get("duration")):
            kept["duration"] = result["duration"]
        found = self.extensions(result.get("extensions"), "result")
        if found:
            kept["extensions"] = found
        self.rest(result, kept | {"extensions": None}, "result.")
        return kept

    def extensions(self, extensions: Any, where: str) -> dict[str, Any]:
        kept = {}
        for iri, value in (extensions if isinstance(extensions, dict) else {}).items():
            if where == "context" and iri in _CONTEXT_EXTENSIONS and text(value):
                kept[iri] = value
            elif where == "result" and iri in RESULT_EXTENSIONS and RESULT_EXTENSIONS[iri][0] in PROCESS:
                _, fits = RESULT_EXTENSIONS[iri]
                if (fitting := fits(value)) is not None:
                    kept[iri] = fitting
        given = extensions if isinstance(extensions, dict) else {}
        self.hidden |= {f"{where}.extensions {_short(iri)}" for iri in given if iri not in kept}
        return kept

    def context(self, context: Any) -> dict[str, Any]:
        if not isinstance(context, dict):
            return {}
        kept: dict[str, Any] = {}
        if text(context.get("registration")):
            kept["registration"] = context["registration"]
        if isinstance(context.get("instructor"), dict):
            kept["instructor"] = self.agent(context["instructor"], "context.instructor")
        referred = context.get("statement")
        if isinstance(referred, dict) and text(referred.get("id")):
            kept["statement"] = {"objectType": "StatementRef", "id": referred["id"]}
        if isinstance(context.get("contextActivities"), dict):
            kept["contextActivities"] = self.activities(context["contextActivities"])
        found = self.extensions(context.get("extensions"), "context")
        if found:
            kept["extensions"] = found
        self.rest(context, kept | {"extensions": None}, "context.")
        return kept

    def activities(self, activities: Mapping[str, Any]) -> dict[str, Any]:
        where = "context.contextActivities"
        kept = {}
        for name in _ACTIVITIES:
            given = activities.get(name)
            found = given if isinstance(given, list) else [given]
            if name in activities:
                kept[name] = [self.activity(one, f"{where}.{name}") for one in found if isinstance(one, dict)]
        self.rest(activities, kept, f"{where}.")
        return kept


def _short(iri: str) -> str:
    """What our profile calls an extension; others by their IRI."""
    return iri.removeprefix(extension(""))

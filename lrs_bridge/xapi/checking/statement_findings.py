"""What a check of statements can find, in words, and the names of the rules behind it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lrs_bridge.xapi.checking.checked import Checked
from lrs_bridge.xapi.checking.findings import NO_VALUE, Finding, Severity
from lrs_bridge.xapi.checking.prepared import Prepared
from lrs_bridge.xapi.checking.references import Reference
from lrs_bridge.xapi.checking.registrations import Following
from lrs_bridge.xapi.rules import Breach
from lrs_bridge.xapi.template import Template

RULES: Mapping[str, str] = MappingProxyType(
    {
        "template-rule": "a rule of a template that the statement is meant for is broken",
        "reference": "a statement refers to none, or to one that does not follow the template asked for",
        "extension-place": "an extension stands where its kind does not belong",
        "no-template": "a statement names a profile, and none of its templates is for it",
        "version": "statements name an older version and were held against the newest one given",
        "pattern": "the statements of a registration follow no primary pattern; told at the first that does not fit",
        "registration": "a statement names the profile, has no registration, and no primary pattern is for it alone",
        "subregistration": "the subregistration extension is not as the specification wants it",
        "statement-twice": "an id stands twice; the first statement counts",
        "profile": "a part of the profile could not be used and was left out",
    }
)
_SHOWN = 4
_About = Mapping[str, str | int]


def error(rule: str, one: Checked, why: str, about: _About | None = None, value: Any = NO_VALUE) -> Finding:
    return _finding(Severity.ERROR, rule, one, why, about, value)


def warning(rule: str, one: Checked, why: str, about: _About | None = None, value: Any = NO_VALUE) -> Finding:
    return _finding(Severity.WARNING, rule, one, why, about, value)


def _finding(
    severity: Severity, rule: str, one: Checked, why: str, about: _About | None, value: Any, mend: str = ""
) -> Finding:
    assert rule in RULES
    which: dict[str, str | int] = {"number": one.number, **({"statement": one.id} if one.id else {}), **(about or {})}
    return Finding(severity, rule, f"/{one.number - 1}", why, value, mend, which)


def broken(severity: Severity, one: Checked, template: Template, index: int, breach: Breach) -> Finding:
    """`index` is the rule's in its template, from 0."""
    rule = template.rules[index]
    about: dict[str, str | int] = {"template": template.id, "rule_index": index, "location": rule.location.text}
    if rule.selector is not None:
        about["selector"] = rule.selector.text
    value = list(breach.values) if breach.values else NO_VALUE
    return _finding(severity, "template-rule", one, breach.why, about, value)


def referred_wrongly(one: Checked, reference: Reference, why: str) -> Finding:
    value = NO_VALUE if reference.target is None else reference.target
    return error("reference", one, why, {"template": reference.template, "location": f"$.{reference.where}"}, value)


def left_out(prepared: Prepared, problem: str) -> Finding:
    about = {"profile": prepared.profile.version}
    mend = "Run lrs-bridge profile check on the profile."
    return Finding(Severity.WARNING, "profile", "", f"left out: {problem}", mend=mend, about=about)


def older(one: Checked, prepared: Prepared, named: str, count: int) -> Finding:
    """`one` is the first of `count` statements that name this version."""
    newest = prepared.profile.version
    why = f"names {named}, with {count - 1} more: held against {newest}"
    mend = "Give the profile's document of that version too."
    return _finding(Severity.WARNING, "version", one, why, {"profile": newest}, named, mend)


def _looked_for(following: Following) -> str:
    if not following.next:
        return "the pattern ends before it"
    rest = len(following.next) - _SHOWN
    more = f" or one of {rest} more" if rest > 0 else ""
    return f"looked for: {' or '.join(following.next[:_SHOWN])}{more}"


def not_followed(following: Following, by_number: Mapping[int, Checked]) -> Finding:
    """At the first statement that does not fit; for one without registration, at that one."""
    one = by_number[following.stuck or following.statements[-1]]
    looked_for = _looked_for(following)
    about = {"profile": following.profile, "pattern": following.pattern}
    if following.registration is None:
        why = f"has no registration, and no primary pattern is for it alone; {looked_for}"
        return error("registration", one, why, about)
    about["registration"] = following.registration
    if following.subregistration:
        about["subregistration"] = following.subregistration
    plural = "" if following.taken == 1 else "s"
    none = "" if one.kept else "; it follows no template"
    why = f"does not go on with the pattern after {following.taken} statement{plural}: {looked_for}{none}"
    return error("pattern", one, why, about, one.traits.verb)

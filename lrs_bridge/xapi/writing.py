"""An event written as a statement, by the profile's template for its kind.

Verb, object type, context types and the values a rule fixes come from the template, and the finished statement is
held against the template's rules, so that profile and code cannot drift apart. Authored as typed objects of tincan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from tincan import (
    Activity,
    ActivityDefinition,
    ActivityList,
    Agent,
    AgentAccount,
    Context,
    ContextActivities,
    Extensions,
    LanguageMap,
    Result,
    Score,
    Statement,
    StatementRef,
    Verb,
)

from lrs_bridge.domain.events import Event
from lrs_bridge.domain.people import Role
from lrs_bridge.xapi import names, profile
from lrs_bridge.xapi.template import Template
from lrs_bridge.xapi.values import fits

SYSTEM_ACCOUNT = "system"


class CannotWrite(Exception):
    """An event that does not fill its template: `template` is its IRI, `rule` the location it fails at."""

    def __init__(self, template: str, rule: str, why: str) -> None:
        super().__init__(f"{template}: {rule} {why}")
        self.template = template
        self.rule = rule
        self.why = why


def statement(event: Event, base: str) -> dict[str, Any]:
    """The statement of an event, as plain JSON in the words of xAPI 1.0.3.

    `base` is the tenant's iri_base, without a slash at its end. For the system acting the account name is `system`,
    whatever the event's actor. A duration is in seconds, a timestamp in UTC to the millisecond.
    Raises CannotWrite when something required is missing or something given has no place in the template.
    """
    journey_profile = profile.load()
    template = journey_profile.by_verb.get(names.VERBS.get(event.kind, ""))
    if template is None:
        raise CannotWrite(journey_profile.version, "$.verb.id", f"has no template for events of kind {event.kind}")
    written = _author(event, base, template, journey_profile.version)
    broken = template.broken(written)
    if broken is not None:
        raise CannotWrite(template.id, *broken)
    return written


def _author(event: Event, base: str, template: Template, version: str) -> dict[str, Any]:
    authored = Statement(
        id=UUID(event.statement_id),
        actor=_agent(base, SYSTEM_ACCOUNT if event.role is Role.SYSTEM else event.actor),
        verb=Verb(id=template.verb, display=LanguageMap(en=event.kind.replace("-", " "))),
        object=_object(event, base, template),
        result=_result(event, template),
        context=_context(event, base, template, version),
        version=None,
    )
    plain = cast(dict[str, Any], authored.as_version())
    plain["timestamp"] = _time(event.at)  # tincan would write microseconds, or none when they are zero
    return plain


def _agent(base: str, account: str) -> Agent:
    return Agent(account=AgentAccount(home_page=base, name=account))


def _activity(iri: str, type_iri: str | None = None) -> Activity:
    definition = ActivityDefinition(type=type_iri) if type_iri else None
    return Activity(id=iri, object_type="Activity", definition=definition)


def _object(event: Event, base: str, template: Template) -> Activity | StatementRef:
    if template.refers_to:
        return StatementRef(object_type="StatementRef", id=_uuid(event.refers_to, template, "$.object.id"))
    plan, run = names.journey(base, event.journey, event.version), names.run(base, event.run)
    if template.object_type == template.grouping_type:
        return _activity(run, template.object_type)
    if template.object_type == names.MOMENT:
        moment = _needed(event.moment, template, "a moment")
        return _activity(names.moment(run if event.personal_moment else plan, moment), names.MOMENT)
    if template.object_type == names.CAPABILITY:
        return _activity(names.capability(plan, _needed(event.capability, template, "a capability")), names.CAPABILITY)
    step = names.step(plan, _needed(event.step, template, "a step"))
    return _activity(step, names.step_type(_needed(event.step_type, template, "a step type")))


def _needed(value: str | None, template: Template, what: str) -> str:
    if not value:
        raise CannotWrite(template.id, "$.object", f"is missing: the event does not name {what}")
    return value


def _uuid(value: str | None, template: Template, rule: str) -> UUID:
    """A UUID of any version; given as a text, tincan would refuse those after version 5."""
    try:
        return UUID(value or "")
    except ValueError:
        raise CannotWrite(template.id, rule, "is not a UUID" if value else "is missing") from None


def _context(event: Event, base: str, template: Template, version: str) -> Context:
    extensions = {
        "role": str(event.role),
        "step": event.step,
        "with": event.counterpart,
        "recorded": _time(event.recorded) if event.recorded else None,
    }
    plan = _activity(names.journey(base, event.journey, event.version), template.parent_type)
    run = _activity(names.run(base, event.run), template.grouping_type)
    registration = event.registration
    return Context(
        registration=_uuid(registration, template, "$.context.registration") if registration else None,
        instructor=_agent(base, event.instructor) if event.instructor else None,
        context_activities=ContextActivities(
            category=ActivityList([_activity(version)]), parent=ActivityList([plan]), grouping=ActivityList([run])
        ),
        extensions=Extensions({names.extension(n): value for n, value in extensions.items() if value is not None}),
    )


def _result(event: Event, template: Template) -> Result | None:
    given: dict[str, Any] = {}
    completion = template.fixed("$.result.completion") if event.completion is None else event.completion
    if completion is not None:
        given["completion"] = completion
    if event.duration_seconds is not None:
        given["duration"] = timedelta(seconds=event.duration_seconds)
    if event.score is not None:
        low, high = template.fixed("$.result.score.min"), template.fixed("$.result.score.max")
        given["score"] = Score(
            raw=event.score.raw,
            min=low if event.score.min is None else event.score.min,
            max=high if event.score.max is None else event.score.max,
        )
    if event.data:
        given["extensions"] = Extensions({names.extension(n): _value(n, v, template) for n, v in event.data.items()})
    return Result(**given) if given else None


def _value(name: str, value: Any, template: Template) -> Any:
    """A result extension as plain JSON. What no rule of the template speaks of is refused: so no free text slips in."""
    iri = names.extension(name)
    if not template.takes(iri):
        raise CannotWrite(template.id, f"$.result.extensions['{iri}']", "has no place in this template")
    plain = _plain(value)
    if not fits(iri, plain):
        raise CannotWrite(template.id, f"$.result.extensions['{iri}']", f"cannot be {value!r}")
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return value


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""The steps of a journey file."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.journey import Matches, Phase, Step, Survey
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile.references import References
from lrs_bridge.journeyfile.section import Section

_FAR = 3_700  # days: ten years to either side
_COUNTERPARTS = frozenset({role.value for role in Role} | {"cohort", "peers", "all"})
_CORROBORATORS = frozenset({Role.PARTICIPANT.value, Role.MANAGER.value, Role.SYSTEM.value})


def read_steps(
    top: Section, references: References, types: frozenset[str], surveys: Mapping[str, Survey]
) -> tuple[Step, ...]:
    """All steps; those that others refer to are given their names."""
    found = []
    for section in top.sections("steps", needed=True):
        step = _step(section, references, types)
        survey = surveys.get(step.survey or "")
        if step.required and survey and survey.confidentiality == "anonymous":
            section.wrong(
                "survey",
                f"{survey.name!r} is anonymous, so a required step can never be credited: "
                "write `required: false`, or make the survey confidential or named.",
            )
        section.close()
        found.append(step)
    if top.has("steps") and not found:
        top.wrong("steps", "there is no step: a journey needs at least one.")
    return tuple(found)


def _step(section: Section, references: References, types: frozenset[str]) -> Step:
    name = section.id("id", needed=True)
    references.give("step", name, section)
    if section.has("assessment"):
        references.allow("assessment step", name)
    opens, due = _days(section)
    step = Step(
        id=name or "",
        phase=section.word("phase", Phase, needed=True) or Phase.BEFORE,
        type=section.one_of("type", types, needed=True) or "",
        owner=section.word("owner", Role, needed=True) or Role.PARTICIPANT,
        title=section.text("title") or name or "",
        counterpart=section.one_of("with", _COUNTERPARTS),
        guide=section.texts("guide"),
        required=section.flag("required", True),
        weight=_or(section.number("weight", 0, 1_000), 1.0),
        opens_day=opens,
        due_day=due,
        from_enrolment=section.one_of("from", ("day_zero", "enrolment")) == "enrolment",
        grace_days=section.whole("grace_days", 0, _FAR) or 0,
        expected=section.whole("expected", 1, 1_000) or 1,
        route=section.id("route"),
        level=section.whole("level", 1, 4),
        assessment=section.id("assessment"),
        survey=section.id("survey"),
        corroborated_by=_corroborator(section),
        template=section.text("template"),
        matches=_matches(section),
    )
    references.allow("route of a step or rule", step.route)
    for kind, used in (("route", step.route), ("assessment", step.assessment), ("survey", step.survey)):
        references.use(kind, used, section, kind)
    return step


def _days(section: Section) -> tuple[int, int]:
    """Where one of the two days is left out, the window reaches to day zero, or is one day."""
    opens, due = section.whole("opens_day", -_FAR, _FAR), section.whole("due_day", -_FAR, _FAR)
    if opens is not None and due is not None and due < opens:
        section.wrong("due_day", f"day {due} is before the step opens on day {opens}: swap them, or move one.")
    if opens is None:
        opens = min(0, due or 0)
    return opens, max(0, opens) if due is None else due


def _or(found: float | None, default: float) -> float:
    return default if found is None else found


def _corroborator(section: Section) -> Role | None:
    found = section.one_of("corroborated_by", _CORROBORATORS)
    return None if found is None else Role(found)


def _matches(section: Section) -> Matches | None:
    inner = section.section("matches")
    if inner is None:
        return None
    verb, activity = inner.iri("verb", needed=True), inner.iri("activity", needed=True)
    inner.close()
    return Matches(verb, activity) if verb and activity else None

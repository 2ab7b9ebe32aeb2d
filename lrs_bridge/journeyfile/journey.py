"""The journey file: text to a validated `Journey`, or all that is wrong with it. Keys as in `docs/journey-file.md`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.fingerprint import canonical, digest
from lrs_bridge.domain.journey import (
    STEP_TYPES,
    Capability,
    Choice,
    Journey,
    Late,
    LineItemPlan,
    Moment,
    RouteRule,
    Routes,
    Targets,
    Titled,
)
from lrs_bridge.journeyfile.marks import line_of as line_in_tree
from lrs_bridge.journeyfile.marks import plain, read_tree
from lrs_bridge.journeyfile.problems import JourneyFileError
from lrs_bridge.journeyfile.references import References
from lrs_bridge.journeyfile.section import Notes, Section
from lrs_bridge.journeyfile.steps import read_steps
from lrs_bridge.journeyfile.surveys import read_assessments, read_surveys

ASK_COACH = "ask_coach"
_MANY = 10_000


def load_journey(text: str, name: str, step_types: Collection[str] = ()) -> Journey:
    """The journey in this YAML or JSON text; `name` is the file's, for messages.

    `step_types` are those of plugins, beside the built-in ones. Raises JourneyFileError with every problem found.
    """
    tree, problems = read_tree(text, name)
    notes = Notes(name, problems)
    top = Section(notes, tree)
    references = References(notes)
    journey = _journey(top, references, STEP_TYPES.union(step_types))
    top.close()
    references.check()
    if notes.problems or journey is None:
        raise JourneyFileError(notes.problems)
    return journey


def line_of(text: str, name: str, *path: str) -> int:
    """The line where this path of keys stands in a file that can be read, for problems found later."""
    return line_in_tree(read_tree(text, name)[0], path)


def load_settings(text: str, name: str) -> dict[str, Mapping[str, Any]]:
    """A settings file, `{evaluator: {name: value}}`. Raises JourneyFileError."""
    tree, problems = read_tree(text, name)
    notes = Notes(name, problems)
    top = Section(notes, tree)
    settings: dict[str, Mapping[str, Any]] = {key: top.values(key) for key in tree.entries}
    if notes.problems:
        raise JourneyFileError(notes.problems)
    return settings


def _journey(top: Section, references: References, step_types: frozenset[str]) -> Journey | None:
    slug = top.id("journey", needed=True)
    version = top.whole("version", 1, 1_000_000, needed=True)
    title = top.text("title", needed=True)
    behaviours = _behaviours(top, references)
    moments = _moments(top, references)
    surveys = read_surveys(top, references, moments)
    assessments = read_assessments(top, references)
    routes = _routes(top, references)
    steps = read_steps(top, references, step_types, surveys)
    evaluators = _evaluators(top, references)
    journey = Journey(
        slug=slug or "",
        version=version or 0,
        title=title or "",
        steps=steps,
        purpose=_texts(top, "purpose", "where", "how", "why"),
        goal_owner=top.text("goal_owner"),
        performance_path=_texts(
            top, "performance_path", "learning_outcome", "performance_outcome", "business_rationale"
        ),
        behaviours=behaviours,
        moments=moments,
        capabilities=_capabilities(top, references),
        targets=_targets(top),
        late=_late(top),
        routes=routes,
        choices=_choices(top, references),
        surveys=surveys,
        assessments=assessments,
        evaluators=evaluators,
        gradebook=_gradebook(top, references, evaluators),
        pilot=top.flag("pilot", False),
        digest=digest(canonical(plain(top.table))),
    )
    return journey if slug and version and title else None


def _texts(top: Section, key: str, *names: str) -> Mapping[str, str]:
    section = top.section(key)
    if section is None:
        return MappingProxyType({})
    found = {name: section.text(name) for name in names}
    section.close()
    return MappingProxyType({name: text for name, text in found.items() if text is not None})


def _behaviours(top: Section, references: References) -> tuple[Titled, ...]:
    found = []
    for section in top.sections("behaviours"):
        name = section.id("id", needed=True)
        references.give("behaviour", name, section)
        found.append(Titled(name or "", section.text("title") or name or ""))
        section.close()
    return tuple(found)


def _moments(top: Section, references: References) -> tuple[Moment, ...]:
    found = []
    for section in top.sections("moments"):
        name = section.id("id", needed=True)
        references.give("moment", name, section)
        behaviours = references.use_all("behaviour", section, "behaviours")
        found.append(Moment(name or "", section.text("title") or name or "", behaviours))
        section.close()
    return tuple(found)


def _capabilities(top: Section, references: References) -> tuple[Capability, ...]:
    found = []
    for section in top.sections("capabilities"):
        name = section.id("id", needed=True)
        references.give("capability", name, section)
        found.append(Capability(name or "", section.text("title") or name or "", section.texts("levels")))
        section.close()
    return tuple(found)


def _targets(top: Section) -> Targets:
    section = top.section("targets")
    if section is None:
        return Targets()
    names = ("applications", "moments", "periods", "period_days")
    counts = {name: section.whole(name, 1, _MANY) for name in names}
    targets = Targets(**counts, impact_share=section.number("impact_share", 0, 1))
    section.close()
    return targets


def _late(top: Section) -> Late:
    section = top.section("late")
    if section is None:
        return Late()
    policy = section.one_of("policy", ("full", "decay")) or "full"
    rate = section.number("rate", 0, 1, needed=policy == "decay")
    late = Late(policy, rate or 0.0, section.number("floor", 0, 1) or 0.0)
    section.close()
    return late


def _routes(top: Section, references: References) -> Routes | None:
    section = top.section("routes")
    if section is None:
        return None
    step, source = section.id("step", needed=True), section.id("from", needed=True)
    references.use("step", step, section, "step")
    references.use("assessment step", source, section, "from")
    rules = []
    for part in section.sections("rules", needed=True):
        rules.append(_rule(part))
        references.allow("route", rules[-1].route)
        part.close()
    missing = section.id("missing") or ASK_COACH
    if missing != ASK_COACH and missing not in {rule.route for rule in rules}:
        references.allow("route", missing)
        references.use("route of a step or rule", missing, section, "missing")
    section.close()
    return Routes(step or "", source or "", tuple(rules), missing)


def _rule(part: Section) -> RouteRule:
    rule = RouteRule(
        route=part.id("route", needed=True) or "",
        at_least=part.number("at_least", 0, 100),
        below=part.number("below", 0, 100),
    )
    if part.has("at_least") == part.has("below"):
        part.wrong("at_least" if part.has("at_least") else "route", "needs either `at_least` or `below`, one of them.")
    return rule


def _choices(top: Section, references: References) -> tuple[Choice, ...]:
    found: list[Choice] = []
    for section in top.sections("choices"):
        name = section.id("id", needed=True)
        references.give("choice", name, section)
        choose = section.whole("choose", 1, _MANY, needed=True)
        steps = references.use_all("step", section, "steps", needed=True)
        if choose and steps and choose > len(steps):
            section.wrong("choose", f"asks for {choose} of {len(steps)} steps: lower it, or add steps.")
        for other in found:
            for step in sorted({*steps} & {*other.steps}):
                section.wrong("steps", f"the step {step!r} stands already in choice {other.id!r}: keep it in one.")
        found.append(Choice(name or "", choose or 1, steps))
        section.close()
    return tuple(found)


def _evaluators(top: Section, references: References) -> Mapping[str, Mapping[str, Any]] | None:
    section = top.section("evaluators")
    if section is None:
        return None
    found = {}
    for key in section.table.entries:
        references.allow("evaluator", key)
        found[key] = MappingProxyType(section.values(key))
    return MappingProxyType(found)


def _gradebook(
    top: Section, references: References, evaluators: Mapping[str, Any] | None
) -> Mapping[str, LineItemPlan] | None:
    gradebook = top.section("gradebook")
    if gradebook is None:
        return None
    found = {}
    for key, section in top.named("gradebook"):
        if evaluators is not None:
            references.use("evaluator", key, gradebook, key)
        found[key] = LineItemPlan(section.number("maximum", 0.01, 1_000_000) or 100.0, section.text("label"))
        section.close()
    return MappingProxyType(found)

"""The surveys and assessments of a journey file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrs_bridge.domain.journey import Assessment, Criterion, Moment, Survey, SurveyItem
from lrs_bridge.journeyfile.references import References
from lrs_bridge.journeyfile.section import Section
from lrs_bridge.journeyfile.survey_items import SCALES, built_in_items

_KINDS = ("success_case", "reaction", "climate", "line_of_sight", "custom")


def read_surveys(top: Section, references: References, moments: tuple[Moment, ...]) -> Mapping[str, Survey]:
    found = {}
    for name, section in top.named("surveys"):
        references.allow("survey", name)
        kind = section.one_of("kind", _KINDS, needed=True)
        privacy = section.one_of("confidentiality", ("named", "confidential", "anonymous")) or "confidential"
        items = _items(section, references, kind or "custom") or built_in_items(kind or "custom", moments)
        if not items and kind == "success_case":
            section.wrong("kind", "asks about each moment, but the journey names none: add `moments`, or `items` here.")
        elif not items and kind is not None:
            section.wrong("items", "a custom survey needs its own items: add them.")
        found[name] = Survey(name, kind or "custom", privacy, items)
        section.close()
    return MappingProxyType(found)


def _items(survey: Section, references: References, kind: str) -> tuple[SurveyItem, ...]:
    found = []
    for section in survey.sections("items"):
        name = section.id("id", needed=True)
        references.give(f"item of {survey.path}", name, section)
        scale = section.one_of("scale", ("nps", "likert", "use", "text")) or SCALES.get(kind, "likert")
        factor = section.id("factor")
        title = section.text("title") or name or ""
        found.append(SurveyItem(name or "", title, scale, factor, section.flag("reversed", False)))
        section.close()
    return tuple(found)


def read_assessments(top: Section, references: References) -> Mapping[str, Assessment]:
    found = {}
    for name, section in top.named("assessments"):
        references.allow("assessment", name)
        version = section.whole("rubric_version", 1, 1_000_000) or 1
        criteria = []
        for part in section.sections("criteria"):
            criterion = part.id("id", needed=True)
            references.give(f"criterion of {section.path}", criterion, part)
            most = part.number("max", 0.01, 1_000_000, needed=True)
            criteria.append(Criterion(criterion or "", part.text("title") or criterion or "", most or 1.0))
            part.close()
        found[name] = Assessment(name, version, tuple(criteria))
        section.close()
    return MappingProxyType(found)

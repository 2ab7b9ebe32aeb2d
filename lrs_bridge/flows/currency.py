"""How many works of a run are on the current version of their template or rubric, and how many on older ones.

Process figures: counts of works, and nothing of what stands in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import notes
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Works:
    """Of one step, the newest work of each person: `unnamed` says no version. `current` is the version as people
    read it."""

    step: Step
    current: str
    on_it: int
    older: int
    unnamed: int

    @property
    def share(self) -> float | None:
        """Of all works, 0 to 1; None where there is none."""
        everything = self.on_it + self.older + self.unnamed
        return self.on_it / everything if everything else None


def of_run(session: Session, run: RunRow, inside: Collection[str]) -> list[Works]:
    """Each step whose works have a version, in the order of the journey. `inside`: enrolments that take part. Two
    queries, and none where there is no such step."""
    steps = [step for step in run.journey.steps if _current(run, step) is not None]
    if not steps:
        return []
    found = list(_newest(session, run, steps, frozenset(inside)))
    texts = notes.texts_of(session, run.tenant_id, [fact.id for fact in found if fact.kind is Kind.COMPLETED])
    return [_count(run, step, [one for one in found if one.step == step.id], texts) for step in steps]


def _current(run: RunRow, step: Step) -> str | None:
    if step.type == "artefact" and step.owner is Role.PARTICIPANT:
        return step.template
    if step.assessment is not None:
        return f"Rubric, version {run.journey.assessments[step.assessment].rubric_version}"
    return None


def _newest(session: Session, run: RunRow, steps: Iterable[Step], inside: Collection[str]) -> Iterable[Fact]:
    """Of each participant and step the last work, or of a work that is scored the last score."""
    mine = FactRow.tenant_id == run.tenant_id, FactRow.run_id == run.id
    kinds = FactRow.kind.in_([str(Kind.COMPLETED), str(Kind.ASSESSED)])
    found = facts_where(session, *mine, kinds, FactRow.step.in_([step.id for step in steps]))
    scored = {step.id for step in steps if step.assessment is not None}
    return {
        (fact.registration, fact.step): fact
        for fact in found
        if fact.registration in inside and (fact.kind is Kind.ASSESSED) is (fact.step in scored)
    }.values()


def _count(run: RunRow, step: Step, works: Iterable[Fact], texts: dict[str, dict[str, str]]) -> Works:
    current = _current(run, step) or ""
    wanted, said = _plain(current), Counter(_versions(step, works, texts))
    named = said.total() - said[""]
    return Works(step, current, said[wanted], named - said[wanted], said[""])


def _versions(step: Step, works: Iterable[Fact], texts: dict[str, dict[str, str]]) -> Iterator[str]:
    """The version of each work, as it is compared; empty where none is said."""
    for fact in works:
        if step.assessment is None:
            yield _plain(texts.get(fact.id, {}).get("template", ""))
        else:
            version = fact.data.get("rubric-version")
            yield "" if version is None else _plain(f"Rubric, version {version}")


def _plain(text: str) -> str:
    """Small and large letters, spaces and commas make no other version."""
    return " ".join(text.replace(",", " ").casefold().split())

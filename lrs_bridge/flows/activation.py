"""Which evaluators are at work in a run, with which settings, and on whose word.

Read from the database at the time of use, so that a change holds on all processes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Active, Evaluator
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.switching import Layer, Place, Scope, Word, column_of, in_order, settings_of, switched
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.hooks.settings import Fault, SettingsError, on_by_default, resolve
from lrs_bridge.store import plugin_settings
from lrs_bridge.store.runs import RunRow

Words = Mapping[str, Mapping[Place, Word]]
"""By evaluator and place: what administrators said in a tenant."""


@dataclass(frozen=True)
class Decision:
    """One evaluator in one run. `switch`: whose word counts; None where the journey decides by itself.

    `faults`: what is wrong with its settings, which leaves it out though it is `on`.
    """

    evaluator: Evaluator
    on: bool
    switch: Layer | None
    layers: Sequence[Layer]
    active: Active | None
    faults: tuple[Fault, ...] = ()

    @property
    def key(self) -> str:
        return self.evaluator.key

    @property
    def told(self) -> tuple[object, ...]:
        """What makes a difference to a run."""
        return self.on, self.faults, self.active and (self.active.settings, self.active.column)

    @property
    def problem(self) -> str:
        """The faults, a line each."""
        return "\n".join(f"{fault.key}: {fault.message}" if fault.key else fault.message for fault in self.faults)


def decide_all(session: Session, registry: Registry, run: RunRow) -> list[Decision]:
    """About each installed evaluator, in order of their keys."""
    words = plugin_settings.words(session, run.tenant_id, places_of(run))
    return [decide(one, run.journey, layers_of(one.key, run, words)) for one in registry.evaluators.values()]


def decide(evaluator: Evaluator, journey: Journey, layers: Sequence[Layer]) -> Decision:
    """On: as an administrator switched it, else as the journey names it, else as it is `on_by_default`.

    Settings: defaults < platform < the journey's file < journey < course.
    """
    on, switch = is_on(evaluator, journey, layers)
    if not on:
        return Decision(evaluator, False, switch, layers, None)
    column = column_of(layers)
    try:
        settings = resolve(evaluator, *settings_of(layers))
    except SettingsError as problem:
        return Decision(evaluator, True, switch, layers, None, problem.faults)
    return Decision(
        evaluator, True, switch, layers, Active(evaluator, settings, column.word.column if column else None)
    )


def is_on(evaluator: Evaluator, journey: Journey, layers: Sequence[Layer]) -> tuple[bool, Layer | None]:
    """Whether it is switched on, right settings or not, and whose word that is; None: the journey's own."""
    switch = switched(layers)
    if switch is not None:
        return bool(switch.word.enabled), switch
    named = journey.evaluators
    return evaluator.key in named if named is not None else on_by_default(evaluator, journey), None


def layers_of(key: str, run: RunRow, words: Words) -> list[Layer]:
    """What is said of an evaluator in a run, widest first."""
    return layers_at(key, run.journey, places_of(run), words)


def layers_at(key: str, journey: Journey | None, places: Iterable[Place], words: Words) -> list[Layer]:
    """What is said of an evaluator in these places and in the file of this journey, widest first."""
    said = words.get(key, {})
    found = [Layer(place.scope, place.id, said[place]) for place in places if place in said]
    own = (journey.evaluators or {}).get(key) if journey is not None else None
    if journey is not None and own:
        found.append(Layer(Scope.FILE, journey.slug, Word(None, own)))
    return in_order(found)


def places_of(run: RunRow) -> tuple[Place, Place, Place]:
    """The platform, the journey and the course that a run belongs to."""
    return (
        Place(Scope.PLATFORM, run.course.platform_id),
        Place(Scope.JOURNEY, run.journey_row.slug),
        Place(Scope.COURSE, run.course_id),
    )

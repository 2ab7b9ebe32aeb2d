"""Switching and setting evaluators: what may be said in a place, and saying it, once, with a line in the log.

What administrators see beforehand is computed by `flows.previewing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.switching import NOTHING_SAID, Layer, Place, Scope, Word, settings_of, wider_than, with_word
from lrs_bridge.flows import recompute
from lrs_bridge.flows.activation import decide, layers_at, layers_of
from lrs_bridge.hooks.settings import Fault, SettingsError, resolve
from lrs_bridge.store import journeys, platforms, plugin_changes, plugin_settings, runs, tenants
from lrs_bridge.store.plugin_changes import PluginChange, Who
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Named:
    """A place with what people call it."""

    place: Place
    name: str


@dataclass(frozen=True)
class Ground:
    """A place with all that bears on it. `mixes`: the layers of an evaluator in each run there, or, without a run,
    those that a run to come would have; `runs` goes with them. `journey` is the newest version, of a journey only."""

    at: Named
    runs: Sequence[RunRow]
    mixes: Sequence[Sequence[Layer]]
    word: Word
    journey: Journey | None = None

    @property
    def place(self) -> Place:
        return self.at.place


class Stale(Exception):
    """Others changed this evaluator since the form was drawn; `changes` says what, oldest first."""

    def __init__(self, changes: Sequence[PluginChange]) -> None:
        super().__init__(f"changed meanwhile: {len(changes)}")
        self.changes = changes


class CannotSwitch(ValueError):
    """The settings cannot be used in this place; `faults` says what is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.key}: {fault.message}" for fault in faults))
        self.faults = faults


def places(session: Session, tenant_id: str) -> list[Named]:
    """Every platform, journey and course of a tenant that has a run, and every platform and journey without."""
    found = {Place(Scope.PLATFORM, one.id): one.name for one in platforms.all_platforms(session, tenant_id)}
    for row in reversed(journeys.installed(session, tenant_id)):  # the newest version has the last word
        found[Place(Scope.JOURNEY, row.slug)] = row.title
    for run in runs.all_runs(session, tenant_id):
        found[Place(Scope.COURSE, run.course_id)] = run.course.title or run.course.context_id
    return [Named(place, name) for place, name in found.items()]


def find_place(session: Session, tenant_id: str, place: Place) -> Named | None:
    """The place under its name; None where the tenant has none such."""
    if place.scope is Scope.PLATFORM:
        platform = platforms.get_platform(session, place.id)
        return Named(place, platform.name) if platform is not None and platform.tenant_id == tenant_id else None
    if place.scope is Scope.COURSE:
        course = runs.get_course(session, tenant_id, place.id)
        return Named(place, course.title or course.context_id) if course is not None else None
    newest = _newest(session, tenant_id, place.id)
    return Named(place, newest[0]) if newest is not None else None


def ground(session: Session, tenant_id: str, evaluator: Evaluator, at: Named) -> Ground:
    """What there is in a place for an evaluator to be switched in."""
    place = at.place
    words = plugin_settings.words(session, tenant_id)
    here = [run for run in runs.all_runs(session, tenant_id) if _holds(place, run)]
    newest = _newest(session, tenant_id, place.id) if place.scope is Scope.JOURNEY else None
    journey = newest[1] if newest else None
    mixes = [layers_of(evaluator.key, run, words) for run in here]
    if not here:
        mixes = [layers_at(evaluator.key, journey, _around(session, tenant_id, place), words)]
    word = words.get(evaluator.key, {}).get(place, NOTHING_SAID)
    return Ground(at, here, mixes, word, journey)


def faults_of(evaluator: Evaluator, ground: Ground, word: Word) -> list[Fault]:
    """What would be wrong with these settings here: by themselves over what they inherit, and under what narrower
    places say. What is wrong without them is not held against them."""
    found: dict[Fault, None] = {}
    for layers in _different(ground.mixes):
        inherited = wider_than(layers, ground.place.scope)
        own = _faults(evaluator, with_word(inherited, ground.place, word))
        before = _faults(evaluator, inherited)
        found |= dict.fromkeys(fault for fault in own if fault not in before)
        if not own:
            found |= dict.fromkeys(_faults_below(evaluator, ground.place, layers, word))
    return list(found)


def broken(evaluator: Evaluator, layers: Sequence[Layer]) -> str:
    """Why it is left out of runs with these layers, if its settings are the reason; else nothing."""
    return "; ".join(f"{fault.key}: {fault.message}" for fault in _faults(evaluator, layers))


def reached(evaluator: Evaluator, ground: Ground, word: Word) -> list[RunRow]:
    """Runs of the place in which the switch or a setting becomes another, closed ones too."""
    found = []
    for run, layers in zip(ground.runs, ground.mixes, strict=False):  # a place without a run has a mix
        sides = (decide(evaluator, run.journey, one) for one in (layers, with_word(layers, ground.place, word)))
        before, after = (one.told for one in sides)
        if before != after:
            found.append(run)
    return found


def change(
    session: Session,
    tenant_id: str,
    evaluator: Evaluator,
    at: Named,
    word: Word,
    *,
    seen: int,
    act: str,
    who: Who,
    now: datetime,
    undoes: int | None = None,
) -> PluginChange | None:
    """Say this of the evaluator there, note it, and have the runs concerned evaluated again; None: it was so already.

    `seen` is the number of the evaluator's last change (`plugin_changes.latest`) when the form was drawn. The same
    `act` a second time changes nothing. Raises Stale, CannotSwitch.
    """
    tenants.lock(session, tenant_id)  # so that of two at once one sees the other's
    done = plugin_changes.made_by(session, tenant_id, act)
    if done is not None:
        return done
    meanwhile = plugin_changes.since(session, tenant_id, evaluator.key, seen)
    if meanwhile:
        raise Stale(meanwhile)
    here = ground(session, tenant_id, evaluator, at)
    faults = faults_of(evaluator, here, word)
    if faults:
        raise CannotSwitch(faults)
    if here.word == word:
        return None
    plugin_settings.put(session, tenant_id, evaluator.key, at.place, word, now)
    noted = plugin_changes.note(
        session, tenant_id, act, who, evaluator.key, at.place, at.name, here.word, word, now, undoes
    )
    _evaluate_again(session, tenant_id, f"{evaluator.title} was changed for {at.name}", who, at.place, now)
    return noted


def _evaluate_again(session: Session, tenant_id: str, reason: str, who: Who, place: Place, now: datetime) -> None:
    recompute.ask(
        session,
        tenant_id,
        reason=reason,
        by=who.name,
        now=now,
        platform_id=place.id if place.scope is Scope.PLATFORM else None,
        journey=place.id if place.scope is Scope.JOURNEY else None,
        course_id=place.id if place.scope is Scope.COURSE else None,
    )


def _newest(session: Session, tenant_id: str, slug: str) -> tuple[str, Journey] | None:
    rows = [row for row in journeys.installed(session, tenant_id) if row.slug == slug]
    return (rows[0].title, rows[0].journey) if rows else None


def _holds(place: Place, run: RunRow) -> bool:
    of_run = {
        Scope.PLATFORM: run.course.platform_id,
        Scope.JOURNEY: run.journey_row.slug,
        Scope.COURSE: run.course_id,
    }
    return of_run.get(place.scope) == place.id


def _around(session: Session, tenant_id: str, place: Place) -> list[Place]:
    """The place itself, and those that a run to come there would inherit from for certain."""
    if place.scope is not Scope.COURSE:
        return [place]
    course = runs.get_course(session, tenant_id, place.id)
    return [place, *([Place(Scope.PLATFORM, course.platform_id)] if course else [])]


def _different(mixes: Iterable[Sequence[Layer]]) -> list[Sequence[Layer]]:
    """Many runs have the same layers; each sort is looked at once."""
    return list({repr(layers): layers for layers in mixes}.values())


def _faults(evaluator: Evaluator, layers: Sequence[Layer]) -> tuple[Fault, ...]:
    try:
        resolve(evaluator, *settings_of(layers))
    except SettingsError as problem:
        return problem.faults
    return ()


def _faults_below(evaluator: Evaluator, place: Place, layers: Sequence[Layer], word: Word) -> list[Fault]:
    before = _faults(evaluator, with_word(layers, place, NOTHING_SAID))
    return [
        Fault(fault.key, f"A narrower place sets something too, and the two do not go together: {fault.message}")
        for fault in _faults(evaluator, with_word(layers, place, word))
        if fault not in before
    ]

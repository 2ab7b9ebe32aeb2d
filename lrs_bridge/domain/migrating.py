"""What another version of its journey would do to a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from lrs_bridge.domain.comparing import What
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Run


@dataclass(frozen=True)
class StepEffect:
    """One step of either version. `done`: how many participants have something on record for it.

    `before`, `after`: its windows in this run, None where the version has no such step. `over`: a required step that
    comes, or moves, with its last day already past.
    """

    step: Step
    what: What
    done: int
    before: Window | None
    after: Window | None
    over: bool
    retyped: str | None = None


def steps_of(before: Journey, after: Journey, run: Run, done: Mapping[str, int], today: date) -> tuple[StepEffect, ...]:
    """Steps that go, come, or change in what counts, in the order of the new version, those that go last.

    What people did stays counted where the id of a step stays, whatever else of the step changed: but for another
    owner or type, which may ask for another kind of statement (`retyped` says from what).
    """
    found = []
    for step in after.steps:
        old = before.step_by_id.get(step.id)
        if old == step:
            continue
        window = step.window(run.day_zero, None)
        was = old.window(run.day_zero, None) if old else None
        what = What.CAME if old is None else What.MOVED if was != window or old.phase != step.phase else What.CHANGED
        over = step.required and window.is_over(today) and (was is None or not was.is_over(today))
        retyped = None
        if old is not None and (old.type, old.owner) != (step.type, step.owner):
            retyped = f"{old.type.replace('_', ' ')} of the {old.owner.replace('_', ' ')}"
        found.append(StepEffect(step, what, done.get(step.id, 0), was, window, over, retyped))
    for step in before.steps:
        if step.id not in after.step_by_id:
            window = step.window(run.day_zero, None)
            found.append(StepEffect(step, What.WENT, done.get(step.id, 0), window, None, False))
    return tuple(found)


_PRIVACY = ("named", "confidential", "anonymous")


def weakened(before: Journey, after: Journey) -> list[tuple[Step, str, str]]:
    """Steps whose answers would be less private than those who answered were told, with both words."""
    found = []
    for step in after.steps:
        old = before.step_by_id.get(step.id)
        was = before.surveys.get(old.survey or "") if old is not None else None
        if was is None:
            continue
        now = after.surveys.get(step.survey or "")
        word = now.confidentiality if now is not None else "named"
        if _PRIVACY.index(word) < _PRIVACY.index(was.confidentiality):
            found.append((step, was.confidentiality, word))
    return found


@dataclass
class Turn:
    """How many people's values of one indicator would rise, fall, stay, come to be, or be no more."""

    rise: int = 0
    fall: int = 0
    stay: int = 0
    come: int = 0
    go: int = 0

    @property
    def changes(self) -> int:
        return self.rise + self.fall + self.come + self.go


@dataclass(frozen=True)
class Turns:
    """By indicator, of those people who were looked at; `failed`: keys of evaluators that could not be asked."""

    by_key: Mapping[str, Turn] = field(default_factory=dict)
    failed: Sequence[str] = ()


def turns(pairs: Iterable[tuple[str, Outcome | None, Outcome | None]]) -> dict[str, Turn]:
    """From an indicator with its outcome before and after, once for each person; None: it is not computed."""
    found: dict[str, Turn] = {}
    for key, before, after in pairs:
        turn = found.setdefault(key, Turn())
        old, new = _value(before), _value(after)
        if old is None and new is None:
            turn.stay += 1
        elif old is None:
            turn.come += 1
        elif new is None:
            turn.go += 1
        elif round(new - old, 6) > 0:
            turn.rise += 1
        elif round(new - old, 6) < 0:
            turn.fall += 1
        else:
            turn.stay += 1
    return found


def _value(outcome: Outcome | None) -> float | None:
    return None if outcome is None or outcome.status is not Status.OK else outcome.value

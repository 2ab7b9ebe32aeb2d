"""What a place inherits for an evaluator, and from where, in words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from lrs_bridge.domain.evaluators import Evaluator, Posting
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.switching import Layer, Place, Scope, at, column_of, said_by, wider_than
from lrs_bridge.flows.activation import is_on
from lrs_bridge.flows.switching import Ground
from lrs_bridge.web.admin.evaluators import called
from lrs_bridge.web.admin.schema_form import Line, in_words
from lrs_bridge.web.words import listed, plural, sentence

_ORDER = list(Scope)


def of_setting(line: Line, ground: Ground, names: Mapping[Place, str]) -> str:
    """The usual value, what holds here as long as nothing is set, and where it is set otherwise."""
    wider = [wider_than(layers, ground.place.scope) for layers in ground.mixes]
    said = _once(said_by(layers, line.path) for layers in wider)
    told = [f"Usually {line.usual}."] if line.usual else []
    if any(said):
        parts = [
            f"{in_words(at(layer.word.settings, line.path))} by {called(layer.place, names)}"
            if layer is not None
            else "the usual value elsewhere"
            for layer in sorted(said, key=lambda one: one is None)
        ]
        told.append(f"Here {listed(parts)}, unless you set it.")
    below = _once(
        layer
        for layers in ground.mixes
        for layer in _narrower(layers, ground)
        if at(layer.word.settings, line.path) is not None
    )
    if below:
        told.append(f"Set otherwise by {listed([called(layer.place, names) for layer in below if layer][:3])}.")
    return " ".join(told)


def value_here(line: Line, ground: Ground) -> str:
    """What holds here as long as nothing is set; nothing where that is not the same in all runs."""
    said = {
        in_words(at(layer.word.settings, line.path)) if layer is not None else line.usual
        for layer in (said_by(wider_than(layers, ground.place.scope), line.path) for layers in ground.mixes)
    }
    return said.pop() if len(said) == 1 else ""


def switches(evaluator: Evaluator, ground: Ground, names: Mapping[Place, str]) -> list[dict[str, str]]:
    """The three choices, with what the first comes to."""
    return [
        {"value": "", "text": "As inherited", "more": _inherited(evaluator, ground, names)},
        {"value": "on", "text": "On", "more": _below(ground, names, "Also where the journey’s file does not name it.")},
        {"value": "off", "text": "Off", "more": "Its column in the gradebook stays, with the scores that are there."},
    ]


def columns(evaluator: Evaluator, ground: Ground, names: Mapping[Place, str]) -> list[dict[str, str]]:
    """Whether there is a column, with what the first choice comes to."""
    return [
        {"value": "", "text": "As inherited", "more": _inherited_column(evaluator, ground, names)},
        {"value": "on", "text": "A column", "more": "Also where the journey’s file names other columns only."},
        {"value": "off", "text": "No column", "more": "One that is there stays, with its scores, and gets no more."},
    ]


def _inherited_column(evaluator: Evaluator, ground: Ground, names: Mapping[Place, str]) -> str:
    told: list[str] = []
    for journey, layers in _with_journey(ground):
        said = column_of(wider_than(layers, ground.place.scope))
        if said is not None:
            text = f"{'yes' if said.word.column else 'no'}, as {called(said.place, names)} says"
        elif journey.gradebook is not None:
            text = f"{'yes' if evaluator.key in journey.gradebook else 'no'}, as the journey’s file says"
        else:
            text = f"{'yes' if evaluator.posting is Posting.DEFAULT else 'no'}, as the evaluator declares"
        told += [text] if text not in told else []
    return f"{sentence('; '.join(told))}." if told else "As each journey says."


def _inherited(evaluator: Evaluator, ground: Ground, names: Mapping[Place, str]) -> str:
    told: Counter[str] = Counter()
    for journey, layers in _with_journey(ground):
        on, switch = is_on(evaluator, journey, wider_than(layers, ground.place.scope))
        whose = called(switch.place, names) if switch is not None else "the journey itself"
        told[f"{'on' if on else 'off'}, as {whose} says"] += 1
    if not told:
        return "As each journey says."
    if len(told) == 1:
        return f"{sentence(next(iter(told)))}."
    return sentence("; ".join(f"{text} ({plural(count, 'run')})" for text, count in told.most_common())) + "."


def _with_journey(ground: Ground) -> Iterable[tuple[Journey, list[Layer]]]:
    if ground.runs:
        return [(run.journey, list(layers)) for run, layers in zip(ground.runs, ground.mixes, strict=True)]
    return [(ground.journey, list(ground.mixes[0]))] if ground.journey is not None else []


def _below(ground: Ground, names: Mapping[Place, str], otherwise: str) -> str:
    said = _once(layer for layers in ground.mixes for layer in _narrower(layers, ground) if layer.word.enabled is False)
    if not said:
        return otherwise
    return f"But {listed([called(layer.place, names) for layer in said if layer][:3])} says off."


def _narrower(layers: Iterable[Layer], ground: Ground) -> list[Layer]:
    return [layer for layer in layers if _ORDER.index(layer.scope) > _ORDER.index(ground.place.scope)]


def _once(layers: Iterable[Layer | None]) -> list[Layer | None]:
    return list({None if layer is None else layer.place: layer for layer in layers}.values())

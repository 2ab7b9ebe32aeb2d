"""The built-in questions of each kind of survey, for surveys that bring none of their own.

The climate items are our own wording, one for each of the 16 factors that Holton, Bates and Ruona (2000) found to
help or hinder transfer; their instrument itself (LTSI) is copyrighted and not used.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrs_bridge.domain.journey import Moment, SurveyItem

SCALES = {"reaction": "likert", "line_of_sight": "likert", "success_case": "use", "climate": "likert"}

_REACTION = (
    SurveyItem("recommend", "Would you recommend this to a colleague in your role?", "nps"),
    SurveyItem("usefulness", "What I worked on is useful in my job.", "likert"),
    SurveyItem("intent", "I know what I will use first, and when.", "likert"),
)

_LINE_OF_SIGHT = (
    SurveyItem("goal", "I can say which business goal this is meant to help.", "likert"),
    SurveyItem("moments", "I can name the moments in my job in which I will use it.", "likert"),
    SurveyItem("behaviour", "I know what I will do differently in those moments.", "likert"),
    SurveyItem("manager_agrees", "My manager and I agree on what I am aiming for.", "likert"),
)

_CLIMATE = (
    ("learner_readiness", "Before it began, I knew what this was for and what was expected of me."),
    ("motivation_to_transfer", "I want to try out at work what I have learned here."),
    ("personal_outcomes_positive", "Using this at work brings me something that I value."),
    ("personal_outcomes_negative", "If I do not use this at work, somebody will notice and say so."),
    ("personal_capacity", "My workload leaves me room to work in the new way."),
    ("peer_support", "My colleagues encourage me to use what I have learned."),
    ("supervisor_support", "My manager talks with me about how I can use it and clears the way."),
    ("supervisor_sanctions", "My manager is displeased when I work in the new way."),
    ("content_validity", "What we practised looks like my real work."),
    ("transfer_design", "The examples and exercises showed me how to use it on the job."),
    ("opportunity_to_use", "I have the occasions, tools and information to use it."),
    ("effort_performance", "If I put effort into the new way, my work gets better."),
    ("performance_outcomes", "When my work gets better, it is seen and appreciated here."),
    ("openness_to_change", "My team is willing to change how things are done."),
    ("self_efficacy", "I trust myself to use this even when it gets difficult."),
    ("performance_coaching", "People at work tell me what goes well and what I could do better."),
)
_AGAINST = frozenset({"supervisor_sanctions"})


def built_in_items(kind: str, moments: Iterable[Moment]) -> tuple[SurveyItem, ...]:
    """The items of a kind; none for `custom`. The success case asks about each moment of the journey."""
    if kind == "success_case":
        return tuple(SurveyItem(moment.id, moment.title, "use") for moment in moments)
    if kind == "climate":
        return tuple(SurveyItem(f, title, "likert", factor=f, reversed=f in _AGAINST) for f, title in _CLIMATE)
    return {"reaction": _REACTION, "line_of_sight": _LINE_OF_SIGHT}.get(kind, ())

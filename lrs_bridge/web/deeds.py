"""What a page offers for each type of step: the act it makes, the form it takes, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.journey import Journey, Step, Survey
from lrs_bridge.domain.people import Role
from lrs_bridge.web import step_fields
from lrs_bridge.web.step_fields import StepField


class Asks(StrEnum):
    """The form of a step."""

    NOTHING = "nothing"  # one button
    DAY = "day"
    TEXT = "text"
    MAP = "map"
    SURVEY = "survey"
    MOMENT = "moment"
    PRACTICE = "practice"
    TALK = "talk"
    APPROVAL = "approval"
    ELSEWHERE = "elsewhere"  # the step has a page of its own
    FIELDS = "fields"
    MENU = "menu"
    FORUM = "forum"
    CONSENT = "consent"


@dataclass(frozen=True)
class Deed:
    """`call` heads the next step, `button` is on the form, `short` stands under the path, `link` opens it.

    `fields`: of a form that is a list of them. `dated`: the form asks when. `again`: it can be changed afterwards, and
    the latest counts.
    """

    kind: Kind
    asks: Asks
    call: str
    button: str
    short: str
    link: str = "Do it now"
    fields: tuple[StepField, ...] = ()
    dated: bool = False
    again: bool = False


_READ = Deed(Kind.ACKNOWLEDGED, Asks.NOTHING, "Read the message", "I have read it", "Read", "Read it now")
_DO = Deed(Kind.COMPLETED, Asks.NOTHING, "Do this step", "I have done it", "Do")

_OWN = {
    "acknowledge": _READ,
    "sponsor_message": _READ,
    "self_study": Deed(Kind.COMPLETED, Asks.NOTHING, "Read and try it", "I have done it", "Read", "Open it"),
    "impact_map": Deed(
        Kind.PLANNED, Asks.MAP, "Write your line of sight", "Save my line of sight", "Aim", "Write it", again=True
    ),
    "live_event": Deed(Kind.ATTENDED, Asks.DAY, "Be there, then say so", "I was there", "Event", "Say you were there"),
    "coaching_group": Deed(Kind.ATTENDED, Asks.DAY, "Meet your group", "I was there", "Group", "Say you were there"),
    "coaching_2_1": Deed(Kind.ATTENDED, Asks.DAY, "Meet your coach", "It took place", "Coach", "Say it took place"),
    "mentor_session": Deed(Kind.ATTENDED, Asks.DAY, "Meet your mentor", "It took place", "Mentor", "Say it took place"),
    "practice": Deed(Kind.PRACTISED, Asks.PRACTICE, "Practise it once", "Save this practice", "Practise"),
    "mtm_application": Deed(
        Kind.APPLIED, Asks.MOMENT, "Use it in a real moment, then log it", "Log a moment", "Apply", "Log it now"
    ),
    "action_plan": Deed(
        Kind.COMPLETED,
        Asks.FIELDS,
        "Write your plan",
        "Save my plan",
        "Plan",
        "Write it",
        step_fields.PLAN,
        again=True,
    ),
    "artefact": Deed(
        Kind.COMPLETED,
        Asks.FIELDS,
        "Hand in your work",
        "Save it",
        "Work",
        "Write it",
        step_fields.ARTEFACT,
        again=True,
    ),
    "reflection": Deed(Kind.REFLECTED, Asks.TEXT, "Look back", "Save my reflection", "Reflect", "Write it"),
    "peer_forum": Deed(
        Kind.COMMENTED, Asks.FORUM, "Write what worked", "Show it to the group", "Post", "Read and write", again=True
    ),
    "survey": Deed(
        Kind.ANSWERED, Asks.SURVEY, "Answer the survey", "Send my answers", "Survey", "Answer it", again=True
    ),
    "content_request": Deed(
        Kind.COMPLETED, Asks.FIELDS, "Give a case", "Give this case", "Case", "Write it", step_fields.CASE
    ),
    "menu": Deed(
        Kind.COMPLETED, Asks.MENU, "Choose your own part", "Save my choice", "Choose", "Choose now", again=True
    ),
    "check_in": Deed(
        Kind.COMPLETED, Asks.FIELDS, "Check in", "Save it", "Check-in", "Check in", step_fields.CHECK_IN, dated=True
    ),
    "report": Deed(
        Kind.COMPLETED, Asks.FIELDS, "Report", "Save my report", "Report", "Write it", step_fields.REPORT, again=True
    ),
    "assessment": Deed(Kind.ASSESSED, Asks.ELSEWHERE, "Assess your own work", "Save my points", "Assess", "Assess it"),
    "assessment_360": Deed(Kind.RATED, Asks.ELSEWHERE, "Ask how others see it", "Save my view", "Views", "Open it"),
    "interview": Deed(
        Kind.COMPLETED,
        Asks.CONSENT,
        "Say whether you talk with us",
        "Save my answer",
        "Interview",
        "Answer",
        again=True,
    ),
    "recognition": Deed(
        Kind.COMPLETED,
        Asks.FIELDS,
        "Recognise somebody",
        "Save it",
        "Recognise",
        "Write it",
        step_fields.RECOGNITION,
        dated=True,
    ),
    "conversation": Deed(Kind.COMPLETED, Asks.DAY, "Have the talk", "It took place", "Talk", "Say it took place"),
}

_LED = {
    "conversation": Deed(Kind.TALKED_WITH, Asks.TALK, "Talk", "It took place", "Talk"),
    "approval": Deed(Kind.APPROVED, Asks.APPROVAL, "Look at the map", "Approve it", "Map approved"),
    "observation": Deed(Kind.OBSERVED, Asks.DAY, "Watch one moment", "I watched one", "Watched"),
    "live_event": Deed(Kind.ATTENDED, Asks.DAY, "Be there", "I was there", "Event"),
    "recognition": Deed(Kind.RECOGNISED, Asks.DAY, "Recognise one moment", "I did it", "Recognised"),
}
_LED_OTHER = Deed(Kind.COMPLETED, Asks.DAY, "Do this step", "It is done", "Step")
_NOT_HERE = frozenset({"assessment", "assessment_360", "route"})  # somebody else, or the rules, do these


def survey_of(journey: Journey, step: Step) -> Survey | None:
    return journey.surveys.get(step.survey or "")


def is_anonymous(journey: Journey, step: Step) -> bool:
    survey = survey_of(journey, step)
    return survey is not None and survey.confidentiality == "anonymous"


def offered(journey: Journey, step: Step) -> Deed | None:
    """What the step's owner can do about it here; None where the page does not offer it."""
    if step.type in _NOT_HERE and not (step.owner is Role.PARTICIPANT and step.type in _OWN):
        return None
    if step.owner is Role.MANAGER:
        return _LED.get(step.type, _LED_OTHER)
    if step.type == "survey" and survey_of(journey, step) is None:
        return None
    deed = _OWN.get(step.type, _DO)
    return replace(deed, again=False) if is_anonymous(journey, step) else deed


def short_name(journey: Journey, step: Step) -> str:
    """One word under a stop of the path: Apply, or Apply ×3 where it is expected several times."""
    deed = offered(journey, step)
    word = deed.short if deed else step.type.replace("_", " ").split()[0].capitalize()
    return f"{word} ×{step.expected}" if step.expected > 1 else word

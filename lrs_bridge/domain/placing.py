"""What a designer can place in a course as a link: a journey, one step of it, or a first page.

LTI Deep Linking 2.0 carries it there as custom parameters of a resource link, and each launch of the link brings them
back (`flows.launch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lrs_bridge.domain.journey import Journey, LineItemPlan, Phase, Step
from lrs_bridge.domain.people import Role

COMPLETION = "journey_completion"  # the indicator that the column of a placed link serves
_PHASES = list(Phase)


class Dashboard(StrEnum):
    """First pages that a link can lead to, by the value of the custom parameter `dashboard`."""

    OVERVIEW = "overview"
    PEOPLE = "people"
    JOURNEY = "journey"


_DASHBOARDS = {
    Dashboard.JOURNEY: ("Your journey", "The participant's page: next step, path, moments, what is graded."),
    Dashboard.PEOPLE: ("Your people", "The manager's page: the two things to do this week, and their people."),
    Dashboard.OVERVIEW: ("The run", "The teacher's page: who is where, the indicators, and what was posted."),
}


@dataclass(frozen=True)
class Placement:
    """One link. `run` is None where the link serves whichever run of the journey its course has open.

    `step` and `dashboard` are never both set; with neither the link is the journey itself. `column` is the
    journey's plan for the completion column, None where the link has none.
    """

    journey: str
    title: str
    text: str
    run: str | None = None
    step: str | None = None
    dashboard: Dashboard | None = None
    column: LineItemPlan | None = None

    @property
    def key(self) -> str:
        """What a form calls it; unique among the placements of one page."""
        return "/".join(f"{name}={value}" for name, value in self.custom.items())

    @property
    def custom(self) -> dict[str, str]:
        """The custom parameters, all texts (LTI Core 5.4.6)."""
        parts = {"journey": self.journey, "run": self.run, "step": self.step, "dashboard": self.dashboard}
        return {name: str(value) for name, value in parts.items() if value is not None}


def placements_of(journey: Journey, run: str | None = None) -> tuple[Placement, ...]:
    """The journey, its first pages, and each step of the participant in the order of their days.

    Steps of others are left out: they are done for a person, and an LMS's link knows none.
    """
    whole = Placement(journey.slug, journey.title, _summary(journey), run, column=_column(journey))
    pages = [
        Placement(journey.slug, f"{journey.title}: {name}", text, run, dashboard=page)
        for page, (name, text) in _DASHBOARDS.items()
    ]
    steps = [
        Placement(journey.slug, step.title, f"A step of {journey.title}.", run, step=step.id)
        for step in own_steps(journey)
    ]
    return (whole, *pages, *steps)


def own_steps(journey: Journey) -> list[Step]:
    """The participant's steps in the order of their days."""
    return sorted(journey.owned_by(Role.PARTICIPANT), key=lambda step: (_PHASES.index(step.phase), step.due_day))


def _summary(journey: Journey) -> str:
    steps = own_steps(journey)
    counts = [(sum(step.phase is phase for step in steps), phase) for phase in Phase]
    told = ", ".join(f"{count} {phase}" for count, phase in counts if count)
    return f"The whole path, with steps for participants: {told} the course." if steps else "The whole path."


def _column(journey: Journey) -> LineItemPlan | None:
    """The journey's own choice, else the default."""
    return LineItemPlan() if journey.gradebook is None else journey.gradebook.get(COMPLETION)

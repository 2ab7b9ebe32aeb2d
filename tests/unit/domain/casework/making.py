"""A study in a few words: people p000, p001 ..., their answers, and what an evaluator did, a minute apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lrs_bridge.domain.casework.acts import Act, Action, Consent
from lrs_bridge.domain.casework.sorting import Answered, usual_rule
from lrs_bridge.domain.casework.sources import About, Sources, Start, Survey
from lrs_bridge.domain.casework.study import Study, study
from lrs_bridge.domain.casework.worth import Money

BEGUN = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
LATER = BEGUN + timedelta(days=60)
ABOUT = About(
    "run-1", "Ninety days", "ninety-days", 1, "d" * 64, "Course", date(2026, 3, 2), "Europe/Berlin", False, True
)
HIGH, MIDDLE, LOW = (3, 3, 1, 0, 2), (3, 2, 2, 1, 0), (1, 1, 0, 0, 1)


def people(count: int, area: str | None = None) -> dict[str, str | None]:
    return {f"p{number:03}": area for number in range(count)}


def answered(*groups: tuple[int, Sequence[int | None]], factors: Mapping[str, str] | None = None) -> list[Answered]:
    """So many people with these answers, then so many with those."""
    found: list[Answered] = []
    for count, points in groups:
        for _ in range(count):
            found.append(Answered(f"p{len(found):03}", tuple(points), factors or {}, BEGUN))
    return found


def sources(enrolled: int, answers: Sequence[Answered], *, over: bool = True, **more: Any) -> Sources:
    items = tuple((f"M{n}", f"Moment {n}") for n in range(1, 6))
    return Sources(
        about=more.pop("about", ABOUT if over else About(*[*vars(ABOUT).values()][:-1], False)),
        survey=more.pop(
            "survey", Survey("S24", "Success case survey", "named", items, date(2026, 5, 1), date(2026, 5, 11))
        ),
        people=more.pop("people", people(enrolled)),
        everybody=frozenset(people(enrolled)),
        answers=tuple(answers),
        start=more.pop("start", Start(rule=usual_rule(5), money=Money("EUR", target=0.4))),
        **more,
    )


class Eva:
    """Writes down what she does, one act a minute."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    def does(self, action: Action, subject: str | None = None, texts: Any = None, **data: Any) -> str:
        place = len(self.acts) + 1
        undoes = data.pop("undoes", None)
        act = Act(
            f"act-{place}", place, action, BEGUN + timedelta(days=10, minutes=place), "Eva Lang", subject, data,
            {} if texts is None else texts, undoes,
        )  # fmt: skip
        self.acts.append(act)
        return act.id

    def interviews(self, subject: str, value: float | None = None, verdict: str | None = None, **more: Any) -> None:
        """Consent, the interview, and where there is one the verdict of a second source."""
        self.does(Action.CONSENT, subject, quoting=more.pop("quoting", "role"))
        data = {"day": "2026-05-12", "factors": more.pop("factors", {}), **more}
        if value is not None:
            data["value"] = value
        self.does(Action.INTERVIEW, subject, {"claimed": "A renewal was kept"}, **data)
        if verdict:
            self.does(Action.VERIFY, subject, {"source": "The sales report"}, verdict=verdict)

    def study(self, found: Sources, as_of: datetime = LATER) -> Study:
        return study(found, self.acts, as_of)


def consent(agreed: bool, quoting: str = "role", at: datetime = BEGUN) -> Consent:
    return Consent(agreed, quoting, at, own=True)

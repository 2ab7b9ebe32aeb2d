"""A participant's own indicators as of now, for their page: what they did a moment ago is in them.

An evaluator that is off is not asked, one that takes too long is stopped, and in the place of what could not be worked
out stands the value from before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, evaluate_person
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person
from lrs_bridge.flows.asking import Asking
from lrs_bridge.flows.standing import Standings
from lrs_bridge.store import results

PAGE_SECONDS = 2.0
"""How long one evaluator may take while somebody waits for the page."""


@dataclass(frozen=True)
class Own:
    """Who is asked about a participant now, and what was worked out before."""

    asked: Sequence[Active]
    before: dict[str, Result]

    @classmethod
    def read(
        cls, session: Session, tenant_id: str, run_id: str, enrolment_id: str, account: str, active: Iterable[Active]
    ) -> Own:
        """`active`: those at work in the run."""
        chosen = list(active)
        keys = {one.key for one in chosen}
        rows = results.person_results(session, tenant_id, run_id, account)
        before = {key: row.result for key, row in rows.items() if key in keys}
        return cls(Standings.of(session, tenant_id).asked(chosen, enrolment_id), before)

    def now(
        self, journey: Journey, cohort: Cohort, person: Person, facts: Iterable[Fact], as_of: datetime
    ) -> dict[str, Result]:
        """By indicator; those that could not be worked out have an earlier `as_of`, or are missing."""
        with Asking(PAGE_SECONDS) as ask:
            evaluation = evaluate_person(self.asked, journey, cohort, person, facts, as_of, ask)
        fresh = {result.indicator: result for result in evaluation.results}
        failed = {failure.indicator for failure in evaluation.failures}
        off = self.before.keys() - {one.key for one in self.asked}
        return {key: result for key, result in self.before.items() if key in failed | off} | fresh

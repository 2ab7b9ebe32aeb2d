"""A run's results put together for one reader: what they may see, under the rule for small groups, and nothing else.

Totals of what people said come from publications; nothing here adds up present answers. What took place is counted
from the record, as on every other page. The number of queries is the same in a run of any size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain import chain, small_groups
from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.insights import funnel, matrix, pair, shares
from lrs_bridge.domain.insights.figures import Figures, Made, Mean, RunLine
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.domain.insights.matrix import Matrix
from lrs_bridge.domain.insights.shares import Share, Why
from lrs_bridge.domain.performance import Performance
from lrs_bridge.domain.publications import Held, Rule
from lrs_bridge.flows import coming
from lrs_bridge.store import enrolments, publications, result_viewing, run_comparison, runs, tensions
from lrs_bridge.store.enrolments import Inside
from lrs_bridge.store.publications import PublicationRow
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow

APPLICATION, SUPPORT, SURVEY, REACTION = "mtm_application", "manager_engagement", "success_case", "reaction"
COMPARED = ("journey_completion", SUPPORT, APPLICATION)
"""Indicators that are the same in every run of a journey, whatever its people said."""
MATRIX, FUNNEL, PAIR, RUNS = "help_and_hinder", "funnel", "value_pair", "runs_compared"
"""In the list of what is held back, in the place of an indicator."""
PLACES: Mapping[str, str] = {
    MATRIX: "What helps, what gets in the way",
    FUNNEL: "Where it gets lost",
    PAIR: "Worth it for the person and for the business",
    RUNS: "Runs of this journey",
}
_AREA_AT_MOST = 100  # characters of the place in that list


@dataclass(frozen=True)
class Reader:
    """`told`: indicators of which they see at least the total. `names`: they see people by name on other pages.
    `expectations`: they see what each group expected to get in the way; `goal`: the performance outcome. `beyond`: they
    compare runs of other courses, too.

    `chain_of`: accounts of the participants under their managers; None: everybody.
    """

    told: frozenset[str]
    names: bool
    expectations: bool
    goal: bool
    beyond: bool = False
    chain_of: frozenset[str] | None = None


def gather(
    session: Session,
    run: RunRow,
    active: Sequence[Active],
    reader: Reader,
    performance: Performance | None,
    now: datetime,
) -> Figures:
    """What the reader sees of the run."""
    return _Gathering(session, run, active, reader, now).figures(performance)


def note_held(session: Session, run: RunRow, figures: Figures, now: datetime) -> None:
    """Keep what is held back on the page, with its reason, for the evaluator's list. Other totals are noted where they
    are published."""
    publications.note_held(session, run.tenant_id, run.id, _held(figures), now)


def is_noted(session: Session, run: RunRow, figures: Figures) -> bool:
    """Whether all of it is noted already."""
    kept = publications.held_back(session, run.tenant_id, run.id, still=True)
    held = _held(figures)
    known = {(row.indicator, row.area, row.rule, row.n) for row in kept if row.indicator in held}
    return known == {(key, one.area, str(one.rule), one.n) for key, many in held.items() for one in many}


def _held(figures: Figures) -> dict[str, Sequence[Held]]:
    """Only what this reader's page has: of the rest nothing is known here."""
    found: dict[str, Sequence[Held]] = {}
    if figures.matrix is not None and figures.matrix.held is not None:
        found[MATRIX] = figures.matrix.held
    if figures.people >= small_groups.K:
        found[FUNNEL] = []  # whoever reads it: it has ended
    elif any(row.why is Why.FEW and row.stage is not Stage.RESULT for row in figures.funnel):
        found[FUNNEL] = [Held("", Rule.FEW, figures.people)]
    if figures.pair is not None:
        sides = [side for side in (figures.pair.person, figures.pair.business) if side and side.why is Why.FEW]
        found[PAIR] = [Held(side.item, Rule.FEW, side.kept_back) for side in sides]
    if figures.runs:
        found[RUNS] = [_run_held(run) for run in figures.runs if Why.FEW in {one.why for one in run.means.values()}]
    return found


def _run_held(run: RunLine) -> Held:
    return Held(f"{run.day_zero.isoformat()}, {run.course}"[:_AREA_AT_MOST], Rule.FEW, run.people or 0)


class _Gathering:
    def __init__(self, session: Session, run: RunRow, active: Sequence[Active], reader: Reader, now: datetime) -> None:
        self._session, self._run, self._reader, self._now = session, run, reader, now
        self._active = {one.key: one for one in active}
        course_id = None if reader.beyond else run.course_id
        self._of_journey = runs.runs_of_journey(session, run.tenant_id, run.journey_row.slug, course_id)
        ids = {run.id, *(one.id for one in self._of_journey)}
        self._published = publications.of_runs(session, run.tenant_id, ids)
        self._whole = self._whole_runs(sorted(ids))

    def figures(self, performance: Performance | None) -> Figures:
        run, journey = self._run, self._run.journey
        people = enrolments.inside_on(self._session, run.tenant_id, run.id, run.run.local_day(self._now))
        came = coming.reached(self._session, run, [one.id for one in people], self._settings(APPLICATION), self._now)
        impact = self._impact(run)
        own = self._published.get(run.id, {}).get(APPLICATION, [])
        cut = publications.newest_out(own)
        chain_told = SUPPORT in self._reader.told
        return Figures(
            as_of=self._now,
            people=len(people),
            target=None if journey.targets.impact_share is None else 100 * journey.targets.impact_share,
            impact=impact,
            frozen_at=cut.made if cut is not None and impact is not None else None,
            areas=self._areas(own, people) if impact is not None else (),
            funnel=funnel.funnel(journey, came.reached, impact, 0 if self._reader.names else small_groups.K),
            matrix=self._matrix(),
            chain=self._chain(people) if chain_told else (),
            own_chain=self._reader.chain_of is not None,
            chain_told=chain_told,
            pair=self._pair(),
            performance=performance if self._reader.goal else None,
            performance_told=self._reader.goal,
            runs=[self._line(one) for one in self._of_journey],
            titles={key: self._active[key].evaluator.title for key in COMPARED if self._sees(key)},
            made=[_made(self._active[key]) for key in (*COMPARED, SURVEY, REACTION) if self._sees(key)],
            k=self._k(APPLICATION),
            unknown=came.unknown,
        )

    def _sees(self, key: str) -> bool:
        return key in self._active and key in self._reader.told

    def _k(self, key: str) -> int:
        return small_groups.fewest(int(self._settings(key).get("k", small_groups.K)))

    def _settings(self, key: str) -> Mapping[str, Any]:
        one = self._active.get(key)
        return one.settings if one else {}

    def _whole_runs(self, ids: Sequence[str]) -> dict[tuple[str, str], ResultRow]:
        rows = run_comparison.whole_runs(self._session, self._run.tenant_id, ids, COMPARED)
        return {(row.run_id, row.indicator): row for row in rows}

    def _impact(self, run: RunRow) -> Share | None:
        """Of one run of the journey; None where the reader is told of none, or nobody works it out."""
        row = self._whole.get((run.id, APPLICATION))
        if APPLICATION not in self._reader.told or row is None:
            return None
        published = publications.newest(self._published.get(run.id, {}).get(APPLICATION, []))
        return shares.impact(published.whole if published else None, row.result.outcome, self._k(APPLICATION))

    def _areas(self, rows: Sequence[PublicationRow], people: Sequence[Inside]) -> list[shares.AreaShare]:
        sizes = Counter(person.area for person in people if person.area)
        return shares.by_area(publications.last_of(rows), sizes, self._k(APPLICATION))

    def _matrix(self) -> Matrix | None:
        """None where the reader sees neither what was expected nor what was said at the end."""
        at_end = SURVEY in self._reader.told
        if not self._reader.expectations and not at_end:
            return None
        asked, groups, held = self._expected() if self._reader.expectations else (False, [], None)
        rows = self._published.get(self._run.id, {}).get(SURVEY, [])
        after = matrix.at_the_end(publications.last_of(rows), self._k(SURVEY)) if at_end else []
        return Matrix(asked, groups, after, held)

    def _expected(self) -> tuple[bool, list[matrix.Group], list[Held]]:
        """Only when the last day for answers is over: nobody can change theirs any more."""
        asked = tensions.latest_request(self._session, self._run.tenant_id, self._run.id)
        if asked is None or asked.until >= self._run.run.local_day(self._now):
            return False, [], []
        groups, held = matrix.by_role(tensions.answers(self._session, self._run.tenant_id, asked.id))
        return True, groups, held

    def _chain(self, people: Sequence[Inside]) -> list[ChainStep]:
        run = self._run
        signs = result_viewing.component_of_people(self._session, run.tenant_id, run.id, SUPPORT, "help_hinder")
        counted = self._reader.chain_of
        accounts = {person.account for person in people} if counted is None else counted
        return chain.chain(run.journey, (found or {} for one, found in signs.items() if one in accounts))

    def _pair(self) -> pair.Pair | None:
        if not self._sees(REACTION):
            return None
        asked = {item.id for survey in self._run.journey.surveys_of_kind(REACTION) for item in survey.items}
        rows = self._published.get(self._run.id, {}).get(REACTION, [])
        return pair.pair(publications.last_of(rows), frozenset(asked), self._k(REACTION))

    def _line(self, run: RunRow) -> RunLine:
        rows = {key: self._whole.get((run.id, key)) for key in COMPARED if self._sees(key)}
        bodies = [row.body for row in rows.values() if row is not None]
        return RunLine(
            course=run.course.title or "Course without a title",
            day_zero=run.day_zero,
            version=run.journey_row.version,
            pilot=run.is_pilot,
            closed=run.closed is not None,
            people=max(map(shares.enrolled_of, bodies), default=None),
            means={key: self._mean(key, row) for key, row in rows.items()},
            impact=self._impact(run),
            this=run.id == self._run.id,
        )

    def _mean(self, key: str, row: ResultRow | None) -> Mean:
        if row is None or row.value is None:
            return Mean(None, why=Why.UNKNOWN)
        people = row.result.outcome.n
        return Mean(row.value, people) if people >= self._k(key) else Mean(None, why=Why.FEW)


def _made(one: Active) -> Made:
    """Without the settings of the study, which are for whoever runs it."""
    kept = one.evaluator.words.kept
    settings = {name: value for name, value in one.settings.items() if name not in kept}
    return Made(one.evaluator.title, one.evaluator.version, settings)

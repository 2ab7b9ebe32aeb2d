"""Aggregates of content come out: cut, held back and let out by the rule of `domain.publications`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain import small_groups, spread, surveys
from lrs_bridge.domain.evaluators import Active, Evaluator
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.domain.publications import (
    NOTHING_CUT,
    Act,
    Decision,
    Figure,
    Held,
    Voice,
    Voices,
    alike,
    areas_to_show,
    decide,
)
from lrs_bridge.domain.shared import Shared
from lrs_bridge.store import facts, publications, results, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.publications import PublicationRow
from lrs_bridge.store.runs import RunRow

_AGGREGATE = "aggregate"
QUIET = timedelta(days=14)
"""After so long without a new answer nobody is waited for. Who answers later waits for others, or stays out."""


def is_content(evaluator: Evaluator) -> bool:
    """Whether its values are a person's own, so that others see aggregates: unless teachers may see them by name."""
    return evaluator.audience.get(Role.FACILITATOR) != "named"


def comes_out(evaluator: Evaluator) -> bool:
    """Whether there are frozen totals of it: of content, and of what somebody sees in totals only, since its parts may
    be content even where its value is not."""
    return is_content(evaluator) or _AGGREGATE in evaluator.audience.values()


def is_over(run: RunRow, now: datetime) -> bool:
    """Whether the run is closed or its last day past."""
    return run.closed is not None or (run.run.local_day(now) - run.day_zero).days > run.journey.last_day


def publish(
    session: Session,
    run: RunRow,
    active: Iterable[Active],
    cohort: Cohort,
    of_people: Sequence[Result],
    of_groups: Sequence[Result],
    shared: Shared,
    now: datetime,
) -> None:
    """See to every aggregate of content of the run: what is due comes out, what is new is cut, what is held is noted.

    `of_people` and `of_groups` are the present results.
    """
    rows = publications.of_run(session, run.tenant_id, run.id)
    people = cohort.in_scope(run.run.local_day(now))
    held: dict[str, Sequence[Held]] = {}
    for one in active:
        if not comes_out(one.evaluator):
            continue
        figures = {result.subject.area or "": result for result in of_groups if _is_group(result, one.key)}
        if "" not in figures:
            continue
        values = {result.subject.account or "": result for result in of_people if result.indicator == one.key}
        voices = _voices(one.evaluator, run.journey, people, values, shared)
        evidence = [id_ for result in (*values.values(), figures[""]) for id_ in result.outcome.evidence]
        desk = _Desk(session, run, one, figures, voices, len(people), now, evidence)
        held[one.key] = desk.see_to(rows.get(one.key, []))
    publications.note_held(session, run.tenant_id, run.id, held, now)


def publish_ended(sessions: Sessions, tenant_id: str, now: datetime) -> int:
    """Runs that are over, or in which something has waited for long, have their groups computed once more, so that it
    comes out; answers how many."""
    with sessions.read() as session:
        over = [run.id for run in runs.all_kept(session, tenant_id) if is_over(run, now)]
        waiting = publications.without_last(session, tenant_id, over)
        waiting |= publications.waiting_since(session, tenant_id, now - QUIET)
    if waiting:
        with sessions.write() as session:
            for run_id in sorted(waiting):
                results.mark_due(session, tenant_id, run_id, run_id, now)
    return len(waiting)


class _Desk:
    """Where one indicator of a run is seen to."""

    def __init__(
        self,
        session: Session,
        run: RunRow,
        one: Active,
        figures: Mapping[str, Result],
        voices: Voices,
        people: int,
        now: datetime,
        evidence: Sequence[str],
    ) -> None:
        self._evidence = evidence
        self._session, self._run, self._one, self._now = session, run, one, now
        self._figures, self._voices = figures, voices
        self._k = small_groups.fewest(int(one.settings.get("k", small_groups.K)))
        self._people = people

    def see_to(self, rows: Sequence[PublicationRow]) -> Sequence[Held]:
        """Do what is to be done; answers what is held back."""
        state = publications.state_of(rows)
        over = is_over(self._run, self._now)
        decision = decide(state, self._voices, over=over, complete=over or self._is_complete(), k=self._k)
        out = [row for row in rows if row.out is not None]
        waiting = [row for row in rows if row.out is None]
        if decision.act is Act.CUT:
            self._cut(rows, out[-1] if out else None)
        elif decision.act is Act.LET_OUT:
            self._let_out(waiting[-1], out)
            self._cut(rows, waiting[-1])
        elif decision.act in (Act.NOW, Act.LAST):
            self._forget(waiting)
            self._let_out(self._cut(out, out[-1] if out else None), out)
        elif decision.act is Act.CLOSE:
            self._forget(waiting)
        if decision.act in (Act.LAST, Act.CLOSE):
            return self._close(decision, rows)
        return decision.held if not state.closed else [*decision.held, *self._areas_held(rows)]

    def _is_complete(self) -> bool:
        """Everybody has answered, or nobody has for a while."""
        if len(self._voices) >= self._people:
            return bool(self._people)
        if len(self._voices) < self._k:
            return False
        latest = facts.latest(self._session, self._run.tenant_id, self._evidence)
        return latest is not None and self._now - latest > QUIET

    def _forget(self, waiting: Sequence[PublicationRow]) -> None:
        for row in waiting:
            self._session.delete(row)
        self._session.flush()  # the next one takes its number

    def _cut(self, rows: Sequence[PublicationRow], base: PublicationRow | None) -> PublicationRow:
        """A new cut, which follows `base`."""
        state = publications.state_of([base]) if base is not None else None
        cut = (state.out or state.waiting if state else None) or NOTHING_CUT
        row = publications.add(
            self._session,
            self._run.tenant_id,
            self._run.id,
            self._one.key,
            rows[-1].number + 1 if rows else 1,
            cut.then(self._voices),
            {"": self._figure("", self._voices)},
            self._now,
        )
        self._last = row
        return row

    def _let_out(self, row: PublicationRow, before: Sequence[PublicationRow]) -> None:
        row.out = self._now
        for earlier in before:
            earlier.cut = None

    def _close(self, decision: Decision, rows: Sequence[PublicationRow]) -> Sequence[Held]:
        """The last is out, with its areas and how the values are spread."""
        row = self._last if decision.act is Act.LAST else [one for one in rows if one.out is not None][-1]
        cut = publications.state_of([row]).out or NOTHING_CUT
        shown, held = areas_to_show(cut, self._voices, self._k)
        figures = {"": self._figure("", self._voices, last=True)}
        for area in sorted(shown):
            if area in self._figures:
                own = {key: one for key, one in self._voices.items() if one.area == area}
                figures[area] = self._figure(area, own)
        row.figures, row.last = publications.figures_of(figures), True
        return [*decision.held, *held]

    def _areas_held(self, rows: Sequence[PublicationRow]) -> list[Held]:
        """The areas that were held back at the end still are."""
        last = next((row for row in reversed(rows) if row.last), None)
        if last is None:
            return []
        cut = publications.state_of([last]).out or NOTHING_CUT
        return [one for one in areas_to_show(cut, self._voices, self._k)[1] if one.area not in last.figures]

    def _figure(self, area: str, voices: Voices, last: bool = False) -> Figure:
        body = self._figures[area].as_dict()
        body["components"] = small_groups.without_few(body["components"], self._k)
        body["evidence"] = []
        values = [one.said for one in voices.values() if isinstance(one.said, int | float)]
        bands = spread.coarse(values, self._k, self._one.evaluator.bounds) if last else []
        return Figure(body, alike(voices.values()), [(band.low, band.high, band.people) for band in bands])


def _is_group(result: Result, indicator: str) -> bool:
    return result.indicator == indicator and result.subject.kind == "cohort"


def _voices(
    evaluator: Evaluator, journey: Journey, people: Sequence[Person], values: Mapping[str, Result], shared: Shared
) -> Voices:
    """Who says what in an aggregate: people by account; answers without a name by their statement."""
    if not evaluator.surveys:
        areas = {person.account: person.area for person in people}
        return {
            account: Voice(
                _mark(result.value, *result.outcome.evidence), result.value, areas.get(account), _words(result)
            )
            for account, result in values.items()
            if result.value is not None
        }
    found: dict[str, Voice] = {}
    by_account = {person.account: person for person in people}
    scales = {item.id: item.scale for survey in journey.surveys.values() for item in survey.items}
    for answer in surveys.latest(journey, shared.answers_of(evaluator.surveys, people, None)):
        fact = answer.fact
        person = by_account.get(fact.actor) if fact.registration is not None else None
        key = person.account if person else fact.id
        known = found.get(key)
        said = _said(fact, scales)
        mark = _mark(fact.id) if known is None else _mark(known.mark, fact.id)
        found[key] = Voice(mark, (known.said, said) if known else said, person.area if person else None)
    return found


def _words(result: Result) -> dict[str, str]:
    return {name: word for name, word in result.outcome.components.items() if isinstance(word, str)}


def _said(fact: Fact, scales: Mapping[str, str]) -> Any:
    """An answer as far as figures tell: of recommending only whether somebody would, might or would not."""
    answers = fact.data.get("answers")
    given = answers if isinstance(answers, Mapping) else {}
    recommending = [name for name in given if scales.get(name) == "nps"]
    told = {name: _side(given[name]) for name in recommending} if recommending else given
    return tuple(sorted((name, repr(value)) for name, value in told.items()))


def _side(points: Any) -> str:
    if not isinstance(points, int | float):
        return ""
    return "would" if points >= 9 else "would not" if points <= 6 else "might"


def _mark(*parts: object) -> str:
    """Another one for each answer; the ids of statements in it are random, so that nothing can be read from it."""
    return blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()

"""A run of the sample journey that is over: thirty people of half a year ago, their answers, and the finished study.

Made up like everybody here. The study is done by the evaluator's own flow, act by act, so that its pages and reports
have all that a real one has: a rule, a draw by seed, somebody who declines, interviews, verdicts, money, stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo import told
from lrs_bridge.demo.cohort import MAIL_DOMAIN, SEED, TIME_ZONE, fixed_uuid
from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.sampling import Sizes, draw
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import CHECKLIST, mark_of
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows import studying
from lrs_bridge.flows.record import record
from lrs_bridge.flows.studying import Room
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import enrolments, people, plugin_settings, runs, tenants
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.store.studies import Doing

COURSE, TITLE = "fc90-before", "Field coaching for sales managers, the group before"
LINK = "earlier-1"
RUN_ID = str(fixed_uuid(SEED, "earlier run"))
WEEKS_BEFORE = 26
DRAW_SEED = 40917
SIZES = Sizes(high=6, middle=2, low=6)
_SURVEY, _ANSWER_DAY, _STUDY_DAY, _CLOSED_DAY = "S24", 62, 72, 105
_PATTERNS: Mapping[Bucket, Sequence[Sequence[int]]] = {
    Bucket.HIGH: ((3, 3, 2), (3, 2, 2), (3, 3, 1), (3, 2, 0)),
    Bucket.MIDDLE: ((2, 2, 1), (2, 1, 1), (2, 2, 2)),
    Bucket.LOW: ((1, 1, 0), (1, 0, 0), (0, 1, 1), (0, 0, 0)),
}
_ANSWERED = [Bucket.HIGH] * 8 + [Bucket.MIDDLE] * 9 + [Bucket.LOW] * 7
_AREAS = ["north"] * 12 + ["centre"] * 8 + ["south"] * 6 + ["west"] * 4


def day_zero_before(day_zero: date) -> date:
    """Half a year before the run that goes on, on the same weekday."""
    return day_zero - timedelta(weeks=WEEKS_BEFORE)


def write_earlier(
    session: Session, registry: Registry, secret_key: str, platform_id: str, current: RunRow, eva: PersonRow
) -> RunRow:
    """The run, its people and answers, closed, with its study. It has no columns in the gradebook."""
    run = _run(session, registry, platform_id, current)
    ids = _people(session, run)
    enrolments.give_role(session, run.tenant_id, run.id, eva.id, Role.EVALUATOR, _at(run, -28))
    _answers(session, run, ids)
    run.closed = _at(run, _CLOSED_DAY)
    session.flush()
    _Desk(session, registry, studying.seal_of(secret_key), run, eva).work()
    return run


def _run(session: Session, registry: Registry, platform_id: str, current: RunRow) -> RunRow:
    begun = datetime.combine(day_zero_before(current.day_zero) - timedelta(days=30), time(9), ZoneInfo(TIME_ZONE))
    course = runs.ensure_course(session, current.tenant_id, platform_id, current.course.deployment_id, COURSE)
    course.title = TITLE
    for key in registry.evaluators:
        off = Word(None, {}, column=False)
        plugin_settings.put(session, current.tenant_id, key, Place(Scope.COURSE, course.id), off, begun)
    journey: JourneyRow = current.journey_row
    return runs.add_run(session, course, journey, day_zero_before(current.day_zero), TIME_ZONE, begun, RUN_ID)


def _people(session: Session, run: RunRow) -> list[tuple[str, PersonRow]]:
    """Everybody with their registration."""
    tenant = tenants.get_tenant(session, run.tenant_id)
    found = []
    for number, (name, area) in enumerate(zip(told.NAMES, _AREAS, strict=True)):
        email = f"{name.split()[0].lower()}.{number}@{MAIL_DOMAIN}"
        account = str(fixed_uuid(SEED, "earlier account", name))
        person = people.add_person(session, run.tenant_id, _at(run, -28), name, email, account)
        registration = str(fixed_uuid(SEED, "earlier registration", name))
        day = run.day_zero - timedelta(days=28)
        enrolments.enrol(session, run.tenant_id, run.id, person.id, day, area, registration)
        event = _event(run, Kind.REGISTERED, person, registration, _at(run, -28, number), {})
        record(session, tenant, event, event.at)
        found.append((registration, person))
    return found


def _answers(session: Session, run: RunRow, everybody: Sequence[tuple[str, PersonRow]]) -> None:
    """24 of 30; who answers what is spread over the areas, and silence is most common in the west."""
    tenant = tenants.get_tenant(session, run.tenant_id)
    moments = [moment.id for moment in run.journey.moments]
    order = [(7 * number) % len(everybody) for number in range(len(everybody))]
    silent = {everybody[-1][0], everybody[-2][0]}
    willing = [everybody[number] for number in order if everybody[number][0] not in silent]
    for number, (bucket, (registration, person)) in enumerate(zip(_ANSWERED, willing, strict=False)):
        patterns = _PATTERNS[bucket]
        answers = dict(zip(moments, patterns[number % len(patterns)], strict=True))
        factors = told.TICKED[bucket][number % len(told.TICKED[bucket])]
        data = {"answers": answers, "factors": factors}
        at = _at(run, _ANSWER_DAY, number)
        event = _event(run, Kind.ANSWERED, person, registration, at, data, _SURVEY)
        record(session, tenant, event, event.at)


def _event(
    run: RunRow,
    kind: Kind,
    person: PersonRow,
    registration: str,
    at: datetime,
    data: Mapping[str, Any],
    step: str | None = None,
) -> Event:
    return Event(
        id=fixed_uuid(SEED, "earlier", str(kind), registration),
        kind=kind,
        at=at,
        actor=person.account,
        role=Role.PARTICIPANT,
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=registration,
        step=step,
        step_type=run.journey.step_by_id[step].type if step else None,
        data=data,
    )


def _at(run: RunRow, day: int, minutes: int = 0) -> datetime:
    start = datetime.combine(run.day_zero + timedelta(days=day), time(9), tzinfo=ZoneInfo(TIME_ZONE))
    return start + timedelta(minutes=minutes)


class _Desk:
    """Eva's study, some minutes between its acts."""

    def __init__(self, session: Session, registry: Registry, seal: Seal, run: RunRow, eva: PersonRow) -> None:
        self._session, self._registry, self._seal, self._run, self._eva = session, registry, seal, run, eva
        self._minutes = 0

    def work(self) -> None:
        """The study from its model to the stories."""
        self._does(Action.MODEL, data=self._model())
        self._draw()
        first = self._sample(Bucket.HIGH)[0]
        self._does(Action.DECLINED, first)
        for bucket, talks in told.TALKS.items():
            for subject, talk in zip(self._sample(bucket), talks, strict=False):
                self._interview(subject, talk)
        self._does(Action.MONEY, data=dict(told.MONEY))

    def _model(self) -> dict[str, str]:
        known = {part.key: part.text for part in self._room().study.model}
        return {**known, "business_rationale": told.RATIONALE}

    def _draw(self) -> None:
        made = draw(self._room().study.board, DRAW_SEED, SIZES)
        order = {str(bucket): list(those) for bucket, those in made.order.items()}
        self._does(Action.DRAW, data={"seed": DRAW_SEED, "sizes": asdict(SIZES), "order": order})

    def _interview(self, subject: str, talk: told.Talk) -> None:
        self._does(Action.CONSENT, subject, {"quoting": talk.quoting})
        day = (self._run.day_zero + timedelta(days=_STUDY_DAY)).isoformat()
        factors = dict.fromkeys(talk.helped, "helped") | dict.fromkeys(talk.hindered, "hindered")
        data: dict[str, Any] = {"day": day, "factors": factors, "attribution": talk.attribution}
        data["confidence"] = talk.confidence
        if talk.value is not None:
            data |= {"value": talk.value, "low": talk.low, "high": talk.high}
        self._does(Action.INTERVIEW, subject, data, talk.texts)
        if talk.verdict:
            self._does(Action.VERIFY, subject, {"verdict": talk.verdict}, {"source": talk.source})
        if talk.quote:
            self._does(Action.QUOTE, subject, {}, {"quote": talk.quote})
        if talk.story is not None:
            self._tell(subject, *talk.story, released=talk.released)

    def _tell(self, subject: str, title: str, text: str, released: bool) -> None:
        story = self._does(Action.STORY, subject, {}, {"title": title, "text": text})
        if released:
            kept = {"story": story, "mark": mark_of(title, text)}
            self._does(Action.CHECKED, subject, {**kept, "items": sorted(CHECKLIST)})
            self._does(Action.RELEASE, subject, kept)

    def _sample(self, bucket: Bucket) -> list[str]:
        return [one.registration for one in self._room().study.sample if one.bucket is bucket]

    def _room(self) -> Room:
        return studying.open_room(self._session, self._seal, self._registry, self._run, self._now())

    def _now(self) -> datetime:
        return _at(self._run, _STUDY_DAY, self._minutes)

    def _does(
        self,
        action: Action,
        subject: str | None = None,
        data: Mapping[str, Any] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> str:
        self._minutes += 7
        id_: UUID = fixed_uuid(SEED, "earlier study", self._minutes)
        act = Doing(str(id_), action, subject, data or {}, texts or {})
        studying.do(self._session, self._seal, self._run, self._eva, act, self._now())
        return str(id_)

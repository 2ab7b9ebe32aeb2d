"""What a launch finds, in one query: who comes, the course they come from, and how they stand in its runs.

Values, not rows: a launch by somebody known changes none of them, and objects that follow changes cost more than the
query. All of it may be another at the next launch, so nothing is kept but journeys, which never change.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.launch import Launch
from lrs_bridge.domain.placing import COMPLETION
from lrs_bridge.store.base import core, table_of
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.journeys import JourneyRow, get_journey
from lrs_bridge.store.people import Identity, PersonRow
from lrs_bridge.store.platforms import Platform
from lrs_bridge.store.prepared import Prepared
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.store.scores import LineItemRow, ScoreRow, ScoreState


class KnownPerson(NamedTuple):
    """Whoever the LMS calls by the `sub` of the launch; the fields are those of `PersonRow`."""

    id: str
    account: str
    name: str | None
    email: str | None
    locale: str | None


class KnownCourse(NamedTuple):
    """The course of the launch; the fields are those of `Course`."""

    id: str
    title: str | None
    lineitems_url: str | None
    memberships_url: str | None
    groups_url: str | None


class KnownRun(NamedTuple):
    """A run of the course, and how the person stands in it.

    `column`: the address of the completion's line item. `refused`: whether the LMS refused a score of theirs.
    """

    id: str
    journey_id: str
    slug: str
    is_open: bool
    enrolment_id: str | None
    withdrawn: date | None
    column: str | None
    refused: bool

    @property
    def inside(self) -> bool:
        """Whether the person is enrolled and has not left."""
        return self.enrolment_id is not None and self.withdrawn is None


class Found(NamedTuple):
    """None for whoever and whatever comes for the first time. `runs`: open ones, newest first, and the one named."""

    person: KnownPerson | None
    course: KnownCourse | None
    runs: tuple[KnownRun, ...]


_platform, _identity, _person = table_of(Platform).c, table_of(Identity).c, table_of(PersonRow).c
_course, _run, _journey = table_of(Course).c, table_of(RunRow).c, table_of(JourneyRow).c
_enrolment, _column, _score = table_of(Enrolment).c, table_of(LineItemRow).c, table_of(ScoreRow).c

_OF_PERSON = tuple(_person[name] for name in KnownPerson._fields)
_OF_COURSE = tuple(_course[name] for name in KnownCourse._fields)
_OF_RUN = (
    _run.id,
    _run.journey_id,
    _journey.slug,
    _run.closed.is_(None),
    _enrolment.id,
    _enrolment.withdrawn,
    _column.url,
    exists().where(_score.enrolment_id == _enrolment.id, _score.state == ScoreState.REFUSED),
)
_PERSON, _COURSE = slice(0, len(_OF_PERSON)), slice(len(_OF_PERSON), len(_OF_PERSON) + len(_OF_COURSE))
_RUN = slice(_COURSE.stop, None)

_FIND = Prepared(  # the platform is there in any case, everything else may be missing
    select(*_OF_PERSON, *_OF_COURSE, *_OF_RUN)
    .select_from(table_of(Platform))
    .outerjoin(
        table_of(Identity),
        and_(
            _identity.issuer == bindparam("issuer"),
            _identity.sub == bindparam("sub"),
            _identity.tenant_id == _platform.tenant_id,
        ),
    )
    .outerjoin(table_of(PersonRow), _person.id == _identity.person_id)
    .outerjoin(
        table_of(Course),
        and_(
            _course.platform_id == _platform.id,
            _course.deployment_id == bindparam("deployment_id"),
            _course.context_id == bindparam("context_id"),
        ),
    )
    .outerjoin(
        table_of(RunRow),
        and_(
            _run.tenant_id == _platform.tenant_id,
            _run.course_id == _course.id,
            or_(_run.closed.is_(None), _run.id == bindparam("run_id")),
        ),
    )
    .outerjoin(table_of(JourneyRow), _journey.id == _run.journey_id)
    .outerjoin(table_of(Enrolment), and_(_enrolment.run_id == _run.id, _enrolment.person_id == _person.id))
    .outerjoin(table_of(LineItemRow), and_(_column.run_id == _run.id, _column.indicator == COMPLETION))
    .where(_platform.id == bindparam("platform_id"), _platform.tenant_id == bindparam("tenant_id"))
    .order_by(_run.created.desc(), _run.id)
)


def find(session: Session, launch: Launch, run_id: str | None) -> Found:
    """What is known of a launch at this moment. `run_id`: a run that counts although it is closed."""
    asked = {
        "tenant_id": launch.tenant_id,
        "platform_id": launch.platform_id,
        "deployment_id": launch.deployment_id,
        "context_id": launch.context_id,
        "issuer": launch.issuer,
        "sub": launch.sub,
        "run_id": run_id,
    }
    rows = _FIND.rows(core(session), asked)
    if not rows:
        raise LookupError(f"The registration {launch.platform_id} was removed while somebody launched from it.")
    person, course = rows[0][_PERSON], rows[0][_COURSE]
    in_runs = [row[_RUN] for row in rows]
    return Found(
        KnownPerson._make(person) if person[0] is not None else None,
        KnownCourse._make(course) if course[0] is not None else None,
        tuple(KnownRun._make(run) for run in in_runs if run[0] is not None),
    )


_MOST_READ = 256
_read: dict[tuple[str, str], Journey] = {}


def journey_of(session: Session, tenant_id: str, journey_id: str) -> Journey:
    """A version of a journey, which says the same for ever. Raises LookupError."""
    key = tenant_id, journey_id
    if key not in _read:
        row = get_journey(session, tenant_id, journey_id)
        if row is None:
            raise LookupError(f"There is no journey {journey_id}.")
        if len(_read) >= _MOST_READ:
            _read.clear()
        _read[key] = row.journey
    return _read[key]

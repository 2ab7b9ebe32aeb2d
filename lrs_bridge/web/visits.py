"""Who is here: the session of a launch, a random token in the path, resolved before every page under `/s/`.

One token per tab, so two tabs with two roles or two courses never mix, with or without cookies. Where the browser
did send a cookie at launch, the token works with that cookie only.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role, Run
from lrs_bridge.domain.reporting.audiences import audiences_of
from lrs_bridge.flows.link_tasks import link_holds
from lrs_bridge.store import enrolments, message_links, people, platforms, runs, studies
from lrs_bridge.store import sessions as kept
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.message_links import MessageLink
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.store.trouble import UNAVAILABLE
from lrs_bridge.web import doors, marks, security
from lrs_bridge.web.link_scope import keep_to_task, page_of, roles_by
from lrs_bridge.wiring import Bridge

_ROOMS = (
    (Role.FACILITATOR, "visit.overview", "The run"),
    (Role.PARTICIPANT, "visit.journey", "Your journey"),
    (Role.MANAGER, "visit.people", "Your people"),
    (Role.COACH, "visit.coaching_room", "Your coaching"),
    (Role.MENTOR, "visit.coaching_room", "Your coaching"),
    (Role.PEER, "visit.colleagues", "Colleagues"),
    (Role.DESIGNER, "visit.design_library", "Journeys"),
    (Role.ASSESSOR, "visit.assessing_room", "To score"),
    (Role.SPONSOR, "visit.sponsor_room", "The chain"),
    (Role.GOAL_OWNER, "visit.outcome", "What it is for"),
    (Role.EVALUATOR, "visit.study", "The study"),
    (Role.EVALUATOR, "visit.statements", "Statements"),
    (Role.EVALUATOR, "visit.numbers", "Numbers"),
    *(
        (role, "visit.run_results", "Results")
        for role in (Role.FACILITATOR, Role.DESIGNER, Role.SPONSOR, Role.EVALUATOR)
    ),
)
_SIGNED = {
    Role.FACILITATOR: "course teacher",
    Role.DESIGNER: "designer",
    Role.PARTICIPANT: "participant",
    Role.MANAGER: "manager",
    Role.COACH: "coach",
    Role.MENTOR: "mentor",
    Role.SPONSOR: "sponsor",
    Role.GOAL_OWNER: "goal owner",
    Role.EVALUATOR: "evaluator",
    Role.ASSESSOR: "assessor",
    Role.PEER: "colleague",
}


@dataclass(frozen=True)
class Visit:
    """One person in one tab. `roles` are those in the run (or, without one, in the course).

    `link`: the link of a letter by which they came, and whose one task is all that this visit is for. `reports`: for
    whom reports of the run are handed out.
    """

    token: str
    csrf: str
    now: datetime
    tenant_id: str
    platform_id: str
    person_id: str
    account: str
    name: str
    roles: frozenset[Role]
    course: Course | None
    run_row: RunRow | None
    enrolment: Enrolment | None
    link: MessageLink | None = None
    reports: frozenset[str] = frozenset()

    @property
    def run(self) -> Run | None:
        return self.run_row.run if self.run_row else None

    @property
    def journey(self) -> Journey | None:
        return self.run_row.journey if self.run_row else None

    @property
    def course_title(self) -> str | None:
        return self.course.title if self.course else None

    @cached_property
    def today(self) -> date:
        return self.run.local_day(self.now) if self.run else self.now.date()

    @property
    def signature(self) -> str:
        """Petra Novak, participant"""
        word = next((word for role, word in _SIGNED.items() if role in self.roles), None)
        return f"{self.name}, {word}" if word else self.name

    @property
    def home(self) -> str:
        return page_of(self.link) if self.link else url_for("visit.home")

    @property
    def rooms(self) -> list[dict[str, object]]:
        """The first pages of somebody with more than one role in the run, as tabs; nothing for everybody else.

        A link opens one page, and so has none."""
        if self.link is not None:
            return []
        found = list(dict.fromkeys((to, text) for role, to, text in _ROOMS if role in self.roles and self.run_row))
        if found and self.reports.intersection(audiences_of(self.roles)):
            found.append(("visit.reports", "Report"))
        here = request.endpoint
        if here == "visit.home" and found:
            here = found[0][0]
        rooms = [{"href": url_for(name), "text": text, "here": name == here} for name, text in found]
        return rooms if len(rooms) > 1 else []


def current() -> Visit:
    visit: Visit = g.visit
    return visit


def resolve(session: Session, token: str, now: datetime) -> tuple[Visit, kept.VisitRow] | None:
    """The visit behind a token with everything the pages ask about it."""
    row = kept.find_visit(session, token, now)
    if row is None:
        return None
    tenant_id = row.tenant_id
    person = people.get_person(session, tenant_id, row.person_id)
    if person is None:
        return None
    run = runs.get_run(session, tenant_id, row.run_id) if row.run_id else None
    enrolment = enrolments.enrolment_of(session, tenant_id, run.id, person.id) if run else None
    today = run.run.local_day(now) if run else now.date()
    given = enrolments.roles_on(session, tenant_id, run.id, person.id, today) if run else frozenset()
    if row.link_id:
        return _by_link(session, token, row, person, run, now)
    visit = Visit(
        token=token,
        csrf="",
        now=now,
        tenant_id=tenant_id,
        platform_id=row.platform_id,
        person_id=person.id,
        account=person.account,
        name=person.shown_name,
        roles=given | frozenset(map(Role, row.course_roles)) | _own_role(enrolment, today),
        course=runs.get_course(session, tenant_id, row.course_id) if row.course_id else None,
        run_row=run,
        enrolment=enrolment,
        reports=studies.handed_out(session, tenant_id, run.id) if run else frozenset(),
    )
    return visit, row


def _by_link(
    session: Session, token: str, row: kept.VisitRow, person: PersonRow, run: RunRow | None, now: datetime
) -> tuple[Visit, kept.VisitRow] | None:
    """A visit by the link of a letter: in the role of its task and in no other, while link and relation hold."""
    link = message_links.get_link(session, row.tenant_id, row.link_id or "")
    if link is None or run is None or not link.is_good(now):
        return None
    if not link_holds(session, run, link, now):
        return None
    visit = Visit(
        token=token,
        csrf="",
        now=now,
        tenant_id=row.tenant_id,
        platform_id=row.platform_id,
        person_id=person.id,
        account=person.account,
        name=person.shown_name,
        roles=roles_by(link),
        course=None,
        run_row=run,
        enrolment=None,
        link=link,
    )
    return visit, row


def _own_role(enrolment: Enrolment | None, today: date) -> frozenset[Role]:
    if enrolment is None or (enrolment.withdrawn is not None and enrolment.withdrawn <= today):
        return frozenset()
    return frozenset({Role.PARTICIPANT})


def guard(blueprint: Blueprint, bridge: Bridge) -> None:
    """Resolve the token before every page of this blueprint and those nested in it."""

    @blueprint.url_value_preprocessor
    def take_token(_endpoint: str | None, values: dict[str, str] | None) -> None:
        g.token = values.pop("token") if values else ""

    @blueprint.url_defaults
    def put_token(_endpoint: str, values: dict[str, str]) -> None:
        if "token" not in values:
            values["token"] = g.token

    @blueprint.before_request
    def resolve_visit() -> ResponseReturnValue | None:
        now = bridge.clock()
        with bridge.sessions.read() as session:
            found = resolve(session, g.token, now)
            if found is None or not _same_browser(found[1]):
                raise doors.expired()
            visit, row = found
            g.frame_ancestors = set() if row.link_id else _framing_origins(session, row)
        key = bridge.settings.secret_key
        if request.method == "POST" and not security.csrf_fits(request.form.get("csrf"), g.token, key):
            raise doors.reload_first()
        g.visit = replace(visit, csrf=security.csrf_token(g.token, key))
        if kept.needs_touch(row, now):
            with suppress(*UNAVAILABLE), bridge.sessions.jot() as session:  # a full disk can still be read
                kept.touch(session, g.token, now)
        return keep_to_task(visit.link, visit.run_row) if visit.link else None


def _same_browser(row: kept.VisitRow) -> bool:
    if row.browser is None:
        return True
    return marks.fits(request.cookies, row.browser)


def _framing_origins(session: Session, row: kept.VisitRow) -> set[str]:
    """Where this visit's LMS lives: some (Canvas) have an issuer that is not the address people see."""
    platform = platforms.get_platform(session, row.platform_id)
    urls = [platform.issuer, platform.auth_url] if platform else []
    return {origin for url in (*urls, row.return_url) if (origin := security.origin_of(url))}


def needs(visit: Visit, *roles: Role) -> None:
    """Only for people who are one of these in the run; others find a closed door."""
    if not visit.roles & set(roles):
        words = " or ".join(_SIGNED.get(role, str(role)) for role in roles)
        raise doors.not_yours(f"It is for the {words} of this run.", f"needs {words}")

"""The mentor claim of a launch into relations, and leaders recognised by the e-mail they were named by.

Decided in `docs/decisions/0008-who-leads-whom.md`.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.launch import CourseRole, Launch
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import relating
from lrs_bridge.flows.enrol import withdraw_idle_leader
from lrs_bridge.flows.relating import Hand
from lrs_bridge.store import enrolments, erased, people, relations
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.people")

MENTOR_CLAIM = "lti mentor claim"
_AS = "mentors"  # custom parameter of the link that was placed: `mentors=managers`


def recognise(session: Session, tenant_id: str, issuer: str, sub: str, email: str | None) -> None:
    """Let somebody whom an import named by e-mail be who the LMS sends with that e-mail for the first time.

    Only where nobody has this identity yet, exactly one person waits for the e-mail, in a run of this very LMS.
    """
    if email is None or people.person_by_identity(session, tenant_id, issuer, sub) is not None:
        return
    person = relations.awaited(session, tenant_id, issuer, email)
    if person is not None and not erased.is_erased(session, tenant_id, issuer, sub):
        relations.identify(session, person, issuer, sub)
        log.info("person %s, named by e-mail, was recognised", person.account)


def proven_email(launch: Launch) -> str | None:
    """The e-mail, unless the LMS itself says that it did not verify it (OpenID Connect Core 1.0, 5.1)."""
    return None if launch.claims.get("email_verified") in (False, "false") else launch.email


def follow_claim(session: Session, launch: Launch, run: RunRow, person: PersonRow, now: datetime) -> None:
    """Make the relations that the mentor claim names, from today, and end those of this source that it no longer does.

    Mentees are participants of the run; others are passed over until they are. What others said is left alone.
    """
    if CourseRole.MENTOR not in launch.roles:
        return
    kind = Role.MANAGER if launch.custom.get(_AS) == "managers" else Role.MENTOR
    today = run.run.local_day(now)
    known = relations.enrolments_by_sub(session, run, launch.issuer, launch.mentees)
    mentees = {
        one.person_id: one.id
        for one in known.values()
        if one.person_id != person.id and (one.withdrawn is None or one.withdrawn > today)
    }
    hand = Hand(run, now, MENTOR_CLAIM)
    holding = relations.holding(session, run, person.id, today)
    for row in holding:
        if row.source == MENTOR_CLAIM and (row.person_id not in mentees or row.kind != kind):
            relating.end_before(session, hand, row, today)
    led = {row.person_id for row in holding if row.kind == kind}
    for person_id in sorted(mentees.keys() - led):
        relating.begin(session, hand, person_id, person.id, kind, today)
    if CourseRole.LEARNER not in launch.roles:
        enrolments.give_role(session, run.tenant_id, run.id, person.id, Role.MENTOR, now)
    if hand.touched:
        relating.settle(session, hand)
    withdraw_idle_leader(session, run, person.id, now)

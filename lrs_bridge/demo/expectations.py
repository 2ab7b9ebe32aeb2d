"""What everybody in the demo expected to get in the way: asked before day zero, answered by nearly all."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.demo.cohort import Cast, Habit, Member
from lrs_bridge.domain.people import Role
from lrs_bridge.store import people, tensions
from lrs_bridge.store.runs import RunRow

_ASKED, _UNTIL = timedelta(days=21), timedelta(days=5)  # before day zero
_BY_ROLE: dict[Role, tuple[tuple[str, ...], ...]] = {
    Role.PARTICIPANT: (
        ("opportunity_to_use", "manager_support"),
        ("opportunity_to_use", "incentives"),
        ("tools_resources", "opportunity_to_use"),
        ("incentives", "managers_manager"),
        ("timing",),
    ),
    Role.MANAGER: (("tools_resources", "timing"), ("incentives", "timing"), ("timing", "peer_norms")),
    Role.SPONSOR: (("incentives",), ("timing", "incentives")),
    Role.COACH: (("manager_support", "opportunity_to_use"),),
    Role.ASSESSOR: (("skill_not_learned",), ("timing",), ("opportunity_to_use",)),
}
"""Answers in turn."""


def write_expectations(session: Session, cast: Cast, run: RunRow) -> None:
    """The request of the designer's and the answers. Who gave one is told by nothing: the marks are numbers."""
    by = next(member for member in cast.members if member.role is Role.DESIGNER)
    known = people.people_by_account(session, run.tenant_id, [by.account])
    asked = datetime.combine(run.day_zero - _ASKED, time(9), run.run.zone)
    tensions.ask(session, run.tenant_id, run.id, known[by.account].id, run.day_zero - _UNTIL, asked)
    session.flush()
    request = tensions.latest_request(session, run.tenant_id, run.id)
    if request is None:
        return
    turns = dict.fromkeys(_BY_ROLE, 0)
    for number, member in enumerate(cast.members):
        if member.role in _BY_ROLE and _answers(member):
            said = _BY_ROLE[member.role][turns[member.role] % len(_BY_ROLE[member.role])]
            turns[member.role] += 1
            tensions.answer(session, run.tenant_id, request.id, f"demo {number}", str(member.role), said)


def _answers(member: Member) -> bool:
    return member.habit is not Habit.SILENT

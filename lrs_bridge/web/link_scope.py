"""How far a link of a letter goes: as what one acts by it, the page of its task, and which pages belong to that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.links import role_of, task_of
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors


def roles_by(link: MessageLink) -> frozenset[Role]:
    """As what somebody acts by this link; whoever is only named is nothing yet."""
    if link.task == TaskKind.NOMINATION:
        return frozenset()
    return frozenset({Role.PEER if link.task == TaskKind.RATING else role_of(task_of(link))})


_TASKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    TaskKind.MOMENT: ("visit.moment", {"enrolment": "enrolment_id", "statement": "ref"}),
    TaskKind.STEP: ("visit.led_step", {"enrolment": "enrolment_id", "step_id": "ref"}),
    TaskKind.PEOPLE: ("visit.people", {}),
    TaskKind.RATING: ("visit.rate", {"enrolment": "enrolment_id", "step_id": "ref"}),
    TaskKind.CHAIN: ("visit.sponsor_room", {}),
    TaskKind.NOTICE: ("visit.read_notice", {}),
    TaskKind.NOMINATION: ("visit.named", {}),
}
_OF_TASK = {
    TaskKind.MOMENT: frozenset({"visit.moment", "visit.answer_moment"}),
    TaskKind.STEP: frozenset({"visit.led_step", "visit.do_led_step", "visit.led_step_dates"}),
    TaskKind.PEOPLE: frozenset({"visit.people", "visit.ask_for_link"}),
    TaskKind.RATING: frozenset({"visit.rate", "visit.keep_rating", "visit.decline_rating"}),
    TaskKind.CHAIN: frozenset({"visit.sponsor_room"}),
    TaskKind.NOTICE: frozenset({"visit.read_notice", "visit.have_read_notice"}),
    TaskKind.NOMINATION: frozenset({"visit.named", "visit.answer_named"}),
}
_OF_PILOT = frozenset({"visit.remarks", "visit.leave_remark"})
_OF_STEP_OF_CHAIN = frozenset(
    {
        "visit.sponsor_message",
        "visit.send_message",
        "visit.sponsor_case",
        "visit.give_case",
        "visit.talked_with",
        "visit.sponsor_step",
    }
)


def page_of(link: MessageLink, **more: Any) -> str:
    """The page of a link's task, within a visit."""
    endpoint, names = _TASKS[TaskKind(link.task)]
    values: dict[str, Any] = {name: getattr(link, field) for name, field in names.items()}
    return url_for(endpoint, **values, **more)


def keep_to_task(link: MessageLink, run: RunRow | None) -> ResponseReturnValue | None:
    """A visit by link stays with the link's task: its first page is that, and every other page is a closed door."""
    if request.endpoint == "visit.home":
        return redirect(page_of(link), 303)
    kind, given = TaskKind(link.task), request.view_args or {}
    same = all(given.get(name) == getattr(link, field) for name, field in _TASKS[kind][1].items())
    if request.endpoint in _OF_TASK[kind] and same:
        return None
    if request.endpoint in _OF_PILOT and run is not None and run.is_pilot and roles_by(link):
        return None
    if kind is TaskKind.CHAIN and request.endpoint in _OF_STEP_OF_CHAIN and given.get("step_id") == link.ref:
        return None
    raise doors.Door(
        403,
        "Your link opens one thing, and this is another",
        "Each link in a message is for one task. This page needs a link of its own, or the journey in your course.",
        (("Go back", "to the page you came from."), doors.HELP_DESK),
        reason="outside of the task of the link",
    )

"""Links of every kind: whether what one is for is still asked of whoever has it, and a fresh one in its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.flows import asking_raters, links, nomination_letters
from lrs_bridge.flows.rounds import is_asked
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.runs import RunRow


def link_holds(session: Session, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """Whether what a link is for is still asked of whose link it is."""
    if link.task == TaskKind.RATING:
        return is_asked(session, run, link.person_id, link.enrolment_id or "", link.ref, now)
    if link.task == TaskKind.NOMINATION:
        nomination = nomination_letters.nomination_of(session, run, link)
        return nomination is not None and nomination.waits
    return links.holds(session, run, links.task_of(link), now)


def send_again(session: Session, secret_key: str, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """A fresh link in the place of one that is too old, once a day; False where that was done, or nothing is to do."""
    if link.task == TaskKind.RATING:
        return asking_raters.send_again(session, secret_key, run, link, now)
    if link.task == TaskKind.NOMINATION:
        return nomination_letters.tell_again(session, secret_key, run, link, now)
    return links.send_link(session, secret_key, run, links.task_of(link), now)

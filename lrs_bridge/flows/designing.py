"""Journeys in the making: drafts that may be wrong, and publishing one as a version that never changes after."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Journey
from lrs_bridge.journeyfile import JourneyFileError, Problem, editing, load_journey
from lrs_bridge.store import drafts, journeys, tenants
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.store.journeys import JourneyRow

log = logging.getLogger("lrs_bridge.design")

LONGEST = 200_000
"""Characters of a file. A journey of a hundred steps has 40,000; a form takes twice as much."""
FILE = "the file"
_UNTITLED = "Untitled journey"

SKELETON = """\
journey: my-journey
version: 1
title: My journey
# Why this, for whom: shown at the foot of everybody's page.
purpose:
  where: Where we are going
  how: How we get there
  why: Why it is worth it
behaviours:
  - {id: B1, title: What people do differently and others can see}
moments:
  - {id: M1, title: The moment in the job in which they do it, behaviours: [B1]}
targets: {applications: 3, moments: 1, periods: 3, period_days: 14}
surveys:
  success_case: {kind: success_case, confidentiality: confidential}
steps:
  - id: S01
    phase: before
    type: conversation
    owner: manager
    with: participant
    title: "Before: what it is for, and what time is protected"
    opens_day: -14
    due_day: -3
    corroborated_by: participant
  - id: S02
    phase: during
    type: live_event
    owner: participant
    with: cohort
    title: The course
    opens_day: 0
    due_day: 0
  - id: S03
    phase: during
    type: live_event
    owner: manager
    with: cohort
    title: Be there at the beginning
    required: false
    opens_day: 0
    due_day: 0
  - id: S04
    phase: after
    type: conversation
    owner: manager
    with: participant
    title: "Within a week: what will you try, what is in the way"
    opens_day: 1
    due_day: 7
    corroborated_by: participant
  - id: S05
    phase: after
    type: mtm_application
    owner: participant
    with: manager
    title: Use it in a real moment, three times
    opens_day: 1
    due_day: 42
    expected: 3
  - id: S06
    phase: after
    type: survey
    owner: participant
    title: What came of it
    opens_day: 56
    due_day: 66
    survey: success_case
"""


class Stale(Exception):
    """Somebody else changed the draft since the form was drawn."""


class CannotPublish(ValueError):
    """The draft cannot become a version as it is; the message says why."""


@dataclass(frozen=True)
class Checked:
    """A file, read: the journey, or what is wrong with it, never both."""

    journey: Journey | None
    problems: Sequence[Problem] = ()


def check(source: str) -> Checked:
    """Read a file. Costs a few milliseconds."""
    try:
        return Checked(load_journey(source, FILE))
    except JourneyFileError as error:
        return Checked(None, error.problems)


def tidy(source: str) -> str:
    """What came from a form or a file, with the line ends of a text, and without what no database takes."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def begin(
    session: Session, tenant_id: str, source: str, by: str, now: datetime, base: JourneyRow | None = None
) -> DraftRow:
    """A new draft with this text."""
    row = drafts.add_draft(session, tenant_id, tidy(source)[:LONGEST], by, now, base.id if base else None)
    _read_names(row)
    session.flush()
    return row


def next_version(session: Session, version: JourneyRow, by: str, now: datetime) -> DraftRow:
    """A draft of the version to come, from any version of the journey."""
    text = editing.with_version(version.source, FILE, _newest(session, version.tenant_id, version.slug) + 1)
    return begin(session, version.tenant_id, text, by, now, version)


def copy_of(session: Session, tenant_id: str, source: str, by: str, now: datetime) -> DraftRow:
    """A draft of another journey that begins as this one: a name of its own, version 1, and not known to be related."""
    said = editing.typed(source, FILE)
    slug, title = str(said.get("journey", "journey")), str(said.get("title", _UNTITLED))
    taken = {row.slug for row in journeys.installed(session, tenant_id)} | {
        row.slug for row in drafts.drafts(session, tenant_id)
    }
    if slug in taken:
        slug = next(name for n in range(1, 10_000) if (name := f"{slug[:90]}-copy{n if n > 1 else ''}") not in taken)
        title = f"{title} (copy)"
    text = editing.put(source, FILE, (), {"journey": slug, "title": title})
    return begin(session, tenant_id, editing.with_version(text, FILE, 1), by, now)


def save(session: Session, row: DraftRow, source: str, seen: int | None, by: str, now: datetime) -> None:
    """Keep what was typed, right or wrong. `seen`: the revision that the form showed. Raises Stale.

    `row` has to be locked. The same text as is there changes nothing.
    """
    text = tidy(source)[:LONGEST]
    if text == row.source:
        return
    if seen is not None and seen != row.revision:
        raise Stale
    row.previous, row.source = row.source, text
    row.revision, row.changed, row.by = row.revision + 1, now, by
    _read_names(row)
    session.flush()


def take_back(session: Session, row: DraftRow, seen: int, by: str, now: datetime) -> bool:
    """The text before the last change again; False where there is none. Raises Stale."""
    if row.previous is None:
        return False
    save(session, row, row.previous, seen, by, now)
    return True


def _read_names(row: DraftRow) -> None:
    """What the list of drafts calls it; what cannot be read now stays as it was."""
    try:
        said = editing.typed(row.source, FILE)
    except JourneyFileError:
        said = {}
    for name, key in (("title", "title"), ("slug", "journey")):
        value = said.get(key)
        if isinstance(value, str) and value.strip():
            setattr(row, name, value.strip())
    row.title = row.title or _UNTITLED


def _newest(session: Session, tenant_id: str, slug: str) -> int:
    found = journeys.versions(session, tenant_id, slug)
    return found[0].version if found else 0


def publish(session: Session, row: DraftRow, seen: int, by: str, now: datetime) -> JourneyRow:
    """Make a version of the draft, and throw the draft away. Raises Stale, CannotPublish, JourneyFileError.

    A number that a version has already, or one before it, becomes the next free one: versions go up. A draft that
    was published by the same form a moment ago answers that version.
    """
    tenants.lock(session, row.tenant_id)
    journey = load_journey(row.source, FILE)
    if row.removed is not None:
        known = next(
            (one for one in journeys.versions(session, row.tenant_id, journey.slug) if one.source == row.source), None
        )
        if known is None:
            raise CannotPublish("This draft was thrown away. Take it back first.")
        return known
    if seen != row.revision:
        raise Stale
    newest = _newest(session, row.tenant_id, journey.slug)
    if journey.version <= newest:
        row.source = editing.with_version(row.source, FILE, newest + 1)
    version = journeys.install(session, row.tenant_id, row.source, FILE, now, by)
    drafts.remove_draft(session, row, now)
    log.info("journey %s version %d is published by %s", version.slug, version.version, by)
    return version


def version_to_be(session: Session, tenant_id: str, journey: Journey) -> int:
    """The number that publishing would give it."""
    return max(journey.version, _newest(session, tenant_id, journey.slug) + 1)

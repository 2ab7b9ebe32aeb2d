"""What tests of the study pages share: a run of 120 people who answered like those of the worked example."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import studying
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, people
from tests.flows.world import ISSUER
from tests.personas import SECRET, House, Page, Tab

HIGH, MIDDLE, LOW = (3, 3, 1), (3, 2, 1), (1, 1, 0)
RULE = {"high_items": "2", "low_at_most": "1", "min_answered": "66,67"}
TRIED = "study/board?high_items=2&low_at_most=1&min_answered=66.67"


def crowd(house: House, *groups: tuple[int, tuple[int, ...]], silent: int = 0, area: str | None = None) -> list[str]:
    """So many people who gave these answers, and some who gave none; the house's own three leave. Registrations."""
    world = house.world
    world.clock.now = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
    wanted = [answers for count, answers in groups for _ in range(count)] + [None] * silent
    found = []
    with world.sessions.write() as session:
        for known in house.enrolments.values():
            row = enrolments.get_enrolment(session, world.tenant.id, known.id)
            assert row is not None
            row.withdrawn = date(2026, 4, 1)
        for number, answers in enumerate(wanted):
            name = f"Person{number:03} Crowd"
            person = people.ensure_person(session, world.tenant.id, ISSUER, f"crowd-{number}", world.clock(), name=name)
            ids = world.tenant.id, world.run.id, person.id
            row, _ = enrolments.enrol(session, *ids, date(2026, 2, 10), area)
            found.append(row.id)
            if answers is not None:
                record(session, world.tenant, answer(house, person.account, row.id, answers), world.clock())
    world.clock.now = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
    return found


def answer(house: House, account: str, registration: str, answers: Iterable[int]) -> Event:
    run = house.world.run
    return Event(
        id=uuid4(),
        kind=Kind.ANSWERED,
        at=house.world.clock(),
        actor=account,
        role=Role.PARTICIPANT,
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=registration,
        step="S24",
        step_type="survey",
        data={"answers": dict(zip(("M1", "M2", "M3"), answers, strict=True)), "factors": {"timing": "helped"}},
    )


def study_of(house: House) -> Study:
    with house.bridge.sessions.read() as session:
        return studying.study_of(session, SECRET, house.bridge.registry, house.world.run, house.bridge.clock())


def does(house: House, eva: Tab, path: str, form_at: str | None = None, **fields: Any) -> Page:
    """Fill in a form a minute after the one before, and go where it leads."""
    house.world.clock.on(minutes=1)
    return eva.follow(eva.fill(path, form_at, **fields))


def sorted_and_drawn(house: House, eva: Tab, seed: int = 1) -> None:
    does(house, eva, "study/rule", TRIED, **RULE)
    does(house, eva, "study/draws", f"study/draw?seed={seed}")


def codes(house: House, bucket: Bucket) -> list[str]:
    """Of the sample, in the order in which they are asked."""
    study = study_of(house)
    return [study.codes[one.registration] for one in study.sample if one.bucket is bucket]


def interview(house: House, eva: Tab, code: str, verdict: str | None = None, **fields: Any) -> None:
    given = {"day": "2026-05-11", "quoting": "role", "claimed": "A renewal was kept", **fields}
    house.world.clock.on(minutes=1)
    eva.follow(eva.fill(f"study/cases/{code}/interview", f"study/cases/{code}", **given))
    if verdict:
        told = {"verdict": verdict, "source": "The sales report"}
        does(house, eva, f"study/cases/{code}/verify", f"study/cases/{code}", **told)


def story(house: House, eva: Tab, code: str, text: str = "A customer stayed after a talk.") -> str:
    """Written, and not yet read."""
    page = does(house, eva, f"study/stories/of/{code}", f"study/stories/new?case={code}", title="A renewal", text=text)
    found = re.search(r"study/stories/([0-9a-f-]{36})", page.html)
    assert found
    return found.group(1)


def undo_button(page: Page) -> dict[str, str]:
    """The hidden fields of the first undo on a page."""
    form = re.search(r'action="[^"]*study/undo"[^>]*>(.*?)</form>', page.html, re.DOTALL)
    assert form, page.text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(1)))

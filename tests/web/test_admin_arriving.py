"""Is everything arriving? The page says so in its first sentence, and why not where it is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.deliver import deliver
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import worker_signs
from lrs_bridge.store.backlog import ScoresOf
from lrs_bridge.store.worker_signs import Me, WorkerSign
from lrs_bridge.web.admin import arriving
from tests.fakes.gradebook import FakeGradebook
from tests.personas import AdminTab, House

NOW = datetime.fromisoformat("2026-03-26T09:00:00+00:00")


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def at_work(house: House) -> None:
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        worker_signs.sign(session, Me("11111111-1111-1111-1111-111111111111", "a", "loop", "1", now), now)


def send(house: House, book: FakeGradebook) -> None:
    send_due(Sending(house.bridge.sessions, book, house.bridge.clock, lambda: 0.5, at_once=1))


class Away:
    """A record store that is down."""

    def write(self, statements: Any) -> Any:
        raise Unavailable("The store is being mended.")


def test_where_no_worker_runs_the_first_sentence_says_so(house: House, ada: AdminTab) -> None:
    text = ada.open("arriving").text
    assert "No: Workers" in text.split("Nothing is lost")[0]
    assert "lrs-bridge worker" in text
    at_work(house)
    assert "No: Workers" not in ada.open("arriving").text


def test_statements_that_wait_stand_there_with_their_age_and_reason(house: House) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    deliver(house.bridge.sessions, Away(), house.world.tenant.id, house.bridge.clock(), 0.5)  # type: ignore[arg-type]
    house.world.clock.on(hours=3)
    page = house.ada().come_in().open("arriving")
    assert "statements waiting, the oldest for" in page.text
    assert "The store is being mended." in page.text
    assert "Sending" in page.text.split("Nothing is lost")[0]


def test_scores_stand_there_by_lms_with_a_way_to_try_again(house: House, ada: AdminTab) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    house.evaluate()
    book = FakeGradebook(troubles=[Unavailable("The LMS is being updated.")] * 50)
    send(house, book)
    page = ada.open("arriving")
    assert "The LMS is being updated." in page.text
    assert "Try all scores again now" in page.text
    assert ada.fill("waiting/scores", form_at="arriving").status == 303
    book.troubles.clear()
    send(house, book)
    assert "All scores have arrived." in ada.open("arriving").text


def test_another_tenant_s_troubles_are_not_shown(house: House, ada: AdminTab) -> None:
    from lrs_bridge.store import admins, tenants

    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    with house.bridge.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", "https://other.example", house.bridge.clock())
        link = admins.make_link(session, other.id, house.bridge.clock())
    text = AdminTab(house.client(), link).come_in().open("arriving").text
    assert "No LMS is connected." in text
    assert "All sent." in text
    assert "All sent." not in ada.open("arriving").text


def test_the_page_asks_as_much_of_many_people_as_of_one(house: House, ada: AdminTab) -> None:
    """However many scores and statements wait."""

    def queries() -> int:
        asked: list[str] = []

        def note(_c: object, _u: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(house.bridge.engine, "before_cursor_execute", note)
        try:
            ada.open("arriving")
        finally:
            event.remove(house.bridge.engine, "before_cursor_execute", note)
        return len(asked)

    house.acted(Kind.COMPLETED, "petra", step="S08", completion=True)
    house.evaluate()
    one = queries()
    for who in ("petra", "ben", "jonas"):
        for step in ("S08", "S28", "S04"):
            house.acted(Kind.COMPLETED, who, who, step=step, completion=True)
    house.evaluate()
    assert queries() == one


# Rows


def scores_of(**values: Any) -> ScoresOf:
    return ScoresOf(
        **{"platform_id": "p", "name": "LMS", "waiting": 0, "refused": 0, "oldest": None, "until": None, "reason": None}
        | values
    )


@pytest.mark.parametrize(
    ("values", "shape", "text"),
    [
        ({}, "ok", "All scores have arrived."),
        ({"waiting": 2, "oldest": NOW - timedelta(minutes=3)}, "care", "Two scores waiting, the oldest for 3 minutes."),
        ({"waiting": 1, "oldest": NOW - timedelta(hours=2)}, "bad", "One score waiting, the oldest for 2 hours."),
        ({"refused": 12}, "bad", "12 scores refused."),
    ],
)
def test_an_lms_is_as_well_as_its_scores(values: dict[str, Any], shape: str, text: str) -> None:
    row = arriving.gradebook(scores_of(**values), NOW)
    assert (row.shape, row.text) == (shape, text)


def test_workers_of_different_versions_are_worth_a_look() -> None:
    """An update that forgot one."""
    signs = [WorkerSign(id=v, host="a", called_by="loop", version=v, started=NOW, seen=NOW) for v in ("1.0", "1.1")]
    assert arriving.worker(signs[:1], NOW).shape == "ok"
    row = arriving.worker(signs, NOW)
    assert row.shape == "care"
    assert "1.0, 1.1" in row.text
    assert arriving.worker(signs, NOW + timedelta(minutes=5)).shape == "bad"

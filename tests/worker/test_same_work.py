"""What a worker does is the same, whoever calls it: the loop, Celery on RabbitMQ, Celery on Redis."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.store import worker_signs
from lrs_bridge.worker.starting import hang_doorbell
from lrs_bridge.worker.work import Work
from tests.worker.conftest import Down, House


def test_an_act_arrives_in_the_record_and_in_the_gradebook(house: House) -> None:
    with house.worker():
        act = house.world.act(Kind.COMPLETED, house.world.petra, step="S08", completion=True)
        house.bridge.poke()
        house.until(lambda: act.statement_id in house.statements())
        house.until(lambda: house.book.shows("journey_completion", "petra"))


def test_an_act_arrives_without_a_poke(house: House) -> None:
    """A poke that is lost is made up for by the next look."""
    with house.worker():
        act = house.world.act(Kind.COMPLETED, house.world.petra, step="S08", completion=True)
        house.until(lambda: act.statement_id in house.statements())
        house.until(lambda: house.book.shows("journey_completion", "petra"))


def test_all_parts_of_the_work_are_asked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Delivering, going round, letters: each again and again, by whatever calls."""
    asked: Counter[str] = Counter()
    for part in ("deliver", "round", "letters"):
        monkeypatch.setattr(Work, part, lambda self, part=part: asked.update([part]) or 0)
    with house.worker():
        house.until(lambda: asked["deliver"] > 1 and asked["round"] > 1 and asked["letters"] > 0)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_what_was_done_while_no_worker_ran_is_found(house: House) -> None:
    act = house.world.act(Kind.COMPLETED, house.world.petra, step="S08", completion=True)
    house.bridge.poke()
    with house.worker():
        house.until(lambda: act.statement_id in house.statements())
        house.until(lambda: house.book.shows("journey_completion", "petra"))


def test_a_record_store_that_is_down_holds_up_no_score(house: House) -> None:
    tenant = house.world.tenant.id
    house.bridge.stores[tenant] = Down()
    with house.worker():
        act = house.world.act(Kind.COMPLETED, house.world.petra, step="S08", completion=True)
        house.until(lambda: house.book.shows("journey_completion", "petra"))
        del house.bridge.stores[tenant]
        house.world.clock.on(hours=1)
        house.until(lambda: act.statement_id in house.statements())


def test_a_worker_gives_signs_of_life_and_takes_its_leave(house: House) -> None:
    def last() -> object:
        with house.world.sessions.read() as session:
            return worker_signs.last_sign(session)

    with house.worker():
        house.until(last)
        with house.world.sessions.read() as session:
            (sign,) = worker_signs.signs(session)
        assert sign.called_by == ("celery" if house.line else "loop")
    assert last() is None


def test_a_broker_that_is_lost_stops_nobody_from_acting_and_loses_nothing(house: House) -> None:
    """Acts are saved at once, and what waited goes out when the broker is back."""
    if house.line is None:
        pytest.skip("the loop needs no broker")
    with house.worker():
        first = house.world.act(Kind.COMPLETED, house.world.petra, step="S08", completion=True)
        house.until(lambda: first.statement_id in house.statements())
        house.line.cut()
        acts = [house.world.act(Kind.ATTENDED, house.world.petra, step="S09") for _ in range(3)]
        began = time.monotonic()
        house.bridge.poke()
        assert time.monotonic() - began < 1.5, "a poke waits for nobody"
        house.line.mend()
        house.until(lambda: {act.statement_id for act in acts} <= set(house.statements()))
        house.until(lambda: house.book.shows("journey_completion", "petra"))
    assert len(house.statements()) == len(set(house.statements()))


def test_a_poke_comes_through_from_a_process_without_a_worker(house: House) -> None:
    """One message for many rings at once, and none where enough of them wait already."""
    if house.line is None:
        pytest.skip("without a broker a worker in another process looks by itself")
    from lrs_bridge.worker.celery_app import make_app
    from lrs_bridge.worker.doorbell import ENOUGH, Doorbell, waiting

    settings = house.bridge.settings
    app = make_app(settings.broker_url or "", settings.broker_queue)
    with app.connection_for_write() as connection:
        hang_doorbell(house.bridge)
        for _ in range(100):
            house.bridge.poke()
        house.until(lambda: waiting(connection, settings.broker_queue) > 0)
        bells = [Doorbell(app, "lrs_bridge.look") for _ in range(2 * ENOUGH)]
        assert [bell.send() for bell in bells] == [True] * len(bells)
        assert waiting(connection, settings.broker_queue) <= ENOUGH + 1
        for bell in bells:
            bell.drop()

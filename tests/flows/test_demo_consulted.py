"""The demo's finished run of the second sample tells what it was worth to both sides."""

from __future__ import annotations

from lrs_bridge.demo import consulted
from lrs_bridge.domain.insights.pair import BUSINESS, PERSON, pair
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.publishing import is_over
from lrs_bridge.hooks.registry import load
from lrs_bridge.journeyfile import sample_text
from lrs_bridge.store import facts, journeys, people, publications, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.facts import FactRow
from tests.flows.world import ISSUER, World, build

SLUG, REACTION, K = "performance-consulting-10", "reaction", 5


def written(sessions: Sessions) -> World:
    world = build(sessions)
    with sessions.write() as session:
        journeys.install(session, world.tenant.id, sample_text(SLUG), SLUG, world.clock())
        folk = {
            key: people.ensure_person(session, world.tenant.id, ISSUER, key, world.clock(), name=key).account
            for key, _ in consulted.SEEN_BY
        }
        main = runs.get_run(session, world.tenant.id, world.run.id)
        assert main is not None
        consulted.write_consulted(session, load(), main, folk, world.clock().date())
    while evaluate_due(sessions, load(), world.clock()):
        pass
    return world


def test_it_is_worth_more_to_the_people_than_to_the_business(sessions: Sessions) -> None:
    """Ten of twelve said so; the run is over, so that the pair is out."""
    world = written(sessions)
    with sessions.read() as session:
        run = runs.get_run(session, world.tenant.id, consulted.RUN_ID)
        assert run is not None
        assert is_over(run, world.clock())
        assert run.closed is not None
        published = publications.of_run(session, world.tenant.id, run.id)[REACTION]
    found = pair(publications.last_of(published), frozenset({PERSON, BUSINESS}), K)
    assert found.person is not None
    assert found.business is not None
    assert (found.person.people, found.business.people) == (10, 10)
    assert (found.person.low, found.business.low) == (4.5, 3.2)


def test_nobody_is_behind_an_answer(sessions: Sessions) -> None:
    """It is an anonymous survey in the demo, too: no registration, and an account that nobody has."""
    world = written(sessions)
    with sessions.read() as session:
        told = [one for one in facts.facts_where(session, FactRow.run_id == consulted.RUN_ID) if one.step == "W2"]
        accounts = people.people_by_account(session, world.tenant.id, [one.actor for one in told])
    assert [one.registration for one in told] == [None] * len(told)
    assert len(told) == 10
    assert accounts == {}

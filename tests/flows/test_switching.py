"""Of two administrators who save at the same moment one is told of the other, on every database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows.previewing import PEOPLE_AT_MOST, preview
from lrs_bridge.flows.switching import Named, Stale, change
from lrs_bridge.store import enrolments, people, plugin_changes, plugin_settings
from lrs_bridge.store.plugin_changes import Search, Who
from tests.flows.world import ISSUER, World
from tests.plugins import installed

REGISTRY = installed()
EVALUATOR = REGISTRY.evaluators["mtm_application"]


def test_of_two_at_the_same_moment_one_is_told_of_the_other(world: World):
    at = Named(Place(Scope.COURSE, world.course.id), "course-1")
    together = Barrier(2)

    def save(days: int) -> str:
        together.wait()
        try:
            with world.sessions.write() as session:
                word = Word(None, {"half_life_days": days})
                who = Who(f"of {days}", "v")
                change(
                    session, world.tenant.id, EVALUATOR, at, word, seen=0, act=str(uuid4()), who=who, now=world.clock()
                )
        except Stale as stale:
            return stale.changes[0].who
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, (10, 30)))
    with world.sessions.read() as session:
        (noted,) = plugin_changes.newest(session, world.tenant.id, Search(), 10)
        kept = plugin_settings.words(session, world.tenant.id)["mtm_application"]
    assert sorted(answers) == sorted(["saved", noted.who])
    assert kept == {at.place: noted.words[1]}


def test_of_a_large_run_some_are_looked_at_and_always_the_same(world: World):
    with world.sessions.write() as session:
        for number in range(PEOPLE_AT_MOST + 5):
            person = people.ensure_person(session, world.tenant.id, ISSUER, f"p{number}", world.clock())
            enrolments.enrol(session, world.tenant.id, world.run.id, person.id, world.run.day_zero)
    place, word = Place(Scope.COURSE, world.course.id), Word(False)
    with world.sessions.read() as session:
        found = [preview(session, REGISTRY, world.run, EVALUATOR, place, word, world.clock()) for _ in range(2)]
    assert [(one.looked, one.people, one.of_groups) for one in found] == [(200, 206, False)] * 2
    assert found[0].before.outcomes.keys() == found[1].before.outcomes.keys()


def test_a_preview_ends_when_its_time_is_up(world: World):
    """Each look at the clock takes a second here; what was done until then is told."""
    seconds = iter(range(1000))
    with world.sessions.write() as session:
        for number in range(20):
            person = people.ensure_person(session, world.tenant.id, ISSUER, f"p{number}", world.clock())
            enrolments.enrol(session, world.tenant.id, world.run.id, person.id, world.run.day_zero)
    place = Place(Scope.COURSE, world.course.id)
    with world.sessions.read() as session:
        found = preview(
            session, REGISTRY, world.run, EVALUATOR, place, Word(False), world.clock(), lambda: float(next(seconds))
        )
    assert 0 < found.looked < found.people == 21

"""Who sees which statement, and what of it: names or content, one run or all, here or elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import viewing
from lrs_bridge.flows.deliver import deliver
from lrs_bridge.flows.naming import known_of
from lrs_bridge.flows.shelves import Seen
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store.record_viewing import Search
from lrs_bridge.xapi.names import extension
from tests.flows.world import World
from tests.unit.xapi.golden import PAIRS


class Desk:
    """The record of the world, looked at. `enrolled`: the ids of what is in it from the start."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.eva = Eyes(world.tenant.id, world.tenant.iri_base, run_id=world.run.id)
        self.ada = replace(self.eva, run_id=None)
        self.record = replace(self.ada, content=True)
        self.enrolled = [seen.id for seen in self.look(self.record).seen]

    def act(self, kind: Kind, actor: Any = None, **more: Any) -> Event:
        self.world.clock.on(seconds=1)
        return self.world.act(kind, actor or self.world.petra, **more)

    def deliver(self) -> None:
        world = self.world
        store = EmbeddedRecordStore(world.sessions, world.tenant.id, world.clock)
        deliver(world.sessions, store, world.tenant.id, world.clock(), 0.5, 1000)

    def look(self, eyes: Eyes, search: Search | None = None, **more: Any) -> viewing.Page:
        self.deliver()
        with self.world.sessions.read() as session:
            return viewing.look(session, eyes, search or Search(run_id=eyes.run_id), **more)

    def kinds(self, eyes: Eyes) -> list[Kind]:
        return [seen.fact.kind for seen in self.look(eyes).seen if seen.fact]

    def find(self, eyes: Eyes, id_: str) -> Seen | None:
        self.deliver()
        with self.world.sessions.read() as session:
            return viewing.find(session, eyes, id_)

    def shown(self, eyes: Eyes, event: Event) -> dict[str, Any]:
        seen = self.find(eyes, event.statement_id)
        assert seen
        return viewing.shown(eyes, seen)[0]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def answered(desk: Desk) -> Event:
    return desk.act(Kind.ANSWERED, step="S24", data={"answers": {"M1": 3, "M2": 0, "M3": 2}})


def applied(desk: Desk) -> Event:
    return desk.act(Kind.APPLIED, step="S13", moment="M1", score=Score(3, 0, 4), data={"behaviours": ["B1"]})


@pytest.mark.parametrize("remote", [False, True])
def test_with_names_there_is_no_content(desk: Desk, remote: bool) -> None:
    """What was answered and how well it went are cut out, whether the record is here or elsewhere."""
    survey, moment = answered(desk), applied(desk)
    for eyes in (replace(desk.eva, remote=remote), replace(desk.ada, remote=remote)):
        for event in (survey, moment):
            text = repr(desk.shown(eyes, event))
            assert "answers" not in text
            assert "score" not in text
    assert "B1" in repr(desk.shown(replace(desk.eva, remote=remote), moment))


@pytest.mark.parametrize("remote", [False, True])
def test_as_recorded_all_of_it_is_there(desk: Desk, remote: bool) -> None:
    """For the eyes that see no names."""
    survey, moment = answered(desk), applied(desk)
    eyes = replace(desk.record, remote=remote)
    assert "'M2': 0" in repr(desk.shown(eyes, survey))
    assert "3" in repr(desk.shown(eyes, moment)["score" if remote else "result"])


def test_what_two_people_say_of_each_other_is_not_there_with_names(desk: Desk) -> None:
    """Nor is the void of it, which would tell that something was said."""
    talked = desk.act(Kind.TALKED_WITH, desk.world.mark, step="S12", counterpart=desk.world.petra.account)
    disputed = desk.act(Kind.DISPUTED, refers_to=talked.statement_id)
    void = desk.act(Kind.VOIDED, refers_to=disputed.statement_id)
    assert desk.kinds(desk.eva) == desk.kinds(desk.ada) == [Kind.TALKED_WITH, Kind.REGISTERED]
    assert desk.kinds(desk.record) == [Kind.VOIDED, Kind.TALKED_WITH, Kind.REGISTERED]
    for event in (disputed, void):
        assert desk.find(desk.eva, event.statement_id) is None
        assert desk.find(desk.record, event.statement_id)


def test_the_void_of_what_is_seen_is_seen(desk: Desk) -> None:
    """Both by their ids, linked both ways."""
    moment = applied(desk)
    void = desk.act(Kind.VOIDED, refers_to=moment.statement_id)
    seen = desk.find(desk.eva, moment.statement_id)
    assert seen
    assert seen.voided
    with desk.world.sessions.read() as session:
        around = viewing.around(session, desk.eva, seen)
        assert [one.id for one in around.referring] == [void.statement_id]
        back = viewing.find(session, desk.eva, void.statement_id)
        assert back
        found = viewing.around(session, desk.eva, back)
        assert found.target
        assert found.target.id == moment.statement_id


def test_a_verification_and_what_it_verifies_are_linked_in_facts_too(desk: Desk) -> None:
    """Where the record is elsewhere."""
    moment = applied(desk)
    verified = desk.act(Kind.VERIFIED, desk.world.mark, refers_to=moment.statement_id, data={"basis": "observed"})
    eyes = replace(desk.eva, remote=True)
    with desk.world.sessions.read() as session:
        seen = viewing.find(session, eyes, moment.statement_id)
        assert seen
        assert [one.id for one in viewing.around(session, eyes, seen).referring] == [verified.statement_id]


def test_eyes_for_one_run_see_no_other(desk: Desk) -> None:
    """Even when they ask by id; and a statement that names no run is in none."""
    moment = applied(desk)
    other = replace(desk.eva, run_id="b1e0c9b8-d7f6-4e5d-8c4b-3a2918070605")
    assert desk.find(other, moment.statement_id) is None
    assert not desk.look(other).seen
    store = EmbeddedRecordStore(desk.world.sessions, desk.world.tenant.id, desk.world.clock)
    elsewhere = PAIRS["completed"]["statement"] | {"context": {}, "object": {"id": "https://x.example/course"}}
    store.write([elsewhere])
    assert desk.find(desk.eva, elsewhere["id"]) is None
    assert desk.find(desk.ada, elsewhere["id"])


def test_what_cannot_be_read_is_there_as_recorded_only(desk: Desk) -> None:
    """Nobody can say whether it holds content."""
    store = EmbeddedRecordStore(desk.world.sessions, desk.world.tenant.id, desk.world.clock)
    nested = {"objectType": "Group", "member": [{"mbox": "mailto:a@example.org"}]}
    strange = PAIRS["completed"]["statement"] | {"timestamp": "9999-12-31T23:59:59Z", "actor": nested}
    assert store.write([strange])[0].arrived
    assert desk.find(desk.ada, strange["id"]) is None
    seen = desk.find(desk.record, strange["id"])
    assert seen
    assert seen.why


@pytest.mark.parametrize("remote", [False, True])
def test_a_list_goes_on_where_it_ended(desk: Desk, remote: bool) -> None:
    """Each statement once, newest first, whatever comes in between."""
    done = [applied(desk).statement_id for _ in range(6)]
    eyes = replace(desk.eva, remote=remote)
    first = desk.look(eyes, limit=3)
    applied(desk)
    second = desk.look(eyes, before=first.older, limit=3)
    third = desk.look(eyes, before=second.older, limit=3)
    assert [seen.id for page in (first, second, third) for seen in page.seen] == done[::-1] + desk.enrolled
    assert third.older is None


@pytest.mark.parametrize("remote", [False, True])
def test_a_page_looks_at_so_many_and_says_so(desk: Desk, remote: bool) -> None:
    """What is rare is looked for in pieces, each at a bounded cost."""
    rare = desk.act(Kind.REFLECTED, step="S19")
    for _ in range(5):
        applied(desk)
    eyes, search = replace(desk.ada, remote=remote), Search(step="S19")
    first = desk.look(eyes, search, at_most=4)
    assert (first.seen, first.looked) == ([], 4)
    second = desk.look(eyes, search, before=first.older, at_most=4)
    assert [seen.id for seen in second.seen] == [rare.statement_id]


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "1.2", "9" * 40, "٣", "1e9", "5." + "a" * 50])
@pytest.mark.parametrize("remote", [False, True])
def test_a_place_that_is_none_begins_at_the_newest(desk: Desk, nonsense: str, remote: bool) -> None:
    """Anything may come from an address bar; a place of the other kind of record, too."""
    applied(desk)
    assert desk.look(replace(desk.eva, remote=remote), before=nonsense).older is None


def export(desk: Desk, eyes: Eyes, before: str | None = None) -> dict[str, Any]:
    desk.deliver()
    pieces = list(viewing.export(desk.world.sessions, eyes, Search(), before, lambda place: f"?before={place}"))
    result: dict[str, Any] = orjson.loads("".join(text for text, _ in pieces))
    assert sum(number for _, number in pieces) == len(result["statements"])
    return result


def test_an_export_is_what_a_record_store_answers(desk: Desk) -> None:
    """A StatementResult, without content where there are names."""
    survey, moment = answered(desk), applied(desk)
    whole, cut = export(desk, desk.record), export(desk, desk.ada)
    assert [one["id"] for one in whole["statements"]] == [moment.statement_id, survey.statement_id, *desk.enrolled]
    assert whole["more"] == cut["more"] == ""
    assert extension("answers") in whole["statements"][1]["result"]["extensions"]
    assert "result" not in cut["statements"][1]


def test_an_export_is_bounded_and_says_where_it_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """In `more`, as the specification has it."""
    done = [applied(desk).statement_id for _ in range(4)]
    monkeypatch.setattr(viewing, "EXPORT_AT_MOST", 3)
    first = export(desk, desk.record)
    second = export(desk, desk.record, first["more"].removeprefix("?before="))
    assert [one["id"] for one in (*first["statements"], *second["statements"])] == done[::-1] + desk.enrolled
    assert second["more"] == ""


def test_an_empty_export_is_well_formed(desk: Desk) -> None:
    """A list with nothing in it, of somebody whose run is another one."""
    assert export(desk, replace(desk.eva, run_id="another")) == {"statements": [], "more": ""}


def test_names_are_of_people_the_record_speaks_of(desk: Desk) -> None:
    """By account; participants by their enrolment, of the run that is looked at only."""
    applied(desk)
    desk.act(Kind.OBSERVED, desk.world.mark, step="S14", role=Role.MANAGER)
    found = [seen.fact for seen in desk.look(desk.eva).seen if seen.fact]
    with desk.world.sessions.read() as session:
        known = known_of(session, desk.world.tenant.id, found, desk.world.run.id)
        other = known_of(session, desk.world.tenant.id, found, "another run")
    assert set(known.names.values()) == {"Petra Novak", "Mark Jensen"}
    assert set(known.runs) == {desk.world.run.id}
    assert known.participant(found[0]) == desk.world.petra.account
    assert not other.runs
    assert other.participant(found[0]) is None

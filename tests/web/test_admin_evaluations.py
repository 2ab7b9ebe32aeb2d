"""Ada sees what is computed again and how far it is, how evaluators behave, and what fails; and she tries one again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.domain.evaluators import Level
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.failing import Rule
from lrs_bridge.flows import recompute
from lrs_bridge.flows.evaluate import GROUPS_WAIT, evaluate_due
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import evaluator_watch, recomputations, tenants
from tests.flows.test_failing_evaluators import BAD, breaking, raising
from tests.flows.test_recompute import _join as join
from tests.personas import AdminTab, House, everybody

QUICK_TO_SWITCH_OFF = Rule(failures=2, subjects=2)


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def evaluate(house: House, registry: Registry | None = None, rounds: int = 100) -> None:
    """Some rounds of the worker; all it takes, where nothing else is said."""
    for _ in range(rounds):
        done = evaluate_due(
            house.bridge.sessions, registry or house.bridge.registry, house.bridge.clock(), rule=QUICK_TO_SWITCH_OFF
        )
        if not done:
            break
    if rounds > 1:
        house.world.clock.on(seconds=GROUPS_WAIT.total_seconds())
        while evaluate_due(
            house.bridge.sessions, registry or house.bridge.registry, house.bridge.clock(), rule=QUICK_TO_SWITCH_OFF
        ):
            pass


def broken(house: House, error: BaseException | None = None) -> Registry:
    return breaking(house.bridge.registry, raising(error or ZeroDivisionError("<b>no luck</b>\nsecret second line")))


def test_when_nothing_has_happened_yet(ada: AdminTab) -> None:
    text = ada.open("evaluations").text
    assert "Nothing under way" in text
    assert "Has not been asked yet." in text
    assert "No evaluator fails about anybody." in text


def test_how_far_it_has_come_since_when_why_and_how_long_still(house: House, ada: AdminTab) -> None:
    join(house.world, 30)
    evaluate(house)
    with house.bridge.sessions.write() as session:
        recompute.ask(session, house.world.tenant.id, reason="The weights changed.", by="Bea", now=house.bridge.clock())
    assert "Waits for its turn. The weights changed. Asked for on 26 March, 09:00 UTC by Bea." in (
        ada.open("evaluations").text
    )
    evaluate(house, rounds=1)
    house.world.clock.on(minutes=5)
    text = ada.open("evaluations").text
    assert " people. About " in text
    assert "1 to go" in text
    evaluate(house)
    done = ada.open("evaluations").text
    assert "Nothing under way" in done
    assert "Done lately" in done


def test_everything_is_computed_again_with_a_button(house: House, ada: AdminTab) -> None:
    evaluate(house)
    again = ada.follow(ada.fill("evaluations/again", "evaluations"))
    assert "All runs are computed again in the background." in again.text
    assert "Waits for its turn. An administrator asked for it." in again.text
    with house.bridge.sessions.read() as session:
        assert recomputations.count_open(session, house.world.tenant.id) == 1


def test_how_long_evaluators_take(house: House, ada: AdminTab) -> None:
    evaluate(house)
    assert "ms at worst, on 26 March" in ada.open("evaluations").text


def test_what_fails_stands_there_with_whom_and_its_first_line(house: House, ada: AdminTab) -> None:
    """Not the rest of it, and nothing of it as HTML."""
    evaluate(house, breaking(house.bridge.registry, _only_petra(house)))
    page = ada.open("evaluations")
    assert "Petra Novak" in page.text
    assert "It raised an error. ZeroDivisionError: <b>no luck</b> Once, on 26 March, 09:00 UTC" in page.text
    assert "<b>no luck" not in page.html
    assert "second line" not in page.html
    assert "Fails about one person or group." in page.text


def _only_petra(house: House) -> Any:
    one = house.bridge.registry.evaluators["mtm_application"].functions[Level.PERSON]

    def function(journey: Any, evidence: Any, *rest: Any) -> Any:
        if evidence.subject.account == house.people["petra"].account:
            raise ZeroDivisionError("<b>no luck</b>\nsecond line")
        return one(journey, evidence, *rest)

    return function


def test_what_is_switched_off_by_rule_is_tried_on_one_person_and_comes_back(house: House, ada: AdminTab) -> None:
    evaluate(house, broken(house))
    off = ada.open("evaluations")
    assert "Off since 26 March, 09:00 UTC. It failed " in off.text
    tried = ada.follow(ada.fill("evaluations/try", "evaluations", evaluator="mtm_application"))
    assert "It is asked about one person." in tried.text
    assert "Is being tried on one person or group since" in tried.text
    evaluate(house)
    evaluate(house)
    back = ada.open("evaluations").text
    assert "Off since" not in back
    assert "No evaluator fails about anybody." in back
    assert "mtm_application was off and answers again." in back


def test_what_is_on_and_what_is_not_installed_cannot_be_tried(house: House, ada: AdminTab) -> None:
    evaluate(house, broken(house))
    page = ada.open("evaluations")
    csrf = page.hidden()["csrf"]
    on = ada.follow(ada.send("evaluations/try", csrf=csrf, evaluator="success_case"))
    assert "Nothing to try: it is on" in on.text
    unknown = ada.follow(ada.send("evaluations/try", csrf=csrf, evaluator="nothing_like_it"))
    assert "this evaluator is no longer installed" in unknown.text


def test_people_see_what_is_there_while_an_evaluator_fails(house: House, ada: AdminTab) -> None:
    """No page breaks, and nobody but the administrator reads about it."""
    evaluate(house)
    house.acted(Kind.COMPLETED, "petra", step="S08")
    evaluate(house, broken(house, SystemExit("bye")))
    for name, tab in everybody(house):
        page = tab.open()
        assert page.status in {200, 302, 303}, name
        assert "SystemExit" not in page.html, name


def test_a_participant_sees_the_value_from_before_and_that_it_is(house: House) -> None:
    """Of an evaluator that fails now; what they did a moment ago is in the others."""
    house.acted(Kind.APPLIED, "petra", step="S13", moment="M1", score=Score(3), data={"behaviours": ["B1"]})
    evaluate(house)
    house.world.clock.on(hours=1)
    object.__setattr__(house.bridge, "registry", broken(house))
    text = house.petra.open().text
    assert "It could not be worked out just now: this is the value from then." in text
    assert "As of 26 March, 10:00" in text
    assert "As of 26 March, 11:00" in text


def test_a_teacher_sees_since_when_a_value_is_old(house: House) -> None:
    evaluate(house)
    house.acted(Kind.COMPLETED, "petra", step="S08")
    evaluate(house, broken(house))
    page = house.dario.open(f"people/{house.enrolments['petra'].id}")
    assert "Since 26 March, 10:00 no newer value could be worked out." in page.text


@pytest.mark.parametrize(
    ("path", "level"), [("people/{petra}/why/{key}", Level.PERSON), ("run/why/{key}", Level.COHORT)]
)
def test_the_page_behind_an_old_value_says_since_when_it_is_old(house: House, path: str, level: Level) -> None:
    """Of one person and of the run, for whoever may see the page; not once there is a newer one."""
    where = path.format(petra=house.enrolments["petra"].id, key=BAD)
    old = "Since then no newer one could be worked out"
    evaluate(house)
    assert old not in house.dario.open(where).text
    one = house.bridge.registry.evaluators[BAD]
    fails = replace(one, functions={**one.functions, level: raising(ZeroDivisionError())})
    house.acted(Kind.COMPLETED, "petra", step="S08")
    evaluate(house, replace(house.bridge.registry, evaluators={**house.bridge.registry.evaluators, BAD: fails}))
    assert old in house.dario.open(where).text
    assert house.mark.open(where).status == 403
    house.acted(Kind.COMPLETED, "petra", step="S09")
    evaluate(house)
    assert old not in house.dario.open(where).text


def test_a_teacher_sees_that_the_run_is_being_computed_again(house: House) -> None:
    evaluate(house)
    assert "being computed again" not in house.dario.open("overview").text
    with house.bridge.sessions.write() as session:
        recompute.ask(session, house.world.tenant.id, reason="", by="", now=house.bridge.clock())
    assert "All of it is being computed again" in house.dario.open("overview").text


def test_the_page_asks_the_database_the_same_number_of_times_whatever_the_run(house: House, ada: AdminTab) -> None:
    evaluate(house, broken(house))
    few = _asked(house, ada)
    join(house.world, 25)
    evaluate(house, broken(house))
    with house.bridge.sessions.write() as session:
        recompute.ask(session, house.world.tenant.id, reason="", by="", now=house.bridge.clock())
    evaluate(house, broken(house), rounds=1)
    assert _asked(house, ada) == few


def _asked(house: House, ada: AdminTab) -> int:
    asked: list[str] = []

    def remember(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(house.bridge.engine, "before_cursor_execute", remember)
    assert ada.open("evaluations").status == 200
    event.remove(house.bridge.engine, "before_cursor_execute", remember)
    return len([one for one in asked if one.startswith("SELECT")])


def test_nothing_is_done_without_the_forms_own_mark(house: House, ada: AdminTab) -> None:
    evaluate(house)
    for path in ("again", "try"):
        assert ada.send(f"evaluations/{path}", evaluator="mtm_application").status == 403
    with house.bridge.sessions.read() as session:
        assert recomputations.count_open(session, house.world.tenant.id) == 0


def test_another_tenants_trouble_is_not_seen(house: House, ada: AdminTab) -> None:
    evaluate(house, broken(house))
    with house.bridge.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", "https://other.example", house.bridge.clock())
        for row in evaluator_watch.failing(session, house.world.tenant.id):
            row.tenant_id = other.id
    assert "No evaluator fails about anybody." in ada.open("evaluations").text


def test_nobody_else_gets_in(house: House) -> None:
    for name, tab in everybody(house):
        assert house.client().get(f"/admin/s/{tab.token}/evaluations").status_code == 403, name


def test_a_version_that_was_never_asked_stands_on_its_own(house: House, ada: AdminTab) -> None:
    """What the version before did is not held against it."""
    evaluate(house, broken(house))
    registry = house.bridge.registry
    newer = replace(registry.evaluators["mtm_application"], version="99.0")
    known = {**registry.evaluators, "mtm_application": newer}
    object.__setattr__(house.bridge, "registry", replace(registry, evaluators=known))
    assert "Off since" not in ada.open("evaluations").text

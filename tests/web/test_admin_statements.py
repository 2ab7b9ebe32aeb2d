"""Ada's statements: with names and without content, or for a reason as recorded and without names; and who looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import orjson
import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import admins, runs, tenants
from tests.fakes.statements import statement
from tests.personas import AdminTab, House
from tests.web.looking import answered, applied, happened, looks

ROOMS = ["statements", "statements/{id}", "statements/export", "content", "looks"]
REASON = "The survey of March looks doubled"


def with_content(house: House) -> AdminTab:
    """Ada, who has said why."""
    ada = house.ada().come_in()
    opened = ada.fill("content", reason=REASON)
    assert opened.status == 303
    return ada


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "eva", "stan"])
def test_nobody_else_gets_in(house: House, room: str, name: str) -> None:
    """A launch's token is no administrator's, an evaluator's neither."""
    path = room.format(id=applied(house).statement_id)
    answer = house.client().get(f"/admin/s/{getattr(house, name).token}/{path}")
    assert answer.status_code == 403
    assert "Coaching" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("view", ["", "?view=record"])
@pytest.mark.parametrize("room", ROOMS)
def test_the_pages_run_no_script_and_are_kept_nowhere(house: House, room: str, view: str) -> None:
    """In both ways to look."""
    page = with_content(house).open(room.format(id=applied(house).statement_id) + view)
    assert page.status in {200, 302}
    assert page.answer.headers["Cache-Control"] == "no-store"
    if page.answer.mimetype == "text/html" and page.status == 200:
        assert page.answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "<script" not in page.html
        assert " style=" not in page.html


def test_with_names_there_is_no_content(house: House) -> None:
    """And a statement with a name has no way to its own content."""
    survey = answered(house)
    ada = house.ada().come_in()
    assert "Petra Novak answered “Success case survey" in ada.open("statements").text
    page = ada.open(f"statements/{survey.statement_id}")
    assert "Left out here: result.extensions answers" in page.text
    assert "&#34;M2&#34;" not in page.html
    assert not [link for link in page.links if "view=record" in link]
    assert b"M2" not in ada.open("statements/export").answer.data


@pytest.mark.parametrize("path", ["statements", "statements/{id}", "statements/export"])
def test_content_is_closed_until_somebody_says_why(house: House, path: str) -> None:
    """A form with the mark of the page; the reason is kept, for this visit only."""
    survey = answered(house)
    path = path.format(id=survey.statement_id) + "?view=record"
    ada = house.ada().come_in()
    refused = ada.open(path)
    assert refused.status == 403
    assert "Success case" not in refused.text
    assert b"extensions/answers" not in refused.answer.data
    assert ada.send("content", reason=REASON).status == 403
    assert ada.fill("content", reason="  ").status == 422
    assert ada.open(path).status == 403
    assert ada.fill("content", reason=REASON).status == 303
    assert ada.open(path).status == 200
    assert house.ada().come_in().open(path).status == 403


def test_as_recorded_there_are_no_names(house: House) -> None:
    """All of a statement, under the account that the record has."""
    survey = answered(house)
    ada = with_content(house)
    listed, page = ada.open("statements?view=record"), ada.open(f"statements/{survey.statement_id}?view=record")
    exported = ada.open("statements/export?view=record").answer
    account = house.people["petra"].account
    assert f"Account {account[:8]} answered “Success case survey" in listed.text
    assert "&#34;M2&#34;: 0" in page.html
    assert exported.headers["Content-Disposition"] == 'attachment; filename="statements.json"'
    assert b'"M2":0' in exported.data
    for html in (listed.html, page.html, exported.get_data(as_text=True)):
        assert not [name for name in ("Petra", "Mark", "Novak") if name in html]


def test_as_recorded_nobody_is_looked_for_by_name(house: House) -> None:
    """There is no such field, and the address is no way around it."""
    answered(house)
    ada = with_content(house)
    page = ada.open("statements?view=record&person=nobody at all")
    assert 'name="person"' not in page.html
    assert "answered" in page.text
    assert "person" not in looks(house)[0].filter


def test_links_as_recorded_stay_so(house: House) -> None:
    """Filter, list, statement and export: names and content do not come together by following a link."""
    survey = answered(house)
    ada = with_content(house)
    for path in ("statements?view=record&verb=answered", f"statements/{survey.statement_id}?view=record"):
        page = ada.open(path)
        within = [link for link in page.links if "/statements/" in link]
        assert within
        assert all("view=record" in link for link in within)
    assert '<input type="hidden" name="view" value="record">' in ada.open("statements?view=record").html


def test_she_sees_all_runs_and_may_choose_one_and_then_a_step(house: House) -> None:
    """By journey, course and day."""
    applied(house)
    ada = house.ada().come_in()
    everything = ada.open("statements")
    assert "90-day field-coaching sprint" in everything.html
    assert 'name="step"' not in everything.html
    run = house.world.run.id
    chosen = ada.open(f"statements?run={run}&step=S13")
    assert "Petra Novak applied" in chosen.text
    assert "S13: " in chosen.text
    assert "There is no such run here." in ada.open(f"statements?run={uuid4()}").text
    assert looks(house)[0].filter == {"step": "S13", "run": run}


def test_another_tenants_people_and_runs_are_not_there(house: House) -> None:
    """Neither to choose nor to find; nor are this tenant's to another's administrator."""
    stan, event = house.stan, applied(house)
    assert stan.open().status == 200
    ada = house.ada().come_in()
    assert "Nobody here is called that" in ada.open("statements?person=Stan").text
    with house.bridge.sessions.read() as session:
        assert runs.all_runs(session, house.world.tenant.id)
    other = _admin_of_another_tenant(house)
    assert "Nothing recorded yet" in other.open("statements").text
    assert other.open(f"statements/{event.statement_id}").status == 404
    assert "90-day" not in other.open("statements").html
    assert "Nobody here is called that" in other.open("statements?person=Petra").text


def test_disputes_are_there_as_recorded_only(house: House) -> None:
    """And so is what takes them back."""
    talked = happened(house, Kind.TALKED_WITH, "mark", step="S12", counterpart=house.people["petra"].account)
    disputed = happened(house, Kind.DISPUTED, "petra", refers_to=talked.statement_id)
    ada = with_content(house)
    assert ada.open(f"statements/{disputed.statement_id}").status == 404
    assert "Account" in ada.open(f"statements/{disputed.statement_id}?view=record").text
    assert "disputed: Account" in ada.open("statements?view=record").text


def test_statements_of_other_systems_are_told_without_their_words(house: House) -> None:
    """With names the activity's address, as recorded its name."""
    store = EmbeddedRecordStore(house.world.sessions, house.world.tenant.id, house.world.clock)
    definition = {"name": {"en": "Ladders and <b>scaffolds</b>"}}
    store.write([statement(1, object={"id": "https://lms.example/course/1", "definition": definition})])
    ada = with_content(house)
    assert "Somebody completed https://lms.example/course/1" in ada.open("statements").text
    told = ada.open("statements?view=record")
    assert "completed “Ladders and <b>scaffolds</b>”" in told.text
    assert "<b>scaffolds" not in told.html


def test_with_the_record_elsewhere_the_page_says_where(house: House) -> None:
    """And shows what was read of it, in both ways."""
    answered(house)
    remote = replace(house.bridge.settings, lrs_url="https://lrs.example/xapi", lrs_key="key", lrs_secret="hush")
    object.__setattr__(house.bridge, "settings", remote)
    ada = with_content(house)
    for view in ("", "?view=record"):
        page = ada.open("statements" + view)
        assert "It is at https://lrs.example/xapi" in page.text
        assert "answered “Success case survey" in page.text
        assert "hush" not in page.html
    assert ada.open("statements/export").status == 404


def test_who_looked_is_told(house: House) -> None:
    """Eva by name, administrators by visit with their reason; filters in words."""
    moment = applied(house)
    house.eva.open("statements?person=Petra&verb=applied&voided=with")
    ada = with_content(house)
    ada.open(f"statements/{moment.statement_id}?view=record")
    ada.open("statements/export")
    text = ada.open("looks").text
    assert "Eva Lang, evaluator 26 March 2026" in text
    assert (
        "Opened the list, with names applied on the job, also those taken back, by or about Petra Novak, the run from"
        in text
    )
    assert f"Asked to see content “{REASON}”" in text
    assert f"Opened a statement, as recorded id {moment.statement_id} 1" in text
    assert "Exported, with names everything" in text
    assert text.index("Exported") < text.index("Eva Lang")


def test_looks_go_on_page_by_page(house: House) -> None:
    """Fifty at once."""
    ada = house.ada().come_in()
    for _ in range(52):
        ada.open("statements")
    page = ada.open("looks")
    assert page.html.count('role="rowheader"') == 50
    rest = ada.open(next(link for link in page.links if "before=" in link))
    assert rest.html.count('role="rowheader"') == 2
    assert ada.open("looks?before=nonsense").status == 200


def test_nobody_looked_yet(house: House) -> None:
    """The page says what will stand there."""
    assert "Nobody yet" in house.ada().come_in().open("looks").text


def test_an_export_that_breaks_off_is_noted_with_what_was_sent(house: House) -> None:
    """The reader went away after the first piece."""
    applied(house)
    ada = house.ada().come_in()
    answer = ada.client.get(ada.path("statements/export"), buffered=False)
    next(answer.iter_encoded())
    assert looks(house)[0].count is None
    answer.close()
    assert looks(house)[0].count == 0


def test_the_export_of_everything_is_json(house: House) -> None:
    """Read by a decoder, with every statement of the list."""
    events = [applied(house) for _ in range(3)]
    result = orjson.loads(with_content(house).open("statements/export?view=record&verb=applied").answer.data)
    assert [one["id"] for one in result["statements"]] == [event.statement_id for event in reversed(events)]


def test_a_reason_lasts_as_long_as_the_visit(house: House) -> None:
    """An hour without a word ends both."""
    ada = with_content(house)
    house.world.clock.now += timedelta(hours=2)
    page = ada.open("statements?view=record")
    assert page.status == 403
    assert "This link has been used" in page.text


def _admin_of_another_tenant(house: House) -> AdminTab:
    with house.bridge.sessions.write() as session:
        tenant = tenants.ensure_tenant(session, "other", "https://bridge.example", house.bridge.clock())
        link = admins.make_link(session, tenant.id, house.bridge.clock())
    return AdminTab(house.client(), link).come_in()

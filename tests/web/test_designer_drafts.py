"""Drafts changed by forms and as text: nothing typed is lost, and what is wrong stands at its place."""

from __future__ import annotations

import json

from lrs_bridge.flows import designing
from tests.personas import House
from tests.web.designing import SAMPLE, begun, change_in, newest_draft, shown

# Forms


def test_a_step_is_changed_by_its_form_and_everything_else_stays(house: House) -> None:
    """Comments too; the page says so, and the change can be taken back."""
    dario = house.dario
    draft = begun(house, dario, SAMPLE.replace("steps:\n", "steps:\n  # the chain begins with the sponsor\n"))
    before = newest_draft(house).source
    page = dario.follow(
        change_in(house, dario, draft, "steps/5", title="Say yes: or amend", due_day="-1", guide="a\nb")
    )
    assert "The step is kept" in page.text
    after = newest_draft(house).source
    gone = set(before.splitlines()) - set(after.splitlines())
    assert gone == {'    title: "Approve or amend the line-of-sight map"', "    due_day: -2"}
    assert designing.check(after).journey.step_by_id["S06"].guide == ("a", "b")
    assert "# the chain begins" in after
    undo = f"{draft}/undo"
    dario.follow(dario.send(undo, **page.hidden(dario.path(undo))))
    assert newest_draft(house).source == before


def test_a_step_comes_goes_and_moves(house: House) -> None:
    """A new one stands in its phase, with a free name."""
    dario = house.dario
    draft = begun(house, dario)
    change_in(
        house, dario, draft, "steps/new", title="A talk", phase="before", type="conversation", owner="manager",
        opens_day="-9", due_day="-2",
    )  # fmt: skip
    journey = designing.check(newest_draft(house).source).journey
    assert [step.id for step in journey.steps][8] == "S31"
    press = dario.open(f"{draft}/steps/8")
    dario.send(f"{draft}/steps/8/move", **press.hidden(dario.path(f"{draft}/steps/8/move")), way="up")
    assert designing.check(newest_draft(house).source).journey.steps[7].id == "S31"
    press = dario.open(f"{draft}/steps/7")
    dario.send(f"{draft}/steps/7/remove", **press.hidden(dario.path(f"{draft}/steps/7/remove")))
    assert "S31" not in newest_draft(house).source


def test_what_is_wrong_in_a_form_is_kept_and_stands_at_its_field(house: House) -> None:
    """Nothing typed is lost, also where it is no number."""
    dario = house.dario
    draft = begun(house, dario)
    page = change_in(house, dario, draft, "steps/5", due_day="next <week>", type="")
    assert page.status == 422
    assert 'value="next &lt;week&gt;"' in page.html
    assert "Due day must be a whole number" in page.text
    assert "due_day: next <week>" in newest_draft(house).source
    assert "Line" in dario.open(draft).text


def test_moments_are_changed_with_their_behaviours(house: House) -> None:
    """A new behaviour gets a name of its own and belongs to the moment."""
    dario = house.dario
    draft = begun(house, dario)
    change_in(house, dario, draft, "moments/new", title="After a win", behaviours=["B1"], new_behaviours="Says why")
    journey = designing.check(newest_draft(house).source).journey
    assert journey.moments[3].behaviours == ("B1", "B4")
    assert journey.behaviours[3].title == "Says why"
    change_in(house, dario, draft, "moments/3", title="After a loss", behaviours=["B4"])
    press = dario.open(f"{draft}/moments/3")
    assert "After a loss" in press.text
    dario.send(f"{draft}/moments/3/remove", **press.hidden(dario.path(f"{draft}/moments/3/remove")))
    assert "After a loss" not in newest_draft(house).source


def test_title_purpose_and_targets_have_a_form(house: House) -> None:
    """A part that is emptied is taken out."""
    dario = house.dario
    draft = begun(house, dario)
    emptied = {"purpose_where": "", "purpose_how": "", "purpose_why": ""}
    change_in(house, dario, draft, "basics", title="Ours", targets_applications="4", pilot="yes", **emptied)
    journey = designing.check(newest_draft(house).source).journey
    assert (journey.title, journey.targets.applications, journey.pilot, dict(journey.purpose)) == ("Ours", 4, True, {})
    assert newest_draft(house).title == "Ours"


def test_of_two_who_change_a_draft_neither_loses_anything(house: House) -> None:
    """The second is told, sees what they typed, and saves once more on top."""
    dario, ada = house.dario, house.ada().come_in()
    draft = begun(house, dario)
    old = dario.open(f"{draft}/steps/5")
    text = ada.open(f"{draft}/text")
    change_in(house, ada, draft, "steps/0", title="Changed by Ada")
    path = dario.path(f"{draft}/steps/5")
    page = dario.send(path, **{**old.hidden(path), **shown(old), "title": "Changed by Dario"})
    assert (page.status, "changed the draft meanwhile" in page.text) == (409, True)
    assert "Changed by Dario" in page.html
    dario.send(path, **{**page.hidden(path), **shown(page)})
    source = newest_draft(house).source
    assert "Changed by Ada" in source
    assert "Changed by Dario" in source
    path = ada.path(f"{draft}/text")
    page = ada.send(path, **text.hidden(path), source="title: mine")
    assert (page.status, "title: mine" in page.html) == (409, True)


# The text


def test_the_text_is_kept_right_or_wrong(house: House) -> None:
    """With what is wrong beside it; line ends and null characters of browsers are tidied."""
    dario = house.dario
    draft = begun(house, dario)
    path = dario.path(f"{draft}/text")
    page = dario.send(path, **dario.open(path).hidden(path), source="journey: x\r\nvershun: 1\x00\r\n")
    assert page.status == 422
    assert newest_draft(house).source == "journey: x\nvershun: 1\n"
    assert "Line 2, vershun" in page.text
    assert "Did you mean 'version'?" in page.text
    page = dario.send(path, **page.hidden(path), source=SAMPLE.replace("\n", "\r\n"))
    assert page.status == 303
    assert newest_draft(house).source == SAMPLE


def test_markup_in_a_text_is_no_markup(house: House) -> None:
    """Neither in the field nor on the board."""
    dario = house.dario
    draft = begun(house, dario, "title: </textarea><script>alert(1)</script>\nsteps: [{title: <b>x</b>}]\n")
    for at in ("", "/text", "/steps/0", "/basics"):
        page = dario.open(draft + at)
        assert "<script>alert" not in page.html
        assert "<b>x</b>" not in page.html


def test_the_live_check_says_what_the_button_says_and_keeps_nothing(house: House) -> None:
    """Problems with line and key, else the remarks of the design check."""
    dario = house.dario
    draft = begun(house, dario)
    page = dario.open(f"{draft}/text")
    assert "script-src 'self'" in page.answer.headers["Content-Security-Policy"]
    token = page.hidden(dario.path(f"{draft}/text"))["csrf"]
    found = json.loads(dario.send(f"{draft}/check", csrf=token, source="journey: x\nversion: one\n").html)
    assert {"line": 2, "key": "version"}.items() <= found["problems"][-1].items()
    found = json.loads(
        dario.send(f"{draft}/check", csrf=token, source=SAMPLE.replace("owner: manager", "owner: coach")).html
    )
    assert any("No manager step" in text for text in found["remarks"])
    assert newest_draft(house).source == SAMPLE


def test_a_text_that_is_too_long_is_refused_and_shown_again(house: House) -> None:
    """200,000 characters are five times what a large journey has."""
    dario = house.dario
    draft = begun(house, dario)
    path = dario.path(f"{draft}/text")
    page = dario.send(path, **dario.open(path).hidden(path), source="a" * (designing.LONGEST + 1))
    assert (page.status, newest_draft(house).source) == (422, SAMPLE)

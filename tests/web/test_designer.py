"""Journeys in the making: the library, drafts by forms and as text, publishing, versions and previews."""

from __future__ import annotations

import io

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.flows import designing
from tests.personas import House
from tests.web.designing import SAMPLE, begun, change_in, newest_draft, versions

# Who may


def test_designers_teachers_and_administrators_design_and_nobody_else(house: House) -> None:
    """A designer who is no teacher comes here at once."""
    dora = house.tab("dora", CourseRole.CONTENT_DEVELOPER)
    assert dora.follow(dora.open("")).status == 200
    for tab in (house.dario, dora, house.ada().come_in()):
        assert tab.open("design").status == 200
        draft = begun(house, tab)
        for page in ("", "/text", "/basics", "/steps/0", "/steps/new", "/moments/0", "/moments/new", "/publish"):
            assert tab.open(f"{draft}{page}").status == 200, page
    for tab in (house.petra, house.mark, house.nina, house.eva):
        for page in ("design", "design/new", f"design/runs/{house.world.run.id}", draft, f"{draft}/text"):
            assert tab.open(page).status == 403, page
        assert tab.send("design/new", csrf="x", template="empty").status == 403


def test_a_stranger_finds_nothing_of_another_tenant(house: House) -> None:
    """No draft, version, run or person."""
    draft = begun(house, house.dario)
    run, version = house.world.run.id, house.world.run.journey_id
    stan = house.stan
    assert "field-coaching" not in stan.open("design").html
    person = house.enrolments["petra"].id
    for page in (
        draft,
        f"{draft}/text",
        f"design/versions/{version}",
        f"design/versions/{version}/file.yaml",
        f"design/versions/{version}/preview",
        f"design/runs/{run}",
        f"design/runs/{run}/people",
        f"design/runs/{run}/people/{person}",
        f"design/compare?old={version}&new={version}",
        "design/journeys/field-coaching-90",
    ):
        assert stan.open(page).status == 404, page
    token = stan.open("design/new").hidden()["csrf"]
    for path in (f"{draft}/remove", f"{draft}/text", f"design/versions/{version}/edit", f"design/runs/{run}/close"):
        assert stan.send(path, csrf=token).status == 404, path


def test_every_change_needs_the_mark_of_its_page(house: House) -> None:
    """CSRF, on both doors."""
    draft = begun(house, house.dario)
    for tab in (house.dario, house.ada().come_in()):
        for path in ("design/new", f"{draft}/text", f"{draft}/steps/0", f"{draft}/publish", f"{draft}/remove"):
            assert tab.send(path).status == 403, path


# Beginning


def test_a_journey_begins_from_a_template_a_file_or_a_text(house: House) -> None:
    """Each becomes a draft that is valid, and the library shows it."""
    dario = house.dario
    dario.follow(dario.fill("design/new", template="empty"))
    assert newest_draft(house).slug == "my-journey"
    assert designing.check(newest_draft(house).source).journey is not None
    house.world.clock.on(seconds=1)
    dario.follow(dario.fill("design/new", template=house.world.run.journey_id))
    assert newest_draft(house).slug == "field-coaching-90-copy"
    house.world.clock.on(seconds=1)
    file = (io.BytesIO(SAMPLE.replace("90-day", "Our own").encode()), "mine.yaml")
    dario.follow(dario.fill("design/new", file=file))
    assert newest_draft(house).title.startswith("Our own")
    assert dario.open("design").text.count("Throw away") == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose what to begin with"),
        ({"template": "no such"}, "Choose what to begin with"),
        ({"file": b"\xff\xfe\x00j"}, "no text in UTF-8"),
    ],
)
def test_nothing_to_begin_with_is_said_in_words(house: House, fields: dict[str, object], words: str) -> None:
    """And no draft is made."""
    sent = {k: (io.BytesIO(v), "x.yaml") if isinstance(v, bytes) else v for k, v in fields.items()}
    page = house.dario.fill("design/new", **sent)
    assert (page.status, words in page.text) == (422, True)


def test_a_file_with_mistakes_is_kept_and_they_are_named_by_line_and_key(house: House) -> None:
    """Wrong keys, and what is no YAML at all."""
    dario = house.dario
    page = dario.open(begun(house, dario, SAMPLE.replace("due_day: -21", "due_day: soon", 1)))
    assert "Line 52, steps[0].due_day" in page.text
    assert "must be a whole number" in page.text
    assert "Publish it" not in page.text
    draft = begun(house, dario, "journey: [x")
    assert "The text cannot be taken apart" in dario.open(draft).text
    assert dario.open(f"{draft}/steps/new").status == 409


# Versions


def test_publishing_makes_the_next_version_which_never_changes(house: House) -> None:
    """The file as it was written, but for a number that is taken; the draft is gone, pressing twice is once."""
    dario = house.dario
    version = house.world.run.journey_id
    path = dario.path(f"design/versions/{version}/edit")
    dario.follow(dario.send(path, **dario.open(f"design/versions/{version}").hidden(path)))
    draft = f"design/drafts/{newest_draft(house).id}"
    change_in(house, dario, draft, "steps/5", title="Say yes")
    source = newest_draft(house).source
    page = dario.open(f"{draft}/publish")
    assert "Title: Approve or amend the line-of-sight map → Say yes" in page.text
    path = dario.path(f"{draft}/publish")
    done = dario.send(path, **page.hidden(path))
    again = dario.send(path, **page.hidden(path))
    assert done.answer.headers["Location"] == again.answer.headers["Location"]
    assert versions(house) == [2, 1]
    shown = dario.follow(done)
    assert "never changes" in shown.text
    file = next(link for link in shown.links if link.endswith("file.yaml"))
    assert dario.open(file).html.replace("&#39;", "'") == source
    assert dario.open(draft).status == 404
    assert house.world.run.journey.version == 1


def test_a_draft_that_is_wrong_or_was_changed_is_not_published(house: House) -> None:
    """Nothing is made."""
    dario = house.dario
    draft = begun(house, dario)
    page = dario.open(f"{draft}/publish")
    change_in(house, dario, draft, "steps/5", title="Another")
    path = dario.path(f"{draft}/publish")
    assert dario.send(path, **page.hidden(path)).status == 409
    change_in(house, dario, draft, "steps/5", due_day="soon")
    hidden = {"csrf": page.hidden(path)["csrf"], "seen": newest_draft(house).revision}
    assert dario.send(path, **hidden).status == 303
    assert versions(house) == [1]
    assert "mended first" in dario.open(f"{draft}/publish").text


def test_drafts_are_not_offered_where_versions_are(house: House) -> None:
    """Neither for a run nor anywhere else until they are published."""
    dario = house.dario
    draft = begun(
        house, dario, SAMPLE.replace("90-day field", "Brand new field").replace("field-coaching-90", "brand-new")
    )
    assert "Brand new" not in dario.open("design/runs/new").html
    page = dario.open(f"{draft}/publish")
    path = dario.path(f"{draft}/publish")
    dario.send(path, **page.hidden(path))
    assert "Brand new" in dario.open("design/runs/new").html


def test_a_draft_thrown_away_can_be_taken_back(house: House) -> None:
    """From the page that says so."""
    dario = house.dario
    draft = begun(house, dario)
    path = dario.path(f"{draft}/remove")
    page = dario.follow(dario.send(path, **dario.open(draft).hidden(path)))
    assert dario.open(draft).status == 404
    path = dario.path(f"{draft}/restore")
    dario.follow(dario.send(path, **page.hidden(path)))
    assert dario.open(draft).status == 200


# The board and previews


def test_the_board_shows_who_does_what_when_with_the_design_check(house: House) -> None:
    """By role and phase; a journey without managers is told so."""
    dario = house.dario
    page = dario.open(begun(house, dario, SAMPLE.replace("owner: manager", "owner: coach")))
    row = page.text.index("Coach six steps")
    assert row < page.text.index("Goal conversation: agree")
    assert "No manager step before the course" in page.text
    assert "Before eight steps" in page.text


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("role=participant&week=-2", "Write your line of sight", "You were there"),
        ("role=participant&week=2&done=no", "Was due", "Done 23"),
        ("role=participant&week=3&route=low", "Two 2-1 sessions", "30-day group session"),
        ("role=manager&week=1", "Debrief", "Log a moment"),
        ("role=manager&week=3", "Robin used it", "S18"),
        ("role=sponsor&week=7", "Managers' manager asks", "Log a moment"),
        ("role=coach&week=1", "No step of the coach is open", "Robin used it"),
        ("role=nobody&week=nonsense", "As the participant", "500"),
        ("role=participant&week=99999999", "weeks after the kick-off", "500"),
    ],
)
def test_a_preview_shows_what_a_role_would_see(house: House, query: str, there: str, not_there: str) -> None:
    """In any week, as if what was due was done, or was not."""
    page = house.dario.open(f"design/versions/{house.world.run.journey_id}/preview?{query}")
    assert page.status == 200
    assert there in page.text
    assert not_there not in page.text


def test_looking_records_nothing(house: House) -> None:
    """And shows nobody's data."""
    house.acted(Kind.COMPLETED, "petra", step="S08")
    before = house.facts("petra")
    page = house.dario.open(f"design/versions/{house.world.run.journey_id}/preview?week=2")
    assert house.facts("petra") == before
    assert "Petra" not in page.text
    dario = house.dario
    assert "made up" in dario.open(f"{begun(house, dario)}/preview?role=manager").text

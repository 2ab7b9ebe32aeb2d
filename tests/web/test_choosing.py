"""The chooser of deep linking: who may choose, what is shown, and what goes back to the LMS, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lrs_bridge import journeyfile
from lrs_bridge.store import deep_linking, journeys, runs, sessions
from lrs_bridge.store.deep_linking import DeepLinkingRow
from lrs_bridge.store.enrolments import Enrolment
from tests.fakes.launching import NOON, TARGET, Browser, Tool
from tests.fakes.platform import CONTEXT_ROLE, FakePlatform
from tests.personas import House, everybody
from tests.web.choosing import DL, JOURNEY, RETURN, Chooser, answer_of, asked, form_of, items_of

SLUG = "field-coaching-90"
STEP = f"{JOURNEY}/step=S08"


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    """With the sample journey installed."""
    tool = Tool(tmp_path, lms.http()).with_key()
    tool.register(lms)
    with tool.sessions.write() as session:
        journeys.install(session, tool.tenant_id, journeyfile.sample_text(SLUG), SLUG, NOON)
    return tool


@pytest.fixture
def dario(tool: Tool) -> Browser:
    return tool.browser()


@pytest.fixture
def chooser(dario: Browser, lms: FakePlatform) -> Chooser:
    return Chooser(dario, asked(dario, lms))


def start_run(tool: Tool, lms: FakePlatform, course: str = "course-1") -> str:
    with tool.sessions.write() as session:
        platform_id = tool.platform_id(session, lms)
        where = runs.ensure_course(session, tool.tenant_id, platform_id, lms.deployment_id, course)
        journey = journeys.installed(session, tool.tenant_id)[0]
        return runs.add_run(session, where, journey, NOON.date(), "Europe/Berlin", NOON).id


# Who may choose


@pytest.mark.parametrize("role", ["Instructor", "ContentDeveloper", "Administrator"])
def test_who_makes_the_course_chooses(role: str, dario: Browser, lms: FakePlatform, tool: Tool) -> None:
    """They are not enrolled by it, and nothing is started."""
    page = Chooser(dario, asked(dario, lms, role)).open()
    assert page.status_code == 200
    with tool.sessions.read() as session:
        assert session.scalars(select(Enrolment)).all() == []


@pytest.mark.parametrize("role", ["Learner", "Mentor", "Member", "Nothing#Known"])
def test_who_does_not_make_the_course_is_told_who_does(
    role: str, dario: Browser, lms: FakePlatform, tool: Tool
) -> None:
    """Learners, mentors, and roles nobody knows; nothing of the request is kept."""
    refused = asked(dario, lms, role)
    assert refused.status_code == 403
    assert "Placing a journey is for teachers" in refused.text
    with tool.sessions.read() as session:
        assert session.scalars(select(DeepLinkingRow)).all() == []


def test_an_ordinary_launch_has_no_chooser(house: House) -> None:
    """Not even a teacher's: without a request there is nowhere to send the choice."""
    for _, tab in everybody(house):
        assert tab.open("choose").status == 403
        assert tab.open("choose/look?pick=x").status == 403


def test_another_tab_of_the_same_teacher_has_none_either(chooser: Chooser, dario: Browser, lms: FakePlatform) -> None:
    """The request is bound to its visit."""
    other = dario.launch(lms, roles=[CONTEXT_ROLE + "Instructor"])
    path = other.location.removeprefix(dario.tool.base_url)
    assert dario.client.get(path + "choose", base_url=dario.tool.base_url).status_code == 403
    assert chooser.open().status_code == 200


def test_another_browser_cannot_answer(chooser: Chooser, tool: Tool) -> None:
    """The visit's token works with the cookie it was opened with."""
    stranger = tool.browser().client
    assert stranger.get(chooser.path, base_url=tool.base_url).status_code == 403


def test_an_answer_needs_the_mark_of_the_page(chooser: Chooser) -> None:
    """A page elsewhere cannot place anything in the designer's name."""
    for where in ("place", "nothing"):
        assert chooser.send(where, pick=JOURNEY, csrf="forged").status_code == 403
    assert chooser.place(JOURNEY).status_code == 200


# What there is to choose


def test_without_a_run_there_are_journeys_steps_and_pages(chooser: Chooser) -> None:
    """Each of the participant's steps, none of others', and the three first pages."""
    options = chooser.options()
    journey = journeyfile.sample(SLUG)
    own = {f"{JOURNEY}/step={step.id}" for step in journey.steps if step.owner == "participant"}
    pages = {f"{JOURNEY}/dashboard={page}" for page in ("journey", "people", "overview")}
    assert set(options) == {JOURNEY} | own | pages
    assert len(options) == len(set(options))


def test_a_run_of_the_course_can_be_chosen_by_itself(dario: Browser, lms: FakePlatform, tool: Tool) -> None:
    """One of another course cannot."""
    run, other = start_run(tool, lms), start_run(tool, lms, "course-2")
    options = Chooser(dario, asked(dario, lms)).options()
    assert f"{JOURNEY}/run={run}" in options
    assert not [option for option in options if other in option]


def test_outside_of_a_course_there_are_journeys_only(dario: Browser, lms: FakePlatform, tool: Tool) -> None:
    """Some LMSs ask from their library, without a context."""
    start_run(tool, lms)
    launched = dario.launch(
        lms,
        message_type="LtiDeepLinkingRequest",
        resource_link=...,
        context=...,
        roles=[CONTEXT_ROLE + "Instructor"],
        deep_linking_settings={"deep_link_return_url": RETURN, "accept_types": ["ltiResourceLink"]},
    )
    options = Chooser(dario, launched).options()
    assert JOURNEY in options
    assert not [option for option in options if "run=" in option]


def test_a_look_shows_what_participants_will_find_and_keeps_nothing(chooser: Chooser) -> None:
    """The titles of all steps of a path; afterwards the choice is still open."""
    page = chooser.look(JOURNEY)
    assert page.status_code == 200
    for step in journeyfile.sample(SLUG).owned_by("participant"):  # type: ignore[arg-type]
        assert step.title.replace("'", "&#39;") in page.text
    assert "lms.example" in page.text
    assert chooser.look(STEP).status_code == 200


@pytest.mark.parametrize(
    ("several", "picks", "complaint"),
    [
        (True, (), "Choose what to place"),
        (True, ("journey=unknown",), "not here any more"),
        (False, (JOURNEY, STEP), "one at a time"),
    ],
)
def test_a_choice_that_cannot_be_is_shown_again(
    several: bool, picks: tuple[str, ...], complaint: str, dario: Browser, lms: FakePlatform
) -> None:
    """Before the look and at the placing."""
    chooser = Chooser(dario, asked(dario, lms, accept_multiple=several))
    for page in (chooser.look(*picks), chooser.place(*picks)):
        assert page.status_code == 422
        assert complaint in page.text


@pytest.mark.parametrize(
    ("accepts", "kind"),
    [(True, "checkbox"), ("true", "checkbox"), (False, "radio"), (..., "radio"), (None, "radio"), (7, "radio")],
)
def test_several_are_offered_only_where_the_lms_takes_several(
    accepts: Any, kind: str, dario: Browser, lms: FakePlatform
) -> None:
    """An LMS that does not say gets one."""
    page = Chooser(dario, asked(dario, lms, accept_multiple=accepts)).open().text
    assert f'<input type="{kind}" name="pick"' in page
    assert not ({"checkbox", "radio"} - {kind}) & {one for one in ("checkbox", "radio") if f'type="{one}"' in page}


@pytest.mark.parametrize("types", [["link", "file"], [], "html", [7]])
def test_an_lms_that_takes_no_links_is_told_why_nothing_comes(types: Any, dario: Browser, lms: FakePlatform) -> None:
    """The page explains, and the answer carries the reason."""
    chooser = Chooser(dario, asked(dario, lms, accept_types=types))
    page = chooser.open()
    assert "takes no links here" in page.text
    assert 'name="pick"' not in page.text
    assert chooser.place(JOURNEY).status_code == 422
    claims = answer_of(chooser.send("nothing"), dario)
    assert claims[DL + "content_items"] == []
    assert "LTI resource links only" in claims[DL + "errormsg"]


# What goes back


def test_the_answer_goes_once(chooser: Chooser, dario: Browser) -> None:
    """Placed or cancelled, a second one is refused with words."""
    assert len(items_of(chooser.place(JOURNEY), dario)) == 1
    for page in (chooser.open(), chooser.look(JOURNEY)):
        assert page.status_code == 409
        assert "has been handed over" in page.text


def test_two_answers_at_once_are_one(tool: Tool, dario: Browser, lms: FakePlatform) -> None:
    """The second finds the request spent, whatever it saw before."""
    chooser = Chooser(dario, asked(dario, lms))
    token = chooser.path.split("/")[2]
    with tool.sessions.write() as session:
        assert deep_linking.answer(session, tool.tenant_id, token, NOON)
    with tool.sessions.write() as session:
        assert not deep_linking.answer(session, tool.tenant_id, token, NOON)


def test_only_the_last_page_may_send_a_form_to_the_lms(chooser: Chooser) -> None:
    """Its policy names the return address's origin, and the form leads there."""
    inner = [chooser.open(), chooser.look(JOURNEY)]
    last = chooser.place(JOURNEY)
    assert form_of(last)[0] == RETURN
    for page in inner:
        assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    assert "form-action 'self' https://lms.example;" in last.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://lms.example" in last.headers["Content-Security-Policy"]


@pytest.mark.parametrize("picks", [[JOURNEY], [STEP], [f"{JOURNEY}/dashboard=people"], [JOURNEY, STEP]])
def test_what_was_chosen_comes_back_as_custom_parameters(picks: list[str], chooser: Chooser, dario: Browser) -> None:
    """Every link has the one launch address; what it is stands in `custom`, in texts."""
    items = items_of(chooser.place(*picks), dario)
    assert {item["url"] for item in items} == {TARGET}
    assert {item["type"] for item in items} == {"ltiResourceLink"}
    assert ["/".join(f"{name}={value}" for name, value in item["custom"].items()) for item in items] == picks
    assert all(item["title"] and item["text"] for item in items)


def test_a_column_belongs_to_a_run_where_it_is_known(dario: Browser, lms: FakePlatform, tool: Tool) -> None:
    """Found again by resource id and tag; before a run is started there is only the tag."""
    before = items_of(Chooser(dario, asked(dario, lms)).place(JOURNEY), dario)
    run = start_run(tool, lms)
    after = items_of(Chooser(dario, asked(dario, lms)).place(JOURNEY, f"{JOURNEY}/run={run}"), dario)
    column = {"scoreMaximum": 100.0, "label": "Journey completion", "tag": "journey_completion"}
    assert [item.get("lineItem") for item in before] == [column]
    assert [item.get("lineItem") for item in after] == [column | {"resourceId": run}] * 2


@pytest.mark.parametrize("pick", [STEP, *(f"{JOURNEY}/dashboard={page}" for page in ("journey", "people", "overview"))])
def test_steps_and_pages_have_no_column(pick: str, chooser: Chooser, dario: Browser) -> None:
    """Whatever is ticked."""
    assert "With a column" not in chooser.look(pick).text
    assert "lineItem" not in items_of(chooser.place(pick), dario)[0]


@pytest.mark.parametrize(("accepts", "sent"), [(True, True), (..., True), ("true", True), (False, False)])
def test_no_column_is_sent_where_the_lms_takes_none(
    accepts: Any, sent: bool, dario: Browser, lms: FakePlatform
) -> None:
    """Moodle does not say, and takes them."""
    chooser = Chooser(dario, asked(dario, lms, accept_lineitem=accepts))
    assert ("With a column" in chooser.look(JOURNEY).text) is sent
    assert ("lineItem" in items_of(chooser.place(JOURNEY), dario)[0]) is sent


def test_a_designer_may_leave_the_column_out(chooser: Chooser, dario: Browser) -> None:
    """Of a journey whose run has one already, for example."""
    assert "lineItem" not in items_of(chooser.place(JOURNEY, column=False), dario)[0]


def test_placing_nothing_answers_with_nothing(chooser: Chooser, dario: Browser) -> None:
    """The LMS gets its window back, and a sentence to show."""
    claims = answer_of(chooser.send("nothing"), dario)
    assert (claims[DL + "content_items"], claims[DL + "msg"]) == ([], "Nothing was placed.")
    assert DL + "errormsg" not in claims


HUGE = "x" * 300_000


@pytest.mark.parametrize("data", ["", "a.b.c", HUGE, "</script>\"'&<\u2028>", None, {"nested": [1, "ü", None, 0.5]}])
def test_data_goes_back_untouched(data: Any, dario: Browser, lms: FakePlatform) -> None:
    """Whatever it is, as long as a launch can carry it."""
    claims = answer_of(Chooser(dario, asked(dario, lms, data=data)).place(STEP), dario)
    assert claims[DL + "data"] == data


def test_without_data_none_goes_back(dario: Browser, lms: FakePlatform) -> None:
    """The claim is only for those who sent it."""
    assert DL + "data" not in answer_of(Chooser(dario, asked(dario, lms, data=...)).place(STEP), dario)


def test_a_request_is_forgotten_with_its_visit(chooser: Chooser, tool: Tool) -> None:
    """Nothing of what an LMS asked stays behind."""
    tool.clock.forward(hours=2)
    with tool.sessions.write() as session:
        sessions.sweep(session, tool.clock.now)
    with tool.sessions.read() as session:
        assert session.scalars(select(DeepLinkingRow)).all() == []


# Where it goes


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://eu.lms.example/return", "https://eu.lms.example"),
        ("https://lms.example:8443/return", "https://lms.example:8443"),
        ("http://localhost:8001/return", "http://localhost:8001"),
        ("http://[::1]:8001/return", "http://[::1]:8001"),
    ],
)
def test_another_host_may_take_the_answer_and_is_shown(
    url: str, origin: str, dario: Browser, lms: FakePlatform
) -> None:
    """The LMS signed it; a person sees where it goes."""
    chooser = Chooser(dario, asked(dario, lms, deep_link_return_url=url))
    assert origin.split("//")[1] in chooser.look(STEP).text
    last = chooser.place(STEP)
    assert form_of(last)[0] == url
    assert f"form-action 'self' {origin};" in last.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://elsewhere.example/return", "https://"),
        ("https://lms.example@evil.example/return", "no web address"),
        ("https://lms.example\\@evil.example/return", "no web address"),
        ("https://lms.example; script-src *", "no web address"),
        ("https://lms.example/re turn", "no web address"),
        ("https://lms\u0435.example/return", "no web address"),
        ("javascript:alert(1)", "deep_link_return_url"),
        (["https://lms.example/return"], "deep_link_return_url"),
    ],
)
def test_a_return_address_that_cannot_be_trusted_is_refused(
    url: Any, reason: str, dario: Browser, lms: FakePlatform
) -> None:
    """Neither plain http to another host, nor an address that two readers read differently."""
    refused = asked(dario, lms, deep_link_return_url=url)
    assert refused.status_code == 400
    assert reason in refused.text


def test_an_lms_registered_with_plain_http_gets_its_answer(dario: Browser, tool: Tool) -> None:
    """An admin let it in as it is; its launches come that way, too."""
    plain = FakePlatform(issuer="http://moodle.internal.example")
    tool.http.mount(plain.issuer, plain)
    tool.register(plain)
    chooser = Chooser(dario, asked(dario, plain, deep_link_return_url=plain.issuer + "/return"))
    assert form_of(chooser.place(STEP))[0] == plain.issuer + "/return"

"""Who walks through the demo's house, and what they do before, so that every page has something to show."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from bench.crowding import crowd
from bench.touring import DATABASE, LMS, MORNING, TOOL, Guest, House, Tour, bridge_in, house_of, open_house
from lrs_bridge.demo import earlier
from lrs_bridge.demo import pilot as demo_pilot
from lrs_bridge.demo.reported import write_reports
from lrs_bridge.demo.seed import settle
from lrs_bridge.domain.launch import CourseRole, MessageType
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import LetterKind
from lrs_bridge.flows.choose import open_chooser
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.journeyfile import sample_text
from lrs_bridge.store import admins, drafts, enrolments, journeys, messages, people, raters, runs, tenants
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

TEACHER, NOBODY = CourseRole.INSTRUCTOR, CourseRole.NONE
FIRST, SECOND = "field-coaching-90", "performance-consulting-10"
PILOT = ("petra", "ben", "jonas", "amira", "lukas", "ewa")
KEPT = "as walked"
PAT = "pat@example.org"
ROUND, ASSESSED = "R1", "S21"
_CLOSED = ("/s/nonsense/", "/m/nonsense", "/mail/nonsense", "/admin/enter/nonsense", "/lti/register", "/lti/login")
Starts = Mapping[str, Sequence[str]]
_ASKED = {
    "deep_link_return_url": f"{LMS}/return",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
    "accept_multiple": True,
}


def tour(folder: Path) -> tuple[House, Tour]:
    """The whole walk: everybody in a lived-in house, newcomers in empty ones, and every form sent without an answer."""
    house = open_house(folder)
    folk = _folk(house)
    made = _runs(house, folk)
    guests = dict(_guests(house, folk))
    starts = _act(house, guests, folk, made)
    guests["pat"] = _named(house)
    found = Tour(house.app)
    for key, guest in guests.items():
        found.walk(guest, starts.get(key, ()))
    for guest in _newcomers(house, made[-1]):
        found.walk(guest, state="empty")
    for path in _letters(house):
        found.walk(Guest("somebody with a letter", house.client(), "/", path))
    for path in _CLOSED:
        found.knock(Guest("a stranger", house.client(), "/", path))
    _keep(folder, house)
    for guest in guests.values():
        found.mistakes(guest)
    return house, found


def _keep(folder: Path, house: House) -> None:
    """What the walk found, before forms are sent."""
    house.bridge.engine.dispose()  # nothing is left beside the database file
    (folder / KEPT).mkdir()
    for file in folder.iterdir():
        if file.is_file():
            shutil.copy(file, folder / KEPT / file.name)


def crowded(folder: Path, house: House, into: Path, teams: int, leaders: int) -> House:
    """The house as it was walked through, in a folder of its own, with `leaders` times as many managers and coaches and
    `teams` times as many people under each: participants are as many times more. The guests' tabs are open there too.
    """
    shutil.copytree(folder / KEPT, into, dirs_exist_ok=True)
    crowd(into / DATABASE, teams, leaders=False)
    crowd(into / DATABASE, leaders, leaders=True)
    return house_of(bridge_in(into, lambda: MORNING), house.people)


def _folk(house: House) -> dict[str, PersonRow]:
    with house.bridge.sessions.read() as session:
        known = people.people_by_account(session, house.tenant_id, [one.account for one in house.people.members])
    return {member.key: known[member.account] for member in house.people.members}


def _runs(house: House, folk: dict[str, PersonRow]) -> list[RunRow]:
    """The pilot of the second sample in its second week, a run that begins in three weeks, and one without anybody."""
    today, made = MORNING.date(), []
    plans = (("pilot", SECOND, -8), ("later", FIRST, 21), ("empty", SECOND, -8))
    with house.bridge.sessions.write() as session:
        journeys.install(session, house.tenant_id, _with_coach(), SECOND, MORNING)
        slugs = {row.slug: row for row in reversed(journeys.installed(session, house.tenant_id))}
        for context, slug, days in plans:
            course = runs.ensure_course(session, house.tenant_id, house.platform_id, "1", context)
            course.title = f"The {context} course"
            day_zero = today + timedelta(days=days)
            made.append(runs.add_run(session, course, slugs[slug], day_zero, "Europe/Berlin", MORNING))
        _fill_pilot(session, made[0], folk)
        enrolments.give_role(session, house.tenant_id, made[1].id, folk["sofia"].id, Role.SPONSOR, MORNING)
    return made


def _with_coach() -> str:
    """A version of the second sample in which the coach is told what came of the first rating."""
    head, mark, tail = sample_text(SECOND).partition(f"- id: {ROUND}\n")
    return head.replace("version: 1\n", "version: 2\n", 1) + mark + tail.replace("with: peers", "with: coach", 1)


def _fill_pilot(session: Session, run: RunRow, folk: dict[str, PersonRow]) -> None:
    """Six people, each with Mark as manager and Carl as mentor, and three of the others asked for their view."""
    today = MORNING.date()
    since = today - timedelta(days=60)
    for number, key in enumerate(PILOT):
        person = folk[key]
        enrolled, _ = enrolments.enrol(session, run.tenant_id, run.id, person.id, today - timedelta(days=20))
        for other, role in (("mark", Role.MANAGER), ("carl", Role.MENTOR), ("carl", Role.COACH)):
            enrolments.relate(session, run.tenant_id, run.id, person.id, folk[other].id, role, "test", since)
        for step in (1, 2, 3):
            peer = folk[PILOT[(number + step) % len(PILOT)]]
            enrolments.relate(session, run.tenant_id, run.id, person.id, peer.id, Role.PEER, "test", since)
            raters.ask(session, run, enrolled.id, ROUND, peer.id, "peer", today)


def _guests(house: House, folk: dict[str, PersonRow]) -> Iterator[tuple[str, Guest]]:
    for key in ("petra", "clara", "mark"):
        yield key, house.guest(key)
    for key in ("carl", "sofia", "irene", "eva"):
        yield key, house.guest(key, NOBODY)
    yield "dario", house.guest("dario", TEACHER)
    for key, role, course in (
        ("petra", CourseRole.LEARNER, "pilot"),
        ("ben", CourseRole.LEARNER, "pilot"),
        ("mark", CourseRole.LEARNER, "pilot"),
        ("carl", NOBODY, "pilot"),
        ("sofia", NOBODY, "later"),
        ("dario", TEACHER, "later"),
    ):
        name = f"{key}, {course} run"
        yield name, replace(house.guest(key, role, context_id=course), name=name)
    yield "eva, earlier run", _evaluator(house)
    yield "sofia, earlier run", _reader(house)
    yield "ada", house.ada()
    yield "a chooser", _chooser(house)


def _evaluator(house: House) -> Guest:
    """The evaluator in the run that is over, whose study is finished."""
    guest = replace(house.guest("eva", NOBODY), name="eva, earlier run")
    guest.fill(f"study/of/{earlier.RUN_ID}", "study")
    write_reports(house.bridge, house.people.by_key["eva"].account)
    return guest


def _reader(house: House) -> Guest:
    """Who finds the report of that study."""
    link = {"context_id": earlier.COURSE, "custom": {"run": earlier.RUN_ID}}
    return replace(house.guest("sofia", NOBODY, **link), name="sofia, earlier run")


def _chooser(house: House) -> Guest:
    """A teacher whom the LMS sent to choose what to place."""
    guest = house.guest("dario", TEACHER)
    launch = replace(house.launch("dario", TEACHER), message_type=MessageType.DEEP_LINKING)
    with house.bridge.sessions.write() as session:
        path = open_chooser(session, launch, _ASKED, MORNING).path
    return replace(guest, name="a chooser", room="/".join(path.split("/")[:3]) + "/", first=path)


def _act(house: House, guests: dict[str, Guest], folk: dict[str, PersonRow], made: Sequence[RunRow]) -> Starts:
    """What they do before the walk; and pages to which no link leads in this house, by guest."""
    pilot, later, _ = made
    main = house.people.run_id
    with house.bridge.sessions.read() as session:
        version = next(one for one in journeys.installed(session, house.tenant_id) if one.slug == FIRST)
        theirs = enrolments.enrolment_of(session, house.tenant_id, pilot.id, folk["petra"].id)
    assert theirs is not None
    petra, dario, ada = guests["petra, pilot run"], guests["dario"], guests["ada"]
    guests["petra"].fill("ask", question="May a coaching note be spoken?", about="")
    house.guest("tomas").fill(f"own-work/{ASSESSED}", text="She greeted the buyer by name and waited.")
    guests["petra"].fill("with-me", role="peer", name="Pat Lindqvist", email=PAT)
    dario.send(
        "leaders",
        dario.fill("leaders", lines=f"participant,manager,role,from,to\n{_id_of(house, 'ben')},{PAT},mentor,,\n"),
    )
    logged = {"moment": "M1", "behaviours": "B1", "when": "today", "outcome": "3", "words": "They named a figure."}
    petra.fill("log", **logged, ask_peer=folk["ben"].id)
    ada.send(f"design/versions/{version.id}/edit", ada.open(f"design/versions/{version.id}"))
    ada.fill(f"{_newest(house)}/publish")
    dario.fill("design/new", template=version.id)
    ada.fill("design/new", template="empty")
    settle(house.bridge, lambda *_: None)
    return {
        "ada": [
            *(f"design/runs/{one}" for one in (main, later.id)),
            *(f"runs/{main}/{page}" for page in ("everybody", "leaders")),
            f"design/runs/{pilot.id}/people/{theirs.id}",
            f"design/runs/{demo_pilot.RUN_ID}/remarks",
            _newest(house),
        ],
        "dario": ["run/why/mtm_application", "design"],
        "eva": ["run/why/reaction"],
        "eva, earlier run": _of_a_case(guests["eva, earlier run"]),
        "mark, pilot run": [f"people/{theirs.id}/work"],
        "carl, pilot run": [f"round/{ROUND}/of/{theirs.id}"],
        "sofia, later run": ["chain/message/S07", "chain/case/S02"],
        "a chooser": [f"choose/look?pick=journey={FIRST}"],
    }


def _of_a_case(eva: Guest) -> list[str]:
    """The first case of the interviews, a story that begins with it, and the page on which somebody withdraws."""
    found = re.search(r"study/cases/(K-\d+)", eva.open("study/interviews").get_data(as_text=True))
    assert found, "somebody is drawn"
    code = found.group(1)
    return [f"study/cases/{code}", f"study/stories/new?case={code}", f"study/cases/{code}/withdraw"]


def _newest(house: House) -> str:
    """The page of the draft that was begun last."""
    with house.bridge.sessions.read() as session:
        return f"design/drafts/{drafts.drafts(session, house.tenant_id)[0].id}"


def _newcomers(house: House, empty: RunRow) -> Iterator[Guest]:
    """Where nothing has happened yet: a course without a run, a run with nobody in it, and another tenant."""
    with house.bridge.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", TOOL, MORNING)
        link = f"/admin/enter/{admins.make_link(session, other.id, MORNING)}"
    yield house.through(link, "an admin of an empty tenant")
    yield house.guest("a teacher without a run", TEACHER, context_id="without")
    yield house.guest("a learner without a run", context_id="without")
    yield house.guest("a teacher of an empty run", TEACHER, context_id="empty")
    yield house.guest("a first learner", context_id="empty")
    for role in (Role.COACH, Role.SPONSOR, Role.ASSESSOR, Role.EVALUATOR, Role.GOAL_OWNER, Role.MANAGER):
        with house.bridge.sessions.write() as session:
            who = people.ensure_person(session, house.tenant_id, LMS, f"a new {role}", MORNING, name=f"New {role}")
            enrolments.give_role(session, house.tenant_id, empty.id, who.id, role, MORNING)
        yield house.guest(f"a new {role}", NOBODY, context_id="empty")


def _id_of(house: House, key: str) -> str:
    return house.people.by_key[key].user_id


def _named(house: House) -> Guest:
    """Whom Petra named, by the link and the button of the letter."""
    with house.bridge.sessions.read() as session:
        letters = [
            compose(session, house.bridge.desk, row, MORNING)
            for row in messages.latest(session, house.tenant_id)
            if row.kind == LetterKind.NOMINATION
        ]
    link = re.findall(rf"{TOOL}(/m/\S+)", letters[0].text)[0]
    guest = Guest("pat", house.client(), link, link)
    page = guest.fill(link).headers["Location"].removeprefix(TOOL)
    return replace(guest, room="/".join(page.split("/")[:3]) + "/", first=page)


def _letters(house: House) -> Iterator[str]:
    """Pages that letters lead to: of a task, and of what one wants to get; and an administrator's way in."""
    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, house.tenant_id, MORNING)
    yield f"/admin/enter/{link}"
    with house.bridge.sessions.read() as session:
        for row in messages.latest(session, house.tenant_id):
            with suppress(NoLetter):
                letter = compose(session, house.bridge.desk, row, MORNING)
                yield letter.stop_url.removeprefix(TOOL)
                yield from re.findall(rf"{TOOL}(/m/\S+)", letter.text)

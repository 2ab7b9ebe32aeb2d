"""The people file: who takes part in a run, in which roles and relations. Keys as in `docs/people-file.md`.

One account has one `Person`. Rows of the same account with different roles are put together: whoever takes part
is a participant, the other roles stand in `also`. Managers, coaches and sponsors named only in relations need no
row of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.journeyfile.marks import read_tree
from lrs_bridge.journeyfile.problems import JourneyFileError
from lrs_bridge.journeyfile.references import References
from lrs_bridge.journeyfile.section import Notes, Section

_RELATIONS = {"managers": Role.MANAGER, "coaches": Role.COACH, "sponsors": Role.SPONSOR}


def load_people(text: str, name: str) -> Cohort:
    """The run and its people in this YAML or JSON text; `name` is the file's, for messages.

    Raises JourneyFileError with every problem found.
    """
    tree, problems = read_tree(text, name)
    notes = Notes(name, problems)
    top = Section(notes, tree)
    run = _run(top)
    home_page = top.iri("home_page", needed=True)
    people = _people(top, References(notes), home_page or "")
    top.close()
    if notes.problems or run is None or home_page is None:
        raise JourneyFileError(notes.problems)
    return Cohort(run, home_page, people)


def _run(top: Section) -> Run | None:
    section = top.section("run", needed=True)
    if section is None:
        return None
    run_id, journey = section.uuid("id", needed=True), section.id("journey", needed=True)
    version = section.whole("version", 1, 1_000_000, needed=True)
    day_zero = section.day("day_zero", needed=True)
    zone = section.text("time_zone") or "UTC"
    if not _is_zone(zone):
        section.wrong("time_zone", f"{zone!r} is no time zone: write a name such as Europe/Berlin or UTC.")
    section.close()
    if run_id is None or journey is None or version is None or day_zero is None:
        return None
    return Run(run_id, journey, version, day_zero, zone)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a missing one is a KeyError; a folder of the database an OSError
        return False
    return True


def _people(top: Section, references: References, home_page: str) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for section in top.sections("people", needed=True):
        person = _person(section, references, home_page)
        section.close()
        if person is None:
            continue
        known = found.get(person.account)
        found[person.account] = person if known is None else _together(known, person)
    for account, role in _only_related(found.values()):
        found.setdefault(account, Person(account, role))
    return tuple(found.values())


def _person(section: Section, references: References, home_page: str) -> Person | None:
    account = section.text("account", needed=True)
    role = section.word("role", Role, needed=True)
    takes_part = role is Role.PARTICIPANT
    registration = section.uuid("registration", needed=takes_part)
    enrolled, withdrawn = section.day("enrolled"), section.day("withdrawn")
    if enrolled and withdrawn and withdrawn < enrolled:
        section.wrong("withdrawn", f"{withdrawn} is before the enrolment on {enrolled}: mend one of the days.")
    managers, coaches, sponsors = (_relations(section, key, account) for key in _RELATIONS)
    day_zero = section.day("day_zero")
    area, identities = section.text("area"), _identities(section, references, home_page)
    if account is None or role is None:
        return None
    references.give(f"{role} row of account", account, section, "account")
    if registration is not None:
        references.give("registration", registration, section, "registration")
    return Person(
        account,
        role,
        registration,
        enrolled,
        withdrawn,
        area,
        managers,
        coaches,
        sponsors,
        identities,
        day_zero=day_zero,
    )


def _relations(section: Section, key: str, own: str | None) -> tuple[Relation, ...]:
    found = []
    for part in section.sections(key):
        account, start, end = part.text("account", needed=True), part.day("from"), part.day("to")
        if start and end and end < start:
            part.wrong("to", f"{end} is before {start}, where the relation begins: mend one of the days.")
        if account is not None and account == own:
            part.wrong("account", "is the person's own: nobody leads or coaches themselves.")
        part.close()
        found.append(Relation(account or "", start, end))
    return tuple(found)


def _identities(section: Section, references: References, home_page: str) -> tuple[str, ...]:
    found = []
    for part in section.sections("identities"):
        key = _identity(part, home_page)
        references.give("identity", key, part, next(iter(part.table.entries), ""))
        part.close()
        if key is not None:
            found.append(key)
    return tuple(found)


def _identity(part: Section, home_page: str) -> str | None:
    """The agent as `xapi.reading` spells it."""
    mbox, sha1, openid = part.iri("mbox"), part.text("mbox_sha1sum"), part.iri("openid")
    home, name = part.text("homePage"), part.text("name")
    if mbox is not None and not mbox.startswith("mailto:"):
        part.wrong("mbox", "must begin with mailto:, as xAPI writes addresses.")
    ways = [("mbox", mbox and mbox.lower()), ("mbox_sha1sum", sha1), ("openid", openid)]
    given = [f"{way}|{value}" for way, value in ways if value]
    if home and name:
        given.append(name if home == home_page else f"account|{home}|{name}")
    if len(given) != 1 or (home is None) != (name is None):
        rule = "needs one of `mbox`, `mbox_sha1sum`, `openid`, or `homePage` and `name` together"
        part.notes.add(part.table.line, part.path, f"an identity {rule}.")
        return None
    return given[0]


def _together(one: Person, other: Person) -> Person:
    """Two rows of one account. What only a participant has comes from the participant's row."""
    first, second = (other, one) if other.role is Role.PARTICIPANT else (one, other)
    return replace(
        first,
        managers=first.managers + second.managers,
        coaches=first.coaches + second.coaches,
        sponsors=first.sponsors + second.sponsors,
        identities=tuple(dict.fromkeys(first.identities + second.identities)),
        also=first.also | second.also | {second.role},
    )


def _only_related(people: Iterable[Person]) -> list[tuple[str, Role]]:
    return [
        (relation.account, role)
        for person in people
        for key, role in _RELATIONS.items()
        for relation in getattr(person, key)
    ]

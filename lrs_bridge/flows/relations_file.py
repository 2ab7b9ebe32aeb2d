"""Files about the people of a run: whichever kind is sent becomes rows, and the run becomes a file of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile.leaders import LeaderRow, LineProblem, read_leaders, write_leaders
from lrs_bridge.journeyfile.people_rows import read_people_rows, write_people
from lrs_bridge.journeyfile.sheets import NotText, decoded
from lrs_bridge.store import cohorts, enrolments, people, platforms, relations, tenants
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Sent:
    """A file as rows. `text` is what to send again to have the same; `note`: something to look at."""

    text: str
    rows: Sequence[LeaderRow]
    problems: Sequence[LineProblem]
    note: str | None = None


def read_file(session: Session, run: RunRow, content: bytes) -> Sent:
    """A CSV file or a people file, in whatever encoding. Never raises."""
    try:
        found = decoded(content)
    except NotText as problem:
        return Sent("", (), (LineProblem(1, str(problem)),))
    sent = read_text(session, run, found.text)
    return Sent(sent.text, sent.rows, sent.problems, found.note)


def read_text(session: Session, run: RunRow, text: str) -> Sent:
    """The same for a text that was pasted or is sent again."""
    if not _is_people_file(text):
        return Sent(text, *read_leaders(text))
    told, problems = read_people_rows(text)
    if told is None:
        return Sent(text, (), problems)
    home_page = tenants.get_tenant(session, run.tenant_id).iri_base
    wrong = []
    if told.run_id != run.id:
        wrong.append(LineProblem(1, f"this is the people file of another run ({told.run_id}). This one is {run.id}."))
    if told.home_page != home_page:
        wrong.append(LineProblem(1, f"home_page is {told.home_page!r}; the accounts of this run are of {home_page!r}."))
    return Sent(text, told.rows, wrong)


def _is_people_file(text: str) -> bool:
    """YAML or JSON with a run and people; a CSV file has its columns in the first line."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines()]
    first = next((line for line in lines if line and not line.startswith(("#", "---"))), "")
    return first.startswith("{") or any(first.startswith(f"{key}:") for key in ("run", "home_page", "people"))


def template(session: Session, run: RunRow, today: date) -> str:
    """The run's participants with who leads them now, as a file to fill in and send back."""
    known = _Known.of(session, run)
    lines: list[dict[str, str]] = []
    for one in known.participants(today):
        current = [row for row in known.related.get(one.person_id, ()) if row.end is None or row.end >= today]
        lines += [known.line(row) for row in current]
        if not any(row.kind == Role.MANAGER for row in current):
            told = {"participant": known.word(one.person_id), "name": one.person.shown_name, "role": str(Role.MANAGER)}
            lines.append({**dict.fromkeys(("manager", "manager_name", "from", "to"), ""), **told})
    return write_leaders(lines)


def export_csv(session: Session, run: RunRow) -> str:
    """Every relation and every given role of the run, past ones included: read back, it changes nothing."""
    known = _Known.of(session, run)
    rows = sorted(
        (row for rows in known.related.values() for row in rows),
        key=lambda row: (known.name(row.person_id), row.person_id, row.kind, row.start or date.min, row.id),
    )
    given = [row for row in known.given if row.role != Role.PARTICIPANT]
    return write_leaders([*(known.line(row) for row in rows), *(known.given_line(row) for row in given)])


def export_people(session: Session, run: RunRow) -> str:
    """The people file: pseudonyms, relations, roles and areas, as `lrs-bridge evaluate` reads them."""
    return write_people(cohorts.cohort_of(session, run))


@dataclass(frozen=True)
class _Known:
    """All people of a run, read in a fixed number of queries."""

    enrolled: Sequence[Enrolment]
    related: Mapping[str, Sequence[RelationRow]]
    given: Sequence[RunRole]
    persons: Mapping[str, PersonRow]
    subs: Mapping[str, str]
    twins: frozenset[str]

    @classmethod
    def of(cls, session: Session, run: RunRow) -> _Known:
        enrolled = enrolments.enrolments(session, run.tenant_id, run.id)
        related: dict[str, list[RelationRow]] = {}
        for row in relations.all_of(session, run):
            related.setdefault(row.person_id, []).append(row)
        given = enrolments.given_roles(session, run.tenant_id, run.id)
        ids = {one.person_id for one in enrolled} | set(related) | {row.person_id for row in given}
        ids |= {row.other_id for rows in related.values() for row in rows}
        persons = people.people_by_id(session, run.tenant_id, ids)
        issuer = session.get_one(platforms.Platform, run.course.platform_id).issuer
        subs = {
            person_id: one.sub
            for person_id, identities in people.identities_of(session, run.tenant_id, ids).items()
            for one in identities
            if one.issuer == issuer
        }
        emails = [person.email for person in persons.values() if person.email]
        shared = relations.people_by_email(session, run.tenant_id, emails)
        twins = frozenset(email for email, several in shared.items() if len(several) > 1)
        return cls(enrolled, related, given, persons, subs, twins)

    def participants(self, today: date) -> Iterator[Enrolment]:
        inside = (one for one in self.enrolled if one.withdrawn is None or one.withdrawn > today)
        return iter(sorted(inside, key=lambda one: one.person.shown_name))

    def word(self, person_id: str) -> str:
        """What finds this one person again: their e-mail, what the LMS calls them, else their account."""
        person = self.persons[person_id]
        if person.email and person.email not in self.twins:
            return person.email
        return self.subs.get(person_id) or person.account

    def name(self, person_id: str) -> str:
        return self.persons[person_id].shown_name

    def line(self, row: RelationRow) -> dict[str, str]:
        return {
            "participant": self.word(row.person_id),
            "name": self.name(row.person_id),
            "manager": self.word(row.other_id),
            "manager_name": self.persons[row.other_id].name or "",
            "role": row.kind,
            "from": str(row.start or ""),
            "to": str(row.end or ""),
        }

    def given_line(self, row: RunRole) -> dict[str, str]:
        return {
            "participant": "",
            "name": "",
            "manager": self.word(row.person_id),
            "manager_name": self.persons[row.person_id].name or "",
            "role": row.role,
            "from": str(row.start or ""),
            "to": str(row.end or ""),
        }

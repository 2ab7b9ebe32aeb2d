"""What tests of reports share: the worked example on the pages, the end of the run, and a PDF read back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, people
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab
from tests.web.studies import HIGH, LOW, MIDDLE, answer, codes, crowd, does, interview, sorted_and_drawn

VALUES = (4000, 6000, 8000, 3000, 9000)


def end(house: House) -> Tab:
    """The last day of the run is past, and Petra and Mark are in it again. Eva's tab."""
    house.world.clock.now = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    with house.bridge.sessions.write() as session:
        row = enrolments.get_enrolment(session, house.world.tenant.id, house.enrolments["petra"].id)
        assert row is not None
        row.withdrawn = None
    return house.eva


def crowd_more(house: House, answers: tuple[int, ...]) -> str:
    """One more person, who answers now. Their registration."""
    world = house.world
    with world.sessions.write() as session:
        person = people.ensure_person(session, world.tenant.id, ISSUER, "late", world.clock(), name="Late Comer")
        row, _ = enrolments.enrol(session, world.tenant.id, world.run.id, person.id, world.clock().date())
        record(session, world.tenant, answer(house, person.account, row.id, answers), world.clock())
        return row.id


def worked_example(house: House) -> Tab:
    """119 people and Petra, 90 answers, five of six verified, cost and share wanted; the run is over. Eva's tab."""
    crowd(house, (18, HIGH), (45, MIDDLE), (27, LOW), silent=29)
    eva = house.eva
    sorted_and_drawn(house, eva)
    for number, code in enumerate(codes(house, Bucket.HIGH)):
        said = {"helped": "manager_support"} if number < 5 else {"hindered": "manager_support"}
        worth = str(2 * VALUES[number]) if number < 5 else ""
        verdict = "verified" if number < 5 else "disagrees"
        interview(house, eva, code, verdict, value=worth, attribution="50", confidence="100", **said)
    for number, code in enumerate(codes(house, Bucket.LOW)):
        said = {"helped": "manager_support"} if number < 2 else {"hindered": "manager_support"}
        interview(house, eva, code, **said)
    does(house, eva, "study/value", currency="EUR", cost="150 000", cost_source="Controlling", target="40")
    return end(house)


def made(house: House, eva: Tab, audience: str, out: bool = True) -> str:
    """A report is made, and handed out. Its id."""
    page = does(house, eva, f"study/reports/for/{audience}")
    assert page.status == 200, page.text
    found = re.search(r"study/reports/([0-9a-f-]{36})", page.html)
    assert found, page.text
    if out:
        does(house, eva, f"study/reports/{found.group(1)}/hand-out", "study/reports")
    return found.group(1)


def pdf(page: Page) -> PdfReader:
    assert page.status == 200, page.text
    assert page.answer.headers["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(page.answer.get_data()))


def words(reader: PdfReader) -> str:
    """Of all pages, in one line."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

"""Two tenants in one installation: whoever is of one finds nothing of the other, by any address, form or key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lrs_bridge.store import ingest_keys, lrs_keys
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.tables import METADATA
from lrs_bridge.web.security import csrf_token
from tests.databases import empty
from tests.personas import SECRET, Tab
from tests.web.tenants import (
    IDS,
    NOBODYS,
    PLAIN,
    THROUGH,
    WORD,
    Companies,
    addresses,
    bait,
    form,
    found_in,
    ids_in,
    mark,
    move_in_both,
    words_of,
)

OPEN_TO_ALPHA = {"run_id", "enrolment", "enrolment_id", "person_id", "journey_id", "draft_id", "id_", "statement"}
"""Ids that Alpha's own people must reach pages by, or the others would be refused for nothing."""
VERSION = {"X-Experience-API-Version": "1.0.3"}


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Companies]:
    """The two of them, after Alpha's own people walked through and every table got a row of Alpha's."""
    path = Path(tmp_path_factory.mktemp("tenants"), "two.db")
    empty(path)
    engine = connect(f"sqlite:///{path}")
    companies = move_in_both(Sessions(engine))
    assert _opened(companies) >= OPEN_TO_ALPHA
    bait(companies)
    mark(companies)
    yield companies
    engine.dispose()


def test_every_table_names_its_tenant_or_is_reached_through_one_that_does():
    without = {name for name, table in METADATA.tables.items() if "tenant_id" not in table.c}
    assert without == THROUGH.keys() | NOBODYS.keys()
    assert all("tenant_id" in METADATA.tables[through].c for through in THROUGH.values())
    named = [table for table in METADATA.tables.values() if "tenant_id" in table.c]
    assert [table.name for table in named if table.c.tenant_id.nullable or not table.c.tenant_id.foreign_keys] == []


def test_every_part_of_an_address_is_known_as_somebodys_or_nobodys(companies: Companies):
    named = {name for rule in companies.beta.app.url_map.iter_rules() for name in rule.arguments}
    assert named - IDS.keys() - PLAIN.keys() == set()


def test_nobody_finds_or_changes_anything_of_another_tenant(companies: Companies):
    """Every page and every form, by everybody, with each id of the other tenant in address and form."""
    before = companies.rows(companies.alpha)
    alphas, wrong = ids_in(str(before)), []
    sent = ids_in(str(form(companies, "")))  # what is said again to whoever said it
    for name, tab in found_in(companies.beta):
        for rule in _rules(companies, tab):
            for path, ids in addresses(rule, companies):
                for method in rule.methods & {"GET", "POST"}:
                    answer = _ask(companies, tab, method, path)
                    what = (name, method, rule.rule, answer.status_code)
                    if _tells(answer, alphas - ids - sent):
                        wrong.append((*what, "tells"))
                    if answer.status_code >= 500 or (ids and answer.status_code not in (403, 404)):
                        wrong.append((*what, "opens"))
    assert wrong == []
    assert [table for table, rows in companies.rows(companies.alpha).items() if rows != before[table]] == []
    named = {table for table, rows in companies.rows(companies.beta).items() if ids_in(str(rows)) & alphas}
    assert named <= {"admin_act"}  # which keeps what was asked for, in vain


def test_a_record_stores_key_opens_its_own_tenant_only(companies: Companies):
    before = companies.rows(companies.alpha)
    alphas = ids_in(str(before))
    statement = companies.moment
    tenant_id, now = companies.beta.world.tenant.id, companies.beta.bridge.clock()
    with companies.sessions.write() as session:
        key, secret = lrs_keys.add_key(session, tenant_id, "Beta", ["all"], SECRET, now)
    agent = f'{{"account": {{"homePage": "{companies.alpha.world.tenant.iri_base}", "name": "{_petra(companies)}"}}}}'
    registration = companies.values("enrolment.id")[0]
    activity = f"{companies.alpha.world.tenant.iri_base}/runs/{companies.alpha.world.run.id}"
    client = companies.beta.client()
    for path, query in (
        ("statements", {"statementId": statement}),
        ("statements", {"voidedStatementId": statement}),
        ("statements", {}),
        ("statements", {"agent": agent}),
        ("statements", {"registration": registration}),
        ("statements", {"activity": activity, "related_activities": "true"}),
        ("activities", {"activityId": activity}),
        ("agents", {"agent": agent}),
        ("agents/profile", {"agent": agent}),
        ("activities/state", {"agent": agent, "activityId": activity}),
        ("activities/profile", {"activityId": activity}),
    ):
        answer = client.get(f"/xapi/{path}", query_string=query, auth=(key.key, secret), headers=VERSION)
        assert answer.status_code in (200, 404), answer.text
        assert not _tells(answer, alphas - ids_in(f"{query}")), path
    voiding = _voiding(statement)
    assert client.post("/xapi/statements", json=voiding, auth=(key.key, secret), headers=VERSION).status_code == 200
    assert companies.rows(companies.alpha) == before


def test_what_a_system_forwards_stays_with_the_tenant_of_its_key(companies: Companies):
    before = companies.rows(companies.alpha)
    tenant_id, now = companies.beta.world.tenant.id, companies.beta.bridge.clock()
    with companies.sessions.write() as session:
        _, token = ingest_keys.add_key(session, tenant_id, "Beta's system", SECRET, now)
    bearer = {"Authorization": f"Bearer {token}"}
    answer = companies.beta.client().post(
        "/ingest/statements", json=_voiding(companies.values("statement.id")[0]), headers=bearer
    )
    assert answer.status_code == 200
    assert companies.rows(companies.alpha) == before


def _opened(companies: Companies) -> set[str]:
    """The ids by which Alpha's own people reach a page."""
    opened: set[str] = set()
    left = {rule.endpoint for rule in companies.alpha.app.url_map.iter_rules() if rule.arguments & IDS.keys()}
    for name, tab in found_in(companies.alpha):
        rules = _rules(companies, tab) if name in ("petra", "mark", "dario", "ada") else []
        for rule in [one for one in rules if "GET" in one.methods and one.endpoint in left]:
            if any(tab.open(path).status < 400 for path, _ in addresses(rule, companies)):
                opened |= rule.arguments & IDS.keys()
                left.discard(rule.endpoint)
    return opened


def _rules(companies: Companies, tab: Tab) -> list[Rule]:
    room = tab.path().split(tab.token)[0]
    return [rule for rule in companies.beta.app.url_map.iter_rules() if rule.rule.startswith(room)]


def _ask(companies: Companies, tab: Tab, method: str, path: str) -> TestResponse:
    if method == "GET":
        return tab.client.get(tab.path(path))
    return tab.client.post(tab.path(path), data=form(companies, csrf_token(tab.token, SECRET)))


def _tells(answer: TestResponse, ids: set[str]) -> bool:
    said = words_of(answer)
    return WORD.casefold() in said.casefold() or bool(ids_in(said) & ids)


def _petra(companies: Companies) -> str:
    return companies.alpha.world.petra.account


def _voiding(statement: str) -> dict[str, object]:
    return {
        "actor": {"mbox": "mailto:beta@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": statement},
    }

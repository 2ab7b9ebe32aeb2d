"""Every row of the table in docs/xapi.md as a pair: what is written, and what is read of it."""

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.xapi import names
from lrs_bridge.xapi.checking.statements import Checker
from lrs_bridge.xapi.profile import load
from lrs_bridge.xapi.reading import read
from lrs_bridge.xapi.template import traits
from lrs_bridge.xapi.writing import statement
from tests.unit.xapi.golden import BASE, PAIRS, as_json, event_of

every_pair = pytest.mark.parametrize("name", PAIRS)


@every_pair
def test_an_event_becomes_its_statement(name):
    assert statement(event_of(PAIRS[name]["event"]), BASE) == PAIRS[name]["statement"]


@every_pair
def test_a_statement_is_read_as_its_fact(name):
    assert as_json(read(PAIRS[name]["statement"], BASE)) == PAIRS[name]["fact"]


@every_pair
def test_a_statement_meets_exactly_one_template_and_keeps_its_rules(name):
    sent = PAIRS[name]["statement"]
    matching = [template for template in load().templates if template.applies(traits(sent))]
    assert [template.verb for template in matching] == [sent["verb"]["id"]]
    assert matching[0].breaches(sent) == []


@every_pair
def test_a_statement_passes_the_checker_but_for_its_company(name):
    """Templates, references, extensions, all of it; a registration of one statement follows no pattern."""
    found = Checker([load()]).check([PAIRS[name]["statement"]]).findings
    assert [finding for finding in found if finding.rule != "pattern"] == []


def test_all_statements_together_pass_but_for_their_order():
    """They are of one registration, and no story."""
    report = Checker([load()]).check([pair["statement"] for pair in PAIRS.values()])
    assert {finding.rule for finding in report.findings} <= {"pattern"}
    assert set(report.templates) == {template.id for template in load().templates}


def test_every_kind_of_event_has_a_pair():
    assert {pair["event"]["kind"] for pair in PAIRS.values()} == {str(kind) for kind in Kind if kind != Kind.OTHER}


def test_every_template_of_the_profile_has_a_pair():
    assert {pair["statement"]["verb"]["id"] for pair in PAIRS.values()} == {t.verb for t in load().templates}


def test_every_extension_of_the_profile_stands_in_a_pair():
    used = {
        iri
        for pair in PAIRS.values()
        for part in ("context", "result")
        for iri in pair["statement"].get(part, {}).get("extensions", {})
    }
    assert used == {iri for iri, concept in load().concepts.items() if concept["type"].endswith("Extension")}


@every_pair
def test_a_statement_carries_what_every_statement_of_the_profile_carries(name):
    sent, event = PAIRS[name]["statement"], PAIRS[name]["event"]
    activities = sent["context"]["contextActivities"]
    plan, run = f"{BASE}/journeys/field-coaching-90/v/1", f"{BASE}/runs/{event['run']}"
    assert [a["id"] for a in activities["category"]] == ["https://w3id.org/xapi/learning-journey/v1.0"]
    assert [(a["id"], a["definition"]["type"]) for a in activities["parent"]] == [(plan, names.LEARNING_PLAN)]
    assert [(a["id"], a["definition"]["type"]) for a in activities["grouping"]] == [(run, names.COURSE)]
    assert sent["actor"]["account"]["homePage"] == BASE
    assert sent["context"]["extensions"][names.extension("role")] == event["role"]
    assert sent["timestamp"].endswith("Z")


def test_an_anonymous_answer_leads_to_nobody():
    sent = PAIRS["answered-anonymously"]["statement"]
    assert "registration" not in sent["context"]
    assert names.extension("recorded") not in sent["context"]["extensions"]
    assert sent["timestamp"] == "2026-03-03T23:00:00.000Z"  # midnight in the run's zone, whenever it was answered

"""Testing a record store: what is found out, in words; and whatever happens, what was written is voided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import orjson
import pytest
import requests

from lrs_bridge.domain.probing import Finding, Probed, Traits, Verdict
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.lrs.probe import Probe
from tests.fakes.clock import FakeClock
from tests.fakes.lrs_server import ENDPOINT, Answer
from tests.fakes.odd_lrs import OddLrs
from tests.fakes.statements import HOME


def probe(lrs: OddLrs, write: bool = True, seconds: Iterator[float] | None = None) -> Probed:
    """`seconds`: what the stopwatch shows, look by look."""
    endpoint = Endpoint(ENDPOINT, "key", "secret", lrs.session())
    tick = (lambda: next(seconds)) if seconds is not None else (lambda: 0.0)
    return Probe(endpoint, HOME, FakeClock(), lambda _: None, tick).run(write)


def findings(probed: Probed, about: str) -> list[Finding]:
    return [finding for finding in probed.findings if finding.about == about]


def test_a_store_that_does_all_that_is_asked_of_it_is_found_to_be_fit() -> None:
    """Nothing to know, nothing to do; and what it was found to do is used."""
    probed = probe(OddLrs())
    assert {finding.verdict for finding in probed.findings} == {Verdict.OK}
    assert not any(finding.advice for finding in probed.findings)
    assert probed.traits == Traits(version="2.0.0", compress=True, by_stored=True, through=True, voids=True)
    assert probed.conclusion == "This store can hold the record."


ODDITIES = {
    "about is a page": ("Address", Verdict.CARE),
    "ancient": ("Version", Verdict.BAD),
    "wrong key": ("Key", Verdict.BAD),
    "open to all": ("Strangers", Verdict.CARE),
    "rewrites": ("Keeping", Verdict.CARE),
    "silent": ("Overwriting", Verdict.CARE),
    "overwrites": ("Overwriting", Verdict.BAD),
    "takes all": ("Checking", Verdict.CARE),
    "keeps in part": ("Checking", Verdict.CARE),
    "by timestamp": ("What is new", Verdict.CARE),
    "happened order": ("What is new", Verdict.CARE),
    "doubles": ("Sending again", Verdict.BAD),
    "no through": ("Complete up to", Verdict.CARE),
    "through is 1970": ("Complete up to", Verdict.CARE),
    "no more": ("Pages", Verdict.BAD),
    "names itself wrongly": ("Pages", Verdict.BAD),
    "plain only": ("Compression", Verdict.OK),
    "refuses voids": ("Voiding", Verdict.CARE),
    "keeps voided": ("Voiding", Verdict.CARE),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_found_and_nothing_else_is_held_against_the_store(oddity: str) -> None:
    """Each has its place and its weight."""
    about, verdict = ODDITIES[oddity]
    probed = probe(OddLrs(oddity))
    assert verdict in {finding.verdict for finding in findings(probed, about)}
    others = [finding for finding in probed.findings if finding.about != about]
    assert {finding.verdict for finding in others} <= {Verdict.OK}
    assert probed.verdict == verdict


@pytest.mark.parametrize(
    ("oddity", "traits"),
    [
        ("by timestamp", {"by_stored": False}),
        ("happened order", {"by_stored": False}),
        ("through is 1970", {"through": False}),
        ("no through", {"through": False}),
        ("plain only", {"compress": False}),
        ("keeps voided", {"voids": False}),
    ],
)
def test_what_is_found_is_what_we_go_by(oddity: str, traits: dict[str, bool]) -> None:
    """Delivery and ingestion take it from the traits."""
    found = {"version": "2.0.0", "compress": True, "by_stored": True, "through": True, "voids": True}
    assert probe(OddLrs(oddity)).traits == Traits(**{**found, **traits})  # type: ignore[arg-type]


def test_a_store_that_answers_with_pages_or_a_little_late_is_as_good() -> None:
    """Ralph answers a page for one statement; stores on several machines show a new one a moment later."""
    assert probe(OddLrs("a page for one")).verdict == Verdict.OK
    assert probe(OddLrs(late=3)).verdict == Verdict.OK


@pytest.mark.parametrize(("minutes", "says"), [(5, "300 seconds ahead of ours"), (-5, "300 seconds behind ours")])
def test_clocks_that_do_not_agree_are_said(minutes: int, says: str) -> None:
    """Nothing else depends on it."""
    lrs = OddLrs()
    lrs.start += timedelta(minutes=minutes)
    probed = probe(lrs)
    (clock,) = findings(probed, "Clock")
    assert says in clock.text
    assert {one.verdict for one in probed.findings if one is not clock} == {Verdict.OK}


def test_without_writing_nothing_is_written() -> None:
    """What can be found out without a trace is found out."""
    lrs = OddLrs()
    probed = probe(lrs, write=False)
    assert lrs.kept == []
    assert [finding.verdict for finding in findings(probed, "Writing")] == [Verdict.LEFT_OUT]
    assert {request.method for request in lrs.requests} == {"GET"}


def test_what_was_written_is_of_nobody_and_voided() -> None:
    """It names no person, lies under the tenant's own ids, and says what it is."""
    lrs = OddLrs()
    probe(lrs)
    tried = [one for one in lrs.kept if one["object"].get("objectType") == "Activity"]
    assert tried
    assert {one["id"] for one in tried} == lrs.voided_ids
    assert all(one["actor"]["account"]["name"].startswith("lrs-bridge-test-") for one in lrs.kept)
    assert all(one["object"]["id"].startswith(HOME) for one in tried)


TROUBLES = [requests.ConnectionError("reset"), Answer(500), Answer(503), Answer(200, b"<html>")]


@pytest.mark.parametrize("trouble", TROUBLES, ids=repr)
def test_whatever_breaks_on_the_way_what_was_written_is_voided(trouble: Answer | Exception) -> None:
    """At every request after the first statement was taken, one after the other."""
    for place in count(3):
        lrs = OddLrs()
        lrs.troubles = [None] * place + [trouble]
        probed = probe(lrs)
        if lrs.troubles:
            break
        tried = {one["id"] for one in lrs.kept if one["object"].get("objectType") == "Activity"}
        told = any("stay" in finding.advice for finding in probed.findings)
        assert tried <= lrs.voided_ids or told
    assert place > 15


def test_a_store_that_is_too_slow_is_tried_no_further_and_what_was_written_is_voided() -> None:
    """A page waits for the test."""
    lrs = OddLrs()
    probed = probe(lrs, seconds=iter(range(0, 1000, 10)))
    assert [finding.verdict for finding in findings(probed, "The rest")] == [Verdict.LEFT_OUT]
    assert {one["id"] for one in lrs.kept if one["object"].get("objectType") == "Activity"} == lrs.voided_ids


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (requests.exceptions.SSLError("certificate verify failed"), "certificate"),
        (requests.ConnectTimeout("slow"), "in time"),
        (requests.ConnectionError("Failed to resolve 'lrs'"), "resolved"),
        (requests.ConnectionError("[Errno 111] Connection refused"), "nobody listens"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_in_words(answer: Exception, says: str) -> None:
    """One finding, and nothing else is tried."""

    class Nowhere(OddLrs):
        def _answer(self, request: requests.PreparedRequest) -> Answer:
            raise answer

    probed = probe(Nowhere())
    assert len(probed.findings) == 1
    assert says in probed.findings[0].text
    assert probed.findings[0].advice
    assert "secret" not in probed.findings[0].text


def test_a_test_can_be_kept_and_read_again() -> None:
    """As JSON."""
    probed = probe(OddLrs("by timestamp"))
    assert Probed.from_dict(orjson.loads(orjson.dumps(probed.as_dict()))) == probed

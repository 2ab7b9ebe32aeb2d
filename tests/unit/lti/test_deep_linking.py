"""Content items and settings of deep linking hold for whatever a journey is called and whatever an LMS sends."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.journey import Journey, LineItemPlan, Phase, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.placing import placements_of
from lrs_bridge.lti.deep_linking import DeepLinkingSettings, content_item, settings_from

URL = "https://tool.example/lti/launch"
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400).filter(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    ids = draw(st.lists(IDS, unique=True, max_size=6))
    steps = [
        Step(
            id=one,
            phase=draw(st.sampled_from(Phase)),
            type="reflection",
            owner=draw(st.sampled_from([Role.PARTICIPANT, Role.MANAGER])),
            title=draw(TITLES),
            due_day=draw(st.integers(-60, 120)),
        )
        for one in ids
    ]
    plan = LineItemPlan(draw(st.floats(1, 1000)), draw(st.none() | TITLES))
    gradebook = draw(st.sampled_from([None, {}, {"journey_completion": plan}, {"success_case": plan}]))
    return Journey(slug=draw(IDS), version=1, title=draw(TITLES), steps=tuple(steps), gradebook=gradebook)


SETTINGS = st.builds(
    DeepLinkingSettings,
    return_url=st.just("https://lms.example/return"),
    takes_links=st.just(True),
    several=st.booleans(),
    columns=st.booleans(),
    targets=st.frozensets(st.sampled_from(["iframe", "window", "embed"])),
    data=JSON,
    has_data=st.booleans(),
)


@settings(max_examples=60)
@given(journeys(), SETTINGS, st.none() | st.uuids().map(str), st.booleans())
def test_every_content_item_is_one_that_lmss_take(
    journey: Journey, asked: DeepLinkingSettings, run: str | None, column: bool
) -> None:
    """Type, address and title; texts only in custom; a line item only of a whole journey, asked for and accepted."""
    for placement in placements_of(journey, run):
        item = content_item(placement, asked, URL, run, column)
        assert json.loads(json.dumps(item)) == item
        assert (item["type"], item["url"]) == ("ltiResourceLink", URL)
        assert 0 < len(item["title"]) <= 255
        assert item["custom"] == placement.custom
        assert all(isinstance(value, str) and value for value in item["custom"].values())
        whole = placement.step is None and placement.dashboard is None
        graded = journey.gradebook is None or "journey_completion" in journey.gradebook
        assert ("lineItem" in item) == (whole and graded and column and asked.columns)
        if "lineItem" in item:
            assert item["lineItem"]["scoreMaximum"] > 0
            assert 0 < len(item["lineItem"]["label"]) <= 255
            assert item["lineItem"].get("resourceId") == run
            assert item["lineItem"]["tag"] == "journey_completion"


@settings(max_examples=60)
@given(journeys(), st.none() | st.uuids().map(str))
def test_a_form_can_name_each_placement(journey: Journey, run: str | None) -> None:
    """No two have one key, and nobody's step but the participant's is among them."""
    placements = placements_of(journey, run)
    keys = [placement.key for placement in placements]
    assert len(set(keys)) == len(keys)
    own = {step.id for step in journey.owned_by(Role.PARTICIPANT)}
    assert {placement.step for placement in placements if placement.step} == own


@settings(max_examples=100)
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("accept_types", "accept_multiple", "accept_lineitem", "accept_presentation_document_targets", "data"), JSON
        ),
    )
)
def test_settings_of_any_shape_are_read(given_: dict[str, Any]) -> None:
    """Whatever an LMS writes there; what it does not say clearly is read with care."""
    read = settings_from({"deep_link_return_url": "https://lms.example/return", **given_})
    assert read.has_data == ("data" in given_)
    assert read.data == given_.get("data")
    assert read.several is False or given_["accept_multiple"] in (True, "true")
    assert read.columns is True or given_["accept_lineitem"] in (False, "false")

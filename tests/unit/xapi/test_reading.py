"""Reading takes statements as others send them, and says of those it cannot take where and why."""

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.xapi.names import Place, extension, place
from lrs_bridge.xapi.reading import Unreadable, read
from tests.unit.xapi.golden import BASE, PAIRS

APPLIED = PAIRS["applied"]["statement"]
HOUR_OF_APPLYING = datetime(2026, 3, 9, 11, tzinfo=UTC)


def changed(path, value, statement=APPLIED):
    """The statement with the value at a dotted path replaced; `...` takes it out."""
    made = copy.deepcopy(statement)
    *parents, last = path.split(".")
    inner = made
    for key in parents:
        inner = inner.setdefault(key, {})
    if value is ...:
        inner.pop(last, None)
    else:
        inner[last] = value
    return made


def with_extension(part, name, value):
    made = copy.deepcopy(APPLIED)
    made[part]["extensions"][extension(name)] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("id", ..., "id"),
        ("id", 7, "id"),
        ("actor", ..., "actor"),
        ("actor", "Petra", "actor"),
        ("actor", {}, "actor"),
        ("actor", {"objectType": "Group", "member": []}, "actor"),
        ("actor", {"objectType": "Group", "member": [{"objectType": "Group", "member": []}]}, "actor.member"),
        ("actor", {"mbox": None}, "actor"),
        ("actor.account", "Petra", "actor.account"),
        ("actor.account.name", 12, "actor.account.name"),
        ("actor.account.homePage", ..., "actor.account.homePage"),
        ("verb", ..., "verb"),
        ("verb", "applied", "verb"),
        ("verb.id", "", "verb.id"),
        ("object", ..., "object"),
        ("object.id", ..., "object.id"),
        ("object.objectType", "Thing", "object.objectType"),
        ("object.objectType", ["Activity"], "object.objectType"),
        ("timestamp", "yesterday", "timestamp"),
        ("timestamp", 1767225600, "timestamp"),
        ("timestamp", "0001-01-01T00:00:00+14:00", "timestamp"),
        ("timestamp", "0001-12-31T12:00:00Z", "timestamp"),
        ("timestamp", "9999-01-01T00:00:00Z", "timestamp"),
        ("timestamp", ..., "timestamp"),
        ("stored", "later", "stored"),
        ("context", [], "context"),
        ("context.registration", 5, "context.registration"),
        ("context.registration", "", "context.registration"),
        ("context.extensions", "none", "context.extensions"),
        ("result", "good", "result"),
    ],
)
def test_who_what_when_and_about_which_enrolment_have_to_be_right(path, value, where):
    with pytest.raises(Unreadable) as refused:
        read(changed(path, value), BASE)
    assert refused.value.where == where
    assert str(refused.value) == f"{where}: {refused.value.why}"


@pytest.mark.parametrize("junk", [None, [], "text", 3, {}])
def test_what_is_no_statement_at_all_is_unreadable(junk):
    with pytest.raises(Unreadable):
        read(junk, BASE)


@pytest.mark.parametrize(
    ("actor", "key"),
    [
        ({"account": {"homePage": BASE, "name": "p-1"}}, "p-1"),
        ({"account": {"homePage": "https://lms.example", "name": "7"}}, "account|https://lms.example|7"),
        ({"mbox": "mailto:petra@example.org"}, "mbox|mailto:petra@example.org"),
        ({"mbox": "mailto:Petra.Novak@Example.org"}, "mbox|mailto:petra.novak@example.org"),
        ({"mbox_sha1sum": "ab12"}, "mbox_sha1sum|ab12"),
        ({"openid": "https://petra.example"}, "openid|https://petra.example"),
        ({"objectType": "Group", "mbox": "mailto:team@example.org"}, "mbox|mailto:team@example.org"),
        (
            {"objectType": "Group", "member": [{"mbox": "mailto:b@x"}, {"account": {"homePage": BASE, "name": "a"}}]},
            "group|a,mbox|mailto:b@x",
        ),
    ],
)
def test_every_way_to_name_an_agent_gives_one_key(actor, key):
    assert read(changed("actor", actor), BASE).actor == key


@pytest.mark.parametrize(
    ("spelling", "time"),
    [
        ("2026-03-09T12:00:00+01:00", HOUR_OF_APPLYING),
        ("2026-03-09T11:00:00Z", HOUR_OF_APPLYING),
        ("2026-03-09T11:00:00", HOUR_OF_APPLYING),
        ("2026-03-09T11:00:00.000000000-00:00", HOUR_OF_APPLYING),
        ("20260309T110000Z", HOUR_OF_APPLYING),
    ],
)
def test_times_are_read_in_any_spelling_and_without_a_zone_are_utc(spelling, time):
    assert read(changed("timestamp", spelling), BASE).at == time


def test_a_missing_timestamp_is_the_time_of_storing():
    stored = changed("stored", "2026-03-10T08:00:00Z", changed("timestamp", ...))
    fact = read(stored, BASE)
    assert (fact.at, fact.stored) == (datetime(2026, 3, 10, 8, tzinfo=UTC),) * 2


def test_without_the_extension_it_was_recorded_when_it_was_stored():
    stored = changed("stored", "2026-03-10T08:00:00Z")
    assert read(stored, BASE).recorded == datetime(2026, 3, 10, 19, 21, 43, 512000, tzinfo=UTC)
    del stored["context"]["extensions"][extension("recorded")]
    assert read(stored, BASE).recorded == datetime(2026, 3, 10, 8, tzinfo=UTC)


CMI5 = {"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}


@pytest.mark.parametrize(
    ("category", "kept"), [([CMI5], False), (CMI5, False), ([{"id": "https://x"}], True), (3, True)]
)
def test_the_registration_of_a_cmi5_statement_is_not_one_of_ours(category, kept):
    """It is the one under which an LMS launched the content."""
    fact = read(changed("context.contextActivities.category", category), BASE)
    assert (fact.registration == APPLIED["context"]["registration"]) is kept
    assert (fact.registration is None) is not kept


def test_ids_are_read_in_lower_case():
    loud = changed("id", APPLIED["id"].upper())
    loud["context"]["registration"] = loud["context"]["registration"].upper()
    fact = read(loud, BASE)
    assert (fact.id, fact.registration) == (APPLIED["id"], APPLIED["context"]["registration"])
    reference = changed("object.id", APPLIED["id"].upper(), PAIRS["verified"]["statement"])
    assert read(reference, BASE).target == APPLIED["id"]


def test_a_verb_of_another_vocabulary_is_kept_for_matches():
    verb = "http://adlnet.gov/expapi/verbs/passed"
    fact = read(changed("object.id", "https://quiz.example/1", changed("verb.id", verb)), BASE)
    assert (fact.kind, fact.verb, fact.activity) == (Kind.OTHER, verb, "https://quiz.example/1")


@pytest.mark.parametrize("sort", ["Agent", "Group", "SubStatement"])
def test_an_object_that_is_no_activity_names_none(sort):
    fact = read(changed("object", {"objectType": sort}), BASE)
    assert (fact.activity, fact.target, fact.moment) == (None, None, None)


@pytest.mark.parametrize("base", ["https://old.example/t/1", "http://a/journeys/x", "urn:", ""])
def test_activities_are_known_whatever_the_base(base):
    journey = f"{base}/journeys/field-coaching-90/v/1"
    assert place(f"{journey}/steps/S03") == Place(step="S03")
    assert place(f"{journey}/moments/M1") == Place(moment="M1")
    assert place(f"{journey}/capabilities/C%201") == Place(capability="C 1")
    assert place(f"{base}/runs/AB-1") == Place(run="ab-1")
    assert place(f"{base}/runs/ab-1/moments/CD-2") == Place(run="ab-1", moment="cd-2", personal_moment=True)
    assert place(journey) == Place()
    assert place(f"{base}/courses/S03") == Place()


def test_the_step_of_the_extension_goes_before_that_of_the_activity():
    talk = copy.deepcopy(PAIRS["talked-with"]["statement"])
    assert read(talk, BASE).step == "S14"
    del talk["context"]["extensions"][extension("step")]
    assert read(talk, BASE).step == "S14"
    talk["context"]["extensions"][extension("step")] = "S22"
    assert read(talk, BASE).step == "S22"


def test_a_lone_grouping_is_read_like_an_array():
    run = APPLIED["context"]["contextActivities"]["grouping"][0]
    assert read(changed("context.contextActivities.grouping", run), BASE).run == run["id"].rpartition("/")[2]
    others = [{"id": "https://example.org/class"}, "?", None, run]
    assert read(changed("context.contextActivities.grouping", others), BASE).run == run["id"].rpartition("/")[2]
    assert read(changed("context.contextActivities", "none"), BASE).run is None


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ({"raw": 3}, Score(3)),
        ({"raw": 2.5, "min": 0, "max": "4"}, Score(2.5, 0, None)),
        ({"raw": "3", "min": 0, "max": 4}, None),
        ({"raw": True}, None),
        ({"raw": float("nan")}, None),
        ({"raw": 10**400}, None),
        ({"scaled": 0.5}, None),
        (3, None),
    ],
)
def test_a_score_without_a_number_is_no_score(given, read_as):
    assert read(changed("result.score", given), BASE).score == read_as


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("behaviours", "B1", ...),
        ("behaviours", ["B1", 2, None, "B2"], ["B1", "B2"]),
        ("answers", {"a": 3, "b": "much", "c": True, "d": 0}, {"a": 3, "d": 0}),
        ("factors", {"timing": "helped", "tools_resources": 1}, {"timing": "helped"}),
        ("map", {"moments": True, "goal": "yes"}, {"moments": True}),
        ("criteria", [4], ...),
        ("level", "3", ...),
        ("level", 3.0, 3),
        ("level", True, ...),
        ("goal-agreed", 1, ...),
        ("goal-agreed", False, False),
        ("rubric-version", "2b", "2b"),
        ("rubric-version", 2, 2),
        ("route", "", ...),
        ("basis", None, ...),
        ("unheard-of", "x", ...),
    ],
)
def test_of_a_wrong_extension_only_what_fits_is_kept(name, value, kept):
    assert read(with_extension("result", name, value), BASE).data.get(name, ...) == kept


@pytest.mark.parametrize("name", ["role", "step", "with", "recorded"])
def test_a_wrong_context_extension_is_as_good_as_none(name):
    wrong, without = with_extension("context", name, 5), copy.deepcopy(APPLIED)
    without["context"]["extensions"].pop(extension(name), None)
    assert read(wrong, BASE) == read(without, BASE)


def test_a_completion_that_is_no_boolean_says_nothing():
    assert read(changed("result.completion", "false"), BASE).completion is None
    assert read(changed("result.completion", False), BASE).completion is False


def test_null_is_as_good_as_absent():
    nothing = {"context": None, "result": None, "stored": None}
    assert read({**APPLIED, **nothing}, BASE).registration is None


def test_reading_leaves_the_statement_as_it_was():
    before = copy.deepcopy(APPLIED)
    read(APPLIED, BASE)
    assert before == APPLIED


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def paths(part, before=()):
    """Every place in a statement that could hold something else."""
    if isinstance(part, dict | list):
        items = part.items() if isinstance(part, dict) else enumerate(part)
        for key, value in items:
            yield (*before, key)
            yield from paths(value, (*before, key))


EVERY_PATH = [(name, path) for name, pair in PAIRS.items() for path in paths(pair["statement"])]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EVERY_PATH), anything)
def test_whatever_stands_anywhere_is_read_or_unreadable(place_in_pair, value):
    name, path = place_in_pair
    statement = copy.deepcopy(PAIRS[name]["statement"])
    inner = statement
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        assert isinstance(read(statement, BASE), Fact)
    except Unreadable as refused:
        assert refused.where  # noqa: PT017 - both outcomes are right
        assert refused.why  # noqa: PT017


@settings(max_examples=100, deadline=None)
@given(anything)
def test_whatever_is_no_statement_is_unreadable(value):
    with pytest.raises(Unreadable):
        read(value, BASE)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_every_text_as_a_time_is_read_or_unreadable(text):
    try:
        assert read(changed("timestamp", text), BASE).at.tzinfo is UTC
    except Unreadable as refused:
        assert refused.where == "timestamp"  # noqa: PT017

"""Locations of template rules: what profiles may write, what is read all the same, what is refused."""

import jsonpath_rfc9535
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.xapi.locations import Location, LocationError, parse

DOCUMENT = {
    "verb": {"id": "v"},
    "context": {"grouping": [{"id": "a"}, {"id": "b"}, {"name": "c"}], "extensions": {"https://e.example/x.y": 1}},
    "a|b": {"c'd": None, "en-US": "color"},
}


@pytest.mark.parametrize(
    ("location", "values"),
    [
        ("$.verb.id", ["v"]),
        ("$.verb.name", []),
        ("$.verb.id.id", []),
        ("$.context.grouping[*].id", ["a", "b"]),
        ("$.context.grouping.*.id", ["a", "b"]),
        ("$.context.grouping[1].id", ["b"]),
        ("$.context.grouping[1,0].id", ["b", "a"]),
        ("$.context.grouping[9]", []),
        ("$.context.grouping['id']", []),
        ("$.context.extensions['https://e.example/x.y']", [1]),
        ("$.context.extensions.*", [1]),
        ("$['verb','context']['id']", ["v"]),
        ('$["a|b"]["c\'d"]', [None]),
        ("$['a|b']['c\\'d']", [None]),
        ("$..id", ["v", "a", "b"]),
        ("$", [DOCUMENT]),
    ],
)
def test_a_location_finds_its_values(location, values):
    """Without a remark: this is how profiles should write it."""
    assert parse(location).values(DOCUMENT) == values
    assert parse(location).remarks == ()


def test_paths_joined_by_a_pipe_give_their_values_one_after_the_other():
    """A value that two paths find counts twice; the spaces do not matter."""
    assert parse("$.verb.id | $.context.grouping[*].id|$.verb.id").values(DOCUMENT) == ["v", "a", "b", "v"]


@pytest.mark.parametrize(
    ("dirty", "written", "values"),
    [
        ("verb.id", "$.verb.id", ["v"]),
        ("context.grouping[*].id", "$.context.grouping[*].id", ["a", "b"]),
        ("['verb'].id", "$['verb'].id", ["v"]),
        (".verb.id", "$.verb.id", ["v"]),
        ("$['a|b'].en-US", "$['a|b']['en-US']", ["color"]),
        ("$[verb].id", "$['verb'].id", ["v"]),
        ("$.context.grouping.0.id", "$.context.grouping[0].id", ["a"]),
        ("verb.id | $.context.grouping[1].id", "$.verb.id | $.context.grouping[1].id", ["v", "b"]),
    ],
)
def test_what_leaves_no_doubt_is_read_with_a_remark(dirty, written, values):
    """And the way to write it."""
    location = parse(dirty)
    assert (location.values(DOCUMENT), location.written) == (values, written)
    assert location.remarks
    assert parse(written).remarks == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$.a[?(@.b)]", "filter or script"),
        ("$.a[?@.b]", "filter or script"),
        ("$.a[(@.length-1)]", "filter or script"),
        ("$.a[-1]", "from the end"),
        ("$.a[1:2]", "slice"),
        ("$.a['b]", "not closed"),
        ("$.a[]", "no JSONPath"),
        ("$.a..", "no JSONPath"),
        ("$.extensions.https://e.example/x", "no JSONPath"),
        ("", "empty"),
        ("$.a |", "empty"),
        ("| $.a", "empty"),
    ],
)
def test_other_jsonpath_is_refused_with_the_reason(text, why):
    """What a checker cannot evaluate it must not guess."""
    with pytest.raises(LocationError, match=why) as refused:
        parse(text)
    assert refused.value.text == text


NAMES = st.sampled_from(["id", "type", "en-US", "a.b", "a|b", "it's", 'say "x"', "ü", "", "x\\y"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "id", "z"])
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


def quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


SELECTORS = st.lists(NAMES.map(quoted) | st.integers(0, 3).map(str) | st.just("*"), min_size=1, max_size=3)
STEPS = st.lists(
    st.tuples(st.sampled_from(["", ".."]), SELECTORS.map(lambda keys: f"[{','.join(keys)}]")).map("".join), max_size=4
)


@given(DOCUMENTS, STEPS)
def test_values_are_those_of_rfc_9535(document, steps):
    """Down to their order, for every path that profiles may use."""
    path = "$" + "".join(steps)
    assert parse(path).values(document) == jsonpath_rfc9535.find(path, document).values()


@given(DOCUMENTS, st.lists(STEPS.map(lambda steps: "$" + "".join(steps)), min_size=1, max_size=3))
def test_a_pipe_adds_the_values_of_its_paths(document, paths):
    """Flattened, as the specification says."""
    assert parse(" | ".join(paths)).values(document) == [
        value for path in paths for value in parse(path).values(document)
    ]


@given(st.text(max_size=30) | st.text("$.[]'\"|*?()0-9abc -,:", max_size=20))
def test_any_text_is_a_location_or_is_refused(text):
    """A profile is a stranger's file."""
    try:
        location = parse(text)
    except LocationError:
        return
    assert isinstance(location, Location)
    location.values(DOCUMENT)

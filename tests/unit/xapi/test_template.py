"""Templates: which statements they are for, as xAPI Profiles 1.0 says."""

import copy

import pytest

from lrs_bridge.xapi.template import Template, normal, traits

STATEMENT = {
    "verb": {"id": "v"},
    "object": {"id": "o", "definition": {"type": "t"}},
    "attachments": [{"usageType": "u1"}, {"usageType": "u2"}],
    "context": {
        "contextActivities": {
            "parent": [{"id": "p", "definition": {"type": "p1"}}, {"id": "q", "definition": {"type": "p2"}}],
            "category": [{"id": "c"}],
        }
    },
}


@pytest.mark.parametrize(
    ("template", "applies"),
    [
        (Template("i"), True),
        (Template("i", verb="v"), True),
        (Template("i", verb="w"), False),
        (Template("i", verb="v", object_type="t"), True),
        (Template("i", object_type="s"), False),
        (Template("i", context_types={"parent": ("p2",)}), True),
        (Template("i", context_types={"parent": ("p2", "p1")}), True),
        (Template("i", context_types={"parent": ("p1", "p3")}), False),
        (Template("i", context_types={"grouping": ("p1",)}), False),
        (Template("i", context_types={"category": ()}), True),
        (Template("i", usage_types=("u2",)), True),
        (Template("i", usage_types=("u2", "u3")), False),
    ],
)
def test_a_template_is_for_statements_with_all_its_determining_properties(template, applies):
    """Lists have to be contained, not equal."""
    assert template.applies(traits(STATEMENT)) is applies


@pytest.mark.parametrize(
    "junk",
    [
        {},
        {"verb": "v"},
        {"verb": {"id": 7}},
        {"object": {"definition": []}},
        {"context": {"contextActivities": [1]}},
        {"context": {"contextActivities": {"parent": "p"}}},
        {"attachments": {"usageType": "u"}},
    ],
)
def test_what_is_no_statement_has_no_traits(junk):
    """Nothing of it raises, and no template with a determining property is for it."""
    assert traits(normal(junk)).verb is None
    assert not Template("i", verb="v", object_type="t").applies(traits(normal(junk)))


def test_single_context_activities_become_lists_and_the_statement_stays_as_it_was():
    """As xAPI 1.0.3 has it; in a sub-statement too."""
    single = {"context": {"contextActivities": {"parent": {"id": "p"}, "other": [{"id": "q"}]}}}
    given = {**single, "object": {"objectType": "SubStatement", **single}}
    before = copy.deepcopy(given)
    listed = {"context": {"contextActivities": {"parent": [{"id": "p"}], "other": [{"id": "q"}]}}}
    assert normal(given) == {**listed, "object": {"objectType": "SubStatement", **listed}}
    assert given == before


def test_a_statement_that_has_lists_is_not_copied():
    """Nearly all have."""
    assert normal(STATEMENT) is STATEMENT

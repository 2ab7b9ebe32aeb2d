"""Statements of every shape that the specification allows, drawn part by part from its schema (xAPI Data 2.4)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.fakes.statements import DONE, HOME

Strategy = st.SearchStrategy[Any]

# Few ids, people and activities, so that statements meet: conflicts, references, filters that find several.
NUMBERS = range(1, 7)
TIMES = ["2026-09-01T10:00:00.000Z", "2026-09-01T12:00:00+02:00", "2026-08-31T10:00:00.5-0130"]
LANGUAGES = ["en", "de-AT", "und"]
IRIS = [f"{HOME}/x/{name}" for name in "abc"]

text = st.text(max_size=8)
iri = st.sampled_from(IRIS)
uuids = st.sampled_from(NUMBERS).map(lambda number: f"00000000-0000-4000-8000-{number:012x}")
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300)
language_map = st.dictionaries(st.sampled_from(LANGUAGES), text, max_size=2)
json_value = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
extensions = st.dictionaries(iri, json_value, max_size=2)


def shaped(required: dict[str, Strategy] | None = None, **optional: Strategy) -> Strategy:
    return st.fixed_dictionaries(required or {}, optional=optional)


identifiers = st.one_of(
    st.sampled_from("ab").map(lambda name: {"mbox": f"mailto:{name}@Example.org"}),
    st.sampled_from("AB").map(lambda digit: {"mbox_sha1sum": digit * 40}),
    st.sampled_from("ab").map(lambda name: {"openid": f"https://{name}.example.org"}),
    st.sampled_from("ab").map(lambda name: {"account": {"homePage": HOME, "name": name}}),
)
agent = st.builds(lambda who, more: {**who, **more}, identifiers, shaped(objectType=st.just("Agent"), name=text))
members = st.lists(agent, min_size=1, max_size=3)
group = st.one_of(
    st.builds(lambda who, more: {**who, **more}, identifiers, shaped({"objectType": st.just("Group")}, member=members)),
    shaped({"objectType": st.just("Group"), "member": members}, name=text),
)
actor = agent | group

components = st.lists(st.sampled_from("abc"), unique=True, max_size=3).flatmap(
    lambda ids: st.tuples(*(shaped({"id": st.just(one)}, description=language_map) for one in ids)).map(list)
)
interaction = shaped(
    {"interactionType": st.sampled_from(["choice", "true-false", "matching", "other"])},
    correctResponsesPattern=st.lists(text, max_size=2),
    choices=components,
    source=components,
)
definition = st.builds(
    lambda plain, more: {**plain, **more},
    shaped(name=language_map, description=language_map, type=iri, moreInfo=iri, extensions=extensions),
    interaction | st.just({}),
)
activity = shaped({"id": iri}, objectType=st.just("Activity"), definition=definition)
reference = shaped({"objectType": st.just("StatementRef"), "id": uuids})

score = st.one_of(
    shaped(scaled=st.floats(-1, 1), raw=numbers),
    st.lists(numbers, min_size=3, max_size=3, unique=True)
    .map(sorted)
    .map(lambda v: dict(zip(("min", "raw", "max"), v))),  # noqa: B905
)
durations = ["PT1H30M", "P1DT12H36M0.12567S", "P4W", "PT0S"]
result = shaped(
    score=score,
    success=st.booleans(),
    completion=st.booleans(),
    response=text,
    duration=st.sampled_from(durations),
    extensions=extensions,
)
context_activities = st.dictionaries(
    st.sampled_from(["parent", "grouping", "category", "other"]), activity | st.lists(activity, max_size=2), max_size=2
)
context_of_1 = {
    "registration": uuids,
    "instructor": actor,
    "team": group,
    "contextActivities": context_activities,
    "language": st.sampled_from(LANGUAGES),
    "statement": reference,
    "extensions": extensions,
}
relevant = {"relevantTypes": st.lists(iri, min_size=1, max_size=2)}
context_of_2 = {
    "contextAgents": st.lists(shaped({"objectType": st.just("contextAgent"), "agent": agent}, **relevant), max_size=2),
    "contextGroups": st.lists(shaped({"objectType": st.just("contextGroup"), "group": group}, **relevant), max_size=2),
}
attachment = shaped(
    {
        "usageType": iri,
        "display": language_map,
        "contentType": st.sampled_from(["text/plain", "application/json; charset=utf-8"]),
        "length": st.integers(0, 99),
        "sha2": st.sampled_from(["0" * 64, "AB" * 32]),
        "fileUrl": iri,
    },
    description=language_map,
)


def core(two: bool, nested: bool) -> Strategy:
    """What statements and SubStatements share."""
    context = shaped(**context_of_1, **(context_of_2 if two else {}))
    objects = [activity, reference, agent.map(lambda one: {**one, "objectType": "Agent"}), group]
    if not nested:
        objects.append(core(two, True).map(lambda inner: {"objectType": "SubStatement", **inner}))
    return shaped(
        {
            "actor": actor,
            "verb": shaped({"id": st.sampled_from([DONE, *IRIS])}, display=language_map),
            "object": st.one_of(objects),
        },
        result=result,
        context=context,
        timestamp=st.sampled_from(TIMES),
        attachments=st.lists(attachment, max_size=1),
    )


def statements(two: bool = False) -> Strategy:
    """Any that is valid, in 1.0 or 2.0."""
    own = shaped(id=uuids, stored=st.sampled_from(TIMES), version=st.sampled_from(["1.0.0", "1.0.3"]), authority=agent)
    return st.builds(lambda inner, outer: {**inner, **outer}, core(two, nested=False), own)


def bent(one: Any, draw: Any) -> Any:
    """`one` with some part of it replaced by any JSON, removed, or given a neighbour."""
    if not isinstance(one, dict | list) or not one or draw(st.integers(0, 3)) == 0:
        return draw(json_value)
    places = list(one) if isinstance(one, dict) else list(range(len(one)))
    place = draw(st.sampled_from(places))
    if isinstance(one, list):
        return [bent(item, draw) if index == place else item for index, item in enumerate(one)]
    match draw(st.sampled_from(["bend", "bend", "bend", "drop", "rename", "add"])):
        case "drop":
            return {name: value for name, value in one.items() if name != place}
        case "rename":
            return {(name.upper() if name == place else name): value for name, value in one.items()}
        case "add":
            return {**one, draw(text): draw(json_value)}
        case _:
            return {name: bent(value, draw) if name == place else value for name, value in one.items()}

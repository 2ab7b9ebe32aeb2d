"""The journey file becomes a Journey, or a list of all that is wrong with it."""

from __future__ import annotations

import json

import pytest
import yaml

from lrs_bridge.domain.journey import LineItemPlan, Matches, Phase, RouteRule
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile import JourneyFileError, line_of, load_journey, load_settings, sample, sample_text, samples

SMALLEST = """\
journey: small
version: 1
title: A small journey
steps:
  - {id: A, phase: before, type: self_study, owner: participant, title: Read, opens_day: -7, due_day: 0}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(JourneyFileError) as caught:
        load_journey(text, "j.yaml")
    assert str(caught.value).splitlines() == [str(p) for p in caught.value.problems]
    return str(caught.value).splitlines()


def step(**keys: object) -> str:
    """A journey whose one step has these keys beside or instead of the usual ones."""
    usual = {"id": "A", "phase": "before", "type": "self_study", "owner": "participant", "opens_day": -7, "due_day": 0}
    return json.dumps({"journey": "small", "version": 1, "title": "t", "steps": [{**usual, **keys}]})


def test_four_keys_are_enough():
    """Of a journey only journey, version, title and steps are required."""
    journey = load_journey(SMALLEST, "j.yaml")
    assert (journey.slug, journey.version, journey.title) == ("small", 1, "A small journey")
    (only,) = journey.steps
    assert (only.phase, only.owner, only.weight, only.required, only.expected, only.grace_days) == (
        Phase.BEFORE,
        Role.PARTICIPANT,
        1.0,
        True,
        1,
        0,
    )
    assert journey.evaluators is None
    assert journey.gradebook is None


@pytest.mark.parametrize("key", ["journey", "version", "title", "steps"])
def test_each_required_key_is_missed(key):
    """Without one of them the key is named as missing."""
    content = yaml.safe_load(SMALLEST)
    del content[key]
    assert problems(json.dumps(content)) == [f"j.yaml:1: {key}: is missing: add it."]


def test_the_sample_holds_every_part():
    """Sample 1 ships inside the package and is read completely."""
    assert "field-coaching-90" in samples()
    journey = sample("field-coaching-90")
    assert len(journey.steps) == 30
    assert journey.routes is not None
    assert journey.routes.rules == (RouteRule("mid_high", at_least=60.0), RouteRule("low", below=60.0))
    assert (journey.routes.step, journey.routes.source, journey.routes.missing) == ("S12", "S03", "ask_coach")
    assert journey.step_by_id["S18"].corroborated_by is Role.PARTICIPANT
    assert journey.step_by_id["S19"].required is False
    assert journey.moment_by_id["M2"].behaviours == ("B1", "B2")
    assert journey.targets.applications == 6
    assert journey.assessments["coaching_note"].criteria[0].max == 4
    assert [item.id for item in journey.surveys["success_case"].items] == ["M1", "M2", "M3"]
    assert [item.id for item in journey.surveys["kick_off"].items] == ["recommend", "usefulness", "intent"]
    assert [item.id for item in journey.surveys["clarity"].items] == ["goal", "moments", "behaviour", "manager_agrees"]
    climate = journey.surveys["climate"].items
    assert len({item.factor for item in climate}) == 16
    assert [item.id for item in climate if item.reversed] == ["supervisor_sanctions"]
    assert journey.gradebook is not None
    assert journey.gradebook["success_case"] == LineItemPlan(100.0, "Success case")
    assert sum(s.weight for s in journey.owned_by(Role.PARTICIPANT) if s.required and s.route in (None, "low")) == 18


def test_a_sample_that_is_not_there_is_a_key_error():
    """Only the slugs of `samples()` can be asked for, never a path."""
    with pytest.raises(KeyError):
        sample("../setup")


def test_every_step_key_is_read():
    """Each key of a step reaches the Step."""
    text = """\
journey: full
version: 2
title: Full
assessments: {note: {rubric_version: 3, criteria: [{id: c, title: C, max: 2.5}]}}
surveys: {own: {kind: custom, items: [{id: q, title: Q, scale: nps, factor: timing, reversed: true}]}}
routes: {step: R, from: P, rules: [{at_least: 50, route: fast}], missing: slow}
choices: [{id: menu, choose: 1, steps: [A, B]}]
late: {policy: decay, rate: 0.1, floor: 0.2}
capabilities: [{id: cap, title: Cap, levels: [low, high]}]
evaluators: {own_measure: {deep: {on: 1}}, other: }
gradebook: {own_measure: {maximum: 10, label: Mine}, other: }
pilot: true
steps:
  - {id: P, phase: before, type: assessment, owner: assessor, with: participant, assessment: note}
  - {id: R, phase: during, type: route, owner: system}
  - id: A
    phase: after
    type: conversation
    owner: participant
    with: manager
    title: "NO"
    guide: [What happened?, What next?]
    required: false
    weight: 2.5
    opens_day: 3
    due_day: 9
    from: enrolment
    grace_days: 2
    expected: 4
    route: fast
    level: 3
    survey: own
    corroborated_by: manager
    matches: {verb: "http://v.example/did", activity: "urn:example:thing"}
  - {id: B, phase: after, type: reflection, owner: participant, title: yes, guide: One text, route: slow, due_day: 5}
"""
    journey = load_journey(text, "j.yaml")
    a, b = journey.step_by_id["A"], journey.step_by_id["B"]
    assert (a.title, a.counterpart, a.guide, a.required, a.weight) == (
        "NO",
        "manager",
        ("What happened?", "What next?"),
        False,
        2.5,
    )
    assert (a.opens_day, a.due_day, a.from_enrolment, a.grace_days, a.expected) == (3, 9, True, 2, 4)
    assert (a.route, a.level, a.survey, a.corroborated_by) == ("fast", 3, "own", Role.MANAGER)
    assert a.matches == Matches("http://v.example/did", "urn:example:thing")
    assert (b.title, b.guide, b.opens_day, b.due_day) == ("yes", ("One text",), 0, 5)
    assert journey.late.credit(3) == pytest.approx(0.7)
    assert journey.evaluators == {"own_measure": {"deep": {"on": 1}}, "other": {}}
    assert journey.gradebook == {"own_measure": LineItemPlan(10.0, "Mine"), "other": LineItemPlan()}
    assert journey.choices[0].steps == ("A", "B")
    assert journey.pilot is True


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"type": "self-study"}, "steps[0].type: 'self-study' is none of what can stand here. Did you mean 'self_s"),
        ({"owner": "boss"}, "steps[0].owner: 'boss' is none of what can stand here. Known here: admin, assessor"),
        ({"phase": "Before"}, "steps[0].phase: 'Before' is none of what can stand here. Did you mean 'before'?"),
        ({"due_day": -8}, "steps[0].due_day: day -8 is before the step opens on day -7: swap them, or move one."),
        ({"due_day": "soon"}, "steps[0].due_day: must be a whole number from -3700 to 3700, not 'soon'."),
        ({"due_day": 1.5}, "steps[0].due_day: must be a whole number"),
        ({"weight": -1}, "steps[0].weight: must be a number from 0 to 1000, not '-1'."),
        ({"weight": True}, "steps[0].weight: must be a number"),
        ({"expected": 0}, "steps[0].expected: must be a whole number from 1 to 1000"),
        ({"level": 5}, "steps[0].level: must be a whole number from 1 to 4"),
        ({"required": "maybe"}, "steps[0].required: must be true or false, not 'maybe'."),
        ({"required": 1}, "steps[0].required: must be true or false"),
        ({"id": "a b"}, "steps[0].id: must be letters, digits, dot, hyphen or underscore"),
        ({"id": ["A"]}, "steps[0].id: must be letters, digits, dot, hyphen or underscore"),
        ({"corroborated_by": "coach"}, "steps[0].corroborated_by: 'coach' is none of what can stand here."),
        ({"opens": 3}, "steps[0].opens: is not a key here. Did you mean 'opens_day'?"),
        ({"survey": "s"}, "steps[0].survey: there is no survey 's'. None is defined here."),
        ({"assessment": "s"}, "steps[0].assessment: there is no assessment 's'."),
        ({"route": "low"}, "steps[0].route: there is no route 'low'."),
        ({"matches": {"verb": "did"}}, "steps[0].matches.verb: must be an IRI"),
        ({"matches": {"verb": "http://a.b/c"}}, "steps[0].matches.activity: is missing: add it."),
        ({"from": "start"}, "steps[0].from: 'start' is none of what can stand here."),
        ({"guide": {"a": 1}}, "steps[0].guide: must be a list, not a mapping."),
        ({"with": "nobody"}, "steps[0].with: 'nobody' is none of what can stand here."),
    ],
)
def test_a_wrong_step_is_named_with_its_key(keys, said):
    """Type, range, word and reference of each key of a step are checked."""
    assert any(line.startswith(f"j.yaml:1: {said}") for line in problems(step(**keys))), problems(step(**keys))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("verison: 1", "6: verison: is not a key here. Did you mean 'version'?"),
        ("moments: [{id: M1, behaviours: [B9]}]", "6: moments[0].behaviours: there is no behaviour 'B9'."),
        ("behaviours: [{id: B}, {id: B}]", "6: behaviours[1].id: the behaviour 'B' stands already on line 6"),
        ("choices: [{id: c, choose: 2, steps: [A]}]", "6: choices[0].choose: asks for 2 of 1 steps"),
        ("choices: [{id: c, choose: 1, steps: [Z]}]", "6: choices[0].steps: there is no step 'Z'. Known here: A."),
        ("routes: {step: A, from: A, rules: [{at_least: 1, route: r}]}", "6: routes.from: there is no assessment step"),
        ("routes: {step: A, from: A, rules: [{route: r}]}", "6: routes.rules[0].route: needs either `at_least` or"),
        ("routes: {step: A, from: A, rules: [], missing: x}", "6: routes.missing: there is no route of a step or rule"),
        ("late: {policy: decay}", "6: late.rate: is missing"),
        ("late: {policy: strict}", "6: late.policy: 'strict' is none of what can stand here."),
        ("targets: {impact_share: 40}", "6: targets.impact_share: must be a number from 0 to 1"),
        ("surveys: {x: {kind: custom}}", "6: surveys.x.items: a custom survey needs its own items"),
        ("surveys: {x: {kind: success_case}}", "6: surveys.x.kind: asks about each moment, but the journey names none"),
        ("surveys: {x: {kind: reaction, confidentiality: secret}}", "6: surveys.x.confidentiality: 'secret' is none"),
        ("surveys: {x: }", "6: surveys.x.kind: is missing"),
        ("assessments: {x: {criteria: [{id: a}]}}", "6: assessments.x.criteria[0].max: is missing"),
        ("evaluators: [a]", "6: evaluators: must be a mapping (`key: value`), not a list."),
        ("evaluators: {a: 3}", "6: evaluators.a: must be a mapping"),
        ("evaluators: {a: }\ngradebook: {b: }", "7: gradebook.b: there is no evaluator 'b'."),
        ("gradebook: {a: {maximum: 0}}", "6: gradebook.a.maximum: must be a number from 0.01"),
        ("title: Again", "6: title: stands here twice, first on line 3: keep one."),
        ("purpose: {were: x}", "6: purpose.were: is not a key here. Did you mean 'where'?"),
        ("pilot: perhaps", "6: pilot: must be true or false"),
        ("goal_owner: &x A\npurpose: {where: *x}", "7: the alias *x is not followed here: write the value out."),
        ("goal_owner: !!python/object:os.system x", "6: the tag tag:yaml.org,2002:python/object:os.system is not read"),
        ("? [a, b]\n: c", "6: a list or mapping cannot be a key: write a word."),
        ("---\nmore: 1", "6: a second document begins here (`---`): put one in a file."),
    ],
)
def test_each_problem_names_file_line_and_key(more, said):
    """Whatever is wrong beyond the steps is found on its line."""
    lines = problems(SMALLEST + more + "\n")
    assert any(line.startswith(f"j.yaml:{said}") for line in lines), lines


def test_all_problems_are_told_at_once():
    """One reading is enough to mend a file with many faults, in order of lines."""
    text = "journey: x y\nversion: one\nsteps:\n - {id: a, id: b, phase: befor, type: x, owner: y}\n - 4\n"
    assert [line.split(": ")[:2] for line in problems(text)] == [
        ["j.yaml:1", "journey"],
        ["j.yaml:1", "title"],
        ["j.yaml:2", "version"],
        ["j.yaml:4", "id"],
        ["j.yaml:4", "steps[0].owner"],
        ["j.yaml:4", "steps[0].phase"],
        ["j.yaml:4", "steps[0].type"],
        ["j.yaml:5", "steps[1]"],
    ]


def test_a_required_anonymous_survey_is_refused():
    """A required anonymous survey step could never be credited."""
    text = SMALLEST + "  - {id: S, phase: after, type: survey, owner: participant, survey: r}\n"
    text += "surveys: {r: {kind: reaction, confidentiality: anonymous}}\n"
    (line,) = problems(text)
    assert line.startswith("j.yaml:6: steps[1].survey: 'r' is anonymous")
    assert load_journey(text.replace("survey: r}", "survey: r, required: false}"), "j.yaml").steps[1].survey == "r"


def test_two_steps_with_one_id_are_a_problem():
    """Ids are given once, and the first line is named."""
    text = SMALLEST + "  - {id: A, phase: after, type: report, owner: evaluator}\n"
    assert problems(text) == ["j.yaml:6: steps[1].id: the step 'A' stands already on line 5: names are given once."]


def test_a_plugin_may_bring_a_step_type():
    """A step type is unknown until somebody allows it."""
    text = step(type="treasure_hunt")
    assert "'treasure_hunt' is none of what can stand here" in problems(text)[0]
    assert load_journey(text, "j.yaml", step_types=["treasure_hunt"]).steps[0].type == "treasure_hunt"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "j.yaml:1: this holds nothing, where keys with values"),
        ("- a\n- b\n", "j.yaml:1: this holds a list, where keys with values"),
        ("just words", "j.yaml:1: this holds one text, where keys with values"),
        ("a: [1, 2\nb: 3\n", "j.yaml:2: this is not YAML:"),
        ("a: b: c\n", "j.yaml:1: this is not YAML:"),
        ("a: '\n", "j.yaml:"),
        ("a: \x00\n", "j.yaml:1: this is not YAML:"),
        ("a: \ud800\n", "j.yaml:1: this is not YAML:"),
        ("a: " + "[" * 500 + "]" * 500, "j.yaml:1: this is nested more than 20 levels deep"),
    ],
)
def test_what_is_no_mapping_is_said_so(text, said):
    """Syntax errors and files of another shape end with one clear line."""
    assert any(line.startswith(said) for line in problems(text)), problems(text)


def test_a_bomb_of_aliases_costs_nothing():
    """Aliases are refused before they multiply."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20)
    )
    assert sum("is not followed here" in line for line in problems(bomb)) == 20


def test_json_is_read_like_yaml():
    """JSON with tabs, escapes and characters in two halves gives the same journey, and the same digest."""
    content = yaml.safe_load(SMALLEST)
    content["title"] = 'Über \U0001f600 / "all"'
    as_json = json.dumps(content, indent="\t").replace("/", "\\/")
    assert "\\ud83d\\ude00" in as_json
    journey = load_journey(as_json, "j.json")
    assert journey.title == content["title"]
    assert journey == load_journey(yaml.safe_dump(content, allow_unicode=True), "j.yaml")


def test_the_digest_is_of_the_content():
    """Comments and order of keys leave it, any other change changes it."""
    journey = load_journey(SMALLEST, "j.yaml")
    moved = "# a comment\ntitle: A small journey\n" + SMALLEST.replace("title: A small journey\n", "")
    assert load_journey(moved, "j.yaml").digest == journey.digest
    assert load_journey(SMALLEST.replace("Read", "Look"), "j.yaml").digest != journey.digest
    assert len(journey.digest) == 64


def test_the_line_of_a_key_can_be_asked_for():
    """Problems found after reading still name a line: that of the deepest key there is."""
    text = sample_text("field-coaching-90")
    line = line_of(text, "x", "evaluators", "mtm_application", "half_life_days")
    assert text.splitlines()[line - 1].strip() == "mtm_application: {}"


def test_settings_are_read_by_evaluator():
    """A settings file maps evaluators to mappings."""
    assert load_settings("a: {b: 1, c: {d: off}}\ne:\n", "s.yaml") == {"a": {"b": 1, "c": {"d": False}}, "e": {}}
    with pytest.raises(JourneyFileError, match=r"s\.yaml:2: b: must be a mapping"):
        load_settings("a: {}\nb: 4\n", "s.yaml")

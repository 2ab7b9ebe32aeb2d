"""A made-up journey with something of everything, its people, and records of what they may have done in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.journey import (
    Assessment,
    Capability,
    Choice,
    Criterion,
    Journey,
    Matches,
    Phase,
    RouteRule,
    Routes,
    Step,
    Survey,
    SurveyItem,
    Targets,
)
from lrs_bridge.domain.people import Person, Relation, Role
from lrs_bridge.hooks.builders import DAY_ZERO, RUN, fact, journey, on, participant, step

_ELSEWHERE = Matches("http://adlnet.gov/expapi/verbs/completed", "https://courses.example/orientation")
_MOMENTS = ("M1", "M2", "M3")

JOURNEY: Journey = journey(
    step("map", opens=-14, due=-7, phase=Phase.BEFORE, type="impact_map", weight=2, survey="clarity"),
    step("orientation", opens=-7, due=0, phase=Phase.BEFORE, matches=_ELSEWHERE, from_enrolment=True),
    step("pre", "assessor", opens=-21, due=-14, phase=Phase.BEFORE, type="assessment", assessment="note", weight=0),
    step("contract", "manager", opens=-10, due=-3, phase=Phase.BEFORE, corroborated_by=Role.PARTICIPANT, weight=2),
    step("kick_off", phase=Phase.DURING, type="live_event", due=0),
    step("with_them", "manager", phase=Phase.DURING, type="live_event", due=0, corroborated_by=Role.SYSTEM),
    step("routing", "system", phase=Phase.DURING, type="route", weight=0),
    step("apply", opens=3, due=45, type="mtm_application", expected=3, weight=3),
    step("pairs", opens=14, due=28, type="coaching_2_1", expected=2, route="low"),
    step("group", opens=14, due=28, type="coaching_group", grace_days=3, route="high"),
    step("watch", "manager", opens=14, due=45, type="observation", expected=3, corroborated_by=Role.PARTICIPANT),
    step("praise", "manager", opens=60, due=70, type="recognition", required=False),
    step("read_a", opens=10, due=40),
    step("read_b", opens=10, due=40),
    step("read_c", opens=10, due=40),
    step("message", "sponsor", opens=-7, due=-1, phase=Phase.BEFORE, weight=0),
    step("ask_them", "sponsor", opens=30, due=50, counterpart="manager", corroborated_by=Role.MANAGER),
    step("thanks", "sponsor", opens=50, due=60, required=False, expected=2, corroborated_by=Role.PARTICIPANT),
    step("post", "assessor", opens=30, due=40, type="assessment", assessment="note", weight=0),
    step("rate", "manager", opens=5, due=60, type="assessment_360", required=False, weight=0),
    step("liked", opens=0, due=2, type="survey", survey="kick_off", required=False),
    step("climate", opens=40, due=60, type="survey", survey="climate", required=False),
    step("results", opens=60, due=70, type="survey", survey="success_case"),
    step("forum", opens=20, due=60, type="peer_forum", required=False, expected=2),
    moments=_MOMENTS,
    behaviours=("B1", "B2"),
    capabilities=(
        Capability("partnering", "Partnering", ("told", "asked", "trusted", "sought")),
        Capability("consulting", "Consulting", ("low", "high")),
    ),
    targets=Targets(applications=6, moments=3, periods=4, period_days=14, impact_share=0.4),
    routes=Routes("routing", "pre", (RouteRule("high", at_least=60), RouteRule("low", below=60))),
    choices=(Choice("menu", 2, ("read_a", "read_b", "read_c")),),
    assessments={"note": Assessment("note", 1, (Criterion("fact", "Fact", 4), Criterion("question", "Question", 4)))},
    surveys={
        "success_case": Survey(
            "success_case", "success_case", "named", tuple(SurveyItem(m, f"Moment {m}", "use") for m in _MOMENTS)
        ),
        "clarity": Survey(
            "clarity",
            "line_of_sight",
            items=tuple(SurveyItem(i, i, "likert") for i in ("goal", "moments", "behaviour", "manager_agrees")),
        ),
        "kick_off": Survey(
            "kick_off",
            "reaction",
            "anonymous",
            (SurveyItem("recommend", "recommend", "nps"), SurveyItem("usefulness", "usefulness", "likert")),
        ),
        "climate": Survey(
            "climate",
            "climate",
            "anonymous",
            (
                SurveyItem("room", "room", "likert", "personal_capacity"),
                SurveyItem("help", "help", "likert", "supervisor_support"),
                SurveyItem("anger", "anger", "likert", "supervisor_sanctions", reversed=True),
            ),
        ),
    },
)

PEOPLE: tuple[Person, ...] = (
    participant("petra", identities=("mbox|mailto:petra@example.org",), area="north"),
    participant("pia", manager=None, area="north"),
    participant(
        "paul",
        managers=(
            Relation("mark", end=DAY_ZERO + timedelta(days=30)),
            Relation("nina", start=DAY_ZERO + timedelta(days=31)),
        ),
        enrolled=DAY_ZERO + timedelta(days=5),
    ),
)

LEADERS: tuple[Person, ...] = (
    Person("mark", Role.MANAGER, sponsors=(Relation("sofia"),)),
    Person("nina", Role.MANAGER, sponsors=(Relation("sofia", start=DAY_ZERO + timedelta(days=20)),)),
    Person("sofia", Role.SPONSOR),
)
LEADERS_VALUES = {"mark": Outcome(68.0), "nina": Outcome(41.0)}

_OWN = (Kind.COMPLETED, Kind.ATTENDED, Kind.PLANNED, Kind.ANSWERED, Kind.REFLECTED, Kind.COMMENTED, Kind.RATED)
_MANAGERS = (Kind.TALKED_WITH, Kind.OBSERVED, Kind.ATTENDED, Kind.APPROVED, Kind.RECOGNISED, Kind.VERIFIED)
_WORDS = (Kind.VERIFIED, Kind.CONFIRMED, Kind.DISPUTED, Kind.VOIDED)
_OTHERS = {"mark": "manager", "nina": "manager", "carl": "coach", "otto": "peer", "sofia": "sponsor", "fred": None}


def facts(design: Journey, person: Person, random: Random) -> list[Fact]:
    """A plausible record of this participant, with some nonsense in it."""
    found = [one for planned in design.steps for one in _acts(planned, person, random)]
    found += [_application(person, random) for _ in range(random.randrange(8))]
    found += [_rating(person, random) for _ in range(random.randrange(20))]
    found += [_approval(plan, person, random) for plan in found if plan.kind is Kind.PLANNED and random.random() < 0.6]
    found += [_said_about(random.choice(found), person, random) for _ in range(random.randrange(12)) if found]
    found += [_odd(random.choice(found), random) for _ in range(random.randrange(4)) if found]
    return found


def shared_facts(design: Journey, random: Random) -> list[Fact]:
    """What a sponsor may have done, with others' words on it, and answers without a name, with some nonsense in it."""
    found = [
        _sponsors(planned, random) for planned in design.owned_by(Role.SPONSOR) for _ in range(random.randrange(4))
    ]
    words = [(Kind.CONFIRMED, "mark", "manager"), (Kind.CONFIRMED, "nina", None), (Kind.DISPUTED, "pia", "participant")]
    for said in found[::2]:
        kind, actor, role = random.choice(words)
        found.append(_sponsors(design.steps[0], random)._replace(kind=kind, actor=actor, role=role, target=said.id))
    for planned in design.steps:
        survey = design.surveys.get(planned.survey or "")
        if survey is not None and survey.confidentiality == "anonymous":
            found += [_nobodys(planned, survey, random) for _ in range(random.randrange(20))]
    return found + [_odd(random.choice(found), random) for _ in range(random.randrange(4)) if found]


def _sponsors(planned: Step, random: Random) -> Fact:
    day = random.randint(planned.opens_day, planned.due_day + 10)
    kind = random.choice((Kind.TALKED_WITH, Kind.ACKNOWLEDGED, Kind.COMPLETED, Kind.RECOGNISED, Kind.ANSWERED))
    person, other = random.choice(PEOPLE), random.choice(("mark", "nina", None))
    return _fact(person, kind, day, random, step=planned.id, actor="sofia", role="sponsor", counterpart=other)


def _nobodys(planned: Step, survey: Survey, random: Random) -> Fact:
    tops = {"nps": 10, "likert": 5}
    answers = {i.id: random.randint(0, tops.get(i.scale, 3)) for i in survey.items if random.random() < 0.9}
    found = _fact(PEOPLE[0], Kind.ANSWERED, random.randint(0, 90), random, step=planned.id, data={"answers": answers})
    return found._replace(registration=None, actor=f"nobody-{random.randrange(40)}", run=RUN.id)


def _rating(person: Person, random: Random) -> Fact:
    source = random.choice(("self", "manager", "manager", "manager", "peer", "peer", "report"))
    return _fact(
        person,
        Kind.RATED,
        random.randint(0, 100),
        random,
        step="rate",
        actor={"self": person.account, "manager": "mark"}.get(source, f"rater-{random.randrange(9)}"),
        capability=random.choice(("partnering", "partnering", "consulting", "unheard-of")),
        score=Score(random.randint(0, 4), 1, 4),
        data={"source": source},
    )


def _approval(plan: Fact, person: Person, random: Random) -> Fact:
    after = on((plan.at.date() - DAY_ZERO).days + random.randrange(1, 10))
    agreed = random.choice(({"goal-agreed": True}, {"goal-agreed": False}, {}))
    actor = random.choice(("mark", "nina"))
    return _fact(person, Kind.APPROVED, 0, random, at=after, actor=actor, role="manager", target=plan.id, data=agreed)


def _acts(planned: Step, person: Person, random: Random) -> Iterator[Fact]:
    for _ in range(random.randrange(planned.expected + 2)):
        actor, kind = person.account, Kind.ANSWERED if planned.survey else random.choice(_OWN)
        if planned.type == "impact_map":
            kind = Kind.PLANNED
        if planned.owner is Role.MANAGER:
            actor, kind = random.choice(("mark", "nina")), random.choice(_MANAGERS)
        elif planned.owner is Role.ASSESSOR:
            actor, kind = random.choice(("anna", "arne")), Kind.ASSESSED
        elif planned.owner is not Role.PARTICIPANT or random.random() < 0.1:
            actor, kind = "carl", random.choice((Kind.COACHED, Kind.WAIVED, Kind.ROUTED))
        yield _fact(
            person,
            kind,
            random.randint(planned.opens_day - 5, planned.due_day + 20),
            random,
            step=planned.id,
            actor=actor,
            role=str(planned.owner),
            score=Score(random.randint(0, 8), 0, 8) if kind in (Kind.ASSESSED, Kind.RATED) else None,
            data=_data(kind, planned, random),
        )


def _data(kind: Kind, planned: Step, random: Random) -> dict[str, Any]:
    if kind is Kind.ROUTED:
        return {"route": random.choice(("low", "high"))}
    if kind is Kind.PLANNED:
        parts = ("learning_outcome", "moments", "performance_outcome", "business_rationale")
        items = ("goal", "moments", "behaviour", "manager_agrees")
        filled = {part: random.random() < 0.8 for part in parts}
        return {"map": filled, "answers": {item: random.randint(1, 5) for item in items if random.random() < 0.9}}
    if kind is Kind.COACHED:
        return {"goal-linked": random.random() < 0.5, "level": random.randint(0, 5)}
    if kind is Kind.RATED:
        return {"source": random.choice(("self", "peer"))}
    if kind is Kind.ANSWERED and planned.survey:
        factors = {"manager_support": random.choice(("helped", "hindered"))}
        return {"answers": {m: random.randint(0, 3) for m in _MOMENTS if random.random() < 0.8}, "factors": factors}
    return {}


def _application(person: Person, random: Random) -> Fact:
    personal = random.random() < 0.2
    day = random.randint(-5, 100)
    return _fact(
        person,
        random.choice((Kind.APPLIED, Kind.APPLIED, Kind.APPLIED, Kind.LACKED_OPPORTUNITY)),
        day,
        random,
        step=random.choice(("apply", None)),
        moment="own-moment" if personal else random.choice(_MOMENTS),
        personal_moment=personal,
        score=Score(random.randint(0, 4), 0, 4),
        recorded=on(day + random.choice((0, 3, 30))),
        data={"behaviours": [random.choice(("B1", "B2", "B9"))]},
    )


def _said_about(said: Fact, person: Person, random: Random) -> Fact:
    actor = random.choice((person.account, *_OTHERS))
    after = on((said.at.date() - DAY_ZERO).days + random.randrange(10))
    role = _OTHERS.get(actor, "participant")
    return _fact(person, random.choice(_WORDS), 0, random, at=after, actor=actor, role=role, target=said.id)


def _odd(one: Fact, random: Random) -> Fact:
    """The same statement with something wrong or missing: readers of a record meet such things."""
    changes: tuple[dict[str, Any], ...] = (
        {"score": None, "data": {}},
        {"step": "no-such-step"},
        {"moment": "no-such-moment", "personal_moment": False},
        {"score": Score(1e9)},
        {"data": {"answers": "none", "behaviours": "B1", "factors": [], "criteria": {"fact": None}, "route": 3}},
        {"data": {"answers": {"M1": "three", "M2": True, "M3": None}, "behaviours": [1], "factors": {"timing": 2}}},
        {"registration": None},
        {"registration": "somebody-elses-enrolment"},
        {"completion": False},
        {"role": None, "recorded": None},
    )
    return one._replace(id=f"{random.getrandbits(32):08x}-ffff-4000-8000-000000000000", **random.choice(changes))


def _fact(person: Person, kind: Kind, day: int, random: Random, **parts: Any) -> Fact:
    at = parts.pop("at", None) or on(day, hour=random.randrange(24))
    number = f"{random.getrandbits(48):012x}"
    parts = {"actor": person.account, "id": f"{number[:8]}-{number[8:]}-4000-8000-000000000000", **parts}
    return fact(kind, at, registration=person.registration, verb=_ELSEWHERE.verb, **parts)

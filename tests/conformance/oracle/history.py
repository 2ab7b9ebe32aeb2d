"""Random statements about one participant, and what befalls a record: voids, copies, contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from tests.conformance.oracle.design import HOME, MANY, OUTSIDE, Case, moment
from tests.conformance.oracle.world import LJ, VERBS, VOIDED

IRI = {name: iri for iri, name in VERBS.items()}
MANAGER_ACTS = ["talked-with", "observed", "attended", "approved", "recognised", "completed", "verified"]
PLANNED = "planned attended acknowledged completed practised applied answered reflected commented rated".split()
ROLES = ["peer", "manager", "coach", "mentor", "sponsor", "assessor", "facilitator", "participant"]


def _base(made: Case) -> str:
    return HOME if made.chance(0.8) else "https://elsewhere.example/bridge"


def _parent(made: Case) -> str:
    return f"{_base(made)}/journeys/small/v/2"


def act(made: Case, person: dict) -> None:
    random = made.random
    kinds = [
        "own",
        "own",
        "applied",
        "applied",
        "support",
        "support",
        "coached",
        "outside",
        "answered",
        "route",
        "lost",
    ]
    {
        "own": _own,
        "applied": _applied,
        "support": _support,
        "coached": _coached,
        "outside": _from_outside,
        "answered": _answered,
        "route": _route,
        "lost": _lost,
    }[random.choice(kinds)](made, person)


def _say(made: Case, person: dict, who: str, verb: str, target: dict, when: datetime | None = None, **more) -> dict:
    """Write one statement; `more` may hold step, role, recorded, result, ext (in the result)."""
    when = when or moment(made, -12, 68)
    offset = made.random.choice([timedelta(0), timedelta(hours=2), timedelta(hours=-7), timedelta(hours=5.5)])
    extensions = {f"{LJ}/extensions/{key}": more[key] for key in ("step", "role", "recorded") if more.get(key)}
    registration = person["registration"].upper() if made.chance(0.1) else person["registration"]
    statement = {
        "id": made.uuid(),
        "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": who}},
        "verb": {"id": IRI.get(verb, verb)},
        "object": target,
        "context": {"registration": registration, "extensions": extensions},
        "timestamp": _text(when, offset),
        "stored": _text(when + timedelta(minutes=len(made.statements)), timedelta(0)),
    }
    result = dict(more.get("result", {}))
    if more.get("ext"):
        result["extensions"] = {f"{LJ}/extensions/{key}": value for key, value in more["ext"].items()}
    if result:
        statement["result"] = result
    made.statements.append(statement)
    return statement


def _text(when: datetime, offset: timedelta) -> str:
    return when.astimezone(timezone(offset)).isoformat(timespec="milliseconds")


def _refer(statement: dict) -> dict:
    return {"objectType": "StatementRef", "id": statement["id"]}


def _step_named(made: Case, owner: str) -> str:
    owned = [step["id"] for step in made.journey["steps"] if step["owner"] == owner]
    return made.random.choice(owned or ["R0"])


def _about_step(made: Case, step: str) -> tuple[dict, str | None]:
    """The activity of a step, and the extension: at times only one of them says which step."""
    if made.chance(0.15):
        return {"id": f"{_parent(made)}/steps/{step}"}, None
    if made.chance(0.15):
        return {"id": f"{_parent(made)}/moments/M0"}, step
    return {"id": f"{_parent(made)}/steps/{step}"}, step


def _own(made: Case, person: dict) -> None:
    target, step = _about_step(made, _step_named(made, "participant"))
    verb = made.random.choice([*PLANNED, "completed", "completed", "coached", "observed", "waived", "verified"])
    ext = {"source": made.random.choice(["self", "self", "peer"])} if verb == "rated" else {}
    result = {"completion": False} if made.chance(0.05) else {}
    who = person["account"] if made.chance(0.93) else "p0"
    _say(made, person, who, verb, target, step=step, ext=ext, result=result)


def _coached(made: Case, person: dict) -> None:
    coaching = [step["id"] for step in made.journey["steps"] if step["type"] in ("coaching_2_1", "mentor_session")] or [
        "S0"
    ]
    target, step = _about_step(made, made.random.choice(coaching))
    when = moment(made, -12, 68)
    for _ in range(made.random.randint(1, 3)):
        who = made.random.choice(["c1", "c2", person["account"]])
        verb = made.random.choice(["coached", "mentored", "attended"])
        _say(made, person, who, verb, target, when + timedelta(hours=made.random.choice([0, 1, 5, 30])), step=step)


def _from_outside(made: Case, person: dict) -> None:
    names = [{"account": {"homePage": HOME, "name": person["account"]}}, {"mbox": "mailto:stranger@x.example"}]
    for identity in person["identities"]:
        names.append({"account": identity} if "name" in identity else identity)
    statement = _say(made, person, "x", OUTSIDE["verb"], {"id": OUTSIDE["activity"]})
    statement["actor"] = {"objectType": "Agent", **made.random.choice(names)}
    if made.chance(0.1):
        statement["result"] = {"completion": False}
    if made.chance(0.5):
        del statement["context"]["registration"]
    elif made.chance(0.2):
        statement["context"]["registration"] = made.uuid()


def _moment_activity(made: Case) -> dict:
    known = [one["id"] for one in made.journey["moments"]]
    name = made.random.choice([*known, *known, *known, "M99", None])
    if name:
        return {"id": f"{_parent(made)}/moments/{name}"}
    return {"id": f"{HOME}/runs/{made.people['run']['id']}/moments/{made.people['run']['id']}"}


def _applied(made: Case, person: dict) -> None:
    opens = [step["opens_day"] for step in made.journey["steps"] if step["type"] == "mtm_application"]
    when = moment(made, -12, 68) if made.chance(0.8) or not opens else moment(made, opens[0] - 1, opens[0] + 1)
    step = _step_named(made, "participant")
    ext = {"behaviours": made.random.choice([["B1"], ["B1"], ["B1", "B2"], ["B9", "B2"], ["B9"], []])}
    result = {"score": {"raw": made.random.randint(0, 4), "min": 0, "max": 4}} if made.chance(0.95) else {}
    recorded = None
    if made.chance(0.4):
        exactly = made.random.choice(
            [timedelta(days=14), timedelta(days=3), timedelta(days=14, seconds=1), timedelta(days=2)]
        )
        recorded = _text(when + exactly, timedelta(hours=1))
    record = _say(
        made, person, person["account"], "applied", _moment_activity(made), when,
        step=step, recorded=recorded, ext=ext, result=result,
    )  # fmt: skip
    if made.chance(0.2):
        record["stored"] = _text(when + timedelta(days=20), timedelta(0))
    _judge(made, person, record, ["verified", "verified", "verified", "disputed", "confirmed"])


def _lost(made: Case, person: dict) -> None:
    activity, when = _moment_activity(made), moment(made, -12, 68)
    for hours in made.random.choice([[0], [0, 1], [0, 30]]):
        later = when + timedelta(hours=hours)
        record = _say(made, person, person["account"], "lacked-opportunity", activity, later)
        _judge(made, person, record, ["confirmed", "verified", "disputed"])


def _judge(made: Case, person: dict, record: dict, verbs: list[str]) -> None:
    words = [(made.random.choice(verbs), made.random.choice(ROLES)) for _ in range(made.random.choice([0, 1, 1, 2, 3]))]
    if made.chance(0.15):
        words = [("verified", "manager"), ("disputed", "peer"), ("verified", "peer")]
    for later, (verb, role) in enumerate(words):
        who = made.random.choice(["m1", "m2", "c1", "c2", "p0", person["account"]])
        when = datetime.fromisoformat(record["timestamp"]) + timedelta(hours=later * made.random.choice([0, 1, 1, 30]))
        step = _step_named(made, "manager") if made.chance(0.2) else None
        _say(made, person, who, verb, _refer(record), when, role=role, step=step)


def _support(made: Case, person: dict) -> None:
    name = _step_named(made, "manager")
    target, step = _about_step(made, name)
    verb = made.random.choice(MANAGER_ACTS)
    if verb in ("approved", "verified") and made.statements:
        target, step = _refer(made.random.choice(made.statements)), name
    relations = [one["account"] for one in person.get("managers", [])]
    who = made.random.choice([*relations, *relations, *relations, "m1", person["account"]])
    act = _say(made, person, who, verb, target, step=step)
    for _ in range(made.random.choice([0, 1, 1, 2])):
        said = made.random.choice(["confirmed", "confirmed", "disputed"])
        speaker = person["account"] if made.chance(0.85) else "m2"
        when = datetime.fromisoformat(act["timestamp"]) + timedelta(hours=made.random.choice([0, 3, 100]))
        _say(made, person, speaker, said, _refer(act), when)


def survey_day(made: Case) -> None:
    """Of a large cohort nearly everybody answers early, each with their own leaning."""
    participants = [one for one in made.people["people"] if one["role"] == "participant"]
    if len(participants) == MANY:
        for person in participants:
            points = made.random.choice([[0, 1], [2, 3], [3], [1, 2]])
            if made.chance(0.9):
                _answered(made, person, points, moment(made, -14, -11))


def _answered(made: Case, person: dict, points: Sequence[int] = (0, 1, 2, 3, 3), when: datetime | None = None) -> None:
    asked = [one["id"] for one in made.journey["moments"]]
    answers = {item: made.random.choice(points) for item in asked if made.chance(0.75 if when is None else 0.95)}
    factors = {
        factor: made.random.choice(["helped", "hindered"])
        for factor in ("timing", "manager_support", "incentives")
        if made.chance(0.5)
    }
    step = "Q0" if when or made.chance(0.9) else "S0"
    _say(
        made, person, person["account"], "answered", {"id": f"{_parent(made)}/steps/{step}"}, when,
        step=step, ext={"answers": answers, "factors": factors},
    )  # fmt: skip


def _route(made: Case, person: dict) -> None:
    kind = made.random.choice(["assessed", "assessed", "routed", "waived"])
    if kind == "assessed":
        score = {"raw": made.random.randint(0, 10), "min": 0, "max": 10}
        who = made.random.choice(["a1", "a2"])
        _say(made, person, who, kind, {"id": f"{_parent(made)}/steps/X0"}, step="X0", result={"score": score})
    elif kind == "routed":
        route = made.random.choice(["high", "low", "low", "ask_coach"])
        _say(made, person, "c1", kind, {"id": f"{_parent(made)}/steps/R0"}, step="R0", ext={"route": route})
    else:
        step = _step_named(made, made.random.choice(["participant", "manager"]))
        who = made.random.choice(["c1", "f1", "m1", "m2", person["account"]])
        _say(made, person, who, kind, {"id": f"{_parent(made)}/steps/{step}"}, step=step)


def disturb(made: Case) -> None:
    """Void some statements, repeat some, and contradict some under the same id."""
    for statement in made.random.sample(made.statements, len(made.statements) // 12):
        void = {**statement, "id": made.uuid(), "verb": {"id": VOIDED}, "object": _refer(statement)}
        void["timestamp"] = made.random.choice([statement["timestamp"], "2027-01-01T00:00:00Z"])
        void.pop("result", None)
        made.statements.append(void)
        if made.chance(0.2):
            made.statements.append({**void, "id": made.uuid(), "object": _refer(void)})
    for statement in made.random.sample(made.statements, len(made.statements) // 15):
        made.statements.append(dict(statement))
    for statement in made.random.sample(made.statements, len(made.statements) // 20):
        if statement["verb"]["id"] != VOIDED:
            stored = datetime.fromisoformat(statement["stored"]) + timedelta(
                days=made.random.choice([-40, 5]), seconds=1
            )
            other = made.random.choice(made.statements)
            if other["verb"]["id"] != VOIDED:
                made.statements.append({**other, "id": statement["id"], "stored": stored.isoformat()})

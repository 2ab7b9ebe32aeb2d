"""Random journeys, people and settings, as their files would hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

HOME = "https://bridge.example/tenants/3f2e"
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]
OWN_TYPES = ["self_study", "impact_map", "live_event", "practice", "coaching_2_1", "mentor_session", "reflection"]
MANY = 14  # enough for the shares of a success case study
OUTSIDE = {"verb": "https://other.example/verbs/passed", "activity": "https://other.example/courses/7"}


@dataclass
class Case:
    """Everything `lrs-bridge evaluate` is given."""

    random: Random
    journey: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    statements: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    as_of: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    as_of_given: str = ""

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))


def people(made: Case) -> dict:
    random, people = made.random, []
    managers = ["m1", "m2", "m3"]
    for number in range(random.choice([1, 2, 2, 3, 3, 4, MANY, MANY])):
        person = {"account": f"p{number}", "role": "participant", "registration": made.uuid()}
        person["enrolled"] = _date(made, -40, 5) if made.chance(0.9) else _date(made, 5, 60)
        if made.chance(0.5):
            left = date.fromisoformat(person["enrolled"]) + timedelta(days=random.randint(1, 90))
            person["withdrawn"] = left.isoformat() if made.chance(0.3) else None
        if made.chance(0.7):
            person["area"] = random.choice(["north", "south"])
        if made.chance(0.9):
            person["managers"] = _relations(made, managers)
        person["identities"] = random.choice(
            [[], [{"mbox": f"mailto:p{number}@x.example"}, {"homePage": "https://lms.example", "name": f"s{number}"}]]
        )
        people.append(person)
    people += [{"account": one, "role": "manager"} for one in managers]
    run = {"id": made.uuid(), "journey": "small", "version": 2, "day_zero": "2026-03-16"}
    return {"run": {**run, "time_zone": random.choice(ZONES)}, "home_page": HOME, "people": people}


def _relations(made: Case, managers: list[str]) -> list[dict]:
    first, second = made.random.sample(managers, 2)
    change = date(2026, 3, 16) + timedelta(days=made.random.randint(-20, 40))
    if made.chance(0.6):
        return [{"account": first, "from": _date(made, -60, -20), "to": None}]
    gap = made.random.choice([0, 1, 1, 1, 9])
    return [
        {"account": first, "from": "2026-01-01", "to": change.isoformat()},
        {
            "account": second,
            "from": (change + timedelta(days=gap)).isoformat(),
            "to": made.random.choice([None, "2026-05-21"]),
        },
    ]


def _date(made: Case, low: int, high: int) -> str:
    return (date(2026, 3, 16) + timedelta(days=made.random.randint(low, high))).isoformat()


def moment(made: Case, low: int, high: int) -> datetime:
    """A local time, often at the very edge of a day."""
    zone = ZoneInfo(made.people["run"]["time_zone"])
    when = date.fromisoformat(_date(made, low, high))
    edges = [time(0, 0), time(23, 59, 59, 999000), time(12, 0), time(made.random.randint(0, 23), 30)]
    return datetime.combine(when, made.random.choice(edges), tzinfo=zone).astimezone(UTC)


def journey(made: Case) -> dict:
    random = made.random
    steps = [_step(made, f"S{number}", "participant") for number in range(random.randint(0, 6))]
    steps += [_step(made, f"G{number}", "manager") for number in range(random.randint(0, 5))]
    if made.chance(0.8):
        steps.append({**_step(made, "A0", "participant"), "type": "mtm_application"})
    if made.chance(0.8):
        steps.append({**_step(made, "Q0", "participant"), "type": "survey", "survey": "cases"})
    steps.append({**_step(made, "X0", "assessor"), "type": "assessment", "assessment": "note"})
    steps.append({**_step(made, "R0", "system"), "type": "route"})
    random.shuffle(steps)
    moments = [{"id": f"M{number}", "title": "m", "behaviours": ["B1"]} for number in range(random.randint(1, 5))]
    journey = {
        "journey": "small",
        "version": 2,
        "title": "Small",
        "behaviours": [{"id": "B1", "title": "b"}, {"id": "B2", "title": "b"}],
        "moments": moments,
        "targets": {
            "applications": random.choice([1, 1, 2, 3, 6]),
            "moments": random.randint(1, 4),
            "periods": random.randint(1, 5),
            "period_days": random.choice([7, 14]),
        },
        "assessments": {"note": {"rubric_version": 1, "criteria": [{"id": "c", "title": "c", "max": 10}]}},
        "surveys": {"cases": {"kind": "success_case", "confidentiality": random.choice(["named", "confidential"])}},
        "steps": steps,
        "evaluators": {
            key: {}
            for key in (
                "journey_completion",
                "manager_engagement",
                "mtm_application",
                "success_case",
                "coaching_reach",
            )
        },
    }
    if made.chance(0.6):
        journey["late"] = {"policy": random.choice(["decay", "full"]), "rate": 0.1, "floor": random.choice([0, 0.5])}
    if made.chance(0.7) or any("route" in step for step in steps):
        journey["routes"] = {
            "step": "R0",
            "from": "X0",
            "rules": random.choice(
                [
                    [{"at_least": 60, "route": "high"}, {"below": 60, "route": "low"}],
                    [{"below": 40, "route": "low"}, {"below": 70, "route": "high"}],
                ]
            ),
            "missing": random.choice(["low", "ask_coach"]),
        }
    own = [step["id"] for step in steps if step["owner"] == "participant"]
    if made.chance(0.4) and len(own) >= 2:
        picked = random.sample(own, random.randint(2, len(own)))
        journey["choices"] = [{"id": "C1", "choose": random.randint(1, len(picked) - 1), "steps": picked}]
    return journey


def _step(made: Case, name: str, owner: str) -> dict:
    random = made.random
    opens = random.randint(-14, 40)
    step = {"id": name, "phase": random.choice(["before", "during", "after"]), "owner": owner, "title": name}
    step |= {"opens_day": opens, "due_day": opens + random.randint(0, 14)}
    step["type"] = random.choice(OWN_TYPES) if owner == "participant" else "observation"
    options = {
        "grace_days": random.randint(0, 4),
        "weight": random.choice([0, 1, 2, 3, 0.5]),
        "expected": random.randint(1, 3),
        "required": made.chance(0.5),
        "from": "enrolment",
    }
    step |= {key: value for key, value in options.items() if made.chance(0.35 if key != "from" else 0.1)}
    if owner in ("participant", "manager") and made.chance(0.25):
        step["route"] = random.choice(["high", "low"])
    if owner == "participant" and made.chance(0.2):
        step["matches"] = dict(OUTSIDE)
    if owner == "manager" and made.chance(0.7):
        step["corroborated_by"] = random.choice(["participant", "system"])
    return step


def settings(made: Case) -> dict:
    if made.chance(0.6):
        return {}
    participants = [one["account"] for one in made.people["people"] if one["role"] == "participant"]
    return {
        "manager_engagement": {
            "phase_weights": {"before": 10, "during": 30, "after": 60},
            "late": 0.25,
            "claimed": 0.4,
        },
        "mtm_application": {
            "backdate_days": 3,
            "half_life_days": 7,
            "impact_outcome": 4,
            "factors": {"self": made.random.choice([0, 0.5]), "peer": 0.75, "verified": 0.9},
            "value_weights": {"F": 0.2, "C": 0.3, "S": 0.5},
        },
        "success_case": {
            "high_items": 1,
            "cost": 10000,
            "target_share": 0.5,
            "interviews": [_interview(made, account) for account in participants if made.chance(0.8)],
        },
    }


def _interview(made: Case, account: str) -> dict:
    held = {"account": account, "verified": made.chance(0.8), "attribution": 0.5, "confidence": 0.75}
    return held | ({"value": made.random.choice([0, 4000, 9000])} if made.chance(0.9) else {})

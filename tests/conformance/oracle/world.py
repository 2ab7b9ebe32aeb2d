"""What every computation looks at: the statements that count, the run's calendar, the people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LJ = "https://w3id.org/xapi/learning-journey"
VERBS = {
    f"{LJ}/verbs/acknowledged": "acknowledged",
    "http://adlnet.gov/expapi/verbs/completed": "completed",
    "http://adlnet.gov/expapi/verbs/attended": "attended",
    "https://w3id.org/xapi/tla/verbs/planned": "planned",
    "https://w3id.org/xapi/dod-isd/verbs/approved": "approved",
    f"{LJ}/verbs/practised": "practised",
    "https://w3id.org/xapi/dod-isd/verbs/applied": "applied",
    f"{LJ}/verbs/lacked-opportunity": "lacked-opportunity",
    "https://w3id.org/xapi/tla/verbs/verified": "verified",
    f"{LJ}/verbs/confirmed": "confirmed",
    f"{LJ}/verbs/disputed": "disputed",
    "http://id.tincanapi.com/verb/talked-with": "talked-with",
    "https://w3id.org/xapi/dod-isd/verbs/observed": "observed",
    f"{LJ}/verbs/recognised": "recognised",
    "https://w3id.org/xapi/adb/verbs/coached": "coached",
    "http://id.tincanapi.com/verb/mentored": "mentored",
    "https://w3id.org/xapi/dod-isd/verbs/assessed": "assessed",
    "http://id.tincanapi.com/verb/rated": "rated",
    "http://adlnet.gov/expapi/verbs/answered": "answered",
    f"{LJ}/verbs/reflected": "reflected",
    "http://adlnet.gov/expapi/verbs/commented": "commented",
    f"{LJ}/verbs/routed": "routed",
    "https://w3id.org/xapi/adl/verbs/waived": "waived",
}
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def day(given: str | date) -> date:
    return given if isinstance(given, date) else date.fromisoformat(given)


class World:
    """One run at one moment: `journey` and `people` as in their files, the statements that count in order."""

    def __init__(self, journey: dict, people: dict, statements: list, as_of: datetime, settings: dict) -> None:
        self.journey = journey
        self.as_of = as_of
        self.settings = settings
        self.zone = ZoneInfo(people["run"]["time_zone"])
        self.run = people["run"]["id"]
        self.day_zero = day(people["run"]["day_zero"])
        self.today = self.local_day(as_of)
        everybody = people["people"]
        self.participants = [one for one in everybody if one["role"] == "participant" and self._in_scope(one)]
        self.events = _events(statements, people["home_page"], as_of)

    def _in_scope(self, person: dict) -> bool:
        withdrawn = person.get("withdrawn")
        return day(person["enrolled"]) <= self.today and (withdrawn is None or self.today < day(withdrawn))

    def setting(self, evaluator: str, name: str, default):
        in_journey = (self.journey.get("evaluators") or {}).get(evaluator) or {}
        return {**in_journey, **self.settings.get(evaluator, {})}.get(name, default)

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def opens(self, step: dict, person: dict) -> date:
        return self._start(step, person) + timedelta(days=step["opens_day"])

    def last_day(self, step: dict, person: dict) -> date:
        return self._start(step, person) + timedelta(days=step["due_day"] + step.get("grace_days", 0))

    def has_opened(self, step: dict, person: dict) -> bool:
        return self.opens(step, person) <= self.today

    def _start(self, step: dict, person: dict) -> date:
        return day(person["enrolled"]) if step.get("from") == "enrolment" else self.day_zero

    def about(self, person: dict) -> list[dict]:
        """The events of one enrolment."""
        registration = person["registration"].lower()
        return [event for event in self.events if event["registration"] == registration]


def managed_on(person: dict, when: date) -> list[str]:
    """The accounts of those who were this participant's managers on a day."""
    return [relation["account"] for relation in person.get("managers", []) if _covers(relation, when, when)]


def overlaps(relation: dict, first: date, last: date) -> bool:
    return _covers(relation, first, last)


def _covers(relation: dict, first: date, last: date) -> bool:
    since, until = relation.get("from"), relation.get("to")
    return (since is None or day(since) <= last) and (until is None or first <= day(until))


def identifies(identity: dict, actor: dict) -> bool:
    """Does an actor bear this name? An identity is an mbox, an mbox_sha1sum, or a homePage with a name."""
    if "homePage" in identity:
        account = actor.get("account") or {}
        return (account.get("homePage"), account.get("name")) == (identity["homePage"], identity["name"])
    return any(actor.get(key) == value for key, value in identity.items())


def by_another(event: dict, person: dict) -> bool:
    """By somebody else than this person, whatever name the person goes by."""
    own_names = person.get("identities", [])
    return event["who"] != person["account"] and not any(identifies(one, event["actor"]) for one in own_names)


def _events(statements: list, home_page: str, as_of: datetime) -> list[dict]:
    by_id: dict[str, dict] = {}
    for statement in sorted(statements, key=lambda one: datetime.fromisoformat(one["stored"])):
        by_id.setdefault(statement["id"].lower(), statement)
    voided = {one["object"]["id"].lower() for one in by_id.values() if one["verb"]["id"] == VOIDED}
    events = [_event(one, home_page) for key, one in by_id.items() if key not in voided]
    return sorted((one for one in events if one["at"] <= as_of), key=lambda one: (one["at"], one["id"]))


def _event(statement: dict, home_page: str) -> dict:
    context = statement.get("context", {})
    result = statement.get("result", {})
    extensions = _short(context.get("extensions", {}))
    target = statement["object"]
    refers = target.get("objectType") == "StatementRef"
    at = datetime.fromisoformat(statement["timestamp"])
    entered = extensions.get("recorded") or statement.get("stored")
    account = statement["actor"].get("account", {})
    registration = context.get("registration")
    return {
        "id": statement["id"].lower(),
        "at": at,
        "entered": entered and datetime.fromisoformat(entered),
        "verb": VERBS.get(statement["verb"]["id"]),
        "verb_iri": statement["verb"]["id"],
        "actor": statement["actor"],
        "who": account.get("name") if account.get("homePage") == home_page else None,
        "registration": registration.lower() if registration else None,
        "activity": None if refers else target["id"],
        "refers_to": target["id"].lower() if refers else None,
        "step": extensions.get("step") or (None if refers else _after(target["id"], "steps")),
        "role": extensions.get("role"),
        "done": result.get("completion") is not False,
        "score": result.get("score", {}),
        "said": _short(result.get("extensions", {})),
    }


def _short(extensions: dict) -> dict:
    start = f"{LJ}/extensions/"
    return {key.removeprefix(start): value for key, value in extensions.items() if key.startswith(start)}


def _after(activity: str, kind: str) -> str | None:
    """The id in <base>/journeys/<journey>/v/<version>/<kind>/<id>, whatever the base."""
    parts = activity.split("/")
    fits = len(parts) >= 6 and parts[-6] == "journeys" and parts[-4] == "v" and parts[-2] == kind
    return parts[-1] if fits else None


def moment_of(event: dict) -> tuple[str, bool] | None:
    """The moment an activity names, and whether it has the form of the catalogue's."""
    activity = event["activity"] or ""
    if catalogue := _after(activity, "moments"):
        return catalogue, True
    parts = activity.split("/")
    personal = len(parts) >= 4 and parts[-4] == "runs" and parts[-2] == "moments"
    return (activity, False) if personal else None


def last_instant(when: date, zone: ZoneInfo) -> datetime:
    """The end of a local day."""
    return datetime.combine(when, time(23, 59, 59, 999999), tzinfo=zone)

"""Statements of the small profile, checked: what the tests of checking ask for."""

from lrs_bridge.xapi.checking.statements import Checker, Naming
from lrs_bridge.xapi.profile import read
from tests.unit.xapi.profiles import BASE, PROFILE, statement

SPORT = read(PROFILE)
PLACE = f"{BASE}/extensions/place"
SUBREGISTRATION = "https://w3id.org/xapi/profiles/extensions/subregistration"
RACE = ["started", "passed", "passed", "finished", "confirmed"]
REGISTRATION = statement("started")["context"]["registration"]


def race(*what: str, first: int = 1):
    return [statement(verb, number) for number, verb in enumerate(what, start=first)]


def check(statements, *profiles, naming=Naming.ANY):
    return Checker(profiles or (SPORT,), naming).check(statements)


def told(statements, *profiles, naming=Naming.ANY):
    """Severity, rule and statement number of each finding."""
    found = check(statements, *profiles, naming=naming).findings
    return [(str(one.severity), one.rule, one.about.get("number")) for one in found]


def in_context(made, **more):
    return {**made, "context": {**made["context"], **more}}


def without_category(made):
    return in_context(made, contextActivities={})


def without_registration(made):
    return [
        {**one, "context": {key: value for key, value in one["context"].items() if key != "registration"}}
        for one in made
    ]


def outcomes(statements, *profiles, naming=Naming.ANY):
    return [
        (one.registration, one.subregistration, one.outcome, one.taken)
        for one in check(statements, *profiles, naming=naming).followings
    ]

"""The IRIs of the profile: verbs, extensions, and the activities of a journey, in both directions.

Reading is wider than writing: an activity is known by its path from `/journeys/` or `/runs/` on, whatever the base,
since a bridge keeps its statements when it moves and other systems copy them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote

from lrs_bridge.domain.events import Kind

PROFILE = "https://w3id.org/xapi/learning-journey"
PROFILE_VERSION = f"{PROFILE}/v1.0"
LEARNING_PLAN = "https://w3id.org/xapi/acrossx/activities/learning-plan"
COURSE = "http://adlnet.gov/expapi/activities/course"
MOMENT = f"{PROFILE}/activity-types/moment"
CAPABILITY = f"{PROFILE}/activity-types/capability"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
"""The category of every statement that the cmi5 specification defines (cmi5 9.6.2.1)."""

_OURS = f"{PROFILE}/verbs/"
_ADL = "http://adlnet.gov/expapi/verbs/"
_TLA = "https://w3id.org/xapi/tla/verbs/"
_DOD = "https://w3id.org/xapi/dod-isd/verbs/"
_TINCAN = "http://id.tincanapi.com/verb/"

VERBS = MappingProxyType(
    {
        Kind.REGISTERED: f"{_ADL}registered",
        Kind.WITHDREW: f"{_OURS}withdrew",
        Kind.ACKNOWLEDGED: f"{_OURS}acknowledged",
        Kind.COMPLETED: f"{_ADL}completed",
        Kind.ATTENDED: f"{_ADL}attended",
        Kind.PLANNED: f"{_TLA}planned",
        Kind.APPROVED: f"{_DOD}approved",
        Kind.PRACTISED: f"{_OURS}practised",
        Kind.APPLIED: f"{_DOD}applied",
        Kind.LACKED_OPPORTUNITY: f"{_OURS}lacked-opportunity",
        Kind.VERIFIED: f"{_TLA}verified",
        Kind.CONFIRMED: f"{_OURS}confirmed",
        Kind.DISPUTED: f"{_OURS}disputed",
        Kind.TALKED_WITH: f"{_TINCAN}talked-with",
        Kind.OBSERVED: f"{_DOD}observed",
        Kind.RECOGNISED: f"{_OURS}recognised",
        Kind.COACHED: "https://w3id.org/xapi/adb/verbs/coached",
        Kind.MENTORED: f"{_TINCAN}mentored",
        Kind.ASSESSED: f"{_DOD}assessed",
        Kind.RATED: f"{_TINCAN}rated",
        Kind.ANSWERED: f"{_ADL}answered",
        Kind.REFLECTED: f"{_OURS}reflected",
        Kind.COMMENTED: f"{_ADL}commented",
        Kind.INTERVIEWED: f"{_OURS}interviewed",
        Kind.ROUTED: f"{_OURS}routed",
        Kind.WAIVED: "https://w3id.org/xapi/adl/verbs/waived",
        Kind.VOIDED: f"{_ADL}voided",
    }
)
KINDS: dict[str, Kind] = {iri: kind for kind, iri in VERBS.items()}


def extension(name: str) -> str:
    """The IRI of an extension of the profile, `name` as in its table (`goal-agreed`)."""
    return f"{PROFILE}/extensions/{name}"


def step_type(name: str) -> str:
    """The activity type of a step of this type."""
    return f"{PROFILE}/activity-types/{name}"


def journey(base: str, slug: str, version: int) -> str:
    return f"{base}/journeys/{quote(slug, safe='')}/v/{version}"


def run(base: str, run_id: str) -> str:
    return f"{base}/runs/{run_id}"


def step(journey_iri: str, step_id: str) -> str:
    return f"{journey_iri}/steps/{quote(step_id, safe='')}"


def moment(parent_iri: str, moment_id: str) -> str:
    """Of the catalogue under the journey, of one's own under the run."""
    return f"{parent_iri}/moments/{quote(moment_id, safe='')}"


def capability(journey_iri: str, capability_id: str) -> str:
    return f"{journey_iri}/capabilities/{quote(capability_id, safe='')}"


class Place(NamedTuple):
    """What an activity's IRI names; all None for an activity that is not of a journey or a run."""

    step: str | None = None
    moment: str | None = None
    personal_moment: bool = False
    capability: str | None = None
    run: str | None = None


_JOURNEY_PART = re.compile(r".*/journeys/[^/]+/v/[^/]+/(steps|moments|capabilities)/([^/?#]+)", re.DOTALL)
_RUN_PART = re.compile(r".*/runs/([^/?#]+)(?:/moments/([^/?#]+))?", re.DOTALL)


@lru_cache(maxsize=8192)
def place(iri: str) -> Place:
    """Read an activity's IRI. Run ids and ids of personal moments, being uuids, come out in lower case."""
    part = _JOURNEY_PART.fullmatch(iri)
    if part is not None:
        kind, name = part[1], unquote(part[2])
        if kind == "steps":
            return Place(step=name)
        return Place(moment=name) if kind == "moments" else Place(capability=name)
    part = _RUN_PART.fullmatch(iri)
    if part is None:
        return Place()
    own = part[2]
    return Place(run=part[1].lower(), moment=own.lower() if own else None, personal_moment=own is not None)

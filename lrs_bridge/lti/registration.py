"""Dynamic registration: an LMS sends its administrator here, and the two of us exchange what each has to know.

LTI Dynamic Registration 1.0 (OpenID Connect Discovery and Dynamic Client Registration). The LMS names its own
configuration; we read it, check that it speaks for itself, post ours, and keep what it answers. Whoever calls may be
anybody: what they say waits for the admin of this tool, and leads us to no other host than the one they speak for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests

from lrs_bridge.lti.egress import is_loopback, place_of
from lrs_bridge.lti.exchange import Answer, NotReachedError, ask
from lrs_bridge.lti.gradebook import LINE_ITEM_SCOPE, SCORE_SCOPE
from lrs_bridge.lti.refusals import short
from lrs_bridge.lti.roster import GROUPS_SCOPE, MEMBERS_SCOPE
from lrs_bridge.store.registrations import Registered

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
RESULT_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPES = (LINE_ITEM_SCOPE, RESULT_SCOPE, SCORE_SCOPE, MEMBERS_SCOPE)
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email")
NAME = "Learning journeys"
DESCRIPTION = "The weeks before, during and after a course: steps, moments applied on the job, and what came of them."

WHOLE_SECONDS = 10.0
_LONGEST_URL = 1000  # characters, as the database keeps them
_LONGEST_ISSUER = 400
_LONGEST_ID = 255
_CANVAS = ".instructure.com"
_CANVAS_PRIVACY = "https://canvas.instructure.com/lti/privacy_level"  # without it Canvas sends neither name nor e-mail
_LABELS = {
    "LtiResourceLinkRequest": "Open the learning journey",
    "LtiDeepLinkingRequest": "Choose a journey, a step or a dashboard",
    "LtiSubmissionReviewRequest": "Look at a participant's indicators",
}
_ALWAYS = ("LtiResourceLinkRequest", "LtiDeepLinkingRequest")
_PLACES = ("ContentArea", "assignment_selection", "link_selection", "course_navigation")


class Fault(StrEnum):
    """Every way a registration can fail. The names are what an admin searches the log for."""

    OFF = "registration_off"
    BUSY = "registration_busy"
    FULL = "registration_full"
    TENANT = "registration_tenant"
    ADDRESS = "configuration_address"
    UNREACHED = "configuration_unreached"
    CONFIGURATION = "configuration_unusable"
    ISSUER = "configuration_issuer"
    ENDPOINT = "configuration_endpoint"
    REFUSED = "registration_refused"
    ANSWER = "registration_unusable"
    TAKEN = "registration_taken"


class RegistrationRefused(Exception):
    """A registration that goes no further. `details` is for the two admins and the log, free of secrets."""

    def __init__(self, fault: Fault, details: str, status: int = 400) -> None:
        super().__init__(f"{fault}: {details}")
        self.fault = fault
        self.details = details
        self.status = status


@dataclass(frozen=True)
class PlatformConfiguration:
    """What an LMS says of itself (Dynamic Registration 1.0, "OpenID Configuration"). Empty lists: it does not say."""

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    audience: str | None
    product: str | None
    messages: Mapping[str, tuple[str, ...]]
    scopes: tuple[str, ...]
    claims: tuple[str, ...]

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """Hosts other than the issuer's that launches and tokens would go to, for an admin to look at."""
        own = urlsplit(self.issuer).netloc
        hosts = (urlsplit(url).netloc for url in (self.auth_url, self.token_url, self.jwks_url))
        return tuple(dict.fromkeys(host for host in hosts if host != own))


def read_configuration(http: requests.Session, url: str, token: str | None) -> PlatformConfiguration:
    """Fetch and check the LMS's configuration. Raises RegistrationRefused.

    Canvas shows it to the bearer of the registration token only.
    """
    _secure(url, "openid_configuration", Fault.ADDRESS)
    answer = _asked(http, "GET", url, token, Fault.UNREACHED)
    return configuration_from(_object(answer, url, Fault.CONFIGURATION), url)


def configuration_from(said: Mapping[str, Any], url: str) -> PlatformConfiguration:
    """The configuration found at `url`, checked. Raises RegistrationRefused.

    The issuer has to be of the host that the configuration came from, with the port (Dynamic Registration 1.0,
    "Issuer and OpenID configuration URL match"): otherwise anybody could register in the name of another LMS.
    """
    issuer = _text(said, "issuer", _LONGEST_ISSUER, Fault.CONFIGURATION)
    if place_of(issuer) is None or place_of(issuer) != place_of(url):
        raise RegistrationRefused(
            Fault.ISSUER,
            f"The configuration at {_shown(url)} is for the issuer {short(issuer)}, which is another host.",
        )
    platform = said.get(PLATFORM_CONFIGURATION)
    platform = platform if isinstance(platform, dict) else {}
    registration_url = _endpoint(said, "registration_endpoint")
    if not _kin(registration_url, issuer):
        raise RegistrationRefused(
            Fault.ENDPOINT, f"The registration_endpoint {_shown(registration_url)} is on another host than the issuer."
        )
    return PlatformConfiguration(
        issuer=issuer,
        auth_url=_endpoint(said, "authorization_endpoint"),
        token_url=_endpoint(said, "token_endpoint"),
        jwks_url=_endpoint(said, "jwks_uri"),
        registration_url=registration_url,
        audience=_audience(said),
        product=_word(platform.get("product_family_code")),
        messages=_messages(platform.get("messages_supported")),
        scopes=_words_of(said.get("scopes_supported")),
        claims=_words_of(said.get("claims_supported")),
    )


def _kin(url: str, issuer: str) -> bool:
    """The same host and port; or both of Instructure, whose Canvas has one issuer and registers at each school's
    own name (a school with a name outside of instructure.com uses the JSON configuration)."""
    there, here = place_of(url), place_of(issuer)
    if there is None or here is None:
        return False
    return there == here or all(host.endswith(_CANVAS) and port == 443 for host, port in (there, here))


def tool_registration(base_url: str, configuration: PlatformConfiguration) -> dict[str, Any]:
    """What we say of ourselves (Dynamic Registration 1.0, "Tool registration"): only what the LMS says it has.

    `domain` goes with its port, by which Moodle finds the tool of a URL.
    """
    launch = f"{base_url}/lti/launch"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [launch],
        "client_name": NAME,
        "jwks_uri": f"{base_url}/lti/jwks.json",
        "logo_uri": f"{base_url}/static/icon.svg",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(_scopes(configuration)),
        TOOL_CONFIGURATION: {
            "domain": urlsplit(base_url).netloc,
            "target_link_uri": launch,
            "description": DESCRIPTION,
            "custom_parameters": {},
            "claims": [one for one in CLAIMS if one in ("iss", "sub", *(configuration.claims or CLAIMS))],
            **({_CANVAS_PRIVACY: "public"} if configuration.product == "canvas" else {}),
            "messages": [_message(kind, launch, configuration) for kind in _LABELS if _wanted(kind, configuration)],
        },
    }


def _scopes(configuration: PlatformConfiguration) -> list[str]:
    """Groups only where the LMS says that it has them; of the rest all, where it says nothing."""
    offered = configuration.scopes
    return [one for one in SCOPES if not offered or one in offered] + [one for one in (GROUPS_SCOPE,) if one in offered]


def _wanted(kind: str, configuration: PlatformConfiguration) -> bool:
    return kind in _ALWAYS or kind in configuration.messages


def _message(kind: str, launch: str, configuration: PlatformConfiguration) -> dict[str, Any]:
    """Placements are asked for where the LMS has such; Canvas shows a tool nowhere else."""
    message: dict[str, Any] = {"type": kind, "target_link_uri": launch, "label": _LABELS[kind]}
    offered = configuration.messages.get(kind, ())
    placements = [place for place in _PLACES if place in offered]
    return message | ({"placements": placements} if placements else {})


def register(
    http: requests.Session, configuration: PlatformConfiguration, token: str | None, base_url: str
) -> Registered:
    """Post our registration and read the answer. Raises RegistrationRefused."""
    url = configuration.registration_url
    body = json.dumps(tool_registration(base_url, configuration)).encode()
    answer = _asked(http, "POST", url, token, Fault.REFUSED, body)
    return registered_from(_object(answer, url, Fault.ANSWER), configuration)


def _asked(
    http: requests.Session, method: str, url: str, token: str | None, fault: Fault, body: bytes | None = None
) -> Answer:
    """One request with the token, where the LMS gave one; it goes to the host that it came with, and into no log."""
    headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
    if token:
        if not token.isascii() or not token.isprintable() or " " in token:
            raise RegistrationRefused(fault, "The registration_token is not one that can be sent.")
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = ask(http, method, url, headers=headers, data=body, seconds=WHOLE_SECONDS)
    except NotReachedError as error:
        raise RegistrationRefused(fault, error.reason.replace(url, _shown(url))) from error
    if not answer.ok:
        raise RegistrationRefused(fault, f"{_shown(url)} answers {answer.status}{_words(answer)}.")
    return answer


def _shown(url: str) -> str:
    """Without the query, in which Canvas sends its token."""
    return short(url.partition("?")[0])


def registered_from(said: Mapping[str, Any], configuration: PlatformConfiguration) -> Registered:
    """The LMS's answer. It may grant scopes that we did not ask for, and name the deployment it made; both are fine."""
    tool = said.get(TOOL_CONFIGURATION)
    deployment = tool.get("deployment_id") if isinstance(tool, dict) else None
    if isinstance(deployment, int) and not isinstance(deployment, bool):
        deployment = str(deployment)
    if deployment is not None and deployment != "":
        deployment = _text({"deployment_id": deployment}, "deployment_id", _LONGEST_ID, Fault.ANSWER)
    host = urlsplit(configuration.issuer).netloc
    return Registered(
        name=f"{configuration.product.capitalize()} at {host}"[:200] if configuration.product else host[:200],
        issuer=configuration.issuer,
        client_id=_text(said, "client_id", _LONGEST_ID, Fault.ANSWER),
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        audience=configuration.audience,
        deployment_id=deployment or None,
    )


def _endpoint(said: Mapping[str, Any], name: str) -> str:
    url = _text(said, name, _LONGEST_URL, Fault.ENDPOINT)
    _secure(url, name, Fault.ENDPOINT)
    return url


def _secure(url: str, name: str, fault: Fault) -> None:
    """https, but for LMSs on this very machine (whether those are asked is up to the fence)."""
    if not url:
        raise RegistrationRefused(fault, f"There is no {name}: open this address from the tool settings of the LMS.")
    if place_of(url) is None or len(url) > _LONGEST_URL or not url.isprintable() or "@" in urlsplit(url).netloc:
        raise RegistrationRefused(fault, f"{name} is not a web address we can use: {_shown(url)}.")
    if not url.startswith("https://") and not is_loopback(url):
        raise RegistrationRefused(fault, f"{name} has to begin with https://, not {_shown(url)}.")


def _audience(said: Mapping[str, Any]) -> str | None:
    """Whom token requests are addressed to, where it is not the token URL (D2L). Canvas gives a bare host, and takes
    its token URL."""
    value = said.get("authorization_server")
    if not isinstance(value, str) or place_of(value) is None or value == said.get("token_endpoint"):
        return None
    return _text(said, "authorization_server", _LONGEST_URL, Fault.ENDPOINT)


def _text(said: Mapping[str, Any], name: str, longest: int, fault: Fault) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value or value != value.strip():
        raise RegistrationRefused(fault, f"The LMS gives no usable {name}.")
    if len(value) > longest or not value.isprintable():
        raise RegistrationRefused(fault, f"The {name} of the LMS is longer than {longest} characters, or unprintable.")
    return value


def _word(value: Any) -> str | None:
    return " ".join(value.split())[:50] or None if isinstance(value, str) and value.isprintable() else None


def _words_of(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _messages(value: Any) -> dict[str, tuple[str, ...]]:
    listed = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return {one["type"]: _words_of(one.get("placements")) for one in listed if isinstance(one.get("type"), str)}


def _object(answer: Answer, url: str, fault: Fault) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError as error:
        raise RegistrationRefused(fault, f"{_shown(url)} answers with something that is not JSON.") from error
    if not isinstance(said, dict):
        raise RegistrationRefused(fault, f"{_shown(url)} answers with JSON that is not an object.")
    return said


def _words(answer: Answer) -> str:
    """The LMS's own words, short, and without the markup of an error page."""
    text = answer.body[:2000].decode(errors="replace").strip()
    return f" ({short(text, 200)})" if text and not text.startswith("<") else ""

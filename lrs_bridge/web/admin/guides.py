"""What to paste where: each LMS's own names for our addresses, and what it shows in return.

The pages in docs/lms/ say the same at length; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.lti.registration import NAME
from lrs_bridge.lti.setup import Addresses


@dataclass(frozen=True)
class Guide:
    """`rows` are (field of the LMS, what to paste). `back`: where it shows the values for the form here."""

    key: str
    name: str
    registers: bool
    where: str
    rows: Sequence[tuple[str, str]]
    back: str


def guides(ours: Addresses) -> tuple[Guide, ...]:
    return (
        Guide(
            "moodle",
            "Moodle",
            True,
            "Site administration, Plugins, Activity modules, External tool, Manage tools.",
            (
                ("Tool URL", ours.launch),
                ("LTI version", "LTI 1.3"),
                ("Public key type", "Keyset URL"),
                ("Public keyset", ours.keys),
                ("Initiate login URL", ours.login),
                ("Redirection URI(s)", ours.launch),
            ),
            "View configuration details, on the tool's card.",
        ),
        Guide(
            "canvas",
            "Canvas",
            True,
            "Admin, your account, Apps; or Developer Keys, LTI Key.",
            (
                ("JSON URL", ours.canvas),
                ("Redirect URIs", ours.launch),
                ("Target Link URI", ours.launch),
                ("OpenID Connect Initiation URL", ours.login),
                ("Public JWK URL", ours.keys),
            ),
            "The key's number is the client ID; the deployment ID is in the app's menu.",
        ),
        Guide(
            "blackboard",
            "Blackboard",
            False,
            "Blackboard's developer portal for the application; then LTI Tool Providers in your Learn.",
            (
                ("Domain(s)", ours.domain),
                ("Login Initiation URL", ours.login),
                ("Tool Redirect URL(s)", ours.launch),
                ("Tool JWKS URL", ours.keys),
                ("Signing Algorithm", "RS256"),
            ),
            "The portal shows issuer, client ID and three URLs; Learn shows the deployment ID.",
        ),
        Guide(
            "brightspace",
            "D2L Brightspace",
            True,
            "Admin Tools, Manage Extensibility, LTI Advantage, Register Tool.",
            (
                ("Name", NAME),
                ("Domain", ours.base_url),
                ("Redirect URLs", ours.launch),
                ("OpenID Connect Login URL", ours.login),
                ("Target Link URI", ours.launch),
                ("Keyset URL", ours.keys),
            ),
            "The registration's page shows all values, the audience among them.",
        ),
        Guide(
            "sakai",
            "Sakai",
            True,
            "Administration Workspace, External Tools, Install LTI 1.x Tool.",
            (
                ("Launch URL", ours.launch),
                ("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", ours.login),
                ("LTI 1.3 Tool Redirect Endpoint(s)", ours.launch),
                ("LTI 1.3 Tool Keyset URL", ours.keys),
            ),
            "The tool's page shows the values after saving.",
        ),
        Guide(
            "open-edx",
            "Open edX",
            False,
            "Studio, an LTI Consumer unit of the course, version LTI 1.3.",
            (
                ("Tool Launch URL", ours.launch),
                ("Tool Initiate Login URL", ours.login),
                ("Registered Redirect URIs", ours.launch),
                ("Tool Keyset URL", ours.keys),
            ),
            "The unit itself shows them in Studio after saving.",
        ),
    )

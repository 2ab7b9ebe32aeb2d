"""What an LMS has to know of us, in the form that it takes, for those that do not register by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lrs_bridge.lti.registration import DESCRIPTION, NAME, SCOPES


@dataclass(frozen=True)
class Addresses:
    """Our side of a registration, for an installation at `base_url`."""

    base_url: str

    @property
    def login(self) -> str:
        return f"{self.base_url}/lti/login"

    @property
    def launch(self) -> str:
        return f"{self.base_url}/lti/launch"

    @property
    def keys(self) -> str:
        return f"{self.base_url}/lti/jwks.json"

    @property
    def icon(self) -> str:
        return f"{self.base_url}/static/icon.svg"

    @property
    def domain(self) -> str:
        """With the port, if it is not the usual one."""
        return urlsplit(self.base_url).netloc

    @property
    def canvas(self) -> str:
        return f"{self.base_url}/lti/config/canvas.json"

    def register(self, tenant: str | None = None) -> str:
        """Where an LMS registers itself; each tenant but the main one has a place of its own."""
        return f"{self.base_url}/lti/register" + (f"/{tenant}" if tenant else "")


def canvas_configuration(base_url: str) -> dict[str, Any]:
    """Canvas's own format for an LTI key, pasted as JSON or read from a URL.

    https://canvas.instructure.com/doc/api/file.lti_dev_key_config.html, "Anatomy of a JSON configuration".
    """
    ours = Addresses(base_url)
    placed = {"message_type": "LtiDeepLinkingRequest", "target_link_uri": ours.launch, "text": NAME}
    return {
        "title": NAME,
        "description": DESCRIPTION,
        "oidc_initiation_url": ours.login,
        "target_link_uri": ours.launch,
        "public_jwk_url": ours.keys,
        "scopes": list(SCOPES),
        "custom_fields": {},
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": ours.domain,
                "tool_id": "lrs_bridge",
                "privacy_level": "public",
                "settings": {
                    "text": NAME,
                    "icon_url": ours.icon,
                    "placements": [
                        {"placement": "assignment_selection", **placed},
                        {"placement": "link_selection", **placed},
                    ],
                },
            }
        ],
    }

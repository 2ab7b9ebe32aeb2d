"""Names of the claims an LMS signs, and the reading of single values with nothing trusted to have its type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"

MESSAGE_TYPE = _LTI + "message_type"
VERSION = _LTI + "version"
DEPLOYMENT_ID = _LTI + "deployment_id"
TARGET_LINK_URI = _LTI + "target_link_uri"
RESOURCE_LINK = _LTI + "resource_link"
ROLES = _LTI + "roles"
CONTEXT = _LTI + "context"
CUSTOM = _LTI + "custom"
LAUNCH_PRESENTATION = _LTI + "launch_presentation"
ROLE_SCOPE_MENTOR = _LTI + "role_scope_mentor"
FOR_USER = _LTI + "for_user"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

_LONGEST_URL = 2000  # characters, as the database keeps them
_UNRESOLVED = re.compile(r"\$[A-Za-z][\w.]*")


def text(values: Mapping[str, Any], name: str, longest: int = 255) -> str | None:
    """A text that says something, trimmed and cut to `longest`; None for everything else."""
    value = values.get(name)
    if not isinstance(value, str):
        return None
    return value.strip()[:longest] or None


def group(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A claim that is an object; empty where it is missing or something else."""
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def address(values: Mapping[str, Any], name: str) -> str | None:
    """An http(s) URL, kept to the letter: its query is part of it. None where it is something else, or endless."""
    value = values.get(name)
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.startswith(("https://", "http://")):
        return None
    try:
        return value if urlsplit(value).hostname else None
    except ValueError:
        return None


def unresolved(value: str) -> bool:
    """A custom variable that the LMS did not fill in arrives as its own name, as `$User.id` does (Core, Appendix B)."""
    return _UNRESOLVED.fullmatch(value.strip()) is not None


def custom(claims: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters as texts (Core, 5.4.6); unresolved variables and nulls are absent."""
    found = {}
    for name, value in group(claims, CUSTOM).items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        if not unresolved(str(value)):
            found[name] = str(value)
    return found


def listed(value: Any, separator: str | None) -> tuple[str, ...]:
    """A list of texts, or one text that holds several, in order and each once."""
    parts = value.split(separator) if isinstance(value, str) else value if isinstance(value, list) else []
    texts = (part.strip() for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(part for part in texts if part and not unresolved(part)))

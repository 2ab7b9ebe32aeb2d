"""Deep linking: what an LMS asks a designer to choose, and the signed answer that places it (LTI Deep Linking 2.0).

The request is a launch like any other (`lti.launch` verifies it); its settings say where the answer goes and what may
be in it. The answer is a JWT of ours in a form that the browser posts there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from lrs_bridge.domain.launch import Launch
from lrs_bridge.domain.placing import COMPLETION, Placement
from lrs_bridge.lti import claims as c
from lrs_bridge.lti.egress import is_loopback
from lrs_bridge.lti.refusals import LaunchRefused, Reason, short
from lrs_bridge.store.platforms import Platform

RESOURCE_LINK = "ltiResourceLink"
ANSWER_LIFE = timedelta(minutes=5)  # the browser posts it at once; Canvas takes nothing older
LONGEST_LABEL = 255  # characters: Moodle's and Canvas's columns hold no more

_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_KEPT = (
    "deep_link_return_url",
    "accept_types",
    "accept_presentation_document_targets",
    "accept_multiple",
    "accept_lineitem",
    "auto_create",
    "title",
    "text",
    "data",
)
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


@dataclass(frozen=True)
class DeepLinkingSettings:
    """The settings claim, read with care (Deep Linking 2.0, "Deep linking settings").

    `several`: more than one item may come back; where the LMS does not say, one. `columns`: line items are taken;
    where it does not say, nothing is assumed and they are sent, since an LMS may ignore them. `targets`: how the LMS
    shows what is placed, empty where it does not say. `data` goes back untouched where `has_data`.
    """

    return_url: str
    takes_links: bool
    several: bool
    columns: bool
    targets: frozenset[str]
    data: Any
    has_data: bool

    @property
    def return_origin(self) -> str:
        """`https://lms.example:8443`: where the answer's form leads."""
        parts = urlsplit(self.return_url)
        return f"{parts.scheme}://{parts.netloc}"


def kept_settings(launch: Launch, platform: Platform) -> dict[str, Any]:
    """The settings of a verified request, as the LMS wrote them, for keeping until the answer.

    The answer may go to another host than the LMS's own (Deep Linking 2.0 binds it to none), since the LMS signed
    where; but a designer's browser is sent by https, on this machine, or to where the registration says that the LMS
    is. Raises LaunchRefused.
    """
    given = c.group(launch.claims, c.DEEP_LINKING_SETTINGS)
    url = c.address(given, "deep_link_return_url")
    if url is None or not _usable(url):
        raise LaunchRefused(
            Reason.CLAIM_MISSING, f"The deep_link_return_url is no web address: {short(given.get(_KEPT[0]))}."
        )
    origins = {urlsplit(known)[:2] for known in (platform.issuer, platform.auth_url)}
    if not url.startswith("https://") and not is_loopback(url) and urlsplit(url)[:2] not in origins:
        raise LaunchRefused(
            Reason.RETURN_URL, f"The deep_link_return_url has to begin with https://, not {short(urlsplit(url)[:2])}."
        )
    return {name: given[name] for name in _KEPT if name in given}


def _usable(url: str) -> bool:
    """Nothing that a browser and we could read differently, or that could say more than a host in a policy."""
    if "\\" in url or not url.isascii() or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        return False
    return _HOST.fullmatch(urlsplit(url).netloc) is not None


def settings_from(kept: Mapping[str, Any]) -> DeepLinkingSettings:
    """The settings that `kept_settings` answered, read."""
    types = c.listed(kept.get("accept_types"), ",")
    return DeepLinkingSettings(
        return_url=kept["deep_link_return_url"],
        takes_links=RESOURCE_LINK in types or "accept_types" not in kept,
        several=_yes(kept.get("accept_multiple")) is True,
        columns=_yes(kept.get("accept_lineitem")) is not False,
        targets=frozenset(c.listed(kept.get("accept_presentation_document_targets"), ",")),
        data=kept.get("data"),
        has_data="data" in kept,
    )


def _yes(value: Any) -> bool | None:
    """Booleans, and the texts some LMSs write instead."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def content_item(
    placement: Placement, settings: DeepLinkingSettings, launch_url: str, run_id: str | None, column: bool
) -> dict[str, Any]:
    """One LTI resource link ("LTI resource link" among the content item types).

    `url` is the one launch address; what is placed stands in `custom`. `run_id`: the run that the column is of, where
    there is one already. `column`: the designer wants one; steps and first pages never have any.
    """
    item: dict[str, Any] = {
        "type": RESOURCE_LINK,
        "url": launch_url,
        "title": short(placement.title, LONGEST_LABEL),
        "text": placement.text,
        "custom": placement.custom,
    }
    if column and settings.columns and placement.column is not None:
        label = placement.column.label or placement.title
        item["lineItem"] = {
            "scoreMaximum": placement.column.maximum,
            "label": short(label, LONGEST_LABEL),
            **({"resourceId": run_id} if run_id else {}),
            "tag": COMPLETION,
        }
    if "window" in settings.targets and "iframe" not in settings.targets:
        item["window"] = {"targetName": "_blank"}
    return item


def answer_claims(
    settings: DeepLinkingSettings,
    platform: Platform,
    deployment_id: str,
    items: Sequence[Mapping[str, Any]],
    now: datetime,
    message: str,
    error: str | None = None,
) -> dict[str, Any]:
    """The claims of a response ("Deep linking response message"), to be signed with our key.

    `message` is shown to the designer by the LMS and kept in its log; `error` says why nothing could be chosen.
    """
    seconds = int(now.timestamp())
    claims = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": seconds,
        "exp": seconds + int(ANSWER_LIFE.total_seconds()),
        "nonce": secrets.token_urlsafe(32),
        c.DEPLOYMENT_ID: deployment_id,
        c.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        c.VERSION: "1.3.0",
        _DL + "content_items": list(items),
        _DL + "msg": message,
        _DL + "log": message,
    }
    if error is not None:
        claims |= {_DL + "errormsg": error, _DL + "errorlog": error}
    if settings.has_data:
        claims[_DL + "data"] = settings.data
    return claims

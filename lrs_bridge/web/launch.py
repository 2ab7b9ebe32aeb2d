"""The LMS's door: login and launch, and our public keys.

`/lti/login` begins a login, `/lti/launch` takes the LMS's answer and leads to a page of the tool. Where the browser
brought no cookie, `/lti/launch/proof` takes the answer again with a proof out of the LMS's storage (`web.storage`).
`/lti/jwks.json` is where LMSs read our keys. Every refusal is a page that helps, with a code that stands in the log
beside the reason.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from lrs_bridge import logs
from lrs_bridge.domain.launch import MessageType
from lrs_bridge.flows.choose import open_chooser
from lrs_bridge.flows.launch import Entered, Lasting, enter
from lrs_bridge.lti.deep_linking import kept_settings
from lrs_bridge.lti.keysets import KeySets
from lrs_bridge.lti.launch import LAUNCH_PATH, PROOF_PATH, VerifiedLaunch, begin_login, finish_launch, redeem
from lrs_bridge.lti.refusals import LaunchRefused, Reason
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store.erased import ErasedPerson
from lrs_bridge.store.platforms import Platform
from lrs_bridge.web import marks, security, storage
from lrs_bridge.web.doors import BACK, HELP_DESK, WAYS, Door, door_for, show, show_http
from lrs_bridge.web.flood import Flood

if TYPE_CHECKING:
    from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.lti")

_LARGEST_FORM = 1_000_000
_RELOAD = ("Wait a minute,", "then reload this page or open the journey from your course again.")


def launch_pages(bridge: Bridge) -> Blueprint:
    """The blueprint, on the clock, database, network and settings of `bridge`."""
    pages = Blueprint("lti", __name__)
    base_url = bridge.settings.base_url
    keys = KeySets(bridge.sessions, bridge.http)
    signing = SigningKeys(bridge.sessions, bridge.settings.secret_key)
    flood = Flood(bridge.settings.logins_per_minute)
    wrong = Flood(bridge.settings.wrong_per_minute, "refused launches")

    @pages.before_request
    def bounded() -> None:
        """Before anything reads the form; multipart and plain forms have limits of their own in Werkzeug."""
        request.max_content_length = _LARGEST_FORM
        request.max_form_memory_size = _LARGEST_FORM

    @pages.errorhandler(LaunchRefused)
    def refused(refusal: LaunchRefused) -> Response:
        door, now = _door(refusal, base_url), bridge.clock()
        bridge.tally.count("refusals", refusal.reason)
        if refusal.framed_by:
            g.frame_ancestors = security.origins_of(refusal.framed_by)
        if refusal.storage is None:
            try:
                wrong.count(request.remote_addr, now)
            except TooManyRequests as too_many:
                return show_http(too_many, now)
            return show(door, now, log)
        return storage.get_page(door, refusal.storage, request.form, now, log)

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        return show(door_for(413), bridge.clock(), log)

    @pages.route("/lti/login", methods=["GET", "POST"])
    def login() -> AnyResponse:
        now = bridge.clock()
        flood.count(request.remote_addr, now)
        params = {**request.args.to_dict(), **request.form.to_dict()}
        known = marks.marks_of(request.cookies)
        with bridge.sessions.jot() as session:  # a login that a power cut takes is begun again
            begun = begin_login(
                session,
                params,
                known[0] if known else None,
                base_url=base_url,
                now=now,
                with_proof=storage.is_wanted(request),
                opened_from=storage.opened_from(request),
            )
        answer = _not_kept(storage.put_page(begun)) if begun.proof else _led_to(begun.url, 302)
        marks.leave(answer, begun.browser)
        return answer

    @pages.get("/lti/mark")
    def mark() -> AnyResponse:
        """Whether our cookies come back from where the asking page is."""
        return _not_kept(jsonify(kept=bool(marks.marks_of(request.cookies))))

    @pages.post(LAUNCH_PATH)
    def launch() -> AnyResponse:
        return let_in(None)

    @pages.post(PROOF_PATH)
    def prove() -> AnyResponse:
        return let_in(request.form.get("proof", ""))

    def let_in(proof: str | None) -> AnyResponse:
        now = bridge.clock()
        verified = finish_launch(
            bridge.sessions,
            request.form.to_dict(),
            marks.marks_of(request.cookies),
            keys=keys,
            base_url=base_url,
            now=now,
            proof=proof,
        )
        entered = _entered(bridge, verified, now)
        bridge.tally.count("launches", verified.launch.message_type)
        log.info("launch %s let in from platform %s", logs.launch_of(entered.path), verified.launch.platform_id)
        return _led_to(base_url + entered.path, 303)

    @pages.get("/lti/jwks.json")
    def jwks() -> Response:
        answer = jsonify(signing.published(bridge.clock()))
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    return pages


def _erased() -> Door:
    """What somebody who was erased sees when their LMS sends them again."""
    return Door(
        403,
        "Your data here was erased",
        "So this tool no longer knows you, and it does not begin again by itself. Nothing was recorded just now.",
        (
            ("If you want to take part again,", "ask the administrator of this tool to let you in. You start as new."),
            ("If this is a mistake,", "tell the administrator as well. What was erased cannot be brought back."),
        ),
        reason="the launch is of somebody who was erased",
    )


def _led_to(url: str, status: int) -> AnyResponse:
    """A redirect without a page, which no browser shows."""
    return AnyResponse(status=status, headers={"Location": url, "Cache-Control": "no-store"})


def _not_kept(answer: AnyResponse) -> AnyResponse:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _door(refusal: LaunchRefused, base_url: str) -> Door:
    return Door(
        refusal.status,
        refusal.title,
        refusal.what,
        _ways(refusal, base_url),
        details=refusal.details,
        reason=str(refusal),
    )


def _ways(refusal: LaunchRefused, base_url: str) -> tuple[tuple[str, str], ...]:
    """In a window of its own our cookie is not a third party's, so the same login can be begun anew there."""
    if refusal.again is not None:
        url = f"{base_url}/lti/login?{urlencode(dict(refusal.again))}"
        link = Markup('<a href="{}" target="_blank" rel="noopener">Open the journey in a new window</a>').format(url)
        return ((link, "and go on there."), BACK, HELP_DESK)
    if refusal.reason is Reason.KEYS_UNAVAILABLE:
        return (_RELOAD, HELP_DESK)
    return WAYS


def _entered(bridge: Bridge, verified: VerifiedLaunch, now: datetime) -> Entered:
    """Redeem the login and open what was launched, in one transaction.

    Nearly all launches tell nothing new, and theirs need not wait for the disk: a power cut would take the visit along
    with what redeemed its login, and whoever was there launches again.
    """
    try:
        return _opened(bridge, verified, now)
    except ErasedPerson as erased:
        raise _erased() from erased


def _opened(bridge: Bridge, verified: VerifiedLaunch, now: datetime) -> Entered:
    if verified.launch.message_type is not MessageType.DEEP_LINKING:
        with suppress(Lasting), bridge.sessions.jot() as session:
            redeem(session, verified, now)
            return enter(session, verified.launch, now, verified.browser, lasts=False)
    with bridge.sessions.write() as session:
        redeem(session, verified, now)
        return _enter(session, verified, now)


def _enter(session: Session, verified: VerifiedLaunch, now: datetime) -> Entered:
    launch = verified.launch
    if launch.message_type is MessageType.DEEP_LINKING:
        platform = session.get_one(Platform, launch.platform_id)
        return open_chooser(session, launch, kept_settings(launch, platform), now, verified.browser)
    return enter(session, launch, now, verified.browser)

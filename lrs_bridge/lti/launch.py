"""The way in: a login is begun, the LMS answers with a token, and a verified launch comes out.

LTI Security Framework 1.0, 5.1 "Platform-originating messages". State and nonce are bound to each other, to the
registration, to the target named at login and to the browser, and are good once. What ties them to the browser is a
mark in its cookie or, where cookies are kept out of the LMS's frame, a proof in the LMS's own storage. The target of
the signed claim rules in the end: Open edX before 3.4.1 sends another one at login.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy.orm import Session

from lrs_bridge.domain.launch import Launch
from lrs_bridge.lti.keysets import KeySets, KeysUnavailableError, UnknownKeyError
from lrs_bridge.lti.message import launch_from
from lrs_bridge.lti.refusals import LaunchRefused, Reason, short
from lrs_bridge.lti.storage import STORAGE_TARGET, PlatformStorage, storage_of
from lrs_bridge.lti.verification import IdToken, check_claims, ours
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.logins import BegunLogin, add_login, digest, find_login, use_login
from lrs_bridge.store.platforms import Registration, Standing, await_approval, registrations_of

LAUNCH_PATH = "/lti/launch"
PROOF_PATH = "/lti/launch/proof"
_KEPT = (
    "iss",
    "client_id",
    "login_hint",
    "lti_message_hint",
    "target_link_uri",
    "lti_deployment_id",
    STORAGE_TARGET,
)
_LONGEST_PARAMETER = 8_000


@dataclass(frozen=True)
class Begun:
    """A login that was begun: where to send the browser, and the mark it has to keep (new, or the one it came with).

    `proof` has to be given to the LMS's `storage` on the way; None where that was not wanted. `framed_by`: addresses of
    the LMS whose pages may frame the page which does it.
    """

    url: str
    browser: str
    storage: PlatformStorage
    proof: str | None
    framed_by: tuple[str, ...]


@dataclass(frozen=True)
class VerifiedLaunch:
    """A launch that is proven and not yet redeemed; `browser` is the hash of the browser's mark, where it has one."""

    launch: Launch
    state: str
    browser: str | None


def begin_login(
    session: Session,
    params: Mapping[str, str],
    browser: str | None,
    *,
    base_url: str,
    now: datetime,
    with_proof: bool = False,
    opened_from: str | None = None,
) -> Begun:
    """Answer a third-party initiated login (Security 5.1.1.1) with an authentication request (5.1.1.2).

    `browser` is the mark from the browser's cookie, if it has one. `with_proof`: make a proof for the LMS's storage,
    too. `opened_from`: the origin of the page that began the login. Raises LaunchRefused.
    """
    if any(len(value) > _LONGEST_PARAMETER or "\0" in value for value in params.values()):
        raise LaunchRefused(Reason.LOGIN_INCOMPLETE, "A parameter of the login is too long, or has a zero in it.")
    platform = _platform_of(session, params)
    target = params.get("target_link_uri", "")
    if not ours(target, base_url):
        raise LaunchRefused(Reason.TARGET, f"The login is meant for {short(target)}, which is not under {base_url}.")
    if not params.get("login_hint"):
        raise LaunchRefused(Reason.LOGIN_INCOMPLETE, "The login has no login_hint.")
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    browser = browser or secrets.token_urlsafe(32)
    proof = secrets.token_urlsafe(32) if with_proof else None
    add_login(
        session,
        state=state,
        nonce=nonce,
        browser=browser,
        platform_id=platform.id,
        target=target[:2000],
        params={name: params[name] for name in _KEPT if name in params},
        now=now,
        proof=proof,
        opened_from=opened_from,
    )
    return Begun(
        _authentication_request(platform, params, state, nonce, base_url),
        browser,
        storage_of(platform, params, state),
        proof,
        _framing(platform, opened_from),
    )


def _framing(platform: Registration, opened_from: str | None) -> tuple[str, ...]:
    """Where the LMS's pages are. Some (Canvas) show courses at an address that is in no registration."""
    return (platform.issuer, platform.auth_url, *([opened_from] if opened_from else []))


def _platform_of(session: Session, params: Mapping[str, str]) -> Registration:
    issuer, client_id = params.get("iss"), params.get("client_id") or None
    if not issuer:
        raise LaunchRefused(Reason.LOGIN_INCOMPLETE, "The login does not say from which LMS it comes (no iss).")
    found = registrations_of(session, issuer, client_id)
    who = f"{short(issuer)}, client id {short(client_id or 'not given')}"
    if not found:
        raise LaunchRefused(Reason.PLATFORM_UNKNOWN, f"No registration fits: {who}.")
    if len(found) > 1:
        raise LaunchRefused(Reason.PLATFORM_AMBIGUOUS, f"Several registrations fit, so a client id is needed: {who}.")
    return _standing(found[0])


def _standing(platform: Registration) -> Registration:
    if platform.standing != Standing.APPROVED:
        how = "is suspended" if platform.standing == Standing.SUSPENDED else "waits for approval"
        raise LaunchRefused(Reason.PLATFORM_WAITING, f"The registration {platform.id} of {platform.issuer} {how}.")
    return platform


def _authentication_request(
    platform: Registration, params: Mapping[str, str], state: str, nonce: str, base_url: str
) -> str:
    """Security 5.1.1.2. The redirect URI is one fixed URL: LMSs compare it to the letter."""
    asked = {"login_hint": params["login_hint"], "state": state, "nonce": nonce}
    if params.get("lti_message_hint"):
        asked["lti_message_hint"] = params["lti_message_hint"]
    before, after = _fixed_parts(platform.auth_url, platform.client_id, base_url, frozenset(asked))
    return before + urlencode(asked) + after


@lru_cache(maxsize=1_000)
def _fixed_parts(auth_url: str, client_id: str, base_url: str, asked: frozenset[str]) -> tuple[str, str]:
    """What is the same in all authentication requests of a registration: the URL before and after the rest."""
    fixed = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": client_id,
        "redirect_uri": base_url + LAUNCH_PATH,
    }
    parts = urlsplit(auth_url)
    own = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in own if name not in fixed and name not in asked]
    query = urlencode([*kept, *fixed.items()])
    return urlunsplit(parts._replace(query=query, fragment="")) + "&", f"#{parts.fragment}" if parts.fragment else ""


def finish_launch(
    sessions: Sessions,
    form: Mapping[str, str],
    marks: Iterable[str],
    *,
    keys: KeySets,
    base_url: str,
    now: datetime,
    proof: str | None = None,
) -> VerifiedLaunch:
    """Verify the LMS's answer (Security 5.1.3). Raises LaunchRefused.

    `marks` came in the browser's cookies; `proof`, if any, out of the LMS's storage in this browser.
    Opens its own short sessions, since the LMS's keys may have to be fetched in between. A token that fails spends
    its login, so it is not tried twice; a browser that is not proven, or keys that cannot be had, leave it as it is.
    The launch counts once `redeem` has spent the login, in the transaction that opens what is launched.
    """
    state = _answered_state(form)
    token = IdToken(form.get("id_token", ""))
    with sessions.values() as connection:
        login = _begun(find_login(connection, state, token.named_deployment), now)
    try:
        browser = _browser(login, state, tuple(marks), proof)
        launch = _proven(token, login, keys=keys, base_url=base_url, now=now)
        _deployed(sessions, login, launch.deployment_id, now)
    except LaunchRefused as refused:
        refused.framed_by = _framing(login.platform, login.opened_from)
        if refused.status < 500 and refused.again is None:
            with sessions.write() as session:
                use_login(session, login.state, now)
        raise
    return VerifiedLaunch(launch, login.state, browser)


def redeem(session: Session, verified: VerifiedLaunch, now: datetime) -> None:
    """Spend the login. Raises LaunchRefused where the same answer came twice at the same moment."""
    if not use_login(session, verified.state, now):
        raise _used(None)


def _answered_state(form: Mapping[str, str]) -> str:
    """The LMS may answer with an error and no token (OpenID Connect Core, 3.1.2.6)."""
    if "error" in form:
        said = " ".join(part for part in (form["error"], form.get("error_description")) if part)
        raise LaunchRefused(Reason.LMS_ERROR, f"The LMS says: {short(said, 300)}")
    if not form.get("state"):
        raise LaunchRefused(Reason.STATE_MISSING, "The answer of the LMS has no state.")
    return form["state"]


def _begun(login: BegunLogin | None, now: datetime) -> BegunLogin:
    if login is None:
        raise LaunchRefused(Reason.STATE_UNKNOWN, "We began no login with this state, or it is long over.")
    if login.used is not None:
        raise _used(login.used)
    if login.expires <= now:
        raise LaunchRefused(Reason.STATE_EXPIRED, f"The login was good until {login.expires:%H:%M} UTC.")
    _standing(login.platform)
    return login


def _used(at: datetime | None) -> LaunchRefused:
    when = f" at {at:%H:%M:%S} UTC" if at else ""
    return LaunchRefused(Reason.STATE_USED, f"The state of this launch was redeemed before{when}.")


def _browser(login: BegunLogin, state: str, marks: tuple[str, ...], proof: str | None) -> str | None:
    """The hash of this browser's mark, if it has one, once it is proven that the login was begun in it.

    Security 5.1.1.1: the state is tied to the browser, or somebody else's login could be slipped in.
    """
    hashes = [digest(mark) for mark in marks]
    if any(hmac.compare_digest(one, login.browser) for one in hashes):
        return login.browser
    if proof and login.proof and hmac.compare_digest(digest(proof), login.proof):
        return hashes[0] if hashes else None
    found = "The launch was begun in another browser" if hashes or proof else "The browser sent no cookie of ours"
    raise LaunchRefused(
        Reason.BROWSER_OTHER if hashes or proof else Reason.BROWSER_UNPROVEN,
        f"{found}, and {_untold(login, proof)}.",
        status=403,
        again=login.params,
        storage=storage_of(login.platform, login.params, state) if login.proof and proof is None else None,
    )


def _untold(login: BegunLogin, proof: str | None) -> str:
    """What became of the LMS's storage, for the help desk."""
    if login.proof is None:
        return "it was not asked for the LMS's storage at login"
    if proof is None:
        return "the LMS's storage has not been asked yet"
    return "the LMS's storage does not hold the proof"


def _proven(token: IdToken, login: BegunLogin, *, keys: KeySets, base_url: str, now: datetime) -> Launch:
    if token.missing:
        raise LaunchRefused(Reason.TOKEN_MISSING, "The answer of the LMS has no id_token.")
    platform = login.platform
    try:
        key = keys.find(platform, token.kid, now)
    except UnknownKeyError as error:
        raise LaunchRefused(Reason.KID_UNKNOWN, f"{platform.jwks_url} has no key {short(token.kid)}.") from error
    except KeysUnavailableError as error:
        status = 504 if error.timed_out else 502
        raise LaunchRefused(Reason.KEYS_UNAVAILABLE, error.reason, status=status) from error
    claims = token.verified(key)
    check_claims(claims, platform=platform, nonce_hash=login.nonce, base_url=base_url, now=now)
    return launch_from(claims, platform)


def _deployed(sessions: Sessions, login: BegunLogin, deployment_id: str, now: datetime) -> None:
    """Core 3.1.3: a deployment is let in by the admin of this tool; one nobody told us of waits.

    The login was read with the standing of the deployment that its token named; by now the token is proven.
    """
    if login.deployment == Standing.APPROVED:
        return
    with sessions.write() as session:
        known = await_approval(session, login.platform, deployment_id, now)
    raise LaunchRefused(
        Reason.DEPLOYMENT_WAITING,
        f"Deployment {short(deployment_id)} of {login.platform.name} waits for approval: "
        f"`lrs-bridge platform approve {known.id}`.",
        status=403,
    )

"""The designer's chooser: what an LMS asked for by deep linking is chosen, looked at, and sent back signed.

Only visits that a deep linking request opened have it. The last page hands our answer to the LMS by a form that leads
out of the tool, so it alone has a policy that lets a form go there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.placing import Placement
from lrs_bridge.flows.choose import Source, sources
from lrs_bridge.lti.deep_linking import DeepLinkingSettings, answer_claims, content_item, settings_from
from lrs_bridge.lti.launch import LAUNCH_PATH
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store import deep_linking, platforms
from lrs_bridge.store.deep_linking import DeepLinkingRow
from lrs_bridge.web import previews, security
from lrs_bridge.web.doors import BACK, HELP_DESK, Door
from lrs_bridge.web.forms import Form
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import listed, plural
from lrs_bridge.wiring import Bridge

log = logging.getLogger(__name__)

_LONGEST_MESSAGE = 400  # characters; LMSs show it in one line
_NO_LINKS = (
    "Your course asks for something else than a link to this tool, a file or a text for example, and a journey can "
    "only be placed as a link. Choose an external tool or activity there."
)


@dataclass(frozen=True)
class _Asked:
    """What the LMS asked for in this visit, and what there is to choose from."""

    row: DeepLinkingRow
    settings: DeepLinkingSettings
    offers: Sequence[Source]

    @property
    def by_key(self) -> Mapping[str, tuple[Placement, Source]]:
        return {one.key: (one, source) for source in self.offers for one in source.placements}

    @property
    def host(self) -> str:
        return urlsplit(self.settings.return_url).netloc


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the chooser to the blueprint of the visit."""
    signing = SigningKeys(bridge.sessions, bridge.settings.secret_key)

    @pages.get("/choose")
    def choose() -> ResponseReturnValue:
        visit = current()
        return _choose_page(visit, _asked(bridge, visit), Form())

    @pages.get("/choose/look")
    def look() -> ResponseReturnValue:
        """What would be placed; nothing is kept, and going back changes the choice."""
        visit = current()
        asked = _asked(bridge, visit)
        picked = request.args.getlist("pick")
        complaint = _complaint(asked, picked)
        if complaint:
            return _choose_page(visit, asked, Form(start={"pick": picked}, errors={"pick": complaint})), 422
        return _look_page(visit, asked, [asked.by_key[key] for key in picked])

    @pages.post("/choose/place")
    def place() -> ResponseReturnValue:
        visit = current()
        asked = _asked(bridge, visit)
        picked = list(dict.fromkeys(request.form.getlist("pick")))
        complaint = _complaint(asked, picked)
        if complaint:
            return _choose_page(visit, asked, Form(start={"pick": picked}, errors={"pick": complaint})), 422
        chosen = [asked.by_key[key] for key in picked]
        wanted = "column" in request.form
        url = bridge.settings.base_url + LAUNCH_PATH
        items = [
            content_item(one, asked.settings, url, source.run.id if source.run else None, wanted)
            for one, source in chosen
        ]
        names = listed([one.title for one, _ in chosen])
        return _answer(bridge, signing, visit, asked, items, f"Placed: {names}")

    @pages.post("/choose/nothing")
    def nothing() -> ResponseReturnValue:
        visit = current()
        asked = _asked(bridge, visit)
        error = None if asked.settings.takes_links else "This tool can place LTI resource links only."
        return _answer(bridge, signing, visit, asked, [], "Nothing was placed.", error)


def _asked(bridge: Bridge, visit: Visit) -> _Asked:
    with bridge.sessions.read() as session:
        row = deep_linking.find(session, visit.tenant_id, visit.token)
        if row is None:
            raise Door(
                403,
                "There is nothing to choose for here",
                "Your course did not ask for a choice when it opened this page. Add an activity or an external tool "
                "there, and let it select the content.",
                (BACK, HELP_DESK),
                reason="the visit was not opened by a deep linking request",
            )
        if row.answered is not None:
            raise _answered()
        return _Asked(row, settings_from(row.settings), sources(session, visit.tenant_id, visit.course))


def _answered() -> Door:
    return Door(
        409,
        "Your choice has been handed over",
        "A choice goes to your course once, and this one has gone. If it did not arrive, or to place something more, "
        "add an activity in your course again.",
        (("Go back to your course", "and add an activity there."), HELP_DESK),
        reason="the deep linking request was answered before",
    )


def _complaint(asked: _Asked, picked: Sequence[str]) -> str | None:
    if not asked.settings.takes_links:
        return "Your course takes no links here."
    if not picked:
        return "Choose what to place."
    if not set(picked) <= set(asked.by_key):
        return "Something you chose is not here any more. Choose again."
    if len(set(picked)) > 1 and not asked.settings.several:
        return "Your course takes one at a time. Choose one."
    return None


def _choose_page(visit: Visit, asked: _Asked, form: Form) -> str:
    return render_template(
        "choose.html",
        visit=visit,
        form=form,
        takes_links=asked.settings.takes_links,
        no_links=_NO_LINKS,
        several=asked.settings.several,
        host=asked.host,
        groups=[_group(source, form) for source in asked.offers],
    )


def _group(source: Source, form: Form) -> dict[str, object]:
    """A run by itself is the rarer choice, so it is folded until something in it is chosen."""
    return {
        "folded": source.pinned,
        "open": any(form.chosen("pick", one.key) for one in source.placements),
        "title": source.journey.title,
        "leads_to": previews.leads_to(source),
        "options": [{"value": one.key, "text": one.title, "more": one.text} for one in source.placements],
    }


def _look_page(visit: Visit, asked: _Asked, chosen: Sequence[tuple[Placement, Source]]) -> str:
    columns = [source for one, source in chosen if one.column is not None and asked.settings.columns]
    return render_template(
        "choose_look.html",
        visit=visit,
        host=asked.host,
        previews=[(previews.of(one, source), previews.leads_to(source)) for one, source in chosen],
        offers_column=bool(columns),
        has_column=any(source.has_column for source in columns),
        count=plural(len(chosen), "link"),
    )


def _answer(
    bridge: Bridge,
    signing: SigningKeys,
    visit: Visit,
    asked: _Asked,
    items: Sequence[Mapping[str, object]],
    message: str,
    error: str | None = None,
) -> Response:
    """Spend the request and show the form that takes the answer to the LMS."""
    message = message if len(message) <= _LONGEST_MESSAGE else f"Placed: {plural(len(items), 'link')}"
    with bridge.sessions.read() as session:
        platform = platforms.get_platform(session, asked.row.platform_id)
    if platform is None:
        raise _answered()
    claims = answer_claims(
        asked.settings, platform, asked.row.deployment_id, items, visit.now, message=message, error=error
    )
    token = signing.sign(claims, visit.now)
    with bridge.sessions.write() as session:
        if not deep_linking.answer(session, visit.tenant_id, visit.token, visit.now):
            raise _answered()
    log.info("deep linking: person=%s placed=%s", visit.account, [item.get("custom") for item in items])
    page = make_response(
        render_template(
            "choose_answer.html",
            visit=visit,
            url=asked.settings.return_url,
            host=asked.host,
            token=token,
            items=items,
        )
    )
    page.headers["Content-Security-Policy"] = security.policy(
        g.frame_ancestors, form_action=[asked.settings.return_origin], script=True
    )
    return page

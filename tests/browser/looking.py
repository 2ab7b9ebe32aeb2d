"""Every page of the walk in Chromium, once: what axe says, what the keyboard reaches, how wide it gets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, Route

from bench.touring import TOOL, Stop, Tour

WIDTHS = (820, 375, 320)
"""Of windows in which no page may be wider than they are, besides the wide one."""
WIDE = 1280
_TAG = re.compile(r"<(\w+)([^>]*)>")
_TELLING = re.compile(r'\b((?:class|type|role|scope)="[^"]*"|aria-\w+)')
# The document stays, with what has been loaded into it, and takes on one page after the other: a third of the time.
_TURN_TO = """async html => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    document.replaceChild(document.adoptNode(page.documentElement), document.documentElement);
    const sheets = [...document.querySelectorAll('link[rel=stylesheet]')];
    await Promise.all(sheets.map(one => one.sheet || new Promise(done => { one.onload = done; })));
    document.querySelectorAll('details').forEach(one => { one.open = true; });
}"""
_AXE = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]);
}"""
# Whatever acts has to take the focus, and it, its label or what stands beside it has to look different then.
_KEYBOARD = """() => {
    const acting = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [onclick]';
    const look = one => [one, one.nextElementSibling, one.closest('label'), one.closest('.choice')].filter(Boolean)
        .map(each => getComputedStyle(each)).map(s => [s.outline, s.boxShadow, s.borderColor].join()).join();
    const shown = one => one.checkVisibility({visibilityProperty: true}) && !one.disabled;
    const away = [], blind = [];
    for (const one of [...document.querySelectorAll(acting)].filter(shown)) {
        document.activeElement.blur();
        const before = look(one);
        one.focus();
        if (document.activeElement !== one || one.tabIndex < 0) away.push(one.outerHTML.slice(0, 160));
        else if (look(one) === before) blind.push(one.outerHTML.slice(0, 160));
    }
    return {away, blind};
}"""
_WIDE = """width => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > width + 1).slice(-3).map(one => one.outerHTML.slice(0, 160))"""


@dataclass(frozen=True)
class Look:
    """What was found on one page. `axe`: rules that are broken, with examples; the others: elements."""

    stop: Stop
    axe: Sequence[Any]
    away: Sequence[str]
    blind: Sequence[str]
    wide: Sequence[str]


def parts(html: str) -> frozenset[str]:
    """What a page is made of, without its words: tags with what tells them apart."""
    return frozenset(f"{tag} {sorted(_TELLING.findall(attributes))}" for tag, attributes in _TAG.findall(html))


def worth_a_look(stops: Iterable[Stop]) -> list[Stop]:
    """A page of each kind, the longest, and another where it has a part that none of its kind has shown."""
    shown: dict[str, set[str]] = defaultdict(set)
    found = []
    for stop in sorted(stops, key=lambda one: -len(one.html)):
        own, known = parts(stop.html), shown[stop.endpoint.rpartition(".")[2]]
        if not own <= known:
            known |= own
            found.append(stop)
    return found


def look_at_all(context: BrowserContext, tour: Tour) -> list[Look]:
    client = tour.app.test_client()
    context.route("**/*", lambda route: _answer(client, route))
    page = context.new_page()
    page.goto(f"{TOOL}/")
    page.evaluate(AXE_SCRIPT)
    return [_look(page, stop) for stop in worth_a_look(tour.stops)]


def _answer(client: FlaskClient, route: Route) -> None:
    """Files come from the tool; the first document is empty."""
    path = urlsplit(route.request.url).path
    if path == "/":
        route.fulfill(body="", content_type="text/html")
        return
    found = client.get(path)
    route.fulfill(status=found.status_code, body=found.data, content_type=found.content_type)


def _look(page: Page, stop: Stop) -> Look:
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.evaluate(_TURN_TO, stop.html)
    broken = page.evaluate(_AXE)
    page.keyboard.press("Tab")  # from here on the focus is shown
    keyboard = page.evaluate(_KEYBOARD)
    wide = page.evaluate(_WIDE, WIDE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide += [f"{width}: {found}" for found in page.evaluate(_WIDE, width)]
    return Look(stop, broken, keyboard["away"], keyboard["blind"], wide)


def width_of(page: Page) -> int:
    """How wide the page is with its style sheet, in CSS pixels, scrolled parts included."""
    page.wait_for_load_state()
    return int(page.locator("html").evaluate("whole => whole.scrollWidth"))

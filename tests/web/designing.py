"""What tests of the designer share: drafts, and filling in their forms as a browser does."""

from __future__ import annotations

import re

from lrs_bridge import journeyfile
from lrs_bridge.store import drafts, journeys
from lrs_bridge.store.drafts import DraftRow
from tests.personas import House, Page, Tab

SAMPLE = journeyfile.sample_text("field-coaching-90")


def newest_draft(house: House) -> DraftRow:
    with house.bridge.sessions.read() as session:
        return drafts.drafts(session, house.world.tenant.id)[0]


def versions(house: House, slug: str = "field-coaching-90") -> list[int]:
    with house.bridge.sessions.read() as session:
        return [row.version for row in journeys.versions(session, house.world.tenant.id, slug)]


def begun(house: House, tab: Tab, source: str = SAMPLE) -> str:
    """The address of a draft with this text."""
    page = tab.fill("design/new", source=source)
    assert page.status == 303, page.text
    return "design/" + page.answer.headers["Location"].partition("/design/")[2].partition("?")[0]


def change_in(house: House, tab: Tab, draft: str, at: str, **fields: object) -> Page:
    """Fill in a form of the draft as it stands, but for these fields."""
    page = tab.open(f"{draft}/{at}")
    return tab.send(f"{draft}/{at}", **{**page.hidden(tab.path(f"{draft}/{at}")), **shown(page), **fields})


def shown(page: Page) -> dict[str, str]:
    """What a browser would send of the fields of the first form."""
    html = page.html
    found = dict(re.findall(r'<input class="form-control[^"]*" id="[^"]+" name="([^"]+)"[^>]*? value="([^"]*)"', html))
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL))
    found |= dict(re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked', html))
    return found

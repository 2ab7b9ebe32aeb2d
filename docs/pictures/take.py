"""Take the pictures of the README and the docs from a demo of our own: `make pictures`, or with the names of some.

Needs a Chromium; `CHROMIUM` names it where it is not found by itself.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from lrs_bridge.demo.site import Site, open_site
from lrs_bridge.store import admins, tenants

FOLDER = Path(__file__).resolve().parent


SCALE, COLOURS, LARGEST = 1.5, 128, 150_000  # dots for a point; of a picture; bytes


@dataclass(frozen=True)
class Picture:
    """A page in a window `width` wide; `height` of None takes the whole page.

    `who` is launched at the top of the window, `admin` comes in by the administrator's link, then `then` of their
    visit is opened. With neither, `then` is a page of the LMS. `clicks`: names of links and buttons, as regular
    expressions, or parts of the addresses of links, pressed one after the other.
    """

    name: str
    width: int
    height: int | None
    who: str | None = None
    then: str = ""
    clicks: tuple[str, ...] = ()


ADMIN = "admin"
PICTURES = (
    Picture("participant-journey", 820, 1180, "petra"),
    Picture("participant-phone", 375, 812, "petra"),
    Picture("log-a-moment", 375, 812, "petra", "log"),
    Picture("manager-this-week", 375, 812, "mark"),
    Picture("manager-letter", 820, 900, then="mail", clicks=("Mark Jensen.*this week",)),
    Picture("manager-by-link", 375, 812, then="mail", clicks=("Mark Jensen.*this week", *["^Look and answer"] * 2)),
    Picture("sponsor-chain", 1024, 1000, "sofia"),
    Picture("coach-room", 1024, 1000, "carl"),
    Picture("assessor", 820, 1000, "irene", clicks=("^Score it",)),
    Picture("facilitator", 820, 1000, "dario", "events", ("^Open the list",)),
    Picture("designer-board", 1280, 1000, "dario", "design", ("/design/journeys/", "/design/versions/")),
    Picture("run-overview", 1280, 860, "dario"),
    Picture("report", 820, 1240, "sofia/link/earlier-1", "reports", ("^Read it",)),
    Picture("study-board", 1100, 1180, "eva/link/earlier-1", "study/board"),
    Picture("study-value", 1100, 1180, "eva/link/earlier-1", "study/value"),
    Picture("results", 1100, 1180, "dario", "results"),
    Picture("admin-arriving", 1024, 860, ADMIN, "arriving"),
    Picture("admin-evaluator", 1024, 1000, ADMIN, "evaluators/mtm_application"),
    Picture("gradebook", 1280, 860, then="gradebook"),
    Picture("registration", 1024, 900, then="tools", clicks=("^Register it",)),
)


def chromium() -> str:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        sys.exit("No Chromium was found: install one, or name it in CHROMIUM.")
    return found


def take(browser: Browser, site: Site, picture: Picture) -> None:
    height = picture.height or 800
    page = browser.new_page(
        viewport={"width": picture.width, "height": height}, device_scale_factor=SCALE, locale="en-GB"
    )
    visit = _come_in(page, site, picture.who)
    if picture.then:
        page.goto(f"{visit}/{picture.then}")
    for name in picture.clicks:
        which = re.compile(name)
        named = page.get_by_role("link", name=which).or_(page.get_by_role("button", name=which))
        (page.locator(f'a[href*="{name}"]') if name.startswith("/") else named).first.click()
        page.wait_for_load_state()
    page.wait_for_load_state("networkidle")
    _keep(page.screenshot(full_page=picture.height is None), FOLDER / f"{picture.name}.png")
    page.close()


def _come_in(page: Page, site: Site, who: str | None) -> str:
    """The address before the pages that they have."""
    if who is None:
        return site.lms_url
    if who == ADMIN:
        page.goto(f"{site.tool_url}{_way_in(site)}")
        page.get_by_role("button").first.click()
        page.wait_for_url(f"{site.tool_url}/admin/s/**")
        return "/".join(page.url.split("/")[:6])
    page.goto(f"{site.lms_url}/launch/{who}")
    page.wait_for_url(f"{site.tool_url}/s/**")
    return "/".join(page.url.split("/")[:5])


def _way_in(site: Site) -> str:
    """A link for each picture, since each opens once."""
    with site.bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        return f"/admin/enter/{admins.make_link(session, tenant.id, site.bridge.clock())}"


def _keep(shot: bytes, path: Path) -> None:
    """With few colours, which pages have anyway: a fifth of the size."""
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes; {LARGEST} is the most.")


def main() -> None:
    wanted = [one for one in PICTURES if not sys.argv[1:] or one.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = open_site(Path(folder), 0, 0, lambda *_: None)
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for picture in wanted:
                take(browser, site, picture)
                print(f"{picture.name}.png")
            browser.close()
        finally:
            site.stop()


if __name__ == "__main__":
    main()

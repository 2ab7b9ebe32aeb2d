"""Take the README's pictures from a demo of our own: `make pictures`.

Needs a Chromium; `CHROMIUM` names it where it is not found by itself.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from lrs_bridge.demo.site import Site, open_site

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Picture:
    """`who` is launched at the top of a window `width` wide, then `then` of their visit is opened.

    Without `who`, `then` is a page of the LMS, on which the button `press` is pressed. `height` of None takes the
    whole page.
    """

    name: str
    width: int
    height: int | None
    who: str | None
    then: str = ""
    press: str | None = None


PICTURES = (
    Picture("participant-journey", 820, 1180, "petra"),
    Picture("log-a-moment", 375, 812, "petra", "log"),
    Picture("manager-this-week", 375, 812, "mark"),
    Picture("run-overview", 1280, 860, "dario"),
    Picture("gradebook", 1280, 860, None, "gradebook"),
    Picture("registration", 1024, 900, None, "tools", "Register it"),
)


def chromium() -> str:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        sys.exit("No Chromium was found: install one, or name it in CHROMIUM.")
    return found


def take(browser: Browser, site: Site, picture: Picture) -> None:
    page = browser.new_page(viewport={"width": picture.width, "height": picture.height or 800}, device_scale_factor=2)
    if picture.who is None:
        page.goto(f"{site.lms_url}/{picture.then}")
        if picture.press is not None:
            page.get_by_role("button", name=picture.press).click()
    else:
        page.goto(f"{site.lms_url}/launch/{picture.who}")
        page.wait_for_url(f"{site.tool_url}/s/**")
        visit = "/".join(page.url.split("/")[:5])
        if picture.then:
            page.goto(f"{visit}/{picture.then}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{picture.name}.png", full_page=picture.height is None)
    page.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = open_site(Path(folder), 0, 0, lambda *_: None)
        try:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            for picture in PICTURES:
                take(browser, site, picture)
                print(f"{picture.name}.png")
            browser.close()
        finally:
            site.stop()


if __name__ == "__main__":
    main()

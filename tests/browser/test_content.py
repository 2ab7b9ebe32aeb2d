"""Content of another origin speaks to the record store from a real browser, as authoring tools' output does."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from lrs_bridge.demo.site import Site
from lrs_bridge.store import lrs_keys, tenants
from tests.fakes.statements import statement, uuid

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_SEND = """async ([url, method, headers, body]) => {
    const answer = await fetch(url, {method, headers, body: body ? JSON.stringify(body) : undefined});
    return {status: answer.status, text: await answer.text(), etag: answer.headers.get('ETag'),
            through: answer.headers.get('X-Experience-API-Consistent-Through')};
}"""


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><title>content</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A page of another origin. It really lies on this machine: Chromium lets no others reach into it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def headers(site: Site) -> dict[str, str]:
    bridge = site.bridge
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN).id
        key, secret = lrs_keys.add_key(
            session, tenant, "content", [lrs_keys.ALL], bridge.settings.secret_key, bridge.clock()
        )
    token = b64encode(f"{key.key}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {token}", "X-Experience-API-Version": "1.0.3"}


def test_a_page_of_another_origin_writes_and_reads(
    page: Page, site: Site, elsewhere: str, headers: dict[str, str]
) -> None:
    """Statements and documents, with preflights, and the headers that xAPI needs."""
    page.goto(elsewhere)

    def send(method: str, path: str, body: Any = None, **more: str) -> dict[str, Any]:
        url = f"{site.tool_url}/xapi/{path}"
        said = {**headers, **more, **({"Content-Type": "application/json"} if body is not None else {})}
        return dict(page.evaluate(_SEND, [url, method, said, body]))

    number = 0xC0FFEE
    written = send("PUT", f"statements?statementId={uuid(number)}", statement(number))
    assert (written["status"], bool(written["through"])) == (204, True)
    assert uuid(number) in send("GET", f"statements?statementId={uuid(number)}")["text"]
    profile = "activities/profile?activityId=https://example.org/content&profileId=place"
    assert send("PUT", profile, {"page": 1}, **{"If-None-Match": "*"})["status"] == 204
    kept = send("GET", profile)
    assert (kept["status"], kept["text"]) == (200, '{"page":1}')
    assert send("PUT", profile, {"page": 2}, **{"If-Match": kept["etag"]})["status"] == 204

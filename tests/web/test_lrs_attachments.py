"""Attachments over HTTP: their data comes with statements, is kept once, and goes out with them when asked for."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lrs_bridge.lrs.multipart import read_parts
from lrs_bridge.lrs.signatures import SIGNATURE
from lrs_bridge.store import attachments, lrs_keys
from lrs_bridge.store.attachments import AttachmentPiece
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.statements import statement, uuid
from tests.unit.lrs.test_signatures import signed
from tests.web.lrs import STATEMENTS, Client, Lrs

BOUNDARY = "-------314159265358979323846"
HELLO, WORLD = b"hello", b"\x00\r\n--world--\r\n"

Part = tuple[dict[str, str], bytes]


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture
def client(lrs: Lrs) -> Client:
    return lrs.client(lrs_keys.ALL)


def sha2(data: bytes, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, data).hexdigest()


def attachment(data: bytes, **more: Any) -> dict[str, Any]:
    return {
        "usageType": "https://example.org/use",
        "display": {"en": "a file"},
        "contentType": "text/plain",
        "length": len(data),
        "sha2": sha2(data),
        **more,
    }


def with_data(number: int, *data: bytes) -> dict[str, Any]:
    return statement(number, attachments=[attachment(one) for one in data])


def as_part(data: bytes, **headers: str) -> Part:
    return (
        {
            "Content-Type": "text/plain",
            "Content-Transfer-Encoding": "binary",
            "X-Experience-API-Hash": sha2(data),
            **headers,
        },
        data,
    )


def body_of(statements: Any, *parts: Part, kind: str = "application/json") -> bytes:
    body = b""
    for headers, content in (({"Content-Type": kind}, json.dumps(statements).encode()), *parts):
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{BOUNDARY}\r\n{head}\r\n".encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, body: bytes, method: str = "POST", path: str = STATEMENTS) -> TestResponse:
    return client.send(method, path, data=body, headers={"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"})


def post(client: Client, statements: Any, *parts: Part) -> TestResponse:
    return send(client, body_of(statements, *parts))


def parts_of(answer: TestResponse) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The JSON of a multipart answer, and the data by hash."""
    assert answer.mimetype == "multipart/mixed"
    parts = [
        (headers, b"".join(content))
        for headers, content in read_parts(io.BytesIO(answer.data), answer.mimetype_params["boundary"])
    ]
    (first, body), *rest = parts
    assert first["content-type"] == "application/json"
    assert all(headers["content-transfer-encoding"] == "binary" for headers, _ in rest)
    return json.loads(body), {headers["x-experience-api-hash"]: content for headers, content in rest}


def pieces(lrs: Lrs) -> int:
    with lrs.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(AttachmentPiece)) or 0


def test_data_comes_with_statements_and_goes_out_when_asked_for(client: Client) -> None:
    """Byte for byte, one part for each hash, for a page and for one statement; without being asked for, JSON alone."""
    sent = [with_data(1, HELLO), with_data(2, WORLD, HELLO), statement(3)]
    assert post(client, sent, as_part(HELLO), as_part(WORLD)).get_json() == [uuid(1), uuid(2), uuid(3)]
    page, data = parts_of(client.get(attachments="true", ascending="true"))
    assert [one["id"] for one in page["statements"]] == [uuid(1), uuid(2), uuid(3)]
    assert data == {sha2(HELLO): HELLO, sha2(WORLD): WORLD}
    one, data = parts_of(client.get(attachments="true", statementId=uuid(1)))
    assert (one["id"], data) == (uuid(1), {sha2(HELLO): HELLO})
    assert client.get(statementId=uuid(1)).mimetype == "application/json"


def test_put_takes_them_too(client: Client) -> None:
    """One statement and its data."""
    path = f"{STATEMENTS}?statementId={uuid(1)}"
    assert send(client, body_of(with_data(1, HELLO), as_part(HELLO)), "PUT", path).status_code == 204
    assert parts_of(client.get(attachments="true"))[1] == {sha2(HELLO): HELLO}


@pytest.mark.parametrize("algorithm", ["sha224", "sha256", "sha384", "sha512"])
def test_any_hash_of_the_family_will_do_in_any_case(client: Client, algorithm: str) -> None:
    """The answer spells it as the statement does."""
    named = sha2(HELLO, algorithm).upper()
    one = statement(1, attachments=[attachment(HELLO, sha2=named)])
    assert post(client, one, as_part(HELLO, **{"X-Experience-API-Hash": named.lower()})).status_code == 200
    assert parts_of(client.get(attachments="true"))[1] == {named: HELLO}


def test_attachments_of_a_substatement_are_attachments(client: Client) -> None:
    """They come and go like those of the statement."""
    nested = {name: value for name, value in with_data(1, HELLO).items() if name != "id"}
    one = statement(2, object={"objectType": "SubStatement", **nested})
    assert post(client, one).status_code == 400
    assert post(client, one, as_part(HELLO)).status_code == 200
    assert parts_of(client.get(attachments="true"))[1] == {sha2(HELLO): HELLO}


def test_what_lies_elsewhere_is_linked_and_not_sent(client: Client) -> None:
    """With a fileUrl, data may come or not, in JSON and in parts."""
    linked = statement(1, attachments=[attachment(HELLO, fileUrl="https://example.org/hello")])
    assert client.post(linked).status_code == 200
    assert post(client, {**linked, "id": uuid(2)}).status_code == 200
    assert parts_of(client.get(attachments="true"))[1] == {}
    assert post(client, {**linked, "id": uuid(3)}, as_part(HELLO)).status_code == 200
    assert parts_of(client.get(attachments="true"))[1] == {sha2(HELLO): HELLO}


def test_data_is_kept_once_for_each_tenant(lrs: Lrs, client: Client) -> None:
    """However many statements name it; a tenant never gets that of another."""
    with lrs.sessions.write() as session:
        tenant = ensure_tenant(session, "other", "https://other.example.org", lrs.clock()).id
    other = lrs.client(lrs_keys.ALL, tenant=tenant)
    post(client, [with_data(1, HELLO), with_data(2, HELLO)], as_part(HELLO))
    post(client, with_data(3, HELLO), as_part(HELLO))
    assert pieces(lrs) == 1
    linked = statement(1, attachments=[attachment(HELLO, fileUrl="https://example.org/hello")])
    assert other.post(linked).status_code == 200
    assert parts_of(other.get(attachments="true"))[1] == {}
    assert post(other, with_data(2, HELLO), as_part(HELLO)).status_code == 200
    assert pieces(lrs) == 2


@pytest.mark.parametrize("size", [0, 1, attachments.PIECE - 1, attachments.PIECE, 2 * attachments.PIECE + 1])
def test_data_of_any_size_comes_back_as_it_went_in(lrs: Lrs, client: Client, size: int) -> None:
    """Empty, of one piece, of several."""
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    assert post(client, with_data(1, data), as_part(data)).status_code == 200
    assert parts_of(client.get(attachments="true"))[1] == {sha2(data): data}
    assert pieces(lrs) == max(1, -(-size // attachments.PIECE))


@pytest.mark.parametrize(
    ("sent", "parts"),
    [
        (with_data(1, HELLO), []),
        (with_data(1, HELLO), [as_part(HELLO), as_part(WORLD)]),
        (statement(1), [as_part(HELLO)]),
        (with_data(1, HELLO), [as_part(HELLO, **{"X-Experience-API-Hash": sha2(WORLD)})]),
        (with_data(1, HELLO), [as_part(WORLD, **{"X-Experience-API-Hash": sha2(HELLO)})]),
        (with_data(1, HELLO), [as_part(HELLO, **{"X-Experience-API-Hash": ""})]),
        (with_data(1, HELLO), [as_part(HELLO, **{"Content-Transfer-Encoding": "base64"})]),
        (with_data(1, HELLO), [as_part(HELLO, **{"Content-Type": "image/png"})]),
        ([with_data(1, HELLO), statement(2, actor={})], [as_part(HELLO)]),
    ],
    ids=["none", "too many", "unnamed", "another hash", "other data", "no hash", "encoded", "type", "bad statement"],
)
def test_data_that_does_not_fit_its_statements_is_refused_with_them(
    lrs: Lrs, client: Client, sent: Any, parts: list[Part]
) -> None:
    """400; neither statements nor data are kept."""
    assert post(client, sent, *parts).status_code == 400
    assert (client.ids(), pieces(lrs)) == ([], 0)


def test_the_data_of_a_statement_in_conflict_is_not_kept(lrs: Lrs, client: Client) -> None:
    """409, for all of the batch."""
    client.post(statement(1))
    assert post(client, [with_data(2, HELLO), statement(1, "mallory")], as_part(HELLO)).status_code == 409
    assert (client.ids(), pieces(lrs)) == ([uuid(1)], 0)


def test_the_first_part_is_the_statements_and_all_of_them(client: Client) -> None:
    """As JSON, and there is one."""
    assert send(client, body_of(statement(1), kind="text/plain")).status_code == 400
    assert send(client, f"--{BOUNDARY}--\r\n".encode()).status_code == 400
    second = ({"Content-Type": "application/json"}, json.dumps(statement(2)).encode())
    assert post(client, statement(1), second).status_code == 400
    form = client.send("POST", data={"content": "x"}, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert form.status_code == 400


def test_limits_are_kept_and_said(sessions: Sessions, tmp_path: Path) -> None:
    """413 for a request that is too large, and for JSON that is; attachments may be larger than JSON."""
    client = Lrs(sessions, tmp_path, megabytes=2).client(lrs_keys.ALL)
    data = b"x" * (2**20 + 2**19)
    assert post(client, with_data(1, data), as_part(data)).status_code == 200
    assert post(client, with_data(2, data * 2), as_part(data * 2)).status_code == 413
    large = statement(3, result={"response": "x" * 2**20})
    told = [client.post(large), post(client, large)]
    assert [answer.status_code for answer in told] == [413, 413]
    assert all("smaller batches" in answer.get_json()["error"] for answer in told)
    assert client.ids() == [uuid(1)]


def sign(client: Client, payload: Any, one: dict[str, Any], **more: Any) -> int:
    jws = signed(payload)
    kind = "application/octet-stream"
    signature = attachment(jws, **{"usageType": SIGNATURE, "contentType": kind, **more})
    return post(
        client, {**one, "attachments": [signature]}, as_part(jws, **{"Content-Type": signature["contentType"]})
    ).status_code


def test_signed_statements_are_checked_for_their_form(client: Client) -> None:
    """The payload is the statement; the content type is that of bytes; the signature comes along."""
    assert sign(client, statement(1), statement(1)) == 200
    assert sign(client, statement(2, "mallory"), statement(2)) == 400
    assert sign(client, statement(2), statement(2), contentType="text/plain") == 400
    elsewhere = attachment(
        b"x", usageType=SIGNATURE, contentType="application/octet-stream", fileUrl="https://example.org/jws"
    )
    assert client.post(statement(2, attachments=[elsewhere])).status_code == 400
    assert client.ids() == [uuid(1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_bodies_cut_and_garbled_break_nothing(lrs: Lrs, client: Client, data: st.DataObject) -> None:
    """Never a 5xx, and what is refused leaves nothing behind."""
    body = bytearray(body_of(statement(1, "eve", attachments=[attachment(HELLO)]), as_part(HELLO)))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    before = (client.ids(), pieces(lrs))
    answer = send(client, bytes(body[: data.draw(st.integers(1, len(body)))]))
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert (client.ids(), pieces(lrs)) == before

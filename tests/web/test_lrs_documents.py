"""States and profiles over HTTP: what is kept, merged, listed and deleted, in both versions of xAPI."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.statements import agent, uuid
from tests.web.documents import ACTIVITY, AGENT, NEW, PATHS, SHELVES, STATE, STEP, etag, get, ids, named, post, put
from tests.web.lrs import Client, Lrs


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture(params=["1.0.3", "2.0.0"])
def client(lrs: Lrs, request: pytest.FixtureRequest) -> Client:
    """Every test of this file that does not speak of one version holds in both."""
    return lrs.client(lrs_keys.ALL, version=request.param)


# Keeping


@pytest.mark.parametrize("path", PATHS)
def test_a_document_comes_back_as_it_was_sent(client: Client, path: str) -> None:
    """Octet for octet, with its type, its SHA-1 as ETag and the time of its change (Communication 2.2, 3.1)."""
    content = bytes(range(256))
    assert put(client, path, content, Content_Type="image/png").status_code == 204
    answer = get(client, path)
    assert (answer.status_code, answer.data, answer.content_type) == (200, content, "image/png")
    assert answer.headers["ETag"] == etag(content)
    assert answer.headers["Last-Modified"] == "Tue, 01 Sep 2026 12:00:00 GMT"


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_like_get_without_a_body(client: Client, path: str) -> None:
    """So that a client can see whether something changed (Communication 1.1)."""
    put(client, path)
    got, headed = get(client, path), client.send("HEAD", path, query_string=named(path))
    assert headed.status_code == 200
    assert headed.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
        assert headed.headers[name] == got.headers[name]


def test_a_document_without_a_type_is_octets(client: Client) -> None:
    """RFC 9110, 8.3 allows to assume that."""
    assert client.send("PUT", STATE, query_string=named(STATE), data=b"x").status_code == 204
    assert get(client, STATE).content_type == "application/octet-stream"


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    """For a document by its id; an empty list where ids are asked for."""
    assert get(client, path).status_code == 404
    assert client.send("HEAD", path, query_string=named(path)).status_code == 404
    assert ids(client, path) == []


@pytest.mark.parametrize("path", PATHS)
def test_documents_of_others_are_others(lrs: Lrs, client: Client, path: str) -> None:
    """Of another agent, activity, id or tenant."""
    put(client, path)
    with lrs.sessions.write() as session:
        tenant = ensure_tenant(session, "another", "https://other.example.org", lrs.clock()).id
    stranger = lrs.client(lrs_keys.ALL, tenant=tenant, version=client.version or "")
    assert get(stranger, path).status_code == 404
    assert ids(stranger, path) == []
    for other in ({"activityId": f"{STEP}-2"}, {"agent": json.dumps(agent("bob"))}):
        if other.keys() <= SHELVES[path].keys():
            assert client.send("GET", path, query_string={**named(path), **other}).status_code == 404
    assert get(client, path, "two").status_code == 404


def test_an_agent_is_known_by_its_identifier_alone(client: Client) -> None:
    """However it is named and spelled."""
    put(client, AGENT)
    other_words = json.dumps({"account": agent("alice")["account"], "name": "Alice"})
    assert client.send("GET", AGENT, query_string={**named(AGENT), "agent": other_words}).status_code == 200
    mail = {"mbox": "mailto:bob@example.org"}
    client.send("POST", AGENT, query_string={"agent": json.dumps(mail), "profileId": "x"}, json={})
    spelled = json.dumps({"mbox": "mailto:bob@EXAMPLE.org"})
    assert client.send("GET", AGENT, query_string={"agent": spelled, "profileId": "x"}).status_code == 200


def test_states_of_a_registration_are_apart(client: Client) -> None:
    """A single document is that of the registration given, or the one without (Communication 2.3)."""
    inside = {**named(STATE), "registration": uuid(7)}
    client.send("PUT", STATE, query_string=inside, data=b"inside", headers=NEW)
    assert get(client, STATE).status_code == 404
    put(client, STATE, b'"outside"')
    assert client.send("GET", STATE, query_string={**inside, "registration": uuid(7).upper()}).data == b"inside"
    assert client.send("GET", STATE, query_string={**inside, "registration": uuid(8)}).status_code == 404
    assert get(client, STATE).data == b'"outside"'


def test_a_page_that_somebody_stored_does_not_run(client: Client) -> None:
    """It came from a client and is shown from our address."""
    put(client, STATE, b"<script>alert(1)</script>", Content_Type="text/html")
    answer = get(client, STATE)
    assert (answer.data, answer.mimetype) == (b"<script>alert(1)</script>", "text/html")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# Merging


@pytest.mark.parametrize("path", PATHS)
def test_posting_json_merges_top_level_properties(client: Client, path: str) -> None:
    """Each is replaced as a whole (Communication 2.2)."""
    assert post(client, path, {"x": {"deep": 1}, "y": "bar"}).status_code == 204
    assert post(client, path, {"x": {"other": 2}, "z": None}).status_code == 204
    answer = get(client, path)
    assert answer.get_json() == {"x": {"other": 2}, "y": "bar", "z": None}
    assert answer.headers["ETag"] == etag(answer.data)


def test_charsets_do_not_hinder_merging(client: Client) -> None:
    """Parameters of a media type do not make it another."""
    post(client, STATE, {"a": 1}, Content_Type="application/json; charset=UTF-8")
    assert post(client, STATE, {"b": 2}, Content_Type="Application/JSON").status_code == 204
    assert get(client, STATE).get_json() == {"a": 1, "b": 2}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("application/json", b'{"a":1}'), ("text/plain", b"text")),
        (("text/plain", b"text"), ("application/json", b'{"a":1}')),
        (("application/json", b'{"a":1}'), ("application/json", b'{"a":')),
        (("application/json", b'{"a":1}'), ("application/json", b"[1]")),
        (("text/plain", b"text"), ("text/plain", b"more")),
    ],
)
def test_what_cannot_be_merged_changes_nothing(
    client: Client, path: str, first: tuple[str, bytes], second: tuple[str, bytes]
) -> None:
    """400, and the document is as it was, its time too."""
    post(client, path, first[1], Content_Type=first[0])
    before = get(client, path)
    assert post(client, path, second[1], Content_Type=second[0]).status_code == 400
    after = get(client, path)
    assert (after.data, after.content_type, after.headers["ETag"], after.headers["Last-Modified"]) == (
        before.data,
        before.content_type,
        before.headers["ETag"],
        before.headers["Last-Modified"],
    )


def test_a_list_cannot_be_merged_into(client: Client) -> None:
    """It may be put, since it is JSON, but it has no properties."""
    assert put(client, STATE, b"[1, 2]").status_code == 204
    assert post(client, STATE, {"a": 1}).status_code == 400
    assert get(client, STATE).data == b"[1, 2]"


@pytest.mark.parametrize("content", [b"", b"{", b"nonsense", b'{"a": NaN}', b"\xff", b"[" * 2000 + b"]" * 2000])
def test_what_claims_to_be_json_has_to_be(client: Client, content: bytes) -> None:
    """Communication 3.2: the content type matches the content."""
    for answer in (put(client, STATE, content), post(client, STATE, content)):
        assert answer.status_code == 400
        assert answer.get_json()["error"]
    assert get(client, STATE).status_code == 404


def test_json_too_deep_to_be_written_again_is_not_merged(client: Client) -> None:
    """The parser goes deeper than the writer: such a document is kept as it came, not merged."""
    deep = b'{"a":' + b"[" * 400 + b"]" * 400 + b"}"
    assert post(client, STATE, deep).status_code == 204
    assert post(client, STATE, {"b": 1}).status_code == 400
    assert get(client, STATE).data == deep


# Listing


@pytest.mark.parametrize("path", PATHS)
def test_ids_are_listed_and_since_leaves_out_the_old(lrs: Lrs, client: Client, path: str) -> None:
    """Stored or changed after it, exclusively, in the order of change; with the time of the newest."""
    put(client, path, id_="one")
    put(client, path, id_="two")
    noon = lrs.clock().isoformat()
    lrs.clock.forward(minutes=1)
    post(client, path, {"more": True}, "one")
    answer = client.send("GET", path, query_string=SHELVES[path])
    assert answer.get_json() == ["two", "one"]
    assert answer.headers["Last-Modified"] == "Tue, 01 Sep 2026 12:01:00 GMT"
    assert answer.headers["ETag"] == etag(answer.data)
    assert ids(client, path, since=lrs.clock().isoformat()) == []
    assert ids(client, path, since=noon.replace("+00:00", "Z")) == ["two", "one"]
    assert ids(client, path, since="2026-09-01T12:00:30Z") == ["one"]


def test_changes_within_one_instant_have_an_order(lrs: Lrs, client: Client) -> None:
    """The clock stands still, and yet whoever asks with the last change it saw misses nothing."""
    for name in "abc":
        put(client, STATE, id_=name)
    assert ids(client, STATE, since="2026-09-01T12:00:00Z") == ["b", "c"]
    assert ids(client, STATE, since="2026-09-01T12:00:00.000001Z") == ["c"]


def test_without_a_registration_all_states_are_listed_and_deleted(client: Client) -> None:
    """The context is then activity and agent alone (Communication 2.3); an id in two registrations is named once."""
    for registration, name in ((7, "a"), (8, "a"), (8, "b")):
        query = {**named(STATE, name), "registration": uuid(registration)}
        client.send("PUT", STATE, query_string=query, data=b"x", headers=NEW)
    put(client, STATE, id_="c")
    assert sorted(ids(client, STATE)) == ["a", "b", "c"]
    assert ids(client, STATE, registration=uuid(7)) == ["a"]
    assert client.send("DELETE", STATE, query_string={**SHELVES[STATE], "registration": uuid(8)}).status_code == 204
    assert sorted(ids(client, STATE)) == ["a", "c"]
    assert client.send("DELETE", STATE, query_string=SHELVES[STATE]).status_code == 204
    assert ids(client, STATE) == []


# Deleting


@pytest.mark.parametrize("path", PATHS)
def test_deleting_takes_one_document_and_may_be_repeated(client: Client, path: str) -> None:
    """204 both times: it is gone."""
    put(client, path, id_="one")
    put(client, path, id_="two")
    for _ in range(2):
        assert client.send("DELETE", path, query_string=named(path)).status_code == 204
    assert ids(client, path) == ["two"]


@pytest.mark.parametrize("path", [ACTIVITY, AGENT])
def test_profiles_are_deleted_by_name_only(client: Client, path: str) -> None:
    """Only the state resource knows of deleting many."""
    put(client, path)
    assert client.send("DELETE", path, query_string=SHELVES[path]).status_code == 400
    assert ids(client, path) == ["one"]


def test_many_are_not_deleted_on_the_condition_of_one(client: Client) -> None:
    """An ETag is that of one document."""
    put(client, STATE)
    answer = client.send("DELETE", STATE, query_string=SHELVES[STATE], headers={"If-Match": etag(b'{"a":1}')})
    assert answer.status_code == 400
    assert ids(client, STATE) == ["one"]


# Refusing


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_parameters_have_to_be_there_once_and_right(client: Client, path: str, method: str) -> None:
    """400 for what is missing, doubled, unknown, in another case, or no IRI, agent or UUID (Communication 3.2)."""
    whole = named(path)
    broken = [{name: value for name, value in whole.items() if name != left_out} for left_out in SHELVES[path]]
    broken += [{**whole, "agent": wrong} for wrong in ("nonsense", "{}", "[]", "null", '{"name":"x"}')]
    broken += [{**whole, "unknown": "x"}, {**whole, "AgentId": "x"}, {**whole, "since": "2026-01-01T00:00:00Z"}]
    broken += [{**whole, "activityId": "no iri"}, {**whole, "registration": "no uuid"}]
    if method in {"PUT", "POST"}:
        broken.append(SHELVES[path])
    for parameters in broken:
        answer = client.send(method, path, query_string=parameters, data=b"x", headers=NEW)
        assert answer.status_code == 400, parameters
        assert answer.get_json()["error"]
    twice = [*whole.items(), *list(whole.items())[-1:]]
    assert client.send(method, path, query_string=twice, data=b"x", headers=NEW).status_code == 400
    assert ids(client, path) == []


def test_ids_may_be_any_text_but_nul(client: Client) -> None:
    """Long ones too; PostgreSQL's texts cannot hold NUL, so nobody's may."""
    for strange in ("", " ", "a/b?c&d", "ü€😀", "x" * 5000, "' OR 1=1 --", "\n"):
        assert put(client, STATE, b"x", strange, Content_Type="text/plain").status_code == 204
        assert get(client, STATE, strange).data == b"x"
        assert strange in ids(client, STATE)
    assert put(client, STATE, b"x", "a\0b").status_code == 400


def test_a_group_has_documents_only_in_2_0(lrs: Lrs) -> None:
    """There the parameter may be an identified group; in 1.0.3 it is an agent and not a group."""
    group = {"objectType": "Group", "account": agent("team")["account"], "member": [agent("alice")]}
    query = {"agent": json.dumps(group), "profileId": "one"}
    for version, expected in (("1.0.3", 400), ("2.0.0", 204)):
        client = lrs.client(lrs_keys.ALL, version=version)
        assert client.send("POST", AGENT, query_string=query, json={}).status_code == expected
    as_agent = {**query, "agent": json.dumps(agent("team"))}
    assert client.send("GET", AGENT, query_string=as_agent).status_code == 200
    nobody = {**query, "agent": json.dumps({"objectType": "Group", "member": [agent("alice")]})}
    assert client.send("POST", AGENT, query_string=nobody, json={}).status_code == 400


@pytest.mark.parametrize("content_type", ["nonsense", "text/plain\x7f", "text/ä", "text/plain; x=\x01"])
def test_a_content_type_has_to_be_one(client: Client, content_type: str) -> None:
    """It becomes a header again when the document is read."""
    assert put(client, STATE, b"x", Content_Type=content_type).status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_scopes_open_what_they_say(lrs: Lrs, path: str) -> None:
    """`state` states, `profile` profiles, `all/read` reading both; the others nothing (Communication 4.2)."""
    own = lrs_keys.STATE if path == STATE else lrs_keys.PROFILE
    writers, readers = {own, lrs_keys.ALL}, {own, lrs_keys.ALL, lrs_keys.READ_ALL}
    put(lrs.client(lrs_keys.ALL), path)
    for scope in lrs_keys.SCOPES:
        client = lrs.client(scope)
        assert get(client, path).status_code == (200 if scope in readers else 403), scope
        for answer in (
            put(client, path, id_=scope),
            post(client, path, {}, scope),
            client.send("DELETE", path, query_string=named(path, scope)),
        ):
            assert answer.status_code == (204 if scope in writers else 403), scope


@pytest.mark.parametrize("path", PATHS)
def test_what_is_larger_than_the_limit_is_413(sessions: Sessions, tmp_path: Path, path: str) -> None:
    """LRS_BRIDGE_LRS_MEGABYTES; the smaller is taken."""
    client = Lrs(sessions, tmp_path, megabytes=1).client(lrs_keys.ALL)
    for method in ("PUT", "POST"):
        for size, expected in ((2**20 + 1, 413), (2**20, 204)):
            query = named(path, f"{method} {size}")
            assert client.send(method, path, query_string=query, data=b"x" * size, headers=NEW).status_code == expected
    assert sorted(ids(client, path)) == ["POST 1048576", "PUT 1048576"]


def test_what_comes_in_chunks_is_whole_or_refused(sessions: Sessions, tmp_path: Path) -> None:
    """Without a Content-Length too, a document that is too large is 413, and not stored up to the limit."""
    client = Lrs(sessions, tmp_path, megabytes=1).client(lrs_keys.STATE)
    for size, expected in ((2**20 - 1, 204), (2**20 + 1, 413), (3 * 2**20, 413)):
        answer = client.send(
            "PUT",
            STATE,
            query_string=named(STATE, str(size)),
            input_stream=BytesIO(b"x" * size),
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == expected, size
    assert ids(client, STATE) == [str(2**20 - 1)]
    assert len(get(client, STATE, str(2**20 - 1)).data) == 2**20 - 1

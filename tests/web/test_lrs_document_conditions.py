"""ETags of documents: If-Match and If-None-Match as 1.0.3 and 2.0.0 want them, and many clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from tests.web.documents import ACTIVITY, AGENT, PATHS, STATE, etag, get, ids, named, post, put
from tests.web.lrs import Client, Lrs


@pytest.fixture
def lrs(sessions: Sessions, tmp_path: Path) -> Lrs:
    return Lrs(sessions, tmp_path)


@pytest.fixture(params=["1.0.3", "2.0.0"])
def client(lrs: Lrs, request: pytest.FixtureRequest) -> Client:
    """Every test of this file that does not speak of one version holds in both."""
    return lrs.client(lrs_keys.ALL, version=request.param)


@pytest.mark.parametrize("path", PATHS)
def test_if_match_lets_through_who_saw_the_present_state(client: Client, path: str) -> None:
    """PUT, POST and DELETE with the ETag as it is; afterwards that ETag is old (Communication 3.1)."""
    put(client, path)
    seen = get(client, path).headers["ETag"]
    replaced = b'{"b":2}'
    assert (
        client.send(
            "PUT",
            path,
            query_string=named(path),
            data=replaced,
            headers={"If-Match": f'"nonsense", {seen}', "Content-Type": "application/json"},
        ).status_code
        == 204
    )
    assert post(client, path, {"c": 3}, If_Match=seen).status_code == 412
    assert post(client, path, {"c": 3}, If_Match="W/" + etag(replaced)).status_code == 204
    assert get(client, path).get_json() == {"b": 2, "c": 3}
    gone = client.send("DELETE", path, query_string=named(path), headers={"If-Match": seen})
    assert gone.status_code == 412
    present = get(client, path).headers["ETag"]
    assert client.send("DELETE", path, query_string=named(path), headers={"If-Match": present}).status_code == 204
    assert get(client, path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_if_match_of_what_is_not_there_fails(client: Client, path: str) -> None:
    """The asterisk too: it says that something is there (RFC 2616, 14.24)."""
    for wanted in ("*", etag(b""), "", "garbage"):
        answer = client.send("PUT", path, query_string=named(path), data=b"x", headers={"If-Match": wanted})
        assert answer.status_code == 412, wanted
        assert post(client, path, {}, If_Match=wanted).status_code == 412
        gone = client.send("DELETE", path, query_string=named(path), headers={"If-Match": wanted})
        assert gone.status_code == 412
    assert ids(client, path) == []


@pytest.mark.parametrize("path", PATHS)
def test_if_none_match_stores_only_what_is_new(client: Client, path: str) -> None:
    """412 for whoever did not know of the document that is there."""
    assert put(client, path, b"1").status_code == 204
    assert put(client, path, b"2").status_code == 412
    assert post(client, path, {}, If_None_Match="*").status_code == 412
    assert put(client, path, b"2", If_None_Match=etag(b"1")).status_code == 412
    assert get(client, path).data == b"1"
    assert put(client, path, b"2", If_None_Match=etag(b"0")).status_code == 204


@pytest.mark.parametrize("path", PATHS)
def test_a_put_that_would_replace_unseen_is_refused(lrs: Lrs, path: str) -> None:
    """1.0.3 lets states be overwritten, "since state conflicts are unlikely"; 2.0.0 does not."""
    for version in ("1.0.3", "2.0.0"):
        client = lrs.client(lrs_keys.ALL, version=version)
        put(client, path, b"1", version)
        answer = client.send("PUT", path, query_string=named(path, version), data=b"2")
        free = path == STATE and version == "1.0.3"
        assert answer.status_code == (204 if free else 409)
        assert get(client, path, version).data == (b"2" if free else b"1")
        if not free:
            assert "If-Match" in answer.get_json()["error"]


@pytest.mark.parametrize("path", PATHS)
def test_a_put_of_something_new_needs_a_condition_only_of_profiles_in_1_0_3(lrs: Lrs, path: str) -> None:
    """There clients MUST send one; in 2.0.0 only what exists is guarded."""
    for version, expected in (("1.0.3", 204 if path == STATE else 400), ("2.0.0", 204)):
        client = lrs.client(lrs_keys.ALL, version=version)
        answer = client.send("PUT", path, query_string=named(path, version), data=b"1")
        assert answer.status_code == expected


def test_of_many_that_create_at_once_one_does(lrs: Lrs) -> None:
    """The condition and the write are one transaction, also where there is no row to lock yet."""
    clients = [lrs.client(lrs_keys.ALL) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda one: put(one[1], ACTIVITY, str(one[0]).encode()).status_code, enumerate(clients))
        )
    assert sorted(answers) == [204] + [412] * 7
    assert get(clients[0], ACTIVITY).data == str(answers.index(204)).encode()


def test_of_many_that_merge_at_once_nothing_is_lost(lrs: Lrs) -> None:
    """Each adds its own property."""
    client = lrs.client(lrs_keys.ALL)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: post(client, ACTIVITY, {str(n): n}).status_code, range(24)))
    assert answers == [204] * 24
    assert get(client, ACTIVITY).get_json() == {str(n): n for n in range(24)}


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_has_it_is_told_so(client: Client, path: str) -> None:
    """304 to If-None-Match, and to If-Modified-Since where there is no ETag; 412 to If-Match (RFC 9110, 13)."""
    put(client, path)
    seen = get(client, path)
    again = get(client, path, If_None_Match=seen.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert get(client, path, If_Modified_Since=seen.headers["Last-Modified"]).status_code == 304
    assert get(client, path, If_None_Match=etag(b"")).status_code == 200
    for fitting in (seen.headers["ETag"], "*"):
        assert get(client, path, If_Match=fitting).data == seen.data
    wanted_another = get(client, path, If_Match=etag(b""))
    assert (wanted_another.status_code, list(wanted_another.get_json())) == (412, ["error"])


def test_counting_by_etag_loses_no_count(lrs: Lrs) -> None:
    """Each of eight clients reads, adds one and puts with the ETag it saw, until it has counted to three."""
    client = lrs.client(lrs_keys.ALL)
    put(client, AGENT, b"0")

    def count_to_three(_: int) -> None:
        counted = 0
        while counted < 3:
            seen = get(client, AGENT)
            answer = client.send(
                "PUT",
                AGENT,
                query_string=named(AGENT),
                data=str(int(seen.data) + 1),
                headers={"If-Match": seen.headers["ETag"]},
            )
            assert answer.status_code in {204, 412}
            counted += answer.status_code == 204

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_to_three, range(8)))
    assert get(client, AGENT).data == b"24"

"""A key set that cannot be had is the LMS's fault and passes; one with strange keys in it is read for the good ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from lrs_bridge.lti.keysets import usable_keys
from tests.fakes.endpoints import Trip
from tests.fakes.launching import Tool
from tests.fakes.mischief import ELSEWHERE, NONSENSE, PASSING
from tests.fakes.platform import FakePlatform, rsa_key

STRANGE = {
    **NONSENSE,
    "keys that are no list": Trip((200, {}, {"keys": "none"})),
    "not found": Trip((404, {}, "")),
    "closed": Trip((401, {}, "")),
}
GOOD = rsa_key().as_dict(private=False)


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def strangers() -> FakePlatform:
    return FakePlatform(issuer=ELSEWHERE)


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform, strangers: FakePlatform) -> Tool:
    http = lms.http()
    http.mount(ELSEWHERE, strangers)
    tool = Tool(tmp_path, http)
    tool.register(lms)
    return tool


@pytest.mark.parametrize("name", [*PASSING, *STRANGE])
def test_trouble_with_keys_keeps_out_one_launch_and_lets_in_the_next(
    name: str, tool: Tool, lms: FakePlatform, strangers: FakePlatform
) -> None:
    """As a gateway says it, with a page; nothing is asked of anybody else."""
    lms.trips["keys"] = [(PASSING | STRANGE)[name]]
    kept_out = tool.browser().launch(lms)
    assert kept_out.status_code in (502, 504)
    assert "Traceback" not in kept_out.text
    tool.clock.forward(seconds=11)
    assert tool.browser().launch(lms).status_code == 303
    assert strangers.asked == []


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


UNUSABLE: dict[str, Any] = {
    "no kid": _without("kid"),
    "a kid that is a number": GOOD | {"kid": 7},
    "no modulus": _without("n"),
    "a modulus that is none": GOOD | {"n": "%%%"},
    "for encryption": GOOD | {"use": "enc"},
    "for another algorithm": GOOD | {"alg": "RS512"},
    "a shared secret": OctKey.generate_key(256).as_dict(private=True) | {"kid": GOOD["kid"]},
    "an elliptic curve": ECKey.generate_key("P-256").as_dict(private=False) | {"kid": GOOD["kid"]},
    "too short": RSAKey.generate_key(1024).as_dict(private=False) | {"kid": GOOD["kid"]},
    "a text": "key",
    "nothing": None,
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_key_that_cannot_verify_a_launch_is_left_out(name: str) -> None:
    """And the good one beside it serves, whichever comes first, with `alg` and `use` or without (D2L)."""
    for beside in (GOOD, GOOD | {"alg": "RS256", "use": "sig"}):
        for published in ([UNUSABLE[name], beside], [beside, UNUSABLE[name]]):
            assert list(usable_keys(published)) == [GOOD["kid"]]
    assert usable_keys([UNUSABLE[name]]) == {}


NAMES = st.sampled_from(["kty", "kid", "n", "e", "use", "alg"])
VALUES = st.none() | st.integers() | st.text() | st.sampled_from(["RSA", "sig", "RS256", "AQAB", GOOD["n"][:40]])


@given(st.lists(st.none() | st.text() | st.dictionaries(NAMES, VALUES)))
def test_no_key_set_is_a_fault_of_ours(published: list[Any]) -> None:
    """Whatever an LMS publishes."""
    assert usable_keys(published) == {}

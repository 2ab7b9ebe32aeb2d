"""Signed statements: their signature has the form that the specification asks for, and is theirs."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.lrs.signatures import check_signature
from tests.fakes.statements import statement, uuid

HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Any) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=1))
    return b64encode(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)).decode()


def part(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return urlsafe_b64encode(raw).rstrip(b"=")


def signed(payload: Any, algorithm: str = "RS256", **header: Any) -> bytes:
    text = part({"alg": algorithm, **header}) + b"." + part(payload)
    return text + b"." + part(rsa_key().sign(text, PKCS1v15(), HASHES.get(algorithm, hashes.SHA256())))


def check(jws: bytes, of: dict[str, Any] | None = None) -> None:
    check_signature(of or statement(1), jws, "signature")


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_statement_signed_with_rsa_is_let_in(algorithm: str) -> None:
    """Each of the three; what the store sets later, and what is not compared, may differ."""
    other = statement(1, timestamp="2026-09-01T12:00:00+02:00", verb={"id": statement(1)["verb"]["id"]})
    check(signed(other, algorithm))


def test_a_payload_without_an_id_stands_for_the_statement_that_was_given_one_later() -> None:
    """The id may be set after signing."""
    payload = statement(1)
    del payload["id"]
    check(signed(payload))


def test_a_certificate_has_to_fit_the_signature() -> None:
    """A mistake is found; whether the signer is to be trusted is not decided here."""
    check(signed(statement(1), x5c=[certificate(rsa_key())]))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(Invalid, match="does not fit"):
        check(signed(statement(1), x5c=[certificate(other)]))


@pytest.mark.parametrize("x5c", [None, [], {}, "x", [1], ["x"], ["AAAA"], ["é"]], ids=str)
def test_a_chain_without_a_certificate_is_refused(x5c: Any) -> None:
    """It is a JSON array of base64, not base64url (RFC 7515, 4.1.6)."""
    with pytest.raises(Invalid, match="x5c"):
        check(signed(statement(1), x5c=x5c))


def test_a_certificate_for_another_kind_of_key_is_refused() -> None:
    """RSA is what the algorithms are for."""
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(Invalid, match="RSA"):
        check(signed(statement(1), x5c=[certificate(key)]))


WHOLE = signed(statement(1))
HEAD, BODY, SIGNATURE = WHOLE.split(b".")


MALFORMED = {
    "nothing": b"",
    "three empty parts": b"..",
    "two parts": HEAD + b"." + BODY,
    "no signature": HEAD + b"." + BODY + b".",
    "four parts": HEAD + b"." + BODY + b"." + SIGNATURE + b".x",
    "half a header": part(b"{") + b"." + BODY + b"." + SIGNATURE,
    "no JSON": HEAD + b"." + part(b"{'id': 1}") + b"." + SIGNATURE,
    "a list": HEAD + b"." + part([statement(1)]) + b"." + SIGNATURE,
    "padding": HEAD + b"=." + BODY + b"." + SIGNATURE,
    "no base64": HEAD + b"." + BODY + b".\xff\xfe",
    "a short signature": HEAD + b"." + BODY + b".a",
    "JSON form": orjson.dumps({"payload": BODY.decode(), "signatures": []}),
    "a shared key": signed(statement(1), "HS256"),
    "no algorithm": signed(statement(1), "none"),
    "another actor": signed(statement(1, "mallory")),
    "another statement": signed(statement(2)),
}


@pytest.mark.parametrize("jws", MALFORMED.values(), ids=MALFORMED)
def test_whatever_else_is_malformed(jws: bytes) -> None:
    """Another form, another algorithm, another statement, or no JSON."""
    with pytest.raises(Invalid):
        check(jws)


def test_a_payload_nested_without_end_is_no_statement() -> None:
    """It is refused, not followed."""
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    raw = orjson.dumps(statement(1, result={"extensions": {"https://x.org/e": 0}}))
    nested = raw.replace(b":0}", b":" + b"[" * 900 + b"]" * 900 + b"}")
    with pytest.raises(Invalid):
        check(signed(nested), statement(1, id=uuid(1), result={"extensions": {"https://x.org/e": deep}}))

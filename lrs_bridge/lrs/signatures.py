"""Is a signed statement signed in the form that the specification asks for? (Data 2.6). Pure.

The signature is a JSON Web Signature (RFC 7515) in an attachment. Whether its signer is who they should be is not for
the record store to say: where a certificate comes along, the signature has to fit it, and that is all.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import InvalidVersion, load_der_x509_certificate

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.problems import Invalid

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
CONTENT_TYPE = "application/octet-stream"
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "RS256": hashes.SHA256(),
    "RS384": hashes.SHA384(),
    "RS512": hashes.SHA512(),
}


def check_signature(statement: Mapping[str, Any], jws: bytes, where: str) -> None:
    """`jws` is a compact serialization whose payload is the statement before it was signed. Raises Invalid."""
    parts = jws.strip().split(b".")
    if len(parts) != 3:
        raise Invalid(where, "must be a JSON Web Signature in compact serialization")
    header, payload = _object(parts[0], where, "header"), _object(parts[1], where, "payload")
    if header.get("alg") not in _HASHES:
        raise Invalid(where, f"must be signed with one of {', '.join(_HASHES)}")
    signature = _decoded(parts[2], where, "signature")
    if not signature:
        raise Invalid(where, "must have a signature")
    if str(payload.get("id", statement.get("id"))).lower() != str(statement.get("id")).lower():
        raise Invalid(where, "was made for a statement with another id")
    if not _same(payload, statement):
        raise Invalid(where, "was made for another statement")
    if "x5c" in header:
        _check_certificate(header["x5c"], header["alg"], parts[0] + b"." + parts[1], signature, where)


def _same(payload: Mapping[str, Any], statement: Mapping[str, Any]) -> bool:
    try:
        return same_statement(payload, statement)
    except (RecursionError, orjson.JSONEncodeError):
        return False


def _check_certificate(chain: Any, algorithm: str, signed: bytes, signature: bytes, where: str) -> None:
    """RFC 7515, 4.1.6: the first certificate is that of the key that signed, in plain base64."""
    try:
        key = load_der_x509_certificate(b64decode(chain[0], validate=True)).public_key()
    except (ValueError, TypeError, LookupError, InvalidVersion, UnsupportedAlgorithm):
        raise Invalid(where, "has an x5c that does not begin with an X.509 certificate") from None
    if not isinstance(key, RSAPublicKey):
        raise Invalid(where, "has a certificate that is not for RSA")
    try:
        key.verify(signature, signed, PKCS1v15(), _HASHES[algorithm])
    except InvalidSignature:
        raise Invalid(where, "does not fit the certificate that it names") from None


def _object(part: bytes, where: str, name: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(_decoded(part, where, name))
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(where, f"has a {name} that is not a JSON object")
    return found


def _decoded(part: bytes, where: str, name: str) -> bytes:
    """base64url without padding (RFC 7515, 2)."""
    if not _BASE64URL.fullmatch(part) or len(part) % 4 == 1:
        raise Invalid(where, f"has a {name} that is not base64url")
    return b64decode(part + b"=" * (-len(part) % 4), b"-_")

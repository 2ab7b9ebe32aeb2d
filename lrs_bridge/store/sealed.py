"""Sealing: what lies encrypted in the database, under a key that does not (Fernet, from Settings.secret_key)."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBrokenError(RuntimeError):
    """What was sealed cannot be opened: LRS_BRIDGE_SECRET_KEY is not the one it was sealed with."""


class Seal:
    """Each `purpose` has a key of its own (HKDF, RFC 5869), so that one kind of secret never opens another."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lrs_bridge {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))

    def close(self, plain: bytes) -> str:
        return self._fernet.encrypt(plain).decode()

    def open(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed.encode())
        except InvalidToken as error:
            raise SealBrokenError(
                "A secret in the database cannot be read with this LRS_BRIDGE_SECRET_KEY. "
                "Set it to the value it had when the database was made."
            ) from error

"""Settings: read from the environment once, handed on as one frozen value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "LRS_BRIDGE_"
REGISTRATION = ("approve", "auto", "off")
"""What becomes of an LMS that registers itself: it waits for the admin, it is let in, it is turned away."""
ORDERS = ("tested", "stored", "timestamp")
"""What the record store's `since` goes by: what its test found out, or this."""


class ConfigError(ValueError):
    """A setting is missing or cannot be understood; the message names the variable and the mend."""


@dataclass(frozen=True)
class Settings:
    """Everything the outside decides. `lrs_url` None means the embedded LRS; `registration` is one of REGISTRATION,
    `lrs_order` one of ORDERS."""

    data_dir: Path
    database_url: str
    base_url: str
    secret_key: str
    lrs_url: str | None = None
    lrs_key: str | None = None
    lrs_secret: str | None = None
    lrs_content: bool = True
    lrs_megabytes: int = 64
    lrs_order: str = "tested"
    lrs_again_hours: int | None = None
    broker_url: str | None = None
    allow_private: bool = False
    registration: str = "approve"
    logins_per_minute: int | None = None
    gradebook_at_once: int = 6
    log_level: str = "INFO"

    @property
    def secure_cookies(self) -> bool:
        """Always: browsers take Secure cookies on http://localhost too, and SameSite=None needs it."""
        return True


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Read the `LRS_BRIDGE_*` variables; what is unset gets the embedded default."""
    env = os.environ if env is None else env

    def get(name: str, default: str | None = None) -> str | None:
        return env.get(PREFIX + name) or default

    data_dir = Path(get("DATA_DIR", "var") or "var").expanduser().resolve()
    lrs_url = get("LRS_URL")
    if lrs_url and not (get("LRS_KEY") and get("LRS_SECRET")):
        raise ConfigError(
            "LRS_BRIDGE_LRS_URL is set, but LRS_BRIDGE_LRS_KEY or LRS_BRIDGE_LRS_SECRET is not: set all three."
        )
    if lrs_url and not _is_web_address(lrs_url):
        raise ConfigError("LRS_BRIDGE_LRS_URL must be a web address such as https://lrs.example.org/xapi.")
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(get("DATABASE_URL"), data_dir),
        base_url=_base_url(get("BASE_URL", "http://localhost:8000") or ""),
        secret_key=get("SECRET_KEY") or _kept_secret(data_dir),
        lrs_url=lrs_url,
        lrs_key=get("LRS_KEY"),
        lrs_secret=get("LRS_SECRET"),
        lrs_content=_switch("LRS_CONTENT", get("LRS_CONTENT", "on") or "on"),
        lrs_megabytes=_count("LRS_MEGABYTES", get("LRS_MEGABYTES")) or 64,
        lrs_order=_one_of("LRS_ORDER", get("LRS_ORDER"), ORDERS),
        lrs_again_hours=_count("LRS_AGAIN_HOURS", get("LRS_AGAIN_HOURS")),
        broker_url=get("BROKER_URL"),
        allow_private=_switch("ALLOW_PRIVATE", get("ALLOW_PRIVATE", "off") or "off"),
        logins_per_minute=_count("LOGINS_PER_MINUTE", get("LOGINS_PER_MINUTE")),
        gradebook_at_once=_count("GRADEBOOK_AT_ONCE", get("GRADEBOOK_AT_ONCE")) or 6,
        registration=_one_of("REGISTRATION", get("REGISTRATION"), REGISTRATION),
        log_level=(get("LOG_LEVEL", "INFO") or "INFO").upper(),
    )


def _database_url(given: str | None, data_dir: Path) -> str:
    """SQLAlchemy's URL; a bare `postgres://` or `postgresql://` is read as psycopg 3."""
    if not given:
        return f"sqlite:///{data_dir / 'lrs_bridge.db'}"
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _base_url(given: str) -> str:
    if not given.startswith(("http://", "https://")):
        raise ConfigError(f"LRS_BRIDGE_BASE_URL must start with http:// or https://, not {given!r}.")
    return given.rstrip("/")


def _is_web_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _one_of(name: str, given: str | None, known: tuple[str, ...]) -> str:
    """One of the known words, the first where none is given."""
    word = (given or known[0]).strip().lower()
    if word not in known:
        raise ConfigError(f"{PREFIX}{name} must be {', '.join(known[:-1])} or {known[-1]}, not {given!r}.")
    return word


def _switch(name: str, given: str) -> bool:
    word = given.strip().lower()
    if word in {"on", "1", "true", "yes"}:
        return True
    if word in {"off", "0", "false", "no"}:
        return False
    raise ConfigError(f"{PREFIX}{name} must be on or off, not {given!r}.")


def _count(name: str, given: str | None) -> int | None:
    """A whole number from 1 on; None where nothing is given."""
    if given is None:
        return None
    if not given.strip().isdecimal() or int(given) < 1:
        raise ConfigError(f"{PREFIX}{name} must be a whole number from 1 on, not {given!r}.")
    return int(given)


def _kept_secret(data_dir: Path) -> str:
    """A secret made on the first start and kept beside the database, readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()

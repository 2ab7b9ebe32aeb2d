"""Settings: read from the environment once, handed on as one frozen value."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "LRS_BRIDGE_"
REGISTRATION = ("approve", "auto", "off")
"""What becomes of an LMS that registers itself: it waits for the admin, it is let in, it is turned away."""
SMTP_SECURITY = ("starttls", "tls", "off")
"""How the line to the mail server is kept private: begun in the clear and changed, from the start, not at all."""
ORDERS = ("tested", "stored", "timestamp")
"""What the record store's `since` goes by: what its test found out, or this."""

LOG_FORMATS = ("text", "json")
BROKERS = ("amqp", "amqps", "redis", "rediss")


class ConfigError(ValueError):
    """A setting is missing or cannot be understood; the message names the variable and the mend."""


@dataclass(frozen=True)
class Smtp:
    """The mail server. `sender` is (name, address), the name may be empty. `security`: one of SMTP_SECURITY."""

    host: str
    port: int
    sender: tuple[str, str]
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    per_minute: int = 60


@dataclass(frozen=True)
class Alerts:
    """Who is told what does not arrive, and from when on: minutes that the oldest waits, and how many were refused."""

    mail: tuple[str, ...] = ()
    webhook: str | None = field(default=None, repr=False)
    statement_minutes: int = 60
    score_minutes: int = 60
    letter_minutes: int = 60
    refused: int = 1


@dataclass(frozen=True)
class Settings:
    """Everything the outside decides. `lrs_url` None means the embedded LRS; `registration` is one of REGISTRATION,
    `lrs_order` one of ORDERS. `smtp` None: letters stay on the page of messages. `proxies`: how many stand in front, of
    which each is believed about where a request came from. `metrics_token` None: see `web.metrics`.
    `wrong_per_minute`: what one address may try in vain at each door. `keep_*`: months."""

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
    broker_url: str | None = field(default=None, repr=False)
    broker_queue: str = "lrs_bridge"
    allow_private: bool = False
    registration: str = "approve"
    logins_per_minute: int | None = None
    wrong_per_minute: int = 30
    gradebook_at_once: int = 6
    evaluator_seconds: int = 10
    evaluator_failures: int = 10
    evaluator_subjects: int = 3
    keep_words: int = 12
    keep_process: int = 24
    keep_access: int = 24
    keep_waiting: int = 12
    log_level: str = "INFO"
    log_format: str = "text"
    proxies: int = 0
    metrics_token: str | None = field(default=None, repr=False)
    smtp: Smtp | None = None
    alerts: Alerts = Alerts()

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
        broker_url=_broker_url(get("BROKER_URL")),
        broker_queue=_queue(get("BROKER_QUEUE", "lrs_bridge") or ""),
        proxies=_count("PROXIES", get("PROXIES")) or 0,
        metrics_token=get("METRICS_TOKEN"),
        log_format=_one_of("LOG_FORMAT", get("LOG_FORMAT"), LOG_FORMATS),
        allow_private=_switch("ALLOW_PRIVATE", get("ALLOW_PRIVATE", "off") or "off"),
        logins_per_minute=_count("LOGINS_PER_MINUTE", get("LOGINS_PER_MINUTE")),
        wrong_per_minute=_count("WRONG_PER_MINUTE", get("WRONG_PER_MINUTE")) or 30,
        gradebook_at_once=_count("GRADEBOOK_AT_ONCE", get("GRADEBOOK_AT_ONCE")) or 6,
        evaluator_seconds=_count("EVALUATOR_SECONDS", get("EVALUATOR_SECONDS")) or 10,
        evaluator_failures=_count("EVALUATOR_FAILURES", get("EVALUATOR_FAILURES")) or 10,
        evaluator_subjects=_count("EVALUATOR_SUBJECTS", get("EVALUATOR_SUBJECTS")) or 3,
        keep_words=_count("KEEP_WORDS_MONTHS", get("KEEP_WORDS_MONTHS")) or 12,
        keep_process=_count("KEEP_PROCESS_MONTHS", get("KEEP_PROCESS_MONTHS")) or 24,
        keep_access=_count("KEEP_ACCESS_MONTHS", get("KEEP_ACCESS_MONTHS")) or 24,
        keep_waiting=_count("KEEP_WAITING_MONTHS", get("KEEP_WAITING_MONTHS")) or 12,
        registration=_one_of("REGISTRATION", get("REGISTRATION"), REGISTRATION),
        log_level=(get("LOG_LEVEL", "INFO") or "INFO").upper(),
        smtp=_smtp(get),
        alerts=_alerts(get),
    )


def _alerts(get: Callable[[str], str | None]) -> Alerts:
    """Nobody is told anything where neither an address nor a webhook is named."""
    mail = tuple(part.strip() for part in (get("ALERT_MAIL") or "").split(",") if part.strip())
    webhook = get("ALERT_WEBHOOK")
    for address in mail:
        if not re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", address):
            raise ConfigError(f"LRS_BRIDGE_ALERT_MAIL must be addresses with commas between them, not {address!r}.")
    if mail and not get("SMTP_HOST"):
        raise ConfigError("LRS_BRIDGE_ALERT_MAIL needs a mail server: set LRS_BRIDGE_SMTP_HOST, too.")
    if webhook and not _is_web_address(webhook):
        raise ConfigError("LRS_BRIDGE_ALERT_WEBHOOK must be a web address such as https://chat.example.org/hooks/1.")
    return Alerts(
        mail,
        webhook,
        _count("ALERT_STATEMENT_MINUTES", get("ALERT_STATEMENT_MINUTES")) or 60,
        _count("ALERT_SCORE_MINUTES", get("ALERT_SCORE_MINUTES")) or 60,
        _count("ALERT_LETTER_MINUTES", get("ALERT_LETTER_MINUTES")) or 60,
        _count("ALERT_REFUSED", get("ALERT_REFUSED")) or 1,
    )


def _smtp(get: Callable[[str], str | None]) -> Smtp | None:
    """The mail server of the settings; None where no host is named."""
    host, sender = get("SMTP_HOST"), parseaddr(get("SMTP_FROM") or "")
    user, password, port = get("SMTP_USER"), get("SMTP_PASSWORD"), _count("SMTP_PORT", get("SMTP_PORT"))
    security = _one_of("SMTP_SECURITY", get("SMTP_SECURITY"), SMTP_SECURITY)
    per_minute = _count("SMTP_PER_MINUTE", get("SMTP_PER_MINUTE")) or 60
    if host is None:
        return None
    if not re.fullmatch(r"[^\s@<>,;:]+@[^\s@<>,;:]+", sender[1]) or not (get("SMTP_FROM") or "").isprintable():
        raise ConfigError(
            "LRS_BRIDGE_SMTP_HOST is set, but LRS_BRIDGE_SMTP_FROM is no address: set both, "
            "for example Learning <learning@example.org>."
        )
    if bool(user) != bool(password):
        raise ConfigError("LRS_BRIDGE_SMTP_USER and LRS_BRIDGE_SMTP_PASSWORD go together: set both, or neither.")
    if security == "off" and user and host not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigError(
            "LRS_BRIDGE_SMTP_SECURITY=off would send the password readable over the network: leave it out."
        )
    return Smtp(host, port or (465 if security == "tls" else 587), sender, security, user, password, per_minute)


def _database_url(given: str | None, data_dir: Path) -> str:
    return database_url(given) if given else f"sqlite:///{data_dir / 'lrs_bridge.db'}"


def database_url(given: str) -> str:
    """SQLAlchemy's URL; a bare `postgres://` or `postgresql://` is read as psycopg 3."""
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _broker_url(given: str | None) -> str | None:
    """RabbitMQ or Redis; the address may hold a password, so that it is not quoted."""
    if given is not None and (given.partition("://")[0] not in BROKERS or not urlsplit(given).hostname):
        raise ConfigError(
            "LRS_BRIDGE_BROKER_URL must be the address of RabbitMQ or Redis, such as amqp://user:password@host:5672// "
            "or redis://host:6379/0."
        )
    return given


def _queue(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", given):
        raise ConfigError(
            f"LRS_BRIDGE_BROKER_QUEUE must be up to 100 letters, digits, dots, hyphens or underscores, not {given!r}."
        )
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

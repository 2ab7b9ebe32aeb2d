"""What `lrs-bridge doctor` looks at. Each examination asks one thing, changes nothing, and says what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic

import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.probing import Finding, Verdict
from lrs_bridge.lti import egress
from lrs_bridge.mail.smtp import MailServer
from lrs_bridge.store import keys, migrate, platforms, tenants, worker_signs
from lrs_bridge.store.sealed import SealBrokenError
from lrs_bridge.wiring import TEST_SECONDS, Bridge
from lrs_bridge.worker.starting import broker_trouble, place_of

SKEW_SECONDS = 60
_LITTLE, _TOO_LITTLE = 2 * 2**30, 200 * 2**20
_SLOW_SECONDS = 0.2
_MOST_PLATFORMS = 20

OK, CARE, BAD = Verdict.OK, Verdict.CARE, Verdict.BAD
Examination = Callable[[Bridge], Iterator[Finding]]


def address(bridge: Bridge) -> Iterator[Finding]:
    s = bridge.settings
    about = "Address"
    if egress.is_loopback(s.base_url):
        todo = "Set LRS_BRIDGE_BASE_URL to the address that browsers and LMSs use, before the first launch."
        yield Finding(about, CARE, f"{s.base_url} can be reached from this machine only.", todo)
    elif s.base_url.startswith("http://"):
        todo = "Put a proxy with a certificate in front, and set LRS_BRIDGE_BASE_URL to https://."
        yield Finding(about, BAD, f"{s.base_url} is not https: browsers keep no cookies, and LMSs refuse it.", todo)
    else:
        yield Finding(about, OK, f"{s.base_url}.")
    own = bridge.engine.dialect.name == "sqlite" or os.environ.get("LRS_BRIDGE_SECRET_KEY")
    if not own:
        text_ = f"The secret lies in {s.data_dir}, the state in a database that other machines may share."
        yield Finding("Secret", CARE, text_, "Set LRS_BRIDGE_SECRET_KEY to the same value on every machine.")


def files(bridge: Bridge) -> Iterator[Finding]:
    """Who may read and write, and how much room there is."""
    folder = bridge.settings.data_dir
    secret = folder / "secret_key"
    if secret.exists() and secret.stat().st_mode & 0o077:
        todo = f"chmod 600 {secret}; if others have seen it, change it and the signing keys."
        yield Finding("Files", BAD, f"Others on this machine can read {secret}, which opens sealed keys.", todo)
    sqlite = bridge.engine.url.database if bridge.engine.dialect.name == "sqlite" else None
    if sqlite and Path(sqlite).exists():
        if not os.access(sqlite, os.W_OK) or not os.access(Path(sqlite).parent, os.W_OK):
            todo = "Give the database and its folder to the user that runs the tool."
            yield Finding("Files", BAD, f"{sqlite} or its folder cannot be written.", todo)
        if Path(sqlite).stat().st_mode & 0o007:
            yield Finding("Files", CARE, f"Everybody on this machine can read {sqlite}.", f"chmod o= {sqlite}")
    place = folder if folder.exists() else Path.cwd()
    room = shutil.disk_usage(place).free
    free = f"{room / 2**30:.1f} GB free at {place}."
    verdict = BAD if room < _TOO_LITTLE else CARE if room < _LITTLE else OK
    yield Finding("Disk", verdict, free, "" if verdict is OK else "Make room: nothing can be saved on a full disk.")


def database(bridge: Bridge) -> Iterator[Finding]:
    """Whether it answers, how fast, with which tables. Raises SQLAlchemyError where it does not."""
    where = bridge.engine.url.render_as_string(hide_password=True)
    with bridge.engine.connect() as connection:
        began = monotonic()
        connection.execute(text("SELECT 1"))
        seconds = monotonic() - began
        theirs = connection.scalar(text("SELECT now()")) if bridge.engine.dialect.name == "postgresql" else None
    slow = seconds > _SLOW_SECONDS
    todo = "Every page asks it several times: bring it nearer, or look what it is busy with." if slow else ""
    yield Finding("Database", CARE if slow else OK, f"{where} answers in {seconds * 1000:.0f} ms.", todo)
    if bridge.engine.dialect.name == "sqlite" and bridge.settings.broker_url:
        todo = "Set LRS_BRIDGE_DATABASE_URL to a PostgreSQL, or unset LRS_BRIDGE_BROKER_URL."
        yield Finding("Database", CARE, "A broker is set, but SQLite serves one machine only.", todo)
    if theirs is not None:
        yield _clock("the database", theirs, bridge.clock())
    if migrate.is_current(bridge.engine):
        yield Finding("Tables", OK, "Up to date.")
    else:
        todo = "lrs-bridge db upgrade (every start does it as well)."
        yield Finding("Tables", BAD, "They are of another version than the tool.", todo)


def signing(bridge: Bridge) -> Iterator[Finding]:
    with bridge.sessions.read() as session:
        found = keys.signing_keys(session)
    if not found:
        yield Finding("Keys", OK, "No signing key yet: one is made on first use.")
        return
    try:
        keys.private_pem(keys.signer(found, bridge.clock()), bridge.settings.secret_key)
    except SealBrokenError:
        todo = "Set LRS_BRIDGE_SECRET_KEY back to what it was. Only if it is lost: lrs-bridge keys rotate --after 0."
        yield Finding("Keys", BAD, "The signing key cannot be opened with this secret: no score can be sent.", todo)
        return
    yield Finding("Keys", OK, f"{len(found)} published, and the one that signs can be opened.")


def record_store(bridge: Bridge) -> Iterator[Finding]:
    endpoint = bridge.endpoint(TEST_SECONDS)
    if endpoint is None:
        yield Finding("Record store", OK, "The embedded one, in the database.")
        return
    with bridge.sessions.read() as session:
        tenant_id = tenants.tenant_named(session, tenants.MAIN).id
    for finding in bridge.probe(endpoint, tenant_id).run(write=False).findings:
        if finding.verdict is not Verdict.LEFT_OUT:
            about = f"Record store, {finding.about.lower()}"
            yield Finding(about, finding.verdict, finding.text, finding.advice)


def lmss(bridge: Bridge) -> Iterator[Finding]:
    """Whether the keys of LMSs can be fetched, and whether their clocks agree with ours."""
    with bridge.sessions.read() as session:
        found = platforms.all_platforms(session)
    if not found:
        yield Finding("LMS", CARE, "None is connected.", "lrs-bridge admin link opens the page that connects one.")
    for platform in found[:_MOST_PLATFORMS]:
        about = f"LMS {platform.name}"
        try:
            with egress.TimeLimit(TEST_SECONDS):
                answer = bridge.http.get(platform.jwks_url, timeout=TEST_SECONDS, stream=True)
                answer.close()
        except (requests.RequestException, OSError) as problem:
            todo = "Launches go on with the keys known before. Check the address, the name server and the fire wall."
            yield Finding(about, BAD, f"{platform.jwks_url} cannot be reached: {type(problem).__name__}.", todo)
            continue
        if answer.status_code != 200:
            todo = "Compare the address of the key set with what the LMS shows."
            yield Finding(about, BAD, f"{platform.jwks_url} answers {answer.status_code} instead of keys.", todo)
            continue
        yield Finding(about, OK, "Its keys can be fetched.")
        theirs = _date(answer.headers.get("Date"))
        if theirs is not None:
            yield _clock(platform.name, theirs, bridge.clock())


def mail(bridge: Bridge) -> Iterator[Finding]:
    smtp = bridge.settings.smtp
    if smtp is None:
        todo = "Set LRS_BRIDGE_SMTP_HOST and LRS_BRIDGE_SMTP_FROM to have messages sent."
        yield Finding("Mail", CARE, "No mail server is set: messages stay on the page Messages.", todo)
        return
    where = f"{smtp.host}:{smtp.port}"
    try:
        with MailServer(smtp.host, smtp.port, smtp.security, smtp.user, smtp.password).line():
            yield Finding("Mail", OK, f"{where} lets us in.")
    except Unavailable as problem:
        todo = "Check LRS_BRIDGE_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD. Messages wait meanwhile."
        yield Finding("Mail", BAD, f"{where}: {problem.reason}", todo)


def alerts(bridge: Bridge) -> Iterator[Finding]:
    channels = bridge.alerting.channels
    if channels:
        yield Finding("Alerts", OK, f"Told by {' and '.join(channels)}. lrs-bridge alerts test tries them.")
    else:
        todo = "Set LRS_BRIDGE_ALERT_MAIL or LRS_BRIDGE_ALERT_WEBHOOK, or watch /metrics."
        yield Finding("Alerts", CARE, "Nobody is told when something stops arriving.", todo)


def workers(bridge: Bridge) -> Iterator[Finding]:
    broker = bridge.settings.broker_url
    if broker is not None:
        trouble = broker_trouble(broker)
        todo = "Start it, or check LRS_BRIDGE_BROKER_URL. Acting goes on meanwhile, and workers wait for it."
        where = place_of(broker)
        yield Finding("Broker", BAD, f"{where}: {trouble}", todo) if trouble else Finding("Broker", OK, f"{where}.")
    with bridge.sessions.read() as session:
        last = worker_signs.last_sign(session)
    todo = "Start one: lrs-bridge worker, or lrs-bridge serve without a broker."
    if last is None:
        yield Finding("Worker", BAD, "None was seen within a day: nothing is delivered, evaluated or sent.", todo)
    elif bridge.clock() - last > worker_signs.LATE_AFTER:
        yield Finding("Worker", BAD, f"None was seen since {last.isoformat(timespec='seconds')}.", todo)
    else:
        yield Finding("Worker", OK, f"Last seen {last.isoformat(timespec='seconds')}.")


def plugins(bridge: Bridge) -> Iterator[Finding]:
    for failure in bridge.registry.failures:
        todo = "Mend it or uninstall it; the others are not affected."
        yield Finding(f"Plugin {failure.name}", BAD, f"It did not load: {failure.reason}", todo)
    yield Finding("Plugins", OK, f"{len(bridge.registry.evaluators)} evaluators are loaded.")


FIRST: tuple[Examination, ...] = (address, files)
"""What can be looked at without a database."""
THEN: tuple[Examination, ...] = (signing, record_store, lmss, mail, alerts, workers, plugins)


def examined(bridge: Bridge) -> Iterator[Finding]:
    """Everything, one after another; an examination that breaks down is a finding, too."""
    for examination in FIRST:
        yield from _safely(examination, bridge)
    found = list(_safely(database, bridge))
    yield from found
    if any(one.verdict is BAD for one in found):
        yield Finding("The rest", CARE, "Not looked at, since it needs the database.", "Mend that first.")
        return
    for examination in THEN:
        yield from _safely(examination, bridge)


def _safely(examination: Examination, bridge: Bridge) -> Iterator[Finding]:
    name = examination.__name__.replace("_", " ").capitalize()
    try:
        yield from examination(bridge)
    except SQLAlchemyError as problem:
        where = bridge.engine.url.render_as_string(hide_password=True)
        said = str(getattr(problem, "orig", None) or type(problem).__name__).strip().partition("\n")[0]
        todo = "Start it, or check LRS_BRIDGE_DATABASE_URL: host, port, name, user and password."
        yield Finding("Database" if examination is database else name, BAD, f"{where} does not answer: {said}", todo)
    except Exception as problem:
        yield Finding(name, BAD, f"Looking at it failed: {type(problem).__name__}: {problem}", "The log says more.")


def _clock(whose: str, theirs: datetime, ours: datetime) -> Finding:
    seconds = round((ours - theirs).total_seconds())
    if abs(seconds) <= SKEW_SECONDS:
        return Finding("Clock", OK, f"Agrees with that of {whose}.")
    ahead = "ahead of" if seconds > 0 else "behind"
    todo = "Set both machines by a time server (NTP): launches and scores are refused when they differ."
    return Finding("Clock", BAD, f"Ours is {abs(seconds)} seconds {ahead} that of {whose}.", todo)


def _date(header: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

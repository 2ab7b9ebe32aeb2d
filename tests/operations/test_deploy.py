"""The files in `deploy/` say the same as the code: settings, commands, ports, limits, paths and headers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from lrs_bridge import logs
from lrs_bridge.cli import main
from lrs_bridge.config import PREFIX, Settings, from_environment
from lrs_bridge.web import FORM_LIMIT, create_app, gunicorn_conf, ingest_api
from lrs_bridge.wiring import build

DEPLOY = Path(__file__).parents[2] / "deploy"
CONTAINER, NGINX, ENV = (DEPLOY / name for name in ("Containerfile", "nginx.conf", "env.example"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
PORT = "8000"


class Recording(dict[str, str]):
    """Remembers what was asked for."""

    def __init__(self, **values: str) -> None:
        super().__init__(**values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The variables that the code reads."""
    env = Recording(LRS_BRIDGE_DATA_DIR=str(tmp_path_factory.mktemp("data")))
    from_environment(env)
    return env.asked


def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def unit(path: Path) -> dict[str, list[str]]:
    """The settings of a unit file; some may stand there several times."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def commands() -> Iterator[tuple[str, list[str]]]:
    """Whatever is started by any of the files."""
    for name, service in compose()["services"].items():
        if "command" in service:
            yield f"compose {name}", service["command"]
    yield "Containerfile", yaml.safe_load(CONTAINER.read_text().rsplit("\nCMD ", 1)[1])
    for path in UNITS:
        yield path.name, unit(path)["ExecStart"][0].split()


# Settings


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_one_of_the_tool(path: Path, known: set[str]) -> None:
    assert set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", path.read_text())) <= known


def test_the_example_names_every_variable_with_its_default(known: set[str], tmp_path: Path) -> None:
    """What is commented out changes nothing when the comment is taken away."""
    lines = re.findall(rf"^(#?)({PREFIX}[A-Z_]+)=(.*)$", ENV.read_text(), re.MULTILINE)
    assert {name for _, name, _ in lines} == known
    own = {f"{PREFIX}DATA_DIR": str(tmp_path), f"{PREFIX}SECRET_KEY": "x"}
    places = ("DATABASE_URL", "BROKER_URL", "DATA_DIR", "SMTP_FROM")
    shown = {name: value for off, name, value in lines if off and name.removeprefix(PREFIX) not in places}
    assert from_environment(own | shown) == from_environment(own)


def test_the_example_can_be_used_once_it_is_filled_in(tmp_path: Path) -> None:
    """A secret is never in it."""
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", ENV.read_text(), re.MULTILINE))
    empty = {name for name, value in values.items() if not value}
    assert empty == {f"{PREFIX}SECRET_KEY", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"}
    settings = from_environment(values | {f"{PREFIX}SECRET_KEY": "x", f"{PREFIX}DATA_DIR": str(tmp_path)})
    assert settings.base_url.startswith("https://")
    assert settings.proxies == 1


# What is started


@pytest.mark.parametrize(("where", "words"), list(commands()), ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_started_exists(where: str, words: list[str]) -> None:
    """A command with its options, or gunicorn with a module for its settings and one for the application."""
    program, *rest = words
    if program.endswith("gunicorn"):
        assert rest[:2] == ["-c", f"python:{gunicorn_conf.__name__}"]
        assert rest[-1] == "wsgi:app"
        assert import_module("importlib.util").find_spec("wsgi") is not None
        return
    assert program.endswith("lrs-bridge"), where
    command: click.Command = main
    while rest and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest.pop(0))
        assert found is not None, where
        command = found
    options = {option for one in command.params for option in one.opts}
    assert {word for word in rest if word.startswith("--")} <= options


def test_ports_agree() -> None:
    """From gunicorn's own settings to the proxy, by way of the container and the units."""
    assert gunicorn_conf.bind == f"127.0.0.1:{PORT}"
    assert f"EXPOSE {PORT}" in CONTAINER.read_text().splitlines()
    assert f"127.0.0.1:{PORT}/health/ready" in CONTAINER.read_text()
    assert compose()["services"]["web"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert re.findall(r"server ([\d.]+:\d+);", NGINX.read_text()) == [f"127.0.0.1:{PORT}"]
    started = [" ".join(words) for _, words in commands() if "worker" not in words and "upgrade" not in words]
    assert len(started) == 3
    assert all(f":{PORT}" in line or f"--port {PORT}" in line for line in started)


# Container and compose


def test_the_container_runs_as_somebody_without_rights() -> None:
    """By number; the compiler's stage stays behind; and it says whether it is well."""
    text = CONTAINER.read_text()
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER (\d+)$", last, re.MULTILINE).group(1) != "0"  # type: ignore[union-attr]
    assert last.index("\nUSER") < last.index("\nCMD")
    assert "pip install" not in last
    assert "HEALTHCHECK" in last


def test_everything_that_is_packed_goes_into_the_container() -> None:
    """The build has what setup.cfg names, and the ignore file lets it in."""
    copied = {
        word
        for line in re.findall(r"^COPY (?!--)(.*) \S+$", CONTAINER.read_text(), re.MULTILINE)
        for word in line.split()
    }
    assert copied == {"setup.cfg", "pyproject.toml", "README.md", "wsgi.py", "lrs_bridge", "plugins", "xapi_profiles"}
    let_in = set(re.findall(r"^!(.+)$", (DEPLOY / "Containerfile.dockerignore").read_text(), re.MULTILINE))
    assert let_in == copied
    assert all((DEPLOY.parent / name).exists() for name in copied)


def test_tables_are_made_once_before_anything_starts() -> None:
    """And everything of the tool waits for that, with the same image, settings and fences."""
    services = compose()["services"]
    tool = {name: one for name, one in services.items() if one["image"] == "lrs-bridge"}
    assert set(tool) == {"migrate", "web", "worker"}
    for name, service in tool.items():
        assert service["environment"] == tool["web"]["environment"]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        if name != "migrate":
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert tool["migrate"]["restart"] == "no"
    assert (DEPLOY / tool["web"]["build"]["context"]).resolve() == DEPLOY.parent
    assert (DEPLOY.parent / tool["web"]["build"]["dockerfile"]) == CONTAINER


def test_services_find_one_another_and_what_waits_is_healthy() -> None:
    """The hosts in addresses are services, and nobody waits for the health of a service that tells none."""
    services = compose()["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted["condition"] != "service_healthy" or "test" in services[name]["healthcheck"]
    addresses = [value for value in services["web"]["environment"].values() if "://" in value]
    assert {re.search(r"@(\w+):", one).group(1) for one in addresses} == {"db", "mq"}  # type: ignore[union-attr]
    assert set(compose()["volumes"]) == {"db"}


def test_no_service_but_the_pages_can_be_reached_from_outside_and_no_password_has_a_default() -> None:
    services = compose()["services"]
    assert {name for name, one in services.items() if "ports" in one} == {"web"}
    text = (DEPLOY / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+)([^}]*)\}", text))
    assert {rest for _, rest in asked} == {":?see env.example"}
    assert {name for name, _ in asked} <= set(re.findall(r"^([A-Z_]+)=", ENV.read_text(), re.MULTILINE))


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed")
def test_compose_itself_can_read_it(tmp_path: Path) -> None:
    """Where its plugin is installed; no engine is needed."""
    docker = shutil.which("docker")
    if subprocess.run([str(docker), "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker has no compose")
    filled = re.sub(r"^([A-Z_]+)=$", r"\1=x", ENV.read_text(), flags=re.MULTILINE)
    for name in ("compose.yaml", "Containerfile"):
        (tmp_path / name).write_text((DEPLOY / name).read_text())
    (tmp_path / ".env").write_text(filled)
    done = subprocess.run([str(docker), "compose", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# systemd


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_reads_the_same_settings_and_is_fenced_in(path: Path) -> None:
    found = unit(path)
    assert found["EnvironmentFile"] == ["/etc/lrs-bridge/env"]
    assert found["User"] == found["StateDirectory"] == ["lrs-bridge"]
    assert found["Environment"] == [f"{PREFIX}DATA_DIR=/var/lib/lrs-bridge"]
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["CapabilityBoundingSet"] == [""]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_itself_finds_nothing_wrong(path: Path, tmp_path: Path) -> None:
    """But that the tool is not installed here; and by its own measure (0 to 10, less is better) little is exposed."""
    here = tmp_path / path.name
    here.write_text(re.sub(r"(?m)^(Exec\w+=)\S+", rf"\g<1>{shutil.which('true')}", path.read_text()))
    done = subprocess.run(["systemd-analyze", "verify", str(here)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    measured = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(here)]
    done = subprocess.run(measured, capture_output=True, text=True)
    if "unrecognized option" not in done.stderr:
        assert done.returncode == 0, done.stdout


# nginx


def locations() -> dict[str, str]:
    """The blocks of the proxy, by what they are about."""
    return dict(re.findall(r"^ {4}location ([^{]+?) \{\n(.*?)^ {4}\}", NGINX.read_text(), re.MULTILINE | re.DOTALL))


def bytes_of(text: str) -> int:
    number, unit_ = re.search(r"client_max_body_size (\d+)(m)", text).groups()  # type: ignore[union-attr]
    return int(number) * 1024 * 1024 if unit_ else 0


def test_the_proxy_lets_in_what_the_tool_takes() -> None:
    """A smaller limit would answer with a page of its own."""
    outside = re.sub(r"^ {4}location .*?^ {4}\}", "", NGINX.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert bytes_of(outside) >= FORM_LIMIT
    assert bytes_of(locations()["/ingest/"]) >= ingest_api.LARGEST
    assert bytes_of(locations()["/xapi/"]) >= Settings.lrs_megabytes * 1024 * 1024


def test_the_proxy_says_who_asks_and_leaves_frames_and_cookies_to_the_tool() -> None:
    text = re.sub(r"#.*", "", NGINX.read_text())
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "X-Forwarded-Host $host"):
        assert f"proxy_set_header {header};" in text
    assert "proxy_set_header X-Request-ID $request_id;" in text
    for theirs in ("X-Frame-Options", "Content-Security-Policy", "proxy_cookie", "proxy_hide_header"):
        assert theirs not in text
    assert not [body for body in locations().values() if "proxy_set_header" in body or "add_header" in body]


def test_what_opens_pages_is_in_no_log_of_the_proxy() -> None:
    """The same paths as in the tool's own log."""
    (quiet,) = [where for where, body in locations().items() if "access_log off" in body]
    pattern = re.compile(quiet.removeprefix("~ "))
    for start in ("s", "m", "mail", "admin/s", "admin/enter"):
        path = f"/{start}/a-token/page"
        assert logs.masked(path) != path
        assert pattern.match(path)
    assert "$request " not in NGINX.read_text()
    assert "$args" not in NGINX.read_text()


def test_paths_that_are_named_exist(tmp_path: Path) -> None:
    """In the proxy, the container and the comments."""
    bridge = build(from_environment({f"{PREFIX}DATA_DIR": str(tmp_path)}))
    rules = {str(rule) for rule in create_app(bridge).url_map.iter_rules()}
    bridge.engine.dispose()
    assert {"/health/ready", "/health/worker", "/metrics"} <= rules
    for start in ("/s/", "/m/", "/mail/", "/admin/s/", "/admin/enter/", "/ingest/", "/xapi/"):
        assert [rule for rule in rules if rule.startswith(start)], start


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_itself_can_read_it(tmp_path: Path) -> None:
    """With a certificate of nobody, and logs of this test."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x"]
    subprocess.run(
        [*made, "-keyout", "privkey.pem", "-out", "fullchain.pem"], cwd=tmp_path, check=True, capture_output=True
    )
    text = (
        NGINX.read_text()
        .replace("/etc/ssl/journeys.example.org/", f"{tmp_path}/")
        .replace("/var/log/nginx/", f"{tmp_path}/")
    )
    (tmp_path / "site.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    http = f"http {{ access_log {tmp_path}/access; {temporary} include {tmp_path}/site.conf; }}"
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}}\n{http}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

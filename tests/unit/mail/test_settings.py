"""The mail server's settings: all of them or none, and no password in what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs_bridge.config import ConfigError, Smtp, from_environment
from lrs_bridge.domain.mailing import Mailbox
from lrs_bridge.wiring import build

SET = {"HOST": "mail.example.org", "FROM": "Learning <learning@example.org>"}


def read(tmp_path: Path, **given: str) -> Smtp | None:
    named = {f"LRS_BRIDGE_SMTP_{name}": value for name, value in given.items()}
    return from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), **named}).smtp


def test_without_a_host_nothing_is_sent(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    assert read(tmp_path, FROM="learning@example.org") is None


def test_what_is_left_out_is_the_usual(tmp_path: Path) -> None:
    assert read(tmp_path, **SET) == Smtp("mail.example.org", 587, ("Learning", "learning@example.org"))
    with_tls = read(tmp_path, **SET, SECURITY="tls")
    assert with_tls is not None
    assert with_tls.port == 465


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"HOST": "mail.example.org"}, "SMTP_FROM"),
        ({**SET, "FROM": "Learning"}, "SMTP_FROM"),
        ({**SET, "FROM": "a@example.org\nBcc: b@example.org"}, "SMTP_FROM"),
        ({**SET, "USER": "learning"}, "SMTP_PASSWORD"),
        ({**SET, "SECURITY": "ssl"}, "SMTP_SECURITY"),
        ({**SET, "PORT": "smtp"}, "SMTP_PORT"),
        ({**SET, "PER_MINUTE": "0"}, "SMTP_PER_MINUTE"),
        ({**SET, "SECURITY": "off", "USER": "u", "PASSWORD": "p"}, "SMTP_SECURITY"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        read(tmp_path, **given)


def test_the_password_is_in_nothing_that_is_printed(tmp_path: Path) -> None:
    env = {f"LRS_BRIDGE_SMTP_{name}": value for name, value in {**SET, "USER": "u", "PASSWORD": "hunter2!"}.items()}
    bridge = build(from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), **env}))
    assert "hunter2!" not in repr(bridge.settings)
    assert "hunter2!" not in repr(bridge.postman)
    assert bridge.desk.sender == Mailbox("learning@example.org", "Learning")

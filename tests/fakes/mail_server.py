"""A real SMTP server on this machine that keeps what it takes, and misbehaves on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailServerFake:
    """`mischief`: by recipient, what to say instead of 250; `hang_up` closes before the answer to a letter."""

    taken: list[EmailMessage] = field(default_factory=list)
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    hang_up_after: set[str] = field(default_factory=set)
    hang_up_before: set[str] = field(default_factory=set)
    sender_refused: str | None = None
    connections: int = 0
    port: int = 0

    def to(self, name: str) -> list[EmailMessage]:
        return [message for message in self.taken if str(message["To"]).startswith(name)]

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.sender_refused:
            return self.sender_refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802
        if address in self.hang_up_before:
            self.hang_up_before.discard(address)
            server.transport.close()
            return "250 OK"
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if to in self.at_data:
            return self.at_data[to]
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if to in self.hang_up_after:
            self.hang_up_after.discard(to)
            server.transport.close()
        return "250 OK"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        """aiosmtpd makes sure by connecting to the port it was given, which is 0 for any."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[MailServerFake]:
    fake = MailServerFake()
    controller = _AnyPort(fake, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        fake.port = controller.port
        yield fake
    finally:
        controller.stop()

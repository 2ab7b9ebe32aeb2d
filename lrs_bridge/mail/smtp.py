"""Handing letters to a mail server: SMTP (RFC 5321), one connection for a batch.

The server answers for a letter once it has said 250 to the line with the dot. Until that line is sent, the letter may
be tried again without fear; between that line and the answer nobody knows (RFC 1047), which is `Unsure`.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.mailing import Letter, Unsure, is_address
from lrs_bridge.mail.envelope import message_of

SECONDS = 30.0
ANSWER_SECONDS = 120.0
"""How long a server may think about a whole letter; RFC 5321 asks for more, our lease for less."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in. `security`: starttls, tls or off. The password never shows in a log or a trace."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A connection that is ready for letters. Raises Unavailable."""
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as problem:
            raise Unavailable(_no_line(problem)) from None
        try:
            yield Line(smtp)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.security == "tls":
            smtp = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp


class Line:
    """One open connection."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def hand_over(self, letter: Letter, before: Callable[[], None]) -> None:
        """Give one letter to the server; `before` is called when everything but the last line is there.

        Raises Refused (this letter, never), Unavailable (not taken, try again), Unsure.
        """
        if not is_address(letter.to) or not letter.to.isascii():
            raise Refused("The address is not one that we can write to.")
        body = _dotted(message_of(letter))
        try:
            self._begin(letter)
            self._smtp.send(body)
        except (OSError, smtplib.SMTPException) as problem:
            raise Unavailable(_lost(problem)) from None
        try:
            before()
        except BaseException:
            self._smtp.close()  # in the middle of a letter the server would take a farewell for a part of it, and wait
            raise
        self._end()

    def _begin(self, letter: Letter) -> None:
        code, said = self._smtp.mail(letter.sender.address)
        if code != 250:
            self._reset()
            raise Unavailable(f"The mail server does not take letters from our sender: {_said(code, said)}")
        code, said = self._smtp.rcpt(letter.to)
        if code not in (250, 251):
            self._turned_down(code, said)
        code, said = self._smtp.docmd("DATA")
        if code != 354:
            self._turned_down(code, said)

    def _end(self) -> None:
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(ANSWER_SECONDS)
            self._smtp.send(b".\r\n")
            code, said = self._smtp.getreply()
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(SECONDS)
        except (OSError, smtplib.SMTPException) as problem:
            raise Unsure(_lost(problem)) from None
        if code != 250:
            self._turned_down(code, said)

    def _turned_down(self, code: int, said: bytes) -> None:
        """5yz is for good; 4yz another time, 421 with the connection gone."""
        if code == 421:
            raise Unavailable(f"The mail server closes: {_said(code, said)}")
        self._reset()
        if code >= 500:
            raise Refused(f"The mail server refused it: {_said(code, said)}")
        raise Unavailable(f"The mail server asks to wait: {_said(code, said)}", alone=True)

    def _reset(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.rset()


def _dotted(message: bytes) -> bytes:
    """Lines that begin with a dot get another one (RFC 5321, 4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", message if message.endswith(b"\r\n") else message + b"\r\n")


def _said(code: int, said: bytes | str) -> str:
    """The server's own words in one line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:400]


def _no_line(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return f"The mail server does not take our user name or password: {problem.smtp_code}"
    if isinstance(problem, ssl.SSLError):
        return "The mail server's certificate could not be verified, or it does not speak TLS on this port."
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return "The mail server does not offer what the settings ask for (STARTTLS, or logging in)."
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"The mail server does not let us in: {_said(problem.smtp_code, problem.smtp_error)}"
    return f"The mail server cannot be reached: {_lost(problem)}"


def _lost(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, smtplib.SMTPServerDisconnected | ConnectionError):
        return "the connection broke"
    return type(problem).__name__

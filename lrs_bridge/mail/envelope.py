"""A letter as an e-mail: plain text and HTML, a calendar file beside them, and the headers that let its reader stop.

The headers go through the standard library's e-mail policy, which refuses a line break in any of them. Nothing that
people write stands in a header: subjects are the templates' own, names of senders are encoded.
"""

from __future__ import annotations

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from lrs_bridge.domain.mailing import Letter

_POLICY = policy.SMTP.clone(max_line_length=78)


def message_of(letter: Letter, draft: bool = False) -> bytes:
    """The letter as bytes with CRLF. `draft`: to be opened in a mail program and sent by hand (`X-Unsent`)."""
    message = EmailMessage(_POLICY)
    message["From"] = Address(letter.sender.name, addr_spec=letter.sender.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join(letter.subject.split())  # a lone CR is a line break to whoever reads it
    message["Message-ID"] = f"<{letter.id}@{letter.sender.address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.stop_url:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if draft:
        message["X-Unsent"] = "1"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        message.add_attachment(
            letter.calendar.text.decode(),
            subtype="calendar",
            filename=letter.calendar.name,
            params={"method": "PUBLISH"},
        )
    return message.as_bytes()

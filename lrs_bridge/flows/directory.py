"""Who is meant by a word: an e-mail, the LMS's user id, or an account of the statements."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lrs_bridge.store import people, platforms, relations
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

_EMAIL = re.compile(r"[^@\s=+\-\"'<>(),;:\\][^@\s\"'<>(),;:\\]*@[^@\s\"'<>(),;:\\]+", re.ASCII)
_ACCOUNT = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
LONGEST_EMAIL = 320


def is_email(word: str) -> bool:
    """Whether this may be an address: loosely, and nothing that a spreadsheet would take for a formula."""
    return len(word) <= LONGEST_EMAIL and _EMAIL.fullmatch(word) is not None


class NotFound(LookupError):
    """The word fits nobody, or several; the message says how to mend it."""


@dataclass(eq=False)
class Somebody:
    """Somebody known, or (`person` None) somebody to be made for this e-mail."""

    word: str
    person: PersonRow | None
    called: str = ""

    @property
    def key(self) -> str:
        return self.person.id if self.person else self.word

    @property
    def name(self) -> str:
        if self.person is not None:
            return self.person.name or self.person.email or self.person.shown_name
        return f"{self.called} ({self.word})" if self.called else self.word


class Directory:
    """People of a tenant by the words of one file or form, read at once. `near`: ids of people of this run."""

    def __init__(
        self,
        by_sub: Mapping[str, PersonRow],
        by_email: Mapping[str, Sequence[PersonRow]],
        by_account: Mapping[str, PersonRow],
        near: Collection[str],
    ) -> None:
        self._by_sub, self._by_email, self._by_account, self._near = by_sub, by_email, by_account, near

    @classmethod
    def of(cls, session: Session, run: RunRow, words: Iterable[str], near: Collection[str]) -> Directory:
        wanted = {word for word in words if word}
        issuer = session.get_one(platforms.Platform, run.course.platform_id).issuer
        return cls(
            relations.people_by_sub(session, run.tenant_id, issuer, wanted),
            relations.people_by_email(session, run.tenant_id, [word for word in wanted if "@" in word]),
            people.people_by_account(session, run.tenant_id, wanted),
            near,
        )

    def all_of(self, word: str) -> Sequence[PersonRow]:
        """Whoever the word may mean; the LMS's own word comes before an e-mail."""
        exact = self._by_sub.get(word)
        if exact is not None:
            return [exact]
        by_account = self._by_account.get(word)
        return [by_account] if by_account is not None else self._by_email.get(word.lower(), [])

    def somebody(self, word: str, called: str = "") -> Somebody:
        """Of several with one e-mail the one who is near; nobody, and it is an e-mail: to be made. Raises NotFound."""
        found = self.all_of(word)
        close = [one for one in found if one.id in self._near] if len(found) > 1 else found
        if len(close) == 1:
            return Somebody(word, close[0])
        if found:
            raise NotFound(f"several people have the e-mail {word!r}. Give the LMS's user id.")
        if _ACCOUNT.fullmatch(word):
            raise NotFound(f"nobody here has the account {word!r}.")
        if "@" not in word:
            raise NotFound(f"the LMS has not told us of a user {word!r}. Give their e-mail.")
        if not is_email(word):
            raise NotFound(f"{word!r} is no e-mail.")
        return Somebody(word.lower(), None, called)

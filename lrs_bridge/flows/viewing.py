"""Looking at the record: who may see which statement, and what of it (docs/decisions, "Who sees statements").

A page shows names or content, never both. With names, content is cut out and what is between two people is not there;
without names the statement is shown as the record has it, to administrators only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.shelves import Seen, Shelf, is_place, shelf
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.record_viewing import Search
from lrs_bridge.xapi.disclosure import PROCESS, is_process, process_of

PAGE = 25
LOOK_AT_MOST = 10_000
"""Statements one page looks at before it shows what it has and offers to look further back."""
EXPORT_AT_MOST = 10_000
EXPORT_LOOKS_AT_MOST = 200_000
REFERRING_AT_MOST = 50
_FIRST_BATCH, _LARGEST_BATCH = 100, 1_000


@dataclass(frozen=True)
class Eyes:
    """What somebody sees. `run_id`: of one run only. `content`: all of a statement, and no names.

    `remote`: the record is a store elsewhere, and what stands here is what was read of it.
    """

    tenant_id: str
    home_page: str
    run_id: str | None = None
    content: bool = False
    remote: bool = False

    def see(self, seen: Seen) -> bool:
        fact = seen.fact
        if fact is None:
            return self.content
        return (self.run_id is None or fact.run == self.run_id) and (self.content or is_process(fact))


@dataclass(frozen=True)
class Page:
    """`older`: where the list goes on, None at its end. `looked` is given where the page ended before it was full."""

    seen: Sequence[Seen]
    older: str | None
    looked: int | None = None


@dataclass(frozen=True)
class Around:
    """What a statement refers to, as its object or in its context, and what refers to it; `cut`: there is more."""

    target: Seen | None
    context: Seen | None
    referring: Sequence[Seen]
    cut: bool


def look(
    session: Session,
    eyes: Eyes,
    search: Search,
    before: str | None = None,
    limit: int = PAGE,
    at_most: int = LOOK_AT_MOST,
) -> Page:
    """The next `limit` statements that fit, newest first, from behind the place `before`."""
    kept = _shelf(session, eyes)
    found: list[Seen] = []
    looked, size = 0, _FIRST_BATCH
    place = before if before is None or is_place(before, eyes.remote) else None
    while True:
        batch, count, place = kept.batch(search, place, min(size, at_most - looked))
        found += _visible(kept, eyes, [seen for seen in batch if search.fits(seen.fact)])
        looked, size = looked + count, min(size * 2, _LARGEST_BATCH)
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].place)
        if place is None:
            return Page(found, None)
        if looked >= at_most:
            return Page(found, place, looked)


def find(session: Session, eyes: Eyes, id_: str) -> Seen | None:
    """The statement with this id, voided or not, if these eyes see it."""
    kept = _shelf(session, eyes)
    found = kept.by_ids([id_]).get(id_.lower())
    return next(iter(_visible(kept, eyes, [found])), None) if found else None


def around(session: Session, eyes: Eyes, seen: Seen) -> Around:
    """What is linked with a statement; what these eyes do not see is not there."""
    kept = _shelf(session, eyes)
    target, context = seen.fact.target if seen.fact else None, _context_reference(seen)
    wanted = [id_ for id_ in (target, context) if id_]
    known = {one.id: one for one in _visible(kept, eyes, kept.by_ids(wanted).values())}
    back = kept.referring(seen.id, REFERRING_AT_MOST + 1)
    visible = _visible(kept, eyes, back[:REFERRING_AT_MOST])
    return Around(known.get(target or ""), known.get(context or ""), visible, len(back) > REFERRING_AT_MOST)


def targets(session: Session, eyes: Eyes, seen: Iterable[Seen]) -> dict[str, Seen]:
    """What these statements refer to, by id, as far as these eyes see it."""
    kept = _shelf(session, eyes)
    wanted = {one.fact.target for one in seen if one.fact and one.fact.target}
    return {one.id: one for one in _visible(kept, eyes, kept.by_ids(wanted).values())}


def shown(eyes: Eyes, seen: Seen) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The JSON of a statement for these eyes, and the paths of what was cut out of it."""
    if seen.statement is None:
        return _reading(seen, eyes.content)
    if eyes.content:
        return dict(seen.statement), ()
    return process_of(seen.statement, eyes.home_page)


def export(
    sessions: Sessions, eyes: Eyes, search: Search, before: str | None, more: Callable[[str], str]
) -> Iterator[tuple[str, int]]:
    """A StatementResult (xAPI 1.0.3, Data 4.2) of the embedded record in pieces, each with how many are in it.

    Bounded: a list that goes on has in `more` what the function makes of the place. No transaction stays open while a
    piece is on its way.
    """
    yield '{"statements":[', 0
    sent, looked, comma = 0, 0, ""
    while True:
        with sessions.read() as session:
            page = look(session, eyes, search, before, min(500, EXPORT_AT_MOST - sent))
        pieces = [orjson.dumps(shown(eyes, seen)[0]).decode() for seen in page.seen]
        if pieces:
            yield comma + ",".join(pieces), len(pieces)
            comma = ","
        sent, looked, before = sent + len(pieces), looked + (page.looked or 0), page.older
        if before is None or sent >= EXPORT_AT_MOST or looked >= EXPORT_LOOKS_AT_MOST:
            break
    yield f'],"more":{orjson.dumps(more(before) if before else "").decode()}}}', 0


def _visible(kept: Shelf, eyes: Eyes, seen: Iterable[Seen]) -> list[Seen]:
    """Those that these eyes see. The void of what they do not see would tell of it, so it is not seen either."""
    own = [one for one in seen if eyes.see(one)]
    voids = {one.fact.target for one in own if one.fact and one.fact.kind is Kind.VOIDED and one.fact.target}
    known = kept.by_ids(voids) if voids else {}
    hidden = {id_ for id_, one in known.items() if not eyes.see(one)}
    return [one for one in own if one.fact is None or one.fact.kind is not Kind.VOIDED or one.fact.target not in hidden]


def _context_reference(seen: Seen) -> str | None:
    context = (seen.statement or {}).get("context")
    referred = context.get("statement") if isinstance(context, dict) else None
    id_ = referred.get("id") if isinstance(referred, dict) else None
    return id_.lower() if isinstance(id_, str) else None


def _reading(seen: Seen, content: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What is kept of a statement whose record is elsewhere, as plain values."""
    fact = seen.fact
    if fact is None:
        return {"id": seen.id}, ()
    data = {name: value for name, value in fact.data.items() if content or name in PROCESS}
    hidden = [f"data {name}" for name in fact.data if name not in data]
    score = None if fact.score is None else [fact.score.raw, fact.score.min, fact.score.max]
    if score and not content:
        score, hidden = None, [*hidden, "score"]
    bare = "|" not in fact.actor or content
    values = {
        "id": fact.id,
        "at": fact.at,
        "stored": fact.stored,
        "recorded": fact.recorded,
        "actor": fact.actor if bare else None,
        "role": fact.role,
        "verb": fact.verb,
        "activity": fact.activity,
        "target": fact.target,
        "with": fact.counterpart,
        "registration": fact.registration,
        "run": fact.run,
        "step": fact.step,
        "moment": fact.moment,
        "capability": fact.capability,
        "completion": fact.completion,
        "score": score,
        "data": data,
    }
    cut = (*hidden, *(() if bare else ("actor",)))
    return {name: value for name, value in values.items() if value not in (None, {})}, tuple(sorted(cut))


def _shelf(session: Session, eyes: Eyes) -> Shelf:
    return shelf(session, eyes.tenant_id, eyes.home_page, eyes.remote)

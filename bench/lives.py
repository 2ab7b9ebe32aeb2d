"""Many participants of the sample journey with lived history: the demo's cohort, multiplied.

Some lives of the demo's 24 people are written through our own profile once; each further group of 24 is the same
statements and people under ids of their own. The same numbers give the same statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from random import Random

import orjson

from bench.copying import Original, ids_in
from lrs_bridge import journeyfile
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.history import history
from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.events import Event
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Relation
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import activate
from lrs_bridge.xapi import writing

JOURNEY = "field-coaching-90"
HOME = "https://bridge.example"
DAY_ZERO = date(2026, 3, 3)
DAYS = 95
TODAY = DAY_ZERO + timedelta(days=DAYS)
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


@cache
def journey() -> Journey:
    return journeyfile.load_journey(journeyfile.sample_text(JOURNEY), JOURNEY)


@cache
def evaluators() -> tuple[Active, ...]:
    """The built-in ones with the settings of the journey."""
    return activate(journey(), load().evaluators).active


@cache
def first_cohort() -> Cohort:
    """24 participants and their leaders."""
    return cast().people(DAY_ZERO, journey().version, JOURNEY, HOME)


def events(each: int) -> list[Event]:
    """What the first cohort did: `each` acts for a participant on average, in the order of their entry.

    A life has some 27, so several are laid together where more are wanted.
    """
    people = cast()
    wanted = each * len(people.participants)
    found: list[Event] = []
    for seed in count(1):
        found += history(people, journey(), DAY_ZERO, TODAY, seed)
        if len(found) >= wanted:
            break
    return [found[place] for place in sorted(Random(1).sample(range(len(found)), wanted))]


def copies(acts: Iterable[Event]) -> Iterator[tuple[list[str], Mapping[str, str]]]:
    """The statements for these acts of one cohort after the other as JSON texts, without end, all in one run; and the
    ids in the place of the first's."""
    texts = [orjson.dumps(writing.statement(one, HOME)).decode() for one in acts]
    original = Original("\n".join(texts), kept=[first_cohort().run.id])
    for number in count():
        text, ids = original.copy(number)
        yield text.split("\n"), ids


def run_of(people: int, acts: Iterable[Event]) -> tuple[Cohort, list[str]]:
    """A run with this many participants, and its statements: every 24 of them did these acts."""
    first = first_cohort()
    members: list[Person] = []
    statements: list[str] = []
    left = people
    for texts, ids in copies(acts):
        some = [_person(person, ids) for person in first.people]
        surplus = {person.registration for person in some if person.registration} if left < 24 else set()
        surplus -= {person.registration for person in some[:left]}
        members += [person for person in some if person.registration not in surplus]
        statements += [text for text in texts if not surplus or not surplus & ids_in(text)]
        left -= len(first.participants)
        if left <= 0:
            break
    return replace(first, people=tuple(members)), statements


def _person(person: Person, ids: Mapping[str, str]) -> Person:
    return replace(
        person,
        account=ids.get(person.account, person.account),
        registration=ids.get(person.registration, person.registration) if person.registration else None,
        managers=_relations(person.managers, ids),
        coaches=_relations(person.coaches, ids),
        sponsors=_relations(person.sponsors, ids),
    )


def _relations(relations: tuple[Relation, ...], ids: Mapping[str, str]) -> tuple[Relation, ...]:
    return tuple(replace(relation, account=ids.get(relation.account, relation.account)) for relation in relations)

"""The board of a journey: before, during, after by role. Pure, from what stands in the file, right or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrs_bridge.domain.journey import STEP_TYPES, Phase
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile.editing import Typed
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.words import plural, sentence

ROLE_ORDER = (
    Role.PARTICIPANT,
    Role.MANAGER,
    Role.SPONSOR,
    Role.COACH,
    Role.MENTOR,
    Role.PEER,
    Role.FACILITATOR,
    Role.ASSESSOR,
    Role.EVALUATOR,
    Role.DESIGNER,
    Role.GOAL_OWNER,
    Role.ADMIN,
    Role.SYSTEM,
)
_FAR = 100_000


@dataclass(frozen=True)
class Card:
    """One step as the board shows it. `index` is its place in the file; `opens`, `due` are None where unreadable."""

    index: int
    id: str
    title: str
    phase: str
    owner: str
    type: str
    days: str
    notes: Sequence[str]
    opens: int | None
    due: int | None

    @property
    def order(self) -> tuple[int, int, int]:
        return (_FAR if self.opens is None else self.opens, _FAR if self.due is None else self.due, self.index)


@dataclass(frozen=True)
class Column:
    key: str
    name: str
    count: str


@dataclass(frozen=True)
class RoleRow:
    """`cells`: by phase, in order. `load`: how many steps, in words."""

    name: str
    load: str
    cells: Sequence[Sequence[Card]]


@dataclass(frozen=True)
class Week:
    """One week of the time line, in which somebody's step is open: how many of each role begin in it."""

    name: str
    counts: Sequence[int]


@dataclass(frozen=True)
class Board:
    """`elsewhere`: steps whose phase or owner is none that we know."""

    columns: Sequence[Column]
    rows: Sequence[RoleRow]
    phases: Sequence[tuple[Column, Sequence[Card]]]
    elsewhere: Sequence[Card]
    weeks: Sequence[Week]

    @property
    def empty(self) -> bool:
        return not self.rows and not self.elsewhere


def draw(said: Mapping[str, Typed]) -> Board:
    """The board of a file, as `editing.typed` reads it."""
    cards = sorted(_cards(said), key=lambda card: card.order)
    known = [card for card in cards if card.phase in set(Phase) and card.owner in set(Role)]
    columns = []
    for phase in Phase:
        count = sum(card.phase == phase for card in known)
        columns.append(Column(str(phase), PHASE_NAMES[phase], plural(count, "step")))
    roles = [role for role in ROLE_ORDER if any(card.owner == role for card in known)]
    rows = [_row(role, known) for role in roles]
    phases = [(column, [card for card in known if card.phase == column.key]) for column in columns]
    elsewhere = [card for card in cards if card not in known]
    return Board(columns, rows, phases, elsewhere, _weeks(known, roles))


def _row(role: Role, cards: Sequence[Card]) -> RoleRow:
    own = [card for card in cards if card.owner == role]
    cells = [[card for card in own if card.phase == phase] for phase in Phase]
    return RoleRow(role_name(role), plural(len(own), "step"), cells)


def role_name(role: str) -> str:
    return sentence(str(role).replace("_", " "))


def type_name(type_: str) -> str:
    """Coaching 2-1; Application"""
    known = {"mtm_application": "application", "coaching_2_1": "coaching 2-1", "assessment_360": "360 assessment"}
    return sentence(known.get(type_, type_.replace("_", " ")))


TYPE_OPTIONS = sorted((type_name(one), one) for one in STEP_TYPES)


def _cards(said: Mapping[str, Typed]) -> list[Card]:
    steps = said.get("steps")
    if not isinstance(steps, list):
        return []
    return [_card(index, step) for index, step in enumerate(steps) if isinstance(step, dict)]


def _card(index: int, step: Mapping[str, Typed]) -> Card:
    def told(key: str) -> str:
        found = step.get(key, "")
        return found if isinstance(found, str) else ""

    opens, due = _whole(told("opens_day")), _whole(told("due_day"))
    if opens is None and not told("opens_day"):
        opens = min(0, due or 0)
    if due is None and not told("due_day"):
        due = max(0, opens or 0)
    start = " from joining" if told("from") == "enrolment" else ""
    notes = []
    if told("required").lower() in ("false", "no", "off"):
        notes.append("optional")
    if told("expected") not in ("", "1"):
        notes.append(f"{told('expected')} times")
    if told("route"):
        notes.append(f"route {told('route')}")
    if told("with"):
        notes.append(f"with {told('with').replace('_', ' ')}")
    return Card(
        index=index,
        id=told("id") or "no id",
        title=told("title") or told("id") or "Untitled step",
        phase=told("phase"),
        owner=told("owner"),
        type=type_name(told("type")) if told("type") else "No type",
        days=_days(opens, due) + start,
        notes=notes,
        opens=opens,
        due=due,
    )


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def day(number: int) -> str:
    """−14, with the sign that reads as one."""
    return f"−{-number}" if number < 0 else str(number)


def _days(opens: int | None, due: int | None) -> str:
    if opens is None or due is None:
        return "Days to be mended"
    if opens == due:
        return f"Day {day(opens)}"
    return f"Days {day(opens)} to {day(due)}"


def _weeks(cards: Sequence[Card], roles: Sequence[Role]) -> list[Week]:
    """Weeks in which a step falls due; of stretches without any, nothing."""
    by_week: dict[int, list[Card]] = {}
    for card in cards:
        if card.due is not None:
            by_week.setdefault(card.due // 7, []).append(card)
    return [
        Week(week_name(week), [sum(card.owner == role for card in by_week[week]) for role in roles])
        for week in sorted(by_week)
    ]


def week_name(week: int) -> str:
    """Week 0 is the week of the kick-off; the one before it is week −1."""
    return day(week)

"""What the thirty people of the demo's earlier run were called, ticked and told. All of it is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.casework.sorting import Bucket

NAMES = (
    "Aisha Karim, Bruno Keller, Cecile Arnaud, Damir Babic, Edith Sommer, Farid Nazari, Greta Holm, Hugo Maes, "
    "Ilse Vogt, Janek Wrona, Karin Blom, Leon Fischer, Mira Sand, Noah Brook, Olga Petrenko, Paulo Reis, Quinn Harper, "
    "Ruth Steiner, Samir Aziz, Tilda Berg, Ugo Conte, Vera Lind, Wim Peeters, Xenia Maro, Yann Leroy, Zora Kral, "
    "Adrian Moss, Birgit Falk, Cosmin Radu, Dagny Ek"
).split(", ")
TICKED: Mapping[Bucket, Sequence[Mapping[str, str]]] = MappingProxyType(
    {
        Bucket.HIGH: (
            {"manager_support": "helped", "opportunity_to_use": "helped"},
            {"manager_support": "helped", "timing": "helped"},
            {"preparation_line_of_sight": "helped", "incentives": "hindered"},
            {"manager_support": "helped", "peer_norms": "helped"},
        ),
        Bucket.MIDDLE: (
            {"opportunity_to_use": "helped", "incentives": "hindered"},
            {"timing": "hindered"},
            {"peer_norms": "helped", "tools_resources": "hindered"},
        ),
        Bucket.LOW: (
            {"manager_support": "hindered", "opportunity_to_use": "hindered"},
            {"incentives": "hindered", "timing": "hindered"},
            {"managers_manager": "hindered", "manager_support": "hindered"},
            {"opportunity_to_use": "hindered", "skill_not_learned": "hindered"},
        ),
    }
)
RATIONALE = "More calls that advance the sale, and new sales people who stay beyond their first year"
MONEY: Mapping[str, Any] = MappingProxyType(
    {
        "currency": "EUR",
        "cost": 38_000.0,
        "cost_source": "Invoice of the course, travel, and three days of each participant",
        "target": 0.6,
        "target_source": "Decided by the owner of the goal before the kick-off",
    }
)


@dataclass(frozen=True)
class Talk:
    """One interview. `story`: title and text. `texts`: notes by field of the desk."""

    texts: Mapping[str, str]
    helped: Sequence[str] = ()
    hindered: Sequence[str] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    attribution: float = 1.0
    confidence: float = 1.0
    verdict: str | None = None
    source: str = ""
    quoting: str = "role"
    quote: str = ""
    story: tuple[str, str] | None = None
    released: bool = True


def _texts(claimed: str, evidence: str = "", second: str = "", **questions: str) -> dict[str, str]:
    return {"claimed": claimed, "evidence": evidence, "second": second} | {f"q_{k}": v for k, v in questions.items()}


_RENEWAL = (
    "A renewal that nobody counted on",
    "A sales manager went along to a visit that had been given up. On the way back the two of them wrote one page: one "
    "thing that was seen, one question, one date. The sales person asked the customer that question a week later and "
    "learned that the complaint was about the invoices and not about the product. The contract was renewed.\n"
    "What made it possible: the manager above had cleared half a day for visits, and asked afterwards what had been "
    "seen. A second source agrees: the contract, and the customer’s own mail.",
)
_NEWCOMER = (
    "Somebody new who stayed",
    "A sales person in the first months was about to leave. Instead of a talk about figures, the manager came along to "
    "three calls and said each time what went well and one thing to try. In spring the sales person took on a customer "
    "of their own.\nWhat made it possible: colleagues did the same, so it was nothing special, and there was a real "
    "visit within days of the kick-off.",
)
_BINDER = (
    "The page that stayed in the binder",
    "A sales manager came back from the kick-off with good intentions and a full calendar. Visits were put off for the "
    "end of the quarter, then for the fair. When there was time, the first attempt felt awkward and nobody asked about "
    "it. The bonus counts calls, and a coached call is a long one.\n"
    "What was missing: one visit within the first two weeks, and a question from above. What was lost: two deals that "
    "stalled at the same point.",
)
_DRAFT = (
    "A call that was lost twice",
    "The same objection came up in two calls. After the second, the two of them practised the answer for ten minutes. "
    "The third call went on to an offer.",
)
TALKS: Mapping[Bucket, Sequence[Talk]] = MappingProxyType(
    {
        Bucket.HIGH: (
            Talk(
                _texts(
                    "A renewal was kept after a visit that was coached",
                    "The contract, and the customer’s mail",
                    "The sales director of the area",
                    used="The one-page note, on the day, in the car",
                    result="The right question was asked a week later",
                    helped="My manager cleared the half day and asked what I saw",
                ),
                ("manager_support", "opportunity_to_use"),
                (),
                18_000,
                14_000,
                21_000,
                0.5,
                0.8,
                "verified",
                "The contract, and the director who signed it",
                quote="We had written it off. Then we asked one question, and it was about the invoices.",
                story=_RENEWAL,
            ),
            Talk(
                _texts(
                    "Somebody new stayed and took on a customer",
                    "The personnel record",
                    "Their colleague in the next area",
                    used="Three calls, each with one thing to try",
                    result="They stayed",
                ),
                ("manager_support", "peer_norms", "timing"),
                (),
                12_000,
                6_000,
                16_000,
                0.5,
                0.7,
                "verified",
                "The personnel officer, who had the notice on the desk",
                quote="Nobody had ever told them what they did well.",
                story=_NEWCOMER,
            ),
            Talk(
                _texts("Two stalled offers went on", "The list of open offers", "The list itself"),
                ("manager_support", "preparation_line_of_sight"),
                ("incentives",),
                9_000,
                7_000,
                11_000,
                0.6,
                0.8,
                "verified",
                "The list of open offers, before and after",
                quoting="not",
            ),
            Talk(
                _texts("Fewer visits without a next step", "Notes of the quarter", "A count by the back office"),
                ("manager_support", "tools_resources"),
                (),
                6_000,
                4_000,
                9_000,
                0.5,
                0.6,
                "verified",
                "The back office counted them",
                story=_DRAFT,
                released=False,
            ),
            Talk(
                _texts("A large customer came back", "A letter", "The key account manager"),
                ("opportunity_to_use",),
                ("incentives",),
                40_000,
                20_000,
                60_000,
                0.3,
                0.5,
                "disagrees",
                "The key account manager, who says it was the new price list",
            ),
            Talk(
                _texts("A complaint was settled in one call", "The complaint’s file", "The service desk"),
                ("manager_support", "preparation_line_of_sight", "opportunity_to_use"),
                (),
                5_000,
                3_000,
                6_000,
                0.8,
                0.9,
                "verified",
                "The service desk, from the file",
            ),
        ),
        Bucket.MIDDLE: (
            Talk(_texts("Notes are written, nobody reads them yet"), ("peer_norms",), ("incentives",)),
            Talk(_texts("It was used twice, too early to say"), ("timing",), ("tools_resources",)),
        ),
        Bucket.LOW: (
            Talk(
                _texts(
                    "It was not used",
                    tried="One visit, five weeks after the kick-off",
                    stopped="No time before the fair, and nobody asked",
                    missing="A visit in the first two weeks, and a question from above",
                    lost="Two deals stalled at the same point",
                ),
                (),
                ("manager_support", "opportunity_to_use", "incentives"),
                quote="A coached call takes twice as long, and my bonus counts calls.",
                story=_BINDER,
            ),
            Talk(_texts("It was not used"), (), ("manager_support", "managers_manager")),
            Talk(_texts("Tried once"), ("preparation_line_of_sight",), ("opportunity_to_use", "incentives")),
            Talk(_texts("It was not used"), ("timing",), ("manager_support", "incentives")),
            Talk(_texts("It was not used"), (), ("skill_not_learned", "opportunity_to_use")),
            Talk(_texts("Tried once, it felt awkward"), ("manager_support",), ("peer_norms", "timing")),
        ),
    }
)
"""By bucket, in the order in which they are drawn."""

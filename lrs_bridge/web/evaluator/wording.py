"""Figures, ranges and states of a study in words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isinf

from lrs_bridge.domain.casework.acts import Verdict
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.casework.worth import Estimate
from lrs_bridge.web.words import plain

VERDICTS = {
    Verdict.VERIFIED: "A second source agrees",
    Verdict.DISAGREES: "A second source disagrees",
    Verdict.NO_SOURCE: "No second source was found",
}
QUOTING = {"named": "With their name", "role": "Without their name", "not": "Not quoted at all"}


def money(value: float, currency: str = "") -> str:
    """EUR 90,000; cents only under 100. Half up, as everywhere."""
    places = 0 if abs(value) >= 100 or value == int(value) else 2
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{exact:,f}".replace("-", "−")
    return f"{currency} {text}".strip()


def percent(share: float) -> str:
    """12.5 %"""
    return f"{plain(100 * share)} %".replace("-", "−")


def between(one: Estimate, share: bool = False, currency: str = "") -> str:
    """The ends of a range, `never` where there is none above."""
    if one.low == one.high:
        return "The same: what it rests on has no range"
    low, high = (percent(one.low), percent(one.high)) if share else (money(one.low, currency), _high(one, currency))
    if share and isinf(one.high):
        return f"From {percent(one.low)}; in the worst case never"
    return f"{low} to {high}"


def _high(one: Estimate, currency: str) -> str:
    return money(one.high, currency)


def state_of(study: Study, registration: str) -> dict[str, str]:
    """How far it is with somebody, as a chip."""
    word = study.consents.get(registration)
    if registration in study.interviews:
        known = study.verifications.get(registration)
        if known is None:
            return {"kind": "act", "sign": "check", "text": "Interview held"}
        kinds = {
            Verdict.VERIFIED: ("done", "check"),
            Verdict.DISAGREES: ("care", "alert"),
            Verdict.NO_SOURCE: ("", "minus"),
        }
        kind, sign = kinds[known.verdict]
        return {"kind": kind, "sign": sign, "text": VERDICTS[known.verdict]}
    if word is not None and not word.agreed:
        return {"kind": "", "sign": "minus", "text": "Would rather not talk"}
    if word is not None:
        return {"kind": "act", "sign": "clock", "text": "Agreed to talk"}
    return {"kind": "", "sign": "clock", "text": "Drawn, not asked yet"}

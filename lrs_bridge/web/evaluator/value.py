"""Value, unrealised value, return and break-even, as points and as ranges, with everything they rest on beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import marshmallow as ma
from flask import Blueprint

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.worth import Estimate, Worth
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.fields import Figure, Share, line
from lrs_bridge.web.evaluator.room import Answer, back_to, enter, form_of, keep, page
from lrs_bridge.web.evaluator.wording import between, money, percent
from lrs_bridge.web.forms import Acting, Form, WrongForm, read
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import plain
from lrs_bridge.wiring import Bridge


class _Cost(Figure):
    """Not under zero: nobody is paid for being trained."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> float | None:
        number = super()._deserialize(value, *rest, **more)
        if number is not None and number < 0:
            raise ma.ValidationError("A cost is not under zero.")
        return number


class _Money(Acting):
    currency = line(8)
    cost = _Cost("Give what the training cost, for example 150000.")
    cost_source = line()
    target = Share("Give a share between 0 and 100 %.")
    target_source = line()


@dataclass(frozen=True)
class Row:
    """A figure: what it is, the point, the range, and how it comes about, in words with its numbers."""

    title: str
    point: str
    range: str
    how: str


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study/value")
    def study_value() -> Answer:
        visit, _, room = enter(bridge)
        return _page(visit, room, _form(room))

    @pages.post("/study/value")
    def keep_money() -> Answer:
        visit, run, room = enter(bridge)
        try:
            data = read(_Money())
        except WrongForm as wrong:
            return _page(visit, room, wrong.form), 422
        act = str(data.pop("act"))
        kept = asdict(replace(room.study.money, **data))
        keep(bridge, visit, run, Doing(act, Action.MONEY, data=kept))
        return back_to("study_value", "money", act)


def _form(room: Room) -> Form:
    known = asdict(room.study.money)
    known["cost"] = "" if known["cost"] is None else plain(known["cost"])
    known["target"] = "" if known["target"] is None else plain(100 * known["target"])
    return form_of(known)


def _page(visit: Visit, room: Room, form: Form) -> str:
    worth = room.study.worth
    return page(
        "value",
        visit,
        room,
        "study_value",
        form=form,
        worth=worth,
        rows=rows_of(worth) if worth else [],
        cases=_cases(worth) if worth else [],
        assumed=assumed(worth) if worth else [],
    )


def rows_of(worth: Worth) -> list[Row]:
    """Every figure with its sum."""
    c, currency = worth.counts, worth.money.currency
    cost, target = worth.money.cost or 0.0, worth.money.target or 0.0
    each, cases = money(worth.each.point, currency), plain(worth.cases.point)

    def row(title: str, one: Estimate | None, how: str, share: bool = False) -> list[Row]:
        if one is None:
            return []
        point = percent(one.point) if share else money(one.point, currency)
        return [Row(title, point, between(one, share, currency), how)]

    cases_range = f"{plain(worth.cases.low, 1)} to {plain(worth.cases.high, 1)}"
    return [
        Row(
            "Real cases", cases, cases_range, f"{c.high} in High × {c.verified} verified ÷ {c.interviewed} interviewed"
        ),
        *row("Worth of a case", worth.each, f"Mean of {len(worth.valued)} verified cases, adjusted"),
        *row("Value realised", worth.value, f"{each} × {cases} cases"),
        Row(
            "By the median",
            money(worth.value_by_median, currency),
            "",
            f"{money(worth.each_median, currency)} × {cases}",
        ),
        *row("Share of enrolled who succeeded", worth.share, f"{cases} ÷ {c.enrolled} enrolled", share=True),
        *row("Value not realised", worth.unrealised, f"{each} × ({percent(target)} of {c.enrolled} − {cases})"),
        *row("Return", worth.roi, f"({money(worth.value.point)} − {money(cost)}) ÷ {money(cost)}", share=True),
        *row(
            "Return at the share wanted",
            worth.roi_at_target,
            f"({money(worth.each.point)} × {percent(target)} × {c.enrolled} − {money(cost)}) ÷ {money(cost)}",
            share=True,
        ),
        *row(
            "Breaks even at",
            worth.break_even,
            f"{money(cost)} ÷ ({money(worth.each.point)} × {c.enrolled})",
            share=True,
        ),
        *row("Cost of not using it", worth.non_use, f"{money(cost)} × (1 − {percent(worth.share.point)})"),
    ]


def _cases(worth: Worth) -> list[dict[str, Any]]:
    currency = worth.money.currency
    return [
        {
            "code": one.code,
            "value": money(one.value, currency),
            "range": "" if one.low == one.high else f"{money(one.low, currency)} to {money(one.high, currency)}",
            "attribution": percent(one.attribution),
            "confidence": percent(one.confidence),
            "adjusted": money(one.adjusted.point, currency),
        }
        for one in worth.valued
    ]


def assumed(worth: Worth) -> list[tuple[str, str]]:
    """What the figures rest on, in sentences: for the page and for reports."""
    entered = worth.money
    found = [
        (
            "Those of High who were not interviewed",
            f"are as often real as those who were: {worth.counts.verified} of {worth.counts.interviewed}. "
            "The range is Wilson’s 95 % interval of that share.",
        ),
        (
            "Those of High who were not valued",
            f"are worth as much as the {len(worth.valued)} who were, on average.",
        ),
        (
            "Each value",
            "is what the person said and a second source agreed with, times the share due to the training, times how "
            "sure the estimate is. Its range is the least and the most that was said.",
        ),
        ("Those who did not answer", "and those in Middle and Low count as no case, with no value."),
    ]
    if entered.cost is not None:
        found.append(
            ("Cost", f"{money(entered.cost, entered.currency)}. {entered.cost_source or 'No source is given.'}")
        )
    if entered.target is not None:
        wanted = f"{percent(entered.target)} of people who should succeed. "
        found.append(("Share wanted", wanted + (entered.target_source or "No source is given.")))
    return found

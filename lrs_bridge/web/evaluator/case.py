"""One case: its answers, the move by hand, and everything of its interview on one page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from lrs_bridge.domain.casework.acts import Action, Interview
from lrs_bridge.domain.casework.factors import FACTORS
from lrs_bridge.domain.casework.protocol import BEFORE, PROTOCOL
from lrs_bridge.domain.casework.sorting import Bucket, Case
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.studying import Room
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.studies import Doing
from lrs_bridge.web.evaluator.board import card_of
from lrs_bridge.web.evaluator.room import BUCKETS, Answer, back_to, enter, keep, name_of, page, registration_of
from lrs_bridge.web.evaluator.wording import QUOTING, VERDICTS, money, percent
from lrs_bridge.web.forms import Acting, Form, WrongForm, one_of, read, text
from lrs_bridge.web.record_looks import Notebook
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import full_day, plain
from lrs_bridge.wiring import Bridge

USE = {3: "used, clear result", 2: "used, no result yet", 1: "used a little", 0: "not used"}


class _Move(Acting):
    to = one_of([str(bucket) for bucket in Bucket], "Choose where it goes.")
    reason = text("Say why. It stands on record.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study/cases/<code>")
    def study_case(code: str) -> Answer:
        visit, run, room = enter(bridge)
        if name_of(room, registration_of(room, code)) is not None:
            viewer = Viewer(str(Role.EVALUATOR), account=visit.account, run_id=run.id)
            Notebook(bridge.sessions, visit.tenant_id, viewer, False, visit.now).note(Looked.CASE, {"case": code}, 1)
        return show_case(visit, room, code)

    @pages.post("/study/cases/<code>/move")
    def move_study_case(code: str) -> Answer:
        visit, run, room = enter(bridge)
        subject = registration_of(room, code)
        try:
            data = read(_Move())
        except WrongForm as wrong:
            return show_case(visit, room, code, move=wrong.form), 422
        act = Doing(str(data["act"]), Action.MOVE, subject, {"to": data["to"]}, {"reason": data["reason"]})
        keep(bridge, visit, run, act)
        return back_to("study_case", "move", act.id, code=code)


def show_case(visit: Visit, room: Room, code: str, **forms: Form) -> str:
    """The page of a case, with those forms on it that were wrong when they were sent."""
    registration = registration_of(room, code)
    study = room.study
    case = study.by_registration[registration]
    interview = study.interviews.get(registration)
    drawn = any(one.registration == registration for one in study.sample)
    word = study.consents.get(registration)
    survey = study.survey.items if study.survey else ()
    return page(
        "case",
        visit,
        room,
        "study_interviews" if drawn or interview else "study_board",
        case=case,
        card=card_of(room, case, drawn),
        name=name_of(room, registration),
        answers=[
            (title, "No answer" if point is None else f"{point}, {USE[point]}")
            for (_, title), point in zip(survey, case.answer.points, strict=False)
        ],
        said=[(FACTORS[code_], side) for code_, side in case.answer.factors.items() if code_ in FACTORS],
        moves=[Option(str(one), title) for one, title in BUCKETS.items() if one is not case.by_rule],
        drawn=drawn,
        word=word,
        word_says=_word(room, registration),
        talks=(drawn or interview is not None) and (word is None or word.agreed),
        interview=interview,
        told=_told(interview, case.bucket, study.money.currency) if interview else [],
        verification=study.verifications.get(registration),
        verdicts=[Option(str(one), title) for one, title in VERDICTS.items()],
        quoting=[Option(key, title) for key, title in QUOTING.items()],
        quotable=word is not None and word.agreed and word.quoting != "not",
        quotes=[quote for quote in study.quotes if quote.registration == registration],
        stories=[story for story in study.stories if story.registration == registration],
        questions=PROTOCOL[case.bucket],
        first=BEFORE,
        factors=[Option(key, title) for key, title in FACTORS.items()],
        forms_={
            "move": forms.get("move") or Form(start={"to": str(case.bucket)}),
            "word": forms.get("word") or Form(),
            "interview": forms.get("interview") or _start(visit, case, interview, word.quoting if word else ""),
            "verify": forms.get("verify") or _verify_start(room, registration),
            "quote": forms.get("quote") or Form(),
        },
    )


def fields_of(bucket: Bucket) -> list[str]:
    return [f"q_{id_}" for id_, _ in PROTOCOL[bucket]]


def _word(room: Room, registration: str) -> str:
    word = room.study.consents.get(registration)
    if word is None:
        return "Nobody has asked them yet."
    day = full_day(room.study.about.local_day(word.at))
    who = "They said so here themselves" if word.own else "They told the evaluator"
    if not word.agreed:
        return f"They would rather not talk, or withdrew. {who}, {day}."
    how = {"named": "with their name", "role": "without their name", "not": "and are not to be quoted"}[word.quoting]
    return f"They agreed to talk, {how}. {who}, {day}."


def _start(visit: Visit, case: Case, known: Interview | None, quoting: str) -> Form:
    """What stands already, so that an interview is finished in several goes."""
    start: dict[str, Any] = {"day": visit.today, "quoting": quoting}
    if known is not None:
        start |= {f"q_{id_}": said for id_, said in (known.answers or {}).items()}
        start |= {"day": known.day, "claimed": known.claimed or "", "evidence": known.evidence or ""}
        start |= {"second": known.second or ""}
        for side in ("helped", "hindered"):
            start[side] = [code for code, said in known.factors.items() if said == side]
        for name in ("value", "low", "high"):
            figure = getattr(known, name)
            start[name] = "" if figure is None else plain(figure)
        start |= {"attribution": plain(100 * known.attribution), "confidence": plain(100 * known.confidence)}
    else:
        start |= {
            side: [code for code, said in case.answer.factors.items() if said == side]
            for side in ("helped", "hindered")
        }
        start |= {"attribution": "100", "confidence": "100"}
    return Form(start=start)


def _verify_start(room: Room, registration: str) -> Form:
    known = room.study.verifications.get(registration)
    if known is None:
        return Form()
    return Form(start={"verdict": str(known.verdict), "source": known.source or "", "note": known.note or ""})


def _told(known: Interview, bucket: Bucket, currency: str) -> list[tuple[str, str]]:
    """An interview as it is read again. What was erased is said to be."""
    gone = "Erased"
    found = [("Held on", full_day(known.day))]
    for id_, question in PROTOCOL[bucket]:
        said = gone if known.answers is None else known.answers.get(id_, "")
        if said:
            found.append((question, said))
    for label, said_ in (
        ("What is claimed", known.claimed),
        ("Evidence", known.evidence),
        ("Second source", known.second),
    ):
        if said_ is None or said_:
            found.append((label, gone if said_ is None else said_))
    for side, label in (("helped", "What helped"), ("hindered", "What got in the way")):
        titles = [FACTORS[code] for code, said in known.factors.items() if said == side]
        if titles:
            found.append((label, ", ".join(titles)))
    if known.value is not None:
        ends = f", between {money(known.low or 0, currency)} and {money(known.high or 0, currency)}"
        found.append(("Worth", money(known.value, currency) + (ends if known.low != known.high else "")))
        found.append(("Due to the training", percent(known.attribution)))
        found.append(("How sure", percent(known.confidence)))
    return found

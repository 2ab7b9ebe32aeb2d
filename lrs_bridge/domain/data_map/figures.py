"""Figures: results, totals that came out, and what the gradebook is told."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map.holding import Blank, Drop, Holding, Kept, Key

HOLDINGS: Mapping[str, Holding] = {
    "result": Holding(
        "The latest value of every indicator: of people, leaders, areas and runs.",
        "As each indicator declares",
        Kept.PROCESS,
        content="value body",
        process="subject indicator status computed run_id kind",
        plain="id tenant_id old_since",
        over=(Drop("run_id", Key.RUN, only="person"),),
    ),
    "result_of_day": Holding(
        "What the indicators of runs and areas were each day.",
        "Evaluators; teachers where they see everybody by name",
        Kept.AGGREGATE,
        content="value",
        process="run_id indicator area day status n",
        plain="tenant_id version",
    ),
    "publication": Holding(
        "Frozen totals of what people said, by run and area; of the latest, marks of whose answers are in it.",
        "Figures as each indicator declares; marks nobody",
        Kept.AGGREGATE,
        content="figures cut",
        process="run_id indicator number made out last",
        plain="id tenant_id",
        over=(Blank("run_id", Key.RUN, "cut"),),
    ),
    "suppression": Holding(
        "What was held back by the rule for small groups, and why.",
        "Evaluators",
        Kept.AGGREGATE,
        process="run_id indicator area rule n since ended",
        plain="id tenant_id",
    ),
    "score": Holding(
        "What the gradebook is told, and was.",
        "The person, teachers",
        Kept.PROCESS,
        content="wanted sent",
        process="enrolment_id run_id indicator progress sent_at state label since",
        plain="tenant_id maximum sent_maximum sent_progress stamp attempts next_at lease_until reason",
        erased=(Drop("enrolment_id", Key.ENROLMENT),),
        over=(Drop("run_id", Key.RUN),),
    ),
    "headway": Holding(
        "Which steps that are over each participant and their manager did, in time or late, how many moments, and how "
        "far each came up to a confirmed one.",
        "Teachers",
        Kept.PROCESS,
        process="enrolment_id run_id body computed",
        plain="tenant_id",
        erased=(Drop("enrolment_id", Key.ENROLMENT),),
        over=(Drop("run_id", Key.RUN),),
    ),
    "evaluation_due": Holding(
        "Who is to be evaluated next.",
        "Administrators see failures",
        Kept.ALWAYS,
        process="subject at reason run_id",
        plain="tenant_id failures renew lease claim tries in_hand",
    ),
    "evaluator_failure": Holding(
        "Of whom an evaluator failed, under random ids.",
        "Administrators",
        Kept.ALWAYS,
        process="due whom first last reason run_id",
        plain="tenant_id evaluator kind made_by times seconds",
    ),
    "recomputation": Holding(
        "That a run is computed again, and who asked for it.",
        "Administrators",
        Kept.ALWAYS,
        identity="by",
        process="asked run_id",
        plain="tenant_id reason began total finished made_with",
    ),
}

"""The record: statements, what is read from them, and who looked."""

from __future__ import annotations

from collections.abc import Mapping

from lrs_bridge.domain.data_map.holding import Drop, Holding, Kept, Key

HOLDINGS: Mapping[str, Holding] = {
    "fact": Holding(
        "What statements say: who did which step, answers, ratings, outcomes. No texts.",
        "Deeds by name as declared; answers the person, others as totals",
        Kept.PROCESS,
        identity="actor",
        content="body",
        process="kind registration run_id step target at recorded stored",
        plain="tenant_id id voided confirmed unclaimed",
        over=(Drop("registration", Key.ENROLMENT), Drop("run_id", Key.RUN)),
    ),
    "event": Holding(
        "What people did here, as it went into statements.",
        "As for facts",
        Kept.PROCESS,
        content="data",
        process="actor kind enrolment_id step at recorded run_id",
        plain="id tenant_id statement_id",
        over=(Drop("run_id", Key.RUN),),
    ),
    "statement": Holding(
        "The embedded record store: every statement, under random ids, or as other systems sent it.",
        "Evaluators without answers, administrators who say why",
        Kept.RECORD,
        content="body",
        plain="stored tenant_id id refers_to voids voided",
    ),
    "outbox_statement": Holding(
        "Statements on their way; delivered ones without their body.",
        "Administrators see numbers and reasons",
        Kept.RECORD,
        identity="aside_by",
        content="body",
        process="created delivered",
        plain="statement_id tenant_id state attempts next_at lease_until reason aside_for aside_at",
    ),
    "forwarded_statement": Holding(
        "Statements that other systems forward, until they are read.",
        "Nobody",
        Kept.RECORD,
        content="body",
        process="received",
        plain="tenant_id id key_id voids",
    ),
    "unreadable_statement": Holding(
        "Statements that could not be read, whole, until somebody sets them aside.",
        "Administrators",
        Kept.RECORD,
        content="body",
        process="seen",
        plain="tenant_id id reason source version set_aside",
    ),
    "attachment_piece": Holding(
        "Attachments of statements of other systems.",
        "Whoever holds a key of the record store",
        Kept.RECORD,
        content="content",
        plain="tenant_id sha2 number",
    ),
    "document": Holding(
        "State and profile documents that other systems keep about people.",
        "Whoever holds a key of the record store",
        Kept.RECORD,
        identity="agent",
        content="content",
        process="activity registration updated",
        plain="shelf place tenant_id kind id content_type etag",
    ),
    "activity": Holding(
        "Definitions of activities.",
        "Whoever holds a key of the record store",
        Kept.ALWAYS,
        plain="tenant_id key id definition updated",
    ),
    "passed_over": Holding(
        "Which sorts of statements no journey had a use for.",
        "Administrators",
        Kept.ALWAYS,
        plain="tenant_id id verb activity times latest",
    ),
    "news": Holding(
        "What listeners are still to be told, under random ids.",
        "Nobody",
        Kept.SHORT,
        content="body",
        process="created",
        plain="id tenant_id listener heard",
    ),
    "record_access": Holding(
        "Who looked at statements: when, what was asked for, how much was shown.",
        "Administrators",
        Kept.ACCESS,
        process="at role account visit run_id looked content filter count",
        plain="id tenant_id",
    ),
}

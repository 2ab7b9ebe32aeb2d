"""Notes of coach and coachee, words of sponsors, the performance outcome, and what gets in the way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "coaching_note",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("coach_id", sa.String(36), nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_note")),
        _reference("coaching_note", "tenant_id", "tenant"),
        _reference("coaching_note", "run_id", "run"),
        _reference("coaching_note", "enrolment_id", "enrolment"),
        _reference("coaching_note", "coach_id", "person"),
        _reference("coaching_note", "author_id", "person"),
    )
    op.create_index("ix_coaching_note_enrolment_coach", "coaching_note", ["enrolment_id", "coach_id"])
    op.create_table(
        "coaching_consent",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("coach_id", sa.String(36), nullable=False),
        sa.Column("reader_id", sa.String(36), nullable=False),
        sa.Column("given", UtcDateTime(), nullable=False),
        sa.Column("ended", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_consent")),
        _reference("coaching_consent", "tenant_id", "tenant"),
        _reference("coaching_consent", "enrolment_id", "enrolment"),
        _reference("coaching_consent", "coach_id", "person"),
        _reference("coaching_consent", "reader_id", "person"),
    )
    op.create_index("ix_coaching_consent_enrolment", "coaching_consent", ["enrolment_id"])
    op.create_table(
        "sponsor_word",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("step", sa.String(200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(2000), nullable=True),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=True),
        sa.Column("thanked", UtcDateTime(), nullable=True),
        sa.Column("thanked_by", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_word")),
        _reference("sponsor_word", "tenant_id", "tenant"),
        _reference("sponsor_word", "run_id", "run"),
        _reference("sponsor_word", "author_id", "person"),
        _reference("sponsor_word", "thanked_by", "person"),
    )
    op.create_index("ix_sponsor_word_run", "sponsor_word", ["run_id", "kind"])
    op.create_table(
        "outcome_entry",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("by_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("measure", sa.String(200), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("instead_of", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_entry")),
        _reference("outcome_entry", "tenant_id", "tenant"),
        _reference("outcome_entry", "run_id", "run"),
        _reference("outcome_entry", "by_id", "person"),
    )
    op.create_index("ix_outcome_entry_run", "outcome_entry", ["run_id", "at"])
    op.create_table(
        "tension_request",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("by_id", sa.String(36), nullable=False),
        sa.Column("asked", UtcDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tension_request")),
        _reference("tension_request", "tenant_id", "tenant"),
        _reference("tension_request", "run_id", "run"),
        _reference("tension_request", "by_id", "person"),
    )
    op.create_index("ix_tension_request_run", "tension_request", ["run_id"])
    op.create_table(
        "tension",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("factors", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tension")),
        sa.UniqueConstraint("request_id", "mark", name=op.f("uq_tension_request_id_mark")),
        _reference("tension", "tenant_id", "tenant"),
        _reference("tension", "request_id", "tension_request"),
    )


def downgrade() -> None:
    op.drop_table("tension")
    op.drop_index("ix_tension_request_run", "tension_request")
    op.drop_table("tension_request")
    op.drop_index("ix_outcome_entry_run", "outcome_entry")
    op.drop_table("outcome_entry")
    op.drop_index("ix_sponsor_word_run", "sponsor_word")
    op.drop_table("sponsor_word")
    op.drop_index("ix_coaching_consent_enrolment", "coaching_consent")
    op.drop_table("coaching_consent")
    op.drop_index("ix_coaching_note_enrolment_coach", "coaching_note")
    op.drop_table("coaching_note")

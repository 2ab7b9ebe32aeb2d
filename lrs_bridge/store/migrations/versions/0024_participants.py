"""Anonymous answers, consents to interviews, replies, notices that were read, and requests to be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "answer_box",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("marks", Json(), nullable=False),
        sa.Column("waiting", Json(), nullable=False),
        sa.Column("words", Json(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "step", name=op.f("pk_answer_box")),
        _reference("answer_box", "run_id", "run"),
        _reference("answer_box", "tenant_id", "tenant"),
    )
    op.create_index(op.f("ix_answer_box_tenant_id"), "answer_box", ["tenant_id"])
    op.create_table(
        "interview_consent",
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("quoting", sa.String(10), nullable=True),
        sa.Column("decided", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("enrolment_id", "step", name=op.f("pk_interview_consent")),
        _reference("interview_consent", "enrolment_id", "enrolment"),
        _reference("interview_consent", "tenant_id", "tenant"),
    )
    op.create_index(op.f("ix_interview_consent_run_id"), "interview_consent", ["run_id"])
    op.create_table(
        "reply",
        sa.Column("statement_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_reply")),
        _reference("reply", "tenant_id", "tenant"),
        _reference("reply", "enrolment_id", "enrolment"),
    )
    op.create_index(op.f("ix_reply_enrolment_id"), "reply", ["enrolment_id"])
    op.create_table(
        "notice_read",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("read", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "person_id", "role", name=op.f("pk_notice_read")),
        _reference("notice_read", "run_id", "run"),
        _reference("notice_read", "person_id", "person"),
        _reference("notice_read", "tenant_id", "tenant"),
    )
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("asked", UtcDateTime(), nullable=False),
        sa.Column("settled", UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
        _reference("erasure_request", "tenant_id", "tenant"),
        _reference("erasure_request", "person_id", "person"),
    )
    op.create_index("ix_erasure_request_person", "erasure_request", ["tenant_id", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_erasure_request_person", "erasure_request")
    op.drop_table("erasure_request")
    op.drop_table("notice_read")
    op.drop_index(op.f("ix_reply_enrolment_id"), "reply")
    op.drop_table("reply")
    op.drop_index(op.f("ix_interview_consent_run_id"), "interview_consent")
    op.drop_table("interview_consent")
    op.drop_index(op.f("ix_answer_box_tenant_id"), "answer_box")
    op.drop_table("answer_box")

"""Compute runs again in the background, and watch how evaluators behave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = sa.text("asked IS NOT NULL AND finished IS NULL")
_RENEW = sa.text("renew IS NOT NULL")


def _when(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "recomputation",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        _when("asked"),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        _when("began"),
        sa.Column("total", sa.Integer(), nullable=False),
        _when("finished"),
        sa.Column("made_with", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_recomputation_run_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_recomputation_tenant_id"),
        sa.PrimaryKeyConstraint("run_id", name="pk_recomputation"),
    )
    op.create_index(
        "ix_recomputation_open", "recomputation", ["tenant_id", "asked"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    _watch()
    _failures()
    for column in (
        _when("renew"),
        _when("lease"),
        sa.Column("claim", sa.String(36), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("in_hand", sa.String(100), nullable=True),
    ):
        op.add_column("evaluation_due", column)
    op.create_index(
        "ix_evaluation_due_renew", "evaluation_due", ["run_id"], sqlite_where=_RENEW, postgresql_where=_RENEW
    )
    op.add_column("result", _when("old_since"))


def _watch() -> None:
    op.create_table(
        "evaluator_watch",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("evaluator", sa.String(100), nullable=False),
        sa.Column("made_by", sa.String(300), nullable=False),
        _when("first", nullable=False),
        _when("last"),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("worst", sa.Double(), nullable=False),
        _when("worst_at"),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        _when("last_failure"),
        sa.Column("last_reason", sa.String(500), nullable=True),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        _when("slow_since"),
        sa.Column("state", sa.String(10), nullable=False),
        _when("since"),
        sa.Column("why", sa.String(500), nullable=True),
        sa.Column("trial", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_evaluator_watch_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "evaluator", "made_by", name="pk_evaluator_watch"),
    )


def _failures() -> None:
    op.create_table(
        "evaluator_failure",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("due", sa.String(36), nullable=False),
        sa.Column("evaluator", sa.String(100), nullable=False),
        sa.Column("whom", sa.String(100), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("made_by", sa.String(300), nullable=False),
        _when("first", nullable=False),
        _when("last", nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_evaluator_failure_tenant_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_evaluator_failure_run_id"),
        sa.PrimaryKeyConstraint("tenant_id", "due", "evaluator", "whom", name="pk_evaluator_failure"),
    )


def downgrade() -> None:
    op.drop_column("result", "old_since")
    op.drop_index("ix_evaluation_due_renew", "evaluation_due")
    for name in ("in_hand", "tries", "claim", "lease", "renew"):
        op.drop_column("evaluation_due", name)
    op.drop_table("evaluator_failure")
    op.drop_table("evaluator_watch")
    op.drop_index("ix_recomputation_open", "recomputation")
    op.drop_table("recomputation")

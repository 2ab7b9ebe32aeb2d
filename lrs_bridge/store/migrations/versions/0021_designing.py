"""Drafts of journeys, the history of runs, pilots, who published a version, and a person's own day zero."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, Shown, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("title", Shown(300), nullable=False),
        sa.Column("slug", Shown(100), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("base_id", sa.String(36), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.Column("by", Shown(200), nullable=False),
        sa.Column("removed", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_draft_tenant_id")),
        sa.ForeignKeyConstraint(["base_id"], ["journey.id"], name=op.f("fk_draft_base_id")),
    )
    op.create_index("ix_draft_tenant_changed", "draft", ["tenant_id", "changed"])
    op.create_table(
        "run_change",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(36), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("old", Json(), nullable=True),
        sa.Column("new", Json(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", Shown(200), nullable=False),
        sa.Column("undoes", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_change")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_run_change_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_change_run_id")),
    )
    op.create_index("ix_run_change_run_at", "run_change", ["run_id", "at"])
    op.add_column("journey", sa.Column("by", Shown(200), nullable=True))
    op.add_column("run", sa.Column("pilot", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("enrolment", sa.Column("day_zero", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("enrolment", "day_zero")
    op.drop_column("run", "pilot")
    op.drop_column("journey", "by")
    op.drop_index("ix_run_change_run_at", "run_change")
    op.drop_table("run_change")
    op.drop_index("ix_draft_tenant_changed", "draft")
    op.drop_table("draft")

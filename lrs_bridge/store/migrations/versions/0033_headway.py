"""How far each participant has come, for pages about a whole run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "headway",
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("computed", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_headway")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_headway_enrolment_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_headway_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_headway_run_id")),
    )
    op.create_index("ix_headway_run_id", "headway", ["run_id"])


def downgrade() -> None:
    op.drop_table("headway")

"""What people of a pilot say about its steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pilot_remark",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("step", sa.String(100), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made", UtcDateTime(), nullable=False),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("settled", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_remark")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_pilot_remark_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_pilot_remark_run_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_pilot_remark_author_id")),
    )
    op.create_index("ix_pilot_remark_run", "pilot_remark", ["tenant_id", "run_id"])
    op.create_index(op.f("ix_pilot_remark_author_id"), "pilot_remark", ["author_id"])


def downgrade() -> None:
    op.drop_table("pilot_remark")

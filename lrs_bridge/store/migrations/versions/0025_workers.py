"""Signs of life of workers, tallies of what happened, and fair turns of tenants in evaluating."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Shown, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_sign",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("host", Shown(200), nullable=False),
        sa.Column("called_by", sa.String(20), nullable=False),
        sa.Column("version", Shown(50), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_sign")),
    )
    op.create_table(
        "tally",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("label", sa.String(50), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "label", name=op.f("pk_tally")),
    )
    op.create_index("ix_evaluation_due_tenant_id_at", "evaluation_due", ["tenant_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_evaluation_due_tenant_id_at", "evaluation_due")
    op.drop_table("tally")
    op.drop_table("worker_sign")

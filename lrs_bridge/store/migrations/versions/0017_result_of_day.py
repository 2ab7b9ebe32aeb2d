"""Keep what the indicators of groups were at the end of each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "result_of_day",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("indicator", sa.String(100), nullable=False),
        sa.Column("area", sa.String(100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_result_of_day_run_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_result_of_day_tenant_id"),
        sa.PrimaryKeyConstraint("run_id", "indicator", "area", "day", name="pk_result_of_day"),
    )


def downgrade() -> None:
    op.drop_table("result_of_day")

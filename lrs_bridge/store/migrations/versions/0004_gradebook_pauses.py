"""Remember which LMS is down, and park what was refused before until somebody has it tried again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gradebook_pause",
        sa.Column("platform_id", sa.String(36), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_gradebook_pause_platform_id")),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_gradebook_pause")),
    )
    op.execute("UPDATE score SET next_at = NULL WHERE state = 'refused'")


def downgrade() -> None:
    op.drop_table("gradebook_pause")

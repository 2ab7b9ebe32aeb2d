"""Keep how far the roster of each run is, where a course's groups are, and find people by e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_sync",
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("left_run", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_roster_sync_run_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_roster_sync_tenant_id"),
        sa.PrimaryKeyConstraint("run_id", name="pk_roster_sync"),
    )
    op.create_index("ix_roster_sync_next_at", "roster_sync", ["next_at"])
    op.create_index("ix_person_email", "person", ["email"])
    op.add_column("course", sa.Column("groups_url", sa.String(2000), nullable=True))


def downgrade() -> None:
    op.drop_column("course", "groups_url")
    op.drop_index("ix_person_email", "person")
    op.drop_index("ix_roster_sync_next_at", "roster_sync")
    op.drop_table("roster_sync")

"""Keep pauses of a record store and its latest test; find in the outbox what is due, and what is oldest, by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_pause",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_record_pause_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_record_pause"),
    )
    op.create_table(
        "record_probe",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_record_probe_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_record_probe"),
    )
    op.drop_index("ix_outbox_statement_due", "outbox_statement")
    due = ["tenant_id", "state", "next_at", "statement_id"]
    op.create_index("ix_outbox_statement_due", "outbox_statement", due)
    age = ["tenant_id", "state", "created", "statement_id"]
    op.create_index("ix_outbox_statement_age", "outbox_statement", age)


def downgrade() -> None:
    op.drop_index("ix_outbox_statement_age", "outbox_statement")
    op.drop_index("ix_outbox_statement_due", "outbox_statement")
    op.create_index("ix_outbox_statement_due", "outbox_statement", ["tenant_id", "state", "next_at"])
    op.drop_table("record_probe")
    op.drop_table("record_pause")

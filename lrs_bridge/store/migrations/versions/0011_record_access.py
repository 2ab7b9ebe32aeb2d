"""Note who looked at the record, and find what was read of a record elsewhere by when it happened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "record_access",
        sa.Column("id", number, nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("account", sa.String(36), nullable=True),
        sa.Column("visit", sa.String(64), nullable=True),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("looked", sa.String(10), nullable=False),
        sa.Column("content", sa.Boolean(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_record_access_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_record_access"),
    )
    op.create_index("ix_record_access_tenant_id_id", "record_access", ["tenant_id", "id"])
    op.create_index("ix_record_access_visit", "record_access", ["visit"])
    op.create_index("ix_fact_at", "fact", ["tenant_id", "at", "id"])


def downgrade() -> None:
    op.drop_index("ix_fact_at", "fact")
    op.drop_index("ix_record_access_visit", "record_access")
    op.drop_index("ix_record_access_tenant_id_id", "record_access")
    op.drop_table("record_access")

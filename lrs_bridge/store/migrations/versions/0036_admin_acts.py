"""What administrators did on their pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admin_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("visit", sa.String(64), nullable=False),
        sa.Column("what", sa.String(50), nullable=False),
        sa.Column("about", Json(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_act")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_admin_act_tenant_id")),
    )
    op.create_index("ix_admin_act_tenant_id_id", "admin_act", ["tenant_id", "id"])
    op.create_index("ix_admin_act_at", "admin_act", ["tenant_id", "at"])


def downgrade() -> None:
    op.drop_table("admin_act")

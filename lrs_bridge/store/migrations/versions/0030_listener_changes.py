"""Who switched a listener on or off or set it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listener_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("act", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("visit", sa.String(64), nullable=False),
        sa.Column("listener", sa.String(100), nullable=False),
        sa.Column("did", sa.String(3), nullable=False),
        sa.Column("names", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listener_change")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_listener_change_tenant_id")),
        sa.UniqueConstraint("tenant_id", "act", name="uq_listener_change_tenant_id_act"),
    )
    op.create_index("ix_listener_change_tenant_id_id", "listener_change", ["tenant_id", "id"])


def downgrade() -> None:
    op.drop_table("listener_change")

"""Note who switched and set evaluators, and whom an administrator's link was made for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BY_NAME = ("admin_link", "admin_visit")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "plugin_change",
        sa.Column("id", number, nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("act", sa.String(36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("visit", sa.String(64), nullable=False),
        sa.Column("evaluator", sa.String(100), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("scope_id", sa.String(100), nullable=False),
        sa.Column("place_name", sa.String(300), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("undoes", number, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_plugin_change_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plugin_change"),
        sa.UniqueConstraint("tenant_id", "act", name="uq_plugin_change_tenant_id_act"),
    )
    op.create_index("ix_plugin_change_tenant_id_id", "plugin_change", ["tenant_id", "id"])
    for table in _BY_NAME:
        op.add_column(table, sa.Column("name", sa.String(200), nullable=True))


def downgrade() -> None:
    for table in _BY_NAME:
        op.drop_column(table, "name")
    op.drop_index("ix_plugin_change_tenant_id_id", "plugin_change")
    op.drop_table("plugin_change")

"""Tell facts of other systems whose person has not come yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("fact") as table:
        table.add_column(sa.Column("unclaimed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("fact") as table:
        table.alter_column("unclaimed", server_default=None)
    only = sa.text("unclaimed")
    op.create_index("ix_fact_unclaimed", "fact", ["tenant_id"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    op.drop_index("ix_fact_unclaimed", "fact")
    with op.batch_alter_table("fact") as table:
        table.drop_column("unclaimed")

"""Runs that are archived, and the indexes that keep what is over out of the way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BEFOREHAND = {"ix_fact_run": "fact (tenant_id, run_id)"}


def upgrade() -> None:
    op.add_column("run", sa.Column("archived", UtcDateTime(), nullable=True))
    for name, clause in (("ix_run_open", "closed IS NULL"), ("ix_run_kept", "archived IS NULL")):
        where = sa.text(clause)
        op.create_index(name, "run", ["tenant_id"], sqlite_where=where, postgresql_where=where)
    op.create_index("ix_fact_run", "fact", ["tenant_id", "run_id"], if_not_exists=True)


def downgrade() -> None:
    op.drop_index("ix_fact_run", "fact")
    for name in ("ix_run_kept", "ix_run_open"):
        op.drop_index(name, "run")
    with op.batch_alter_table("run") as batch:
        batch.drop_column("archived")

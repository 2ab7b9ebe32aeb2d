"""Dead letters that were set aside: by whom, why and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Shown, UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_statement", sa.Column("aside_by", Shown(200), nullable=True))
    op.add_column("outbox_statement", sa.Column("aside_for", Shown(500), nullable=True))
    op.add_column("outbox_statement", sa.Column("aside_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.execute("UPDATE outbox_statement SET state = 'dead' WHERE state = 'aside'")
    for name in ("aside_at", "aside_for", "aside_by"):
        op.drop_column("outbox_statement", name)

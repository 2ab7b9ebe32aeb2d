"""Since when a score waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("score", sa.Column("since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("score", "since")

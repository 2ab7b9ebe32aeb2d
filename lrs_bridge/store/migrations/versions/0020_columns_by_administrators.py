"""Let administrators say whether an evaluator has a column in the gradebook."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plugin_setting", sa.Column("posted", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("plugin_setting", "posted")

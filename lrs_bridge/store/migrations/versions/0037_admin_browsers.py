"""An administrator's visit stays with the browser that used the link."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admin_visit", sa.Column("browser", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("admin_visit") as batch:
        batch.drop_column("browser")

"""Remember of a login the proof given to the LMS's storage, and the page that began it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login", sa.Column("proof", sa.String(64), nullable=True))
    op.add_column("login", sa.Column("opened_from", sa.String(300), nullable=True))


def downgrade() -> None:
    op.drop_column("login", "opened_from")
    op.drop_column("login", "proof")

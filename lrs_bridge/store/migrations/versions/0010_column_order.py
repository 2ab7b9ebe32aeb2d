"""Keep which columns of the gradebook a run wants, in which order and how."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("line_item", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("line_item", sa.Column("label", sa.String(200), nullable=True))
    op.add_column("line_item", sa.Column("maximum", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("line_item", "maximum")
    op.drop_column("line_item", "label")
    op.drop_column("line_item", "position")

"""Remember on whose word a registration rests, and from when a key signs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("platform", sa.Column("source", sa.String(10), nullable=False, server_default="admin"))
    op.add_column("signing_key", sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE signing_key SET signs_from = created")
    with op.batch_alter_table("signing_key") as table:
        table.alter_column("signs_from", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    op.drop_column("signing_key", "signs_from")
    op.drop_column("platform", "source")

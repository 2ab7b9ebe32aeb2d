"""Keep the data of attachments in the embedded record store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_piece",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("sha2", sa.String(128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_attachment_piece_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "sha2", "number", name=op.f("pk_attachment_piece")),
    )


def downgrade() -> None:
    op.drop_table("attachment_piece")

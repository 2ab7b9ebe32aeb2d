"""Keep documents and definitions of activities in the embedded record store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_activity_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_activity")),
    )
    op.create_table(
        "document",
        sa.Column("shelf", sa.LargeBinary(16), nullable=False),
        sa.Column("place", sa.LargeBinary(16), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("registration", sa.String(36), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(40), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_document_tenant_id")),
        sa.PrimaryKeyConstraint("shelf", "place", name=op.f("pk_document")),
    )
    op.create_index("ix_document_tenant_id_shelf_updated", "document", ["tenant_id", "shelf", "updated"])


def downgrade() -> None:
    op.drop_table("document")
    op.drop_table("activity")

"""People who were erased, how LMSs named them as keyed hashes, and what retention forgot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_identity",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_erased_identity")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_erased_identity_tenant_id")),
    )
    op.create_table(
        "erased_person",
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erased_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erased_person_person_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_erased_person_tenant_id")),
    )
    op.create_table(
        "retention_note",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(100), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_note")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_retention_note_tenant_id")),
    )
    op.create_index("ix_retention_note_at", "retention_note", ["tenant_id", "at"])


def downgrade() -> None:
    op.drop_table("retention_note")
    op.drop_table("erased_person")
    op.drop_table("erased_identity")

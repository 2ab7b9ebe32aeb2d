"""Tables for letters, the links in them and what people want to get."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Id, Json, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", Id, primary_key=True),
        sa.Column("tenant_id", Id, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("content", Json),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("good_until", UtcDateTime, nullable=False),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("handed", UtcDateTime),
        sa.Column("reason", sa.String(1000)),
        sa.Column("created", UtcDateTime, nullable=False),
        sa.Column("sent", UtcDateTime),
        sa.UniqueConstraint("tenant_id", "key", name="uq_message_tenant_id_key"),
    )
    op.create_index("ix_message_due", "message", ["tenant_id", "state", "next_at"])
    op.create_index("ix_message_sent", "message", ["sent"])
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_table(
        "message_round",
        sa.Column("tenant_id", Id, sa.ForeignKey("tenant.id"), primary_key=True),
        sa.Column("next_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "message_link",
        sa.Column("id", Id, primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("tenant_id", Id, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("run_id", Id, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("enrolment_id", Id, sa.ForeignKey("enrolment.id")),
        sa.Column("task", sa.String(10), nullable=False),
        sa.Column("ref", sa.String(100), nullable=False),
        sa.Column("made", UtcDateTime, nullable=False),
        sa.Column("revoked", UtcDateTime),
        sa.Column("opened", UtcDateTime),
    )
    op.create_index("ix_message_link_person", "message_link", ["tenant_id", "run_id", "person_id"])
    op.create_table(
        "message_wishes",
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("tenant_id", Id, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("morning", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(35)),
        sa.Column("changed", UtcDateTime, nullable=False),
    )
    op.create_table(
        "message_sender",
        sa.Column("tenant_id", Id, sa.ForeignKey("tenant.id"), primary_key=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
    )
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("locale", sa.String(35)))
    with op.batch_alter_table("visit") as table:
        table.add_column(sa.Column("link_id", Id))


def downgrade() -> None:
    with op.batch_alter_table("visit") as table:
        table.drop_column("link_id")
    with op.batch_alter_table("person") as table:
        table.drop_column("locale")
    for table_name in ("message_sender", "message_wishes", "message_link", "message_round", "message"):
        op.drop_table(table_name)

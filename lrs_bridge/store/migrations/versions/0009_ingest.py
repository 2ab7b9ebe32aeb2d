"""Keep a cursor for each store and lap, counts of what came in, keys of forwarders; find people by e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_cursor",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("lap", sa.String(5), nullable=False),
        sa.Column("place", _TIME, nullable=True),
        sa.Column("more", sa.Text(), nullable=True),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("caught_up", _TIME, nullable=True),
        sa.Column("looked_for", sa.String(64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_source_cursor_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "source", "lap", name="pk_source_cursor"),
    )
    op.drop_table("ingest_cursor")  # the record is read once more from its beginning, which changes no fact
    with op.batch_alter_table("unreadable_statement") as table:
        table.add_column(sa.Column("source", sa.String(400), nullable=False, server_default="embedded"))
        table.add_column(sa.Column("version", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("set_aside", _TIME, nullable=True))
    with op.batch_alter_table("unreadable_statement") as table:
        table.alter_column("source", server_default=None)
        table.alter_column("version", server_default=None)
    op.create_index("ix_unreadable_statement_open", "unreadable_statement", ["tenant_id", "set_aside"])
    op.create_table(
        "arrival_count",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_arrival_count_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "source", "day", name="pk_arrival_count"),
    )
    op.create_table(
        "passed_over",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(1000), nullable=False),
        sa.Column("activity", sa.String(1000), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("latest", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_passed_over_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_passed_over"),
    )
    op.create_index("ix_passed_over_latest", "passed_over", ["tenant_id", "latest"])
    op.create_table(
        "ingest_key",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("used", _TIME, nullable=True),
        sa.Column("revoked", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_ingest_key_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_key"),
        sa.UniqueConstraint("token_hash", name="uq_ingest_key_token_hash"),
    )
    op.create_index("ix_ingest_key_tenant_id", "ingest_key", ["tenant_id"])
    op.create_table(
        "forwarded_statement",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key_id", sa.String(36), nullable=False),
        sa.Column("voids", sa.String(36), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("received", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["ingest_key.id"], name="fk_forwarded_statement_key_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_forwarded_statement_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_forwarded_statement"),
    )
    op.create_index("ix_forwarded_statement_voids", "forwarded_statement", ["tenant_id", "voids"])
    op.execute("UPDATE person SET email = lower(email) WHERE email IS NOT NULL")


def downgrade() -> None:
    for table in ("forwarded_statement", "ingest_key", "passed_over", "arrival_count", "source_cursor"):
        op.drop_table(table)
    op.drop_index("ix_unreadable_statement_open", "unreadable_statement")
    with op.batch_alter_table("unreadable_statement") as changed:
        for name in ("set_aside", "version", "source"):
            changed.drop_column(name)
    op.create_table(
        "ingest_cursor",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("stored", _TIME, nullable=True),
        sa.Column("read", _TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("next_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_ingest_cursor_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_ingest_cursor"),
    )

"""Roles with days, the history of who is what to whom, and nominations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Shown, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_role") as table:
        table.add_column(sa.Column("start", sa.Date(), nullable=True))
        table.add_column(sa.Column("end", sa.Date(), nullable=True))
    op.create_table(
        "people_change",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("act", sa.String(36), nullable=False),
        sa.Column("undoes", sa.String(36), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("by_id", sa.String(36), nullable=True),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("other_id", sa.String(36), nullable=True),
        sa.Column("relation_id", sa.String(36), nullable=True),
        sa.Column("old_start", sa.Date(), nullable=True),
        sa.Column("old_end", sa.Date(), nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_change")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_people_change_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_people_change_run_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_people_change_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_people_change_person_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_people_change_other_id")),
    )
    op.create_index("ix_people_change_run_person", "people_change", ["run_id", "person_id"])
    op.create_index("ix_people_change_run_other", "people_change", ["run_id", "other_id"])
    op.create_index("ix_people_change_run_act", "people_change", ["run_id", "act"])
    op.create_table(
        "nomination",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", Shown(200), nullable=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made", UtcDateTime(), nullable=False),
        sa.Column("decided", UtcDateTime(), nullable=True),
        sa.Column("by_id", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_nomination_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_nomination_run_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nomination_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_nomination_by_id")),
    )
    op.create_index("ix_nomination_run_person", "nomination", ["run_id", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_nomination_run_person", "nomination")
    op.drop_table("nomination")
    for name in ("act", "other", "person"):
        op.drop_index(f"ix_people_change_run_{name}", "people_change")
    op.drop_table("people_change")
    with op.batch_alter_table("run_role") as table:
        table.drop_column("end")
        table.drop_column("start")

"""Success case studies: what evaluators did, and what they wrote with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import Json, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study_act",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=True),
        sa.Column("data", Json(), nullable=False),
        sa.Column("worded", sa.Boolean(), nullable=False),
        sa.Column("undoes", sa.String(36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_act")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_study_act_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_study_act_run_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_study_act_by_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_study_act_enrolment_id")),
        sa.UniqueConstraint("run_id", "place", name=op.f("uq_study_act_run_id_place")),
    )
    op.create_index("ix_study_act_enrolment", "study_act", ["enrolment_id"])
    op.create_table(
        "study_word",
        sa.Column("act_id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_study_word")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_study_word_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_study_word_run_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_study_word_enrolment_id")),
    )
    op.create_index("ix_study_word_enrolment", "study_word", ["enrolment_id"])
    op.create_index("ix_study_word_run_id", "study_word", ["run_id"])


def downgrade() -> None:
    for table in ("study_word", "study_act"):
        op.drop_table(table)

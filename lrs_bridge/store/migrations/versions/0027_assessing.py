"""Work handed in to be scored, who was asked to score it, and who was asked for a rating of somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lrs_bridge.store.base import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_in",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(2000), nullable=True),
        sa.Column("handed", UtcDateTime(), nullable=False),
        sa.Column("changed", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_hand_in_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_hand_in_run_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_hand_in_enrolment_id")),
        sa.UniqueConstraint("enrolment_id", "step", name=op.f("uq_hand_in_enrolment_id_step")),
        sa.UniqueConstraint("run_id", "code", name=op.f("uq_hand_in_run_id_code")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("hand_in_id", sa.String(36), nullable=False),
        sa.Column("assessor_id", sa.String(36), nullable=False),
        sa.Column("given", UtcDateTime(), nullable=False),
        sa.Column("declined", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_assignment_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_assignment_run_id")),
        sa.ForeignKeyConstraint(["hand_in_id"], ["hand_in.id"], name=op.f("fk_assignment_hand_in_id")),
        sa.ForeignKeyConstraint(["assessor_id"], ["person.id"], name=op.f("fk_assignment_assessor_id")),
        sa.UniqueConstraint("hand_in_id", "assessor_id", name=op.f("uq_assignment_hand_in_id_assessor_id")),
    )
    op.create_index("ix_assignment_assessor", "assignment", ["run_id", "assessor_id"])
    op.create_table(
        "rater",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("enrolment_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rater")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_rater_tenant_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_rater_run_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_rater_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rater_person_id")),
        sa.UniqueConstraint("enrolment_id", "step", "person_id", name=op.f("uq_rater_enrolment_id_step_person_id")),
    )
    op.create_index("ix_rater_person", "rater", ["run_id", "person_id"])


def downgrade() -> None:
    for table in ("rater", "assignment", "hand_in"):
        op.drop_table(table)

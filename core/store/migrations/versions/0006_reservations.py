"""What calls to models outside the office may cost and have cost; and room for comparing answers of several models."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INDEXES = (
    ("reservation", ("reserved_at",)),
    ("reservation", ("person", "reserved_at")),
    ("reservation", ("state",)),
    ("shadow_answer", ("answer_id",)),
    ("shadow_answer", ("created_at",)),
)


def upgrade() -> None:
    op.add_column("answer", sa.Column("arm", sa.Text()))
    create_reservations()
    create_shadow_answers()
    for table, columns in INDEXES:
        op.create_index("_".join(("ix", table, *columns)), table, list(columns), unique=False)


def downgrade() -> None:
    op.drop_table("shadow_answer")
    op.drop_table("reservation")
    op.drop_column("answer", "arm")


def create_reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worst_micros", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger()),
        sa.Column("generation_id", sa.Text()),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
    )


def create_shadow_answers() -> None:
    op.create_table(
        "shadow_answer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("prompt", sa.JSON(), nullable=False),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("first_token_ms", sa.Double()),
        sa.Column("total_ms", sa.Double()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_shadow_answer_answer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_answer"),
    )

"""Who is let in where a platform is open to the world, and who is the same person on another platform."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INDEXES = (
    ("admission_code", ("ends_at",)),
    ("wrong_code", ("subject", "tried_at")),
    ("wrong_code", ("tried_at",)),
    ("person_link", ("person",)),
)


def upgrade() -> None:
    create_admissions()
    create_codes()
    for table, columns in INDEXES:
        op.create_index("_".join(("ix", table, *columns)), table, list(columns), unique=False)


def downgrade() -> None:
    for table in ("person_link", "wrong_code", "admission_code", "admission"):
        op.drop_table(table)


def create_admissions() -> None:
    op.create_table(
        "admission",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("admitted_by", sa.Text()),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_admission"),
    )
    op.create_table(
        "person_link",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_person_link"),
    )


def create_codes() -> None:
    op.create_table(
        "admission_code",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.Text()),
        sa.PrimaryKeyConstraint("digest", name="pk_admission_code"),
    )
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_code"),
    )

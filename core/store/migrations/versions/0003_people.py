"""What people have asked for: preferences, quiet threads, corrections; and up to when a platform was looked through."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INDEXES = (
    ("question", ("person", "asked_at")),
    ("feedback", ("person",)),
    ("model_call", ("question_id",)),
    ("inbox", ("conversation", "number")),
    ("inbox_post", ("message_id",)),
)
ANSWERED = sa.text("answer_id IS NOT NULL")
"""The index that deleting an answer needs holds no question that comes in: acceptance writes nothing into it."""


def upgrade() -> None:
    op.add_column("inbox_message", sa.Column("files", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("feedback", sa.Column("voted_at", sa.DateTime(timezone=True)))
    for table, columns in INDEXES:
        op.create_index(name_of(table, columns), table, list(columns), unique=False)
    op.create_index(
        "ix_inbox_answer_id", "inbox", ["answer_id"], unique=False, sqlite_where=ANSWERED, postgresql_where=ANSWERED
    )
    create_preferences_and_marks()
    create_corrections()


def downgrade() -> None:
    for table in ("correction", "surface_mark", "thread_mute", "person_preference"):
        op.drop_table(table)
    op.drop_index("ix_inbox_answer_id", table_name="inbox")
    for table, columns in INDEXES:
        op.drop_index(name_of(table, columns), table_name=table)
    op.drop_column("feedback", "voted_at")
    op.drop_column("inbox_message", "files")


def name_of(table: str, columns: tuple[str, ...]) -> str:
    return "_".join(("ix", table, *columns))


def create_preferences_and_marks() -> None:
    op.create_table(
        "person_preference",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("training", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_person_preference"),
    )
    op.create_table(
        "thread_mute",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name="pk_thread_mute"),
    )
    op.create_table(
        "surface_mark",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("surface", name="pk_surface_mark"),
    )


def create_corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("announced_id", sa.Text()),
        sa.Column("returned_id", sa.Text()),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_correction_answer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    for columns in (("answer_id", "person", "proposed_at"), ("person",), ("state",)):
        op.create_index(name_of("correction", columns), "correction", list(columns), unique=False)

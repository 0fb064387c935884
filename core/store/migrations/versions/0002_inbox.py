"""The inbox: questions on their way, the platform's messages they are made of, and ours that answer them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_inbox()
    create_messages_and_events()
    create_posts_and_workers()


def downgrade() -> None:
    for table in ("inbox_worker", "inbox_post", "inbox_event", "inbox_message", "inbox"):
        op.drop_table(table)


def create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text()),
        sa.Column("notice", sa.Text()),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("answer_id", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_inbox_answer_id"),
        sa.PrimaryKeyConstraint("question_id", name="pk_inbox"),
        sa.UniqueConstraint("number", name="uq_inbox_number"),
    )
    op.create_index("ix_inbox_state", "inbox", ["state"], unique=False)
    op.create_index("ix_inbox_person_number", "inbox", ["person", "number"], unique=False)


def create_messages_and_events() -> None:
    op.create_table(
        "inbox_message",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Double(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["inbox.question_id"], name="fk_inbox_message_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_inbox_message"),
    )
    op.create_index("ix_inbox_message_question_id", "inbox_message", ["question_id"], unique=False)
    op.create_table(
        "inbox_event",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event", name="pk_inbox_event"),
    )


def create_posts_and_workers() -> None:
    op.create_table(
        "inbox_post",
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.ForeignKeyConstraint(
            ["question_id"], ["inbox.question_id"], name="fk_inbox_post_question_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "part", name="pk_inbox_post"),
    )
    op.create_table(
        "inbox_worker",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_inbox_worker"),
    )

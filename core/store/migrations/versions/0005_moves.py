"""Which chat has got another id, for what the settings say of the old one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "chat_move",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("old_place", sa.Text(), nullable=False),
        sa.Column("new_place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "old_place", name="pk_chat_move"),
    )


def downgrade() -> None:
    op.drop_table("chat_move")

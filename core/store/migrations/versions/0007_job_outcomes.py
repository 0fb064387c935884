"""How a scheduled run ended, and what it has to say."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("job_run", sa.Column("outcome", sa.Text()))
    op.add_column("job_run", sa.Column("note", sa.Text()))


def downgrade() -> None:
    with op.batch_alter_table("job_run") as batch:
        batch.drop_column("note")
        batch.drop_column("outcome")

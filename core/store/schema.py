"""Bringing a database to the schema of this version."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.errors import StoreError

VERSION_TABLE = "alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x736F746179  # "sotay": any fixed number that no other program picks


def migrate(connection: Connection, place: str) -> None:
    """Every migration that `connection`'s database lacks, in the caller's transaction: all of them or none.

    Two processes may do this at once; one of them waits. Raises StoreError ("store.newer") when the database knows a
    migration that this version does not.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    current = current_revision(connection)
    revisions = known_revisions()
    if current == revisions[0]:
        return
    if current is not None and current not in revisions:
        raise StoreError("store.newer", place=place, revision=current)
    move_to(connection, revisions[0])


def current_revision(connection: Connection) -> str | None:
    """The last migration that `connection`'s database has gone through; None for a database that is not ours."""
    return MigrationContext.configure(connection).get_current_revision()


def move_to(connection: Connection, revision: str | None) -> None:
    """Every migration up or down to `revision`, in the caller's transaction; None stands for before the first."""
    revisions = (*known_revisions(), None)
    config = configuration()
    config.attributes["connection"] = connection
    is_back = revisions.index(revision) > revisions.index(current_revision(connection))
    (command.downgrade if is_back else command.upgrade)(config, revision or "base")


@functools.cache
def known_revisions() -> tuple[str, ...]:
    """The migrations of this version, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def configuration() -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config

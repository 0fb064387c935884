"""Bringing a database to the schema of this version."""

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x736F746179  # "sotay": any fixed number that no other program picks


def migrate(connection: Connection, place: str) -> None:
    """Every migration that `connection`'s database lacks, in the caller's transaction: all of them or none.

    Two processes may do this at once; one of them waits. Raises StoreError ("store.newer") when the database knows a
    migration that this version does not.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    current = MigrationContext.configure(connection).get_current_revision()
    revisions = known_revisions()
    if current == revisions[0]:
        return
    if current is not None and current not in revisions:
        raise StoreError("store.newer", place=place, revision=current)
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@functools.cache
def known_revisions() -> tuple[str, ...]:
    """The migrations of this version, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def configuration() -> Config:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config

"""What databases raise, said in the project's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import StoreError

# The primary result codes of sqlite.org/rescode.html; the low byte of an extended code.
SQLITE: Final = {
    5: "store.locked",  # BUSY
    6: "store.locked",  # LOCKED
    8: "store.unreachable",  # READONLY
    10: "store.unreachable",  # IOERR
    11: "store.damaged",  # CORRUPT
    13: "store.full",  # FULL
    14: "store.unreachable",  # CANTOPEN
    26: "store.damaged",  # NOTADB
}
# The SQLSTATE codes and classes (first two characters) of PostgreSQL's appendix A.
POSTGRESQL: Final = {
    "08": "store.unreachable",  # connection
    "28": "store.unreachable",  # wrong user or password
    "3D": "store.unreachable",  # no such database
    "40P01": "store.locked",  # deadlock
    "53": "store.unreachable",  # too many connections, out of memory
    "53100": "store.full",  # disk full
    "55P03": "store.locked",  # lock_timeout
    "57": "store.unreachable",  # the server is shutting down
}


@contextmanager
def translated(place: str, kind: type[Exception] = SQLAlchemyError) -> Iterator[None]:
    """Errors of this kind leave the block as StoreError about the database at `place`, all others as they are."""
    try:
        yield
    except kind as error:
        raise StoreError(meaning(error), place=place, detail=first_line(cause(error))) from error


def cause(error: Exception) -> BaseException:
    """What the driver raised, where SQLAlchemy wrapped it."""
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def meaning(error: Exception) -> str:
    """The id of the text that tells a person what happened."""
    if isinstance(error, PoolTimeout):
        return "store.locked"
    if isinstance(error, OSError):
        return "store.unreachable"
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "store.unreachable"
    driver_error = cause(error)
    sqlite_code = getattr(driver_error, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return SQLITE.get(sqlite_code & 0xFF, "store.failed")
    state = getattr(driver_error, "sqlstate", None) or ""
    return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2], "store.failed")


def first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]

"""What a log may say of an error. Errors of other people's code may quote what people wrote; ours do not.

So of others only the type is told, and where it happened: places in source files hold no text of people either.
"""

import re
import traceback
from collections.abc import Iterator

OURS = frozenset({"bots", "core", "models", "retrieval"})
_QUOTED = re.compile(r"\"[^\"]*\"")
PLACES = 25
"""Places of one error that are told, the last ones: an endless recursion has a thousand."""


def is_ours(name: str) -> bool:
    """Whether a dotted name, of a module or a logger, is one of this program."""
    return name.partition(".")[0] in OURS


def in_short(error: BaseException) -> str:
    """One line: our own errors in their words, the system's by their reason, all others by their type.

    What a platform has said of a message is in errors of ours too: what it quotes there is left out.
    """
    kind = type(error)
    if is_ours(kind.__module__):
        return _QUOTED.sub('"..."', str(error)) or kind.__name__
    if isinstance(error, OSError) and error.strerror:
        return f"{kind.__name__}: {error.strerror}"
    return kind.__name__


def at_length(error: BaseException) -> str:
    """The places where it happened, and those of its causes before it; as a traceback, with `in_short` as last line."""
    return "\n".join(_told(error, set()))


def _told(error: BaseException, known: set[int]) -> Iterator[str]:
    known.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in known:
        yield from _told(before, known)
        yield "and then:"
    yield from (line.rstrip("\n") for line in traceback.format_tb(error.__traceback__, limit=-PLACES))
    yield in_short(error) if not isinstance(error, BaseExceptionGroup) else type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield "among them:"
            yield from _told(each, known)

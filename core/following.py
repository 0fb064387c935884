"""Which question is being worked on here: every line that is logged meanwhile carries its id.

It goes with the task, into the tasks and threads (`asyncio.to_thread`) that are begun meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_question: ContextVar[str] = ContextVar("question", default="")


@contextmanager
def following(question_id: str) -> Iterator[None]:
    """What is logged while the block runs is about this question."""
    before = _question.set(question_id)
    try:
        yield
    finally:
        _question.reset(before)


def followed() -> str:
    """The id of the question that is worked on here, "" where it is none."""
    return _question.get()

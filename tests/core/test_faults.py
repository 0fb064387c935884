"""What the log may say of errors: their kind and place, never words of people."""

import pytest

from core.errors import ModelBusy
from core.faults import PLACES, at_length, in_short, is_ours
from core.surfaces import MarkupRefused, MessageGone

TEXT = "mật khẩu là 123"
REFUSED = 'can\'t parse entities: unsupported start tag "..." at 5'


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelBusy("model.busy", waiting=3), str(ModelBusy("model.busy", waiting=3))),
        (MarkupRefused(f'can\'t parse entities: unsupported start tag "{TEXT}" at 5'), REFUSED),
        (MessageGone(), "MessageGone"),
        (ValueError(TEXT), "ValueError"),
        (FileNotFoundError(2, "No such file or directory", TEXT), "FileNotFoundError: No such file or directory"),
        (OSError(TEXT), "OSError"),
    ],
)
def test_in_short(error: Exception, said: str) -> None:
    assert in_short(error) == said


def test_ours_are_known_by_their_home() -> None:
    assert is_ours("core.inbox")
    assert is_ours("models")
    assert not is_ours("corella.inbox")


def test_at_length_tells_causes_first_and_what_a_group_holds_last() -> None:
    try:
        grouped()
    except ExceptionGroup as group:
        told = at_length(group).splitlines()
    assert TEXT not in "\n".join(told)
    kinds = [line for line in told if not line.startswith(" ")]
    assert kinds == ["ExceptionGroup", "among them:", "ValueError", "and then:", "KeyError", "among them:", "TypeError"]
    assert sum("in failing" in line for line in told) == 2


def fail(error: Exception) -> None:
    raise error


def failing() -> None:
    try:
        fail(ValueError(TEXT))
    except ValueError as error:
        raise KeyError(TEXT) from error


def grouped() -> None:
    try:
        failing()
    except KeyError as error:
        raise ExceptionGroup(TEXT, [error, TypeError(TEXT)]) from None


def test_an_endless_recursion_is_not_told_to_its_end() -> None:
    def again() -> None:
        again()

    try:
        again()
    except RecursionError as error:
        told = at_length(error)
    assert told.count("in again") <= PLACES

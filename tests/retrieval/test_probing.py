"""Work tried in a child process: it may crash there, fail or hang."""

import os
import threading
from pathlib import Path

import pytest

from retrieval.probing import survives


def write(path: Path) -> None:
    path.write_text("was here", encoding="utf-8")


def crash(_path: Path) -> None:
    os.abort()


def fail(path: Path) -> None:
    raise ValueError(path)


def hang(_path: Path) -> None:
    threading.Event().wait()


def test_work_that_comes_to_its_end_survives(tmp_path: Path) -> None:
    assert survives(write, tmp_path / "mark")
    assert (tmp_path / "mark").read_text(encoding="utf-8") == "was here"


@pytest.mark.parametrize("work", [crash, fail])
def test_a_crash_and_an_error_do_not(tmp_path: Path, work: object) -> None:
    assert callable(work)
    assert not survives(work, tmp_path)


def test_work_that_hangs_is_ended(tmp_path: Path) -> None:
    assert not survives(hang, tmp_path, seconds=0.05)


def test_a_child_that_cannot_begin_proves_nothing(tmp_path: Path) -> None:
    assert survives(_gone_in_the_child(), tmp_path)


class _Unloadable:
    """Can be sent, but not received."""

    def __call__(self, path: Path) -> None:
        raise NotImplementedError(path)

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (3,)


def _gone_in_the_child() -> _Unloadable:
    return _Unloadable()

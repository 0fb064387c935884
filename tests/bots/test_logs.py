"""Log lines for people and for machines: about which question they are, and what they never hold."""

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.logs import formatter, set_up
from bots.settings import logs_to_journal
from bots.settings_keys import MASK
from core.errors import StoreError
from core.following import following
from tests.bots.logbook import logbook
from tests.bots.office import Office

TEXT = "lương của chị Lan là 25 triệu"
log = logging.getLogger("core.test")
library = logging.getLogger("some_library.client")


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], logger.level = handlers, level


def test_json_is_one_object_a_line() -> None:
    with logbook() as book:
        log.warning("hỏng %s", "tệp\nhai dòng")
        log.info("%(name)s", {"name": "by name"})
    first, second = book.entries
    assert (first["level"], first["logger"], first["message"]) == ("warning", "core.test", "hỏng tệp\nhai dòng")
    assert first["time"].endswith("Z")
    assert list(first) == ["time", "level", "logger", "message"]
    assert second["message"] == "by name"


async def test_every_line_about_a_question_carries_its_id_in_tasks_and_threads_too() -> None:
    with logbook() as book:
        log.info("before")
        with following("q1"):
            async with asyncio.TaskGroup() as group:
                group.create_task(said("in a task"))
            await asyncio.to_thread(log.info, "in a thread")
            with following("q2"):
                log.info("inner")
            log.info("outer")
        log.info("after")
    assert [(entry["message"], entry.get("question")) for entry in book.entries] == [
        ("before", None), ("in a task", "q1"), ("in a thread", "q1"), ("inner", "q2"), ("outer", "q1"), ("after", None),
    ]  # fmt: skip


async def said(text: str) -> None:
    log.info(text)


def test_for_people_a_line_is_short_and_says_the_id_once() -> None:
    with logbook("text") as book, following("q1"):
        log.warning("%s is given back", "q1")
        log.warning("something else")
    first, second = book.lines
    assert first.endswith("[warning] q1 is given back [core.test]")
    assert second.endswith("[warning] something else [core.test] question=q1")


def test_our_errors_speak_and_others_tell_only_what_they_are_and_where() -> None:
    with logbook() as book:
        log.warning("%s %r", StoreError("store.locked", place="x"), ValueError(TEXT))
        try:
            raise_with_a_cause()
        except LookupError:
            log.exception("%s could not be answered", "q1")
    first, second = book.entries
    assert first["message"].startswith("The database x stays locked")
    assert first["message"].endswith("ValueError")
    assert TEXT not in book.getvalue()
    assert second["message"] == "q1 could not be answered"
    assert "in raise_with_a_cause" in second["traceback"]
    assert second["traceback"].index("ValueError") < second["traceback"].index("KeyError")


def fail(error: Exception) -> None:
    raise error


def raise_with_a_cause() -> None:
    try:
        fail(ValueError(TEXT))
    except ValueError as error:
        raise KeyError(TEXT) from error


def test_of_libraries_only_what_cannot_hold_texts_is_kept() -> None:
    with logbook() as book:
        library.debug("sending %s", TEXT)
        library.info("sending")
        library.warning("refused: %s", TEXT)
        library.error(f"refused: {TEXT}")  # as libraries do
    assert TEXT not in book.getvalue()
    pattern, statement = (entry["message"] for entry in book.entries)
    assert pattern == "refused: %s"
    assert statement.startswith("test_logs.py:")
    assert 'library.error(f"refused: {TEXT}")' in statement


def test_with_texts_everything_is_said_but_secrets() -> None:
    with logbook(texts=True, secrets=("hush-hush",)) as book:
        library.debug("sending %s with hush-hush", TEXT)
        log.error("%r", ValueError(TEXT))
        try:
            raise_with_a_cause()
        except LookupError:
            log.exception("broken")
    first, second, third = book.entries
    assert first["message"] == f"sending {TEXT} with {MASK}"
    assert TEXT in second["message"]
    assert f"ValueError: {TEXT}" in third["traceback"]


def test_secrets_are_masked_in_messages_and_tracebacks_alike() -> None:
    with logbook(secrets=("hush-hush",)) as book:
        log.info("the key hush-hush, xoxb-12-abcdef, lan@example.com")
        try:
            fail(StoreError("store.locked", place="postgresql://sotay:hush-hush@db/sotay"))
        except StoreError:
            log.exception("away")
    assert "hush-hush" not in book.getvalue()
    assert "xoxb-12" not in book.getvalue()
    assert "lan@" not in book.getvalue()
    assert f"the key {MASK}, {MASK}, {MASK}" in book.entries[0]["message"]


def test_the_journal_learns_the_level_from_the_front_of_the_line() -> None:
    record = logging.LogRecord("core.test", logging.ERROR, __file__, 1, "broken", None, None)
    line = formatter("json", to_journal=True).format(record)
    assert line.startswith('<3>{"time"')
    assert not formatter("json").format(record).startswith("<")


async def test_the_journal_is_known_by_the_very_stream_that_is_written_to(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w") as stream, (tmp_path / "other").open("w") as other:
        there = os.fstat(stream.fileno())
        environment = {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}
        assert logs_to_journal(environment, stream.fileno())
        assert not logs_to_journal(environment, other.fileno())
        assert not logs_to_journal({}, stream.fileno())
        closed = os.dup(stream.fileno())
        os.close(closed)
        assert not logs_to_journal(environment, closed)


@pytest.mark.parametrize(("chosen", "begins"), [("auto", b'<7>{"time"'), ("json", b'<7>{"time"'), ("text", b"")])
async def test_under_systemd_the_log_is_for_machines_unless_it_is_set(
    tmp_path: Path, chosen: str, begins: bytes
) -> None:
    office = Office.found(tmp_path)
    journal = tmp_path / "journal"
    with journal.open("wb") as stream:
        there = os.fstat(stream.fileno())
        await office.log(
            stream.fileno(), "ask", "xin chào", JOURNAL_STREAM=f"{there.st_dev}:{there.st_ino}",
            SOTAY_LOG__LEVEL="debug", SOTAY_LOG__FORMAT=chosen,
        )  # fmt: skip
    lines = [line for line in journal.read_bytes().splitlines() if b"finished" in line]
    assert lines
    assert all(line.startswith(begins) and (b"{" in line) == bool(begins) for line in lines)


@pytest.mark.parametrize("form", ["text", "json"])
def test_libraries_are_quiet_and_ours_speak_from_the_level_on(root: logging.Logger, form: str) -> None:
    set_up("info", form)
    assert len(root.handlers) == 1
    assert logging.getLogger("core").isEnabledFor(logging.INFO)
    assert not logging.getLogger("core").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)

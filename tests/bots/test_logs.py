"""Log lines for people and for machines."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bots.logs import JsonLines, set_up


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logger.handlers[:], logger.level = handlers, level


def test_json_holds_one_object_a_line_with_the_traceback() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("sotay.test")
    logger.addHandler(handler)
    logger.warning("hỏng %s", "tệp\nhai dòng")
    try:
        int("no")
    except ValueError:
        logger.exception("failed")
    logger.removeHandler(handler)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("warning", "sotay.test", "hỏng tệp\nhai dòng")
    assert first["time"].endswith("+00:00")
    assert "ValueError" in second["traceback"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_libraries_are_quiet_and_ours_speak_from_the_level_on(root: logging.Logger, form: str) -> None:
    set_up("info", form)
    assert len(root.handlers) == 1
    assert logging.getLogger("core").isEnabledFor(logging.INFO)
    assert not logging.getLogger("core").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)

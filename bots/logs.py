"""What is logged goes to standard error, as lines for people or as one JSON object a line.

Every line about a question carries its id (`core/following.py`). None holds what people write, unless `log.texts` asks
for it: our own code logs no texts, and of what libraries say only what cannot hold any is kept.
"""

import json
import linecache
import logging
import sys
from collections.abc import Collection, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import Processor, WrappedLogger

from bots.masking import Mask
from core.faults import at_length, in_short, is_ours
from core.following import followed

QUIET = ("httpx", "httpx2", "httpcore", "telegram", "aiosqlite", "chromadb", "alembic", "kreuzberg", "asyncio")
"""Libraries whose chatter says nothing to who runs an office's handbook."""
PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""Levels as the system's journal has them (syslog), for `journalctl --priority`."""

Line = MutableMapping[str, Any]


def ours_and_warnings(record: logging.LogRecord) -> bool:
    """A filter: what libraries say below a warning is their chatter, and may hold all that they send."""
    return is_ours(record.name) or record.levelno >= logging.WARNING


class _Told:
    """What an argument of a line may say: an error in short, anything else as it is."""

    def __init__(self, error: BaseException) -> None:
        self._text = in_short(error)

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def _without_texts(_logger: WrappedLogger, _name: str, line: Line) -> Line:
    """The message of ours with errors in short; of a library's its pattern, else the statement that logged it."""
    record: logging.LogRecord = line["_record"]
    pattern, arguments = line.pop("event"), line.pop("positional_args")
    if is_ours(record.name):
        line["event"] = _filled(pattern, arguments)
    elif arguments:
        line["event"] = pattern
    else:
        statement = linecache.getline(record.pathname, record.lineno).strip()
        line["event"] = f"{Path(record.pathname).name}:{record.lineno}: {statement}"
    error = line.pop("exc_info", None)
    if error and error[1] is not None:
        line["exception"] = at_length(error[1])
    line.pop("stack_info", None)
    return line


def _filled(pattern: str, arguments: object) -> str:
    if isinstance(arguments, tuple):
        told = tuple(_Told(each) if isinstance(each, BaseException) else each for each in arguments)
        return pattern % told if told else pattern
    return pattern % arguments if arguments else pattern


def _with_texts(_logger: WrappedLogger, _name: str, line: Line) -> Line:
    """Everything, as it was said."""
    record: logging.LogRecord = line["_record"]
    line["event"] = record.msg % line["positional_args"] if line["positional_args"] else str(record.msg)
    del line["positional_args"]
    return line


def _about(_logger: WrappedLogger, _name: str, line: Line) -> Line:
    if question := followed():
        line["question"] = question
    return line


def _masked(mask: Mask) -> Processor:
    def process(_logger: WrappedLogger, _name: str, line: Line) -> Line:
        for key in ("event", "exception"):
            if key in line:
                line[key] = mask(str(line[key]))
        return line

    return process


def _renamed(_logger: WrappedLogger, _name: str, line: Line) -> Line:
    names = {"timestamp": "time", "level": "level", "logger": "logger", "question": "question"}
    names |= {"event": "message", "exception": "traceback"}
    return {new: line[old] for old, new in names.items() if old in line}


def _numbered(render: Processor) -> Processor:
    """Puts the level in front, where the journal takes it off again."""

    def process(logger: WrappedLogger, name: str, line: Line) -> str:
        priority = PRIORITIES.get(line["level"], PRIORITIES["info"])
        return f"<{priority}>{render(logger, name, line)!s}"

    return process


def formatter(
    form: str, *, texts: bool = False, secrets: Collection[str] = (), to_journal: bool = False, colors: bool = False
) -> logging.Formatter:
    """Formats the records of every logger; `form` is "text" or "json"."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    clock = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    told: list[Processor] = [
        _with_texts if texts else _without_texts,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        stamp if form == "json" else clock,
        _about,
    ]
    if texts:
        told.append(structlog.processors.format_exc_info)
    told += [_masked(Mask(secrets)), structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=told[:-1],
        processors=[told[-1], *_renderers(form, to_journal=to_journal, colors=colors)],
        pass_foreign_args=True,
        use_get_message=False,
    )


def _said_once(_logger: WrappedLogger, _name: str, line: Line) -> Line:
    """For people: the id is not said again where the message says it."""
    if "question" in line and line["question"] in line["event"]:
        del line["question"]
    return line


def _renderers(form: str, *, to_journal: bool, colors: bool) -> Sequence[Processor]:
    if form == "json":
        render: Processor = structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False)
        return [_renamed, _numbered(render) if to_journal else render]
    plain = structlog.dev.plain_traceback
    return [
        _said_once,
        structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain, pad_event_to=0, pad_level=False),
    ]


def set_up(
    level: str, form: str, *, texts: bool = False, secrets: Collection[str] = (), to_journal: bool = False
) -> None:
    """Logs from `level` on; `form` is "text" or "json". `secrets` are never shown, whoever says them.

    With `texts` the log may hold what people write. `to_journal`: the system's journal reads it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(
        formatter(form, texts=texts, secrets=secrets, to_journal=to_journal, colors=sys.stderr.isatty())
    )
    if not texts:
        handler.addFilter(ours_and_warnings)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)

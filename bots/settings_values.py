"""Single values of the settings that need more than a type: what is wrong with them is named by a text's id."""

import re
import zoneinfo
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bots.settings_keys import nearest

PathOrText = TypeVar("PathOrText", str, Path)
_DATABASES = ("sqlite+aiosqlite:///", "postgresql+asyncpg://")


def checked_url(text: str) -> str:
    """An http(s) address with a host and without a password, as it was given."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        good = False
    if not good or parts.username or any(character.isspace() for character in text):
        raise PydanticCustomError("settings.bad.url", "not an http(s) address")
    return text


def checked_database(text: str) -> str:
    """The address of a database of a kind that the store speaks."""
    if not text.startswith(_DATABASES) or text in _DATABASES:
        raise PydanticCustomError("settings.bad.database", "not a database address")
    return text


def checked_path(path: PathOrText) -> PathOrText:
    """A path that can be made absolute; whether something is there is asked later."""
    try:
        Path(path).expanduser().resolve()
    except (RuntimeError, ValueError) as error:  # a home that is not known, a ring of links, a zero byte
        raise PydanticCustomError("settings.bad.path", "not a path") from error
    return path


def checked_timezone(text: str) -> str:
    """A name of the time zone database; where the machine has none, any name passes."""
    known = zoneinfo.available_timezones()
    if not known or text in known:
        return text
    meant = nearest(text, known) or "Asia/Ho_Chi_Minh"
    raise PydanticCustomError("settings.bad.timezone", "not a time zone", {"nearest": meant})


def _date(value: object) -> object:
    """A date of TOML, or its text: 2027-01-04."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise PydanticCustomError("settings.bad.date", "not a date") from error


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "true and false are no numbers")
    return value


not_bool = BeforeValidator(_no_bool)
iso_date = BeforeValidator(_date)


_CRON = re.compile(r"off|(?:[\d*,/-]+ ){4}[a-z*,-]+")


def checked_cron(text: str) -> str:
    """A crontab line with the weekday in letters, or `off`: numbers of weekdays mean other days to other programs."""
    line = " ".join(text.lower().split())
    if not _CRON.fullmatch(line):
        raise PydanticCustomError("settings.bad.cron", "not a crontab line")
    return line

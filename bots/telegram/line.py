"""The line to the Bot API: the client's own, with our times, and with failures told apart that it mixes up."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bots.reading import mapping, number

API_URL = "https://api.telegram.org"
FILE_URL = "https://api.telegram.org/file"
POOL_SECONDS, CONNECT_SECONDS, WRITE_SECONDS, READ_SECONDS = 1.0, 3.0, 3.0, 6.0
"""The longest that the steps of one call may take; together they stay below `surface.RATES.call_seconds`."""
USUAL_WAIT = 1.0
"""Seconds to wait where Telegram asks for that and does not say how long."""
UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""What httpx calls the failures before anything was sent."""


class Unsent(NetworkError):
    """Telegram was not reached: nothing was sent."""


class Flooded(TelegramError):
    """Telegram asks to be left alone for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds} s")
        self.seconds = seconds


class Line(HTTPXRequest):
    """Raises `Unsent` where the client has a `NetworkError` for everything, and `Flooded` for its `RetryAfter`.

    The client cannot make a `RetryAfter` without a warning, unless the environment says so.
    """

    def __init__(self, read_seconds: float = READ_SECONDS) -> None:
        super().__init__(
            read_timeout=read_seconds,
            write_timeout=WRITE_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=POOL_SECONDS,
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 (passed on as they are)
        try:
            status, body = await super().do_request(*args, **kwargs)
        except NetworkError as error:
            if type(error.__cause__).__name__ in UNSENT:
                raise Unsent(str(error)) from error
            raise
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flooded(_wait(body))
        return status, body


@asynccontextmanager
async def open_bot(
    token: str, api_url: str = API_URL, file_url: str = FILE_URL, *, read_seconds: float = READ_SECONDS
) -> AsyncIterator[Bot]:
    """The client, which has asked nothing yet. Calls, and the one that waits for updates, have a line each."""
    calls, polling = Line(read_seconds), Line(read_seconds)
    try:
        yield Bot(token, f"{api_url}/bot", f"{file_url}/bot", request=calls, get_updates_request=polling)
    finally:
        await calls.shutdown()
        await polling.shutdown()


def _wait(body: bytes) -> float:
    """The seconds that Telegram asks us to wait."""
    try:
        said = mapping(json.loads(body))
    except ValueError:
        return USUAL_WAIT
    return float(number(mapping(said.get("parameters")).get("retry_after")) or USUAL_WAIT)

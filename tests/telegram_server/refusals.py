"""How the server says no."""

from http import HTTPStatus
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """An answer with `"ok": false`; `code` is its HTTP status as well, `parameters` go along when there are any."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    @property
    def answer(self) -> Json:
        said: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return said | ({"parameters": self.parameters} if self.parameters else {})


def bad(problem: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, f"Bad Request: {problem}")


def forbidden(problem: str) -> Refused:
    return Refused(HTTPStatus.FORBIDDEN, f"Forbidden: {problem}")


def conflict(problem: str) -> Refused:
    return Refused(HTTPStatus.CONFLICT, f"Conflict: {problem}")


def too_many(retry_after: int) -> Refused:
    """What Telegram says to who writes too often; `retry_after` whole seconds, 1 at least."""
    seconds = max(1, retry_after)
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def unparsable(problem: str) -> Refused:
    return bad(f"can't parse entities: {problem}")


class Impossible(AssertionError):
    """A test had a person do what nobody can do in Telegram: press a button that is not there, and the like."""

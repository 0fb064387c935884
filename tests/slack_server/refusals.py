"""How the server says no."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """An answer with `"ok": false`: `error`, and what else the answer holds. Status 200 but for rate limits."""

    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, error: str, *, status: int = 200, **beside: object) -> None:
        super().__init__(error)
        self.status = status
        self.answer: Json = {"ok": False, "error": error} | beside

    @property
    def error(self) -> str:
        return str(self.answer["error"])


def misshaped(*problems: str, error: str = "invalid_arguments") -> Refused:
    """A refusal that says what was wrong, as Slack does, under `response_metadata.messages`."""
    return Refused(error, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})


class Impossible(AssertionError):
    """A test had a person do what nobody can do in Slack: press a button that is not there, and the like."""

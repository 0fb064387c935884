"""What a model server says went wrong, as one of our errors.

A fault comes as an HTTP status, as an error body that came with status 200, or as an event in the middle of a stream;
all three carry the same numbers (HTTP status codes) and are treated alike.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from core.errors import ModelError, ModelRejected, ModelUnavailable

WORDS = 300
"""Characters kept of a server's own words: enough for the log, too few to carry a prompt."""

REJECTED: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "model.api.key_refused",
    HTTPStatus.PAYMENT_REQUIRED: "model.api.no_credit",
    HTTPStatus.FORBIDDEN: "model.api.forbidden",
    HTTPStatus.NOT_FOUND: "model.api.no_endpoint",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "model.api.too_long",
}
TEMPORARY: Mapping[int, str] = {
    HTTPStatus.REQUEST_TIMEOUT: "model.api.failed",
    HTTPStatus.CONFLICT: "model.api.failed",
    HTTPStatus.TOO_EARLY: "model.api.failed",
    HTTPStatus.TOO_MANY_REQUESTS: "model.api.rate_limited",
}


@dataclass(eq=False)
class Fault(Exception):
    """A server's refusal: its status (None where it names none), its own words, the wait in seconds it asks for.

    `moderated` says that the refusal is about this prompt, not about the account. `is_before_work`: the server has said
    so before any model began, so that nothing is billed.
    """

    status: int | None
    words: str = ""
    retry_after: float | None = None
    moderated: bool = False
    is_before_work: bool = False

    def __str__(self) -> str:
        return f"status {self.status}: {self.words}"


def fault_in(error: object, status: int | None, *, headers: Mapping[str, str], secret: str) -> Fault:
    """The fault that an error object (`{"code", "message", "metadata"}`, or anything else) describes.

    A number in `code` stands in for `status` where the HTTP status says nothing (None). `secret` is cut out of the
    server's words, which some servers repeat.
    """
    body = error if isinstance(error, dict) else {"message": error}
    code, metadata = body.get("code"), body.get("metadata")
    words = str(body.get("message") or "").replace(secret, "[key]") if secret else str(body.get("message") or "")
    return Fault(
        status=status if status is not None else _number(code),
        words=words[:WORDS],
        retry_after=seconds_until(headers.get("retry-after")),
        moderated=isinstance(metadata, dict) and ("reasons" in metadata or "flagged_input" in metadata),
        is_before_work=_is_before_work(status, is_own_word=isinstance(error, dict)),
    )


def _is_before_work(status: int | None, *, is_own_word: bool) -> bool:
    """OpenRouter answers with an HTTP status other than 200 only while no model has begun.

    A time that ran out somewhere on the way proves nothing, nor does the page of a gateway that had passed it on.
    """
    if status is None or status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
        return False
    return is_own_word or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _number(code: object) -> int | None:
    """A code as a number: servers write 402, "402" or a word such as "server_error"."""
    text = str(code)
    return int(text) if text.isascii() and text.isdigit() else None


def seconds_until(retry_after: str | None) -> float | None:
    """The wait that a Retry-After header asks for, in either of its forms: seconds, or an HTTP date (RFC 9110)."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        return _seconds_until_date(retry_after)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until_date(text: str) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def as_model_error(fault: Fault, *, server: str, model: str) -> ModelError:
    """Our error for a fault. Its facts name the server, the model and the status."""
    kind, message_id = _kind(fault)
    status = fault.status or "?"
    if kind is ModelRejected:
        return ModelRejected(message_id, server=server, model=model, status=status)
    return ModelUnavailable(message_id, retry_after=fault.retry_after, server=server, model=model, status=status)


def _kind(fault: Fault) -> tuple[type[ModelError], str]:
    status = fault.status or 0
    if fault.moderated and status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}:
        return ModelRejected, "model.api.moderated"
    if status == HTTPStatus.PAYMENT_REQUIRED and fault.retry_after is not None:
        # OpenRouter's only 402 with Retry-After: too much is being spent at this moment; credit is left.
        return ModelUnavailable, "model.api.rate_limited"
    if status in TEMPORARY:
        return ModelUnavailable, TEMPORARY[status]
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelRejected, REJECTED.get(status, "model.api.bad_request")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return ModelUnavailable, "model.api.not_an_api"
    return ModelUnavailable, "model.api.failed"

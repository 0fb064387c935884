"""A model outside behind the second net: it reads placeholders, and the reader gets the data back."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from core.errors import ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, LanguageModel
from core.redaction import Redaction, StreamRestorer

log = logging.getLogger(__name__)


class RedactedModel:
    """`core.ports.LanguageModel` around another one. Raises `ModelUnavailable` where the redaction fails: nothing is
    sent then.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def model(self) -> LanguageModel:
        """What stands behind the net."""
        return self._model

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        request.meter.begin()  # nothing is sent if the redaction fails
        redaction = Redaction()
        covered = _covered(request, redaction)
        restorer, said = StreamRestorer(redaction), []
        async with aclosing(self._model.stream(covered)) as items:
            async for item in items:
                text = restorer.finish() if isinstance(item, Completion) else restorer.feed(item.text)
                said.append(text)
                if text:
                    yield Delta(text)
                if isinstance(item, Completion):
                    yield replace(item, text="".join(said), redacted=redaction.summary)


def _covered(request: CompletionRequest, redaction: Redaction) -> CompletionRequest:
    """The request with placeholders in every message. Any fault at all must keep it here."""
    try:
        for message in request.messages:
            redaction.learn(message.content)
        messages = tuple(replace(message, content=redaction.redact(message.content)) for message in request.messages)
    except Exception as error:
        log.exception("the redaction failed; nothing was sent")
        raise ModelUnavailable("model.not_redacted") from error
    if redaction.summary:
        log.warning("redacted: %s", redaction.summary)
    return replace(request, messages=messages)

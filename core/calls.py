"""One row for every call to a model, made from what came of it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from core.conversation import Route
from core.errors import ModelError
from core.ports import Completion
from core.store.journal import ModelCall


def model_call(
    question_id: str, route: Route, model: str, started_at: datetime, outcome: Completion | ModelError
) -> ModelCall:
    """The call as the journal keeps it; a failed one with the id of its error's text."""
    total_ms = (datetime.now(UTC) - started_at).total_seconds() * 1000
    common = ModelCall(uuid.uuid4().hex, question_id, model, route, started_at, total_ms=total_ms)
    if isinstance(outcome, ModelError):
        return replace(common, error=outcome.message_id)
    return replace(
        common,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        cost_usd=outcome.cost_usd,
        first_token_ms=outcome.first_token_ms,
        mean_logprob=outcome.mean_logprob,
        finish=outcome.finish,
    )

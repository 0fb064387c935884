"""Opened models that pool, for the tests of this folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.llama.owner import OwnThread
from models.llama.pooled import Pooled, PooledConfig, Pooling, open_pooled


@contextmanager
def opened(path: Path, *, pooling: Pooling | None = None, n_ctx: int = 64, n_batch: int = 64) -> Iterator[Pooled]:
    """With an owner of its own."""
    owner = OwnThread()
    try:
        config = PooledConfig(path, pooling=pooling, n_ctx=n_ctx, n_batch=n_batch, n_threads=1)
        with open_pooled(config, owner) as pooled:
            yield pooled
    finally:
        owner.close()

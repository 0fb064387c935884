"""A real model for the tests of this folder, opened once per test: 0.3 s each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.llama import LlamaConfig, LlamaModel, open_llama
from tests.gguf import smollm2_path

__all__ = ["smollm2_path"]


@pytest.fixture
def config(smollm2_path: Path) -> LlamaConfig:
    return LlamaConfig(smollm2_path, n_ctx=2048, n_threads=1, seed=7)


@pytest.fixture
async def model(config: LlamaConfig) -> AsyncIterator[LlamaModel]:
    async with open_llama(config) as opened:
        yield opened

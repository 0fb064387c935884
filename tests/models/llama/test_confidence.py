"""The log-probabilities read off during generation are those of a full evaluation."""

import ctypes

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray

from models.llama import LlamaConfig, open_llama
from models.llama.confidence import Confidence
from models.llama.loading import context_params, load
from tests.models.llama.asking import held_tokens, read, request


def all_logits(config: LlamaConfig, tokens: list[int]) -> NDArray[np.float64]:
    """Logits of every position, from a context of its own that gives out all of them."""
    loaded = load(config)
    params = context_params(config, on_gpu=False)
    params.n_outputs_max = params.n_batch = params.n_ubatch = len(tokens)
    context = llama_cpp.llama_init_from_model(loaded.model, params)
    assert context is not None
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for at, token in enumerate(tokens):
        batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, at, 1
        batch.seq_id[at][0], batch.logits[at] = 0, 1
    assert llama_cpp.llama_decode(context, batch) == 0
    pointer = ctypes.cast(llama_cpp.llama_get_logits(context), ctypes.POINTER(ctypes.c_float))
    logits = np.ctypeslib.as_array(pointer, shape=(len(tokens), loaded.n_vocab)).astype(np.float64)
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    loaded.free()
    return logits


async def test_logprobs_equal_those_of_an_evaluation_with_all_logits(config: LlamaConfig) -> None:
    asked = request(temperature=0, max_tokens=20)
    async with open_llama(config) as model:
        _, completion = await read(model, asked)
        tokens = await held_tokens(model)
    logits = all_logits(config, tokens)[completion.prompt_tokens - 1 :]
    chosen = [*tokens[completion.prompt_tokens :], int(logits[-1].argmax())]
    best = logits.max(axis=1, keepdims=True)
    logprobs = logits - best - np.log(np.exp(logits - best).sum(axis=1, keepdims=True))
    expected = logprobs[np.arange(len(chosen)), chosen]
    assert len(expected) == completion.completion_tokens
    assert completion.mean_logprob == pytest.approx(expected.mean(), abs=0.02)
    assert completion.min_logprob == pytest.approx(expected.min(), abs=0.02)


def test_without_tokens_there_is_no_confidence() -> None:
    nothing = Confidence()
    assert nothing.mean is None
    assert nothing.least is None

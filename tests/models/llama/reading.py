"""Logits of a file by llama.cpp itself, with or without an adapter beside it."""

import ctypes
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt

from models.llama.loading import start_backend

TEXT = b"The office is open from eight to five. On Fridays it closes"


def logits(path: Path, adapter: Path | None = None) -> npt.NDArray[np.float32]:
    """What follows each token of a sentence, (tokens, n_vocab), evaluated on the CPU."""
    start_backend()
    params = llama_cpp.llama_model_default_params()
    params.use_extra_bufts = False
    model = llama_cpp.llama_model_load_from_file(bytes(path), params)
    assert model
    setting = llama_cpp.llama_context_default_params()
    setting.n_ctx = setting.n_batch = setting.n_ubatch = 256
    setting.n_threads = setting.n_threads_batch = 2
    context = llama_cpp.llama_init_from_model(model, setting)
    assert context
    try:
        if adapter:
            _apply(model, context, adapter)
        return _evaluate(model, context)
    finally:
        llama_cpp.llama_free(context)
        llama_cpp.llama_model_free(model)


def _apply(model: llama_cpp.llama_model_p, context: llama_cpp.llama_context_p, adapter: Path) -> None:
    lora = llama_cpp.llama_adapter_lora_init(model, bytes(adapter))
    assert lora
    one = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(lora)
    assert llama_cpp.llama_set_adapters_lora(context, one, 1, (ctypes.c_float * 1)(1.0)) == 0


def _evaluate(model: llama_cpp.llama_model_p, context: llama_cpp.llama_context_p) -> npt.NDArray[np.float32]:
    vocab = llama_cpp.llama_model_get_vocab(model)
    tokens = (llama_cpp.llama_token * 64)()
    count = llama_cpp.llama_tokenize(vocab, TEXT, len(TEXT), tokens, 64, True, False)
    batch = llama_cpp.llama_batch_init(count, 0, 1)
    try:
        batch.n_tokens = count
        for index in range(count):
            batch.token[index], batch.pos[index] = tokens[index], index
            batch.n_seq_id[index], batch.seq_id[index][0], batch.logits[index] = 1, 0, 1
        assert llama_cpp.llama_decode(context, batch) == 0
        shape = (count, llama_cpp.llama_vocab_n_tokens(vocab))
        return np.ctypeslib.as_array(llama_cpp.llama_get_logits(context), shape).copy()
    finally:
        llama_cpp.llama_batch_free(batch)

"""A GGUF file into memory, and llama.cpp's own talk into `logging`."""

import ctypes
import functools
import logging
from dataclasses import dataclass
from pathlib import Path

import llama_cpp

from core.errors import ModelMissing, ModelUnavailable
from core.texts import translate
from models.gguf import check_header
from models.llama.config import LlamaConfig, usable_threads

log = logging.getLogger(__name__)

WARNING_LEVEL = 3  # GGML_LOG_LEVEL_WARN; 4 is an error, 5 continues the line before
ERROR_LEVEL = 4
PADDING = 256
"""llama.cpp rounds the context of each stream up to a multiple of this."""
GPU_CHUNK, CPU_CHUNK = 2048, 256
"""Tokens of a prompt in one step: on a CPU others wait for it, on a GPU each step costs the making of a graph."""
MOST_IN_A_PASS = 1024
"""Tokens in one pass over the weights: the fastest on an H100. The next pass is made ready while one is under way."""


def to_logging(level: int, text: bytes, _user_data: ctypes.c_void_p) -> None:
    """llama.cpp's errors as errors, its warnings for debugging, the rest nowhere."""
    if level == ERROR_LEVEL:
        log.error("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())
    elif level == WARNING_LEVEL:
        log.debug("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())


LOG_CALLBACK = llama_cpp.llama_log_callback(to_logging)  # kept: llama.cpp calls it until the process ends


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model and its context in llama.cpp, whose cache has `streams` parts of `n_ctx` tokens each.

    A step evaluates `n_batch` tokens at most, and `chunk` of one prompt. `on_gpu` says whether layers were offloaded.
    """

    model: llama_cpp.llama_model_p
    vocab: llama_cpp.llama_vocab_p
    context: llama_cpp.llama_context_p
    memory: llama_cpp.llama_memory_t
    n_vocab: int
    n_ctx: int
    n_batch: int
    chunk: int
    streams: int
    on_gpu: bool

    def free(self) -> None:
        """Gives the memory back; nothing of this object may be used afterwards."""
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


@functools.cache
def start_backend() -> None:
    llama_cpp.llama_log_set(LOG_CALLBACK, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


@functools.cache
def say_no_gpu() -> None:
    """Once per process: layers were asked onto a GPU that this build of llama.cpp cannot use."""
    log.warning("%s", translate("en", "model.no_gpu_support"))


def gpu_layers(wanted: int) -> int:
    """The layers to offload: none, said once, where llama.cpp was built without a GPU."""
    if wanted and not llama_cpp.llama_supports_gpu_offload():
        say_no_gpu()
        return 0
    return wanted


def model_params(layers: int) -> llama_cpp.llama_model_params:
    """A CPU reads the file instead of mapping it: weights that are repacked for it would otherwise lie in memory twice.

    Measured on the 1.5B demo model: 1,346 MB instead of 1,968 MB.

    Where llama.cpp was built for AMX its special buffers stay unused: compiled by GCC 12 the AMX code loads a tile
    configuration that it never wrote, and the process ends at the first prompt.
    """
    params: llama_cpp.llama_model_params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = layers
    params.load_mode = llama_cpp.LLAMA_LOAD_MODE_MMAP if layers else llama_cpp.LLAMA_LOAD_MODE_NONE
    params.use_extra_bufts = b"AMX_INT8 = 1" not in llama_cpp.llama_print_system_info()
    return params


def context_params(config: LlamaConfig, *, on_gpu: bool) -> llama_cpp.llama_context_params:
    """A cache that is split into one part for each stream, and logits for as many tokens as are drawn in one step."""
    params: llama_cpp.llama_context_params = llama_cpp.llama_context_default_params()
    streams, chunk = config.slots + config.kept, chunk_of(config, on_gpu=on_gpu)
    params.n_seq_max = streams
    params.kv_unified = False
    params.n_ctx = -(-config.n_ctx // PADDING) * PADDING * streams
    params.n_batch = max(chunk, outputs_of(config))
    params.n_ubatch = min(params.n_batch, MOST_IN_A_PASS)
    params.n_outputs_max = outputs_of(config)
    params.n_threads = params.n_threads_batch = config.n_threads or usable_threads()
    params.flash_attn_type = (
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if config.flash_attention else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    params.no_perf = True
    return params


def chunk_of(config: LlamaConfig, *, on_gpu: bool) -> int:
    return min(config.n_batch or (GPU_CHUNK if on_gpu else CPU_CHUNK), config.n_ctx)


def outputs_of(config: LlamaConfig) -> int:
    """Tokens whose logits one step can give; llama.cpp wants room for one of each stream."""
    streams = config.slots + config.kept
    return max(streams, config.outputs) if config.drafts else streams


def open_model(path: Path, name: str, layers: int) -> llama_cpp.llama_model_p:
    """The weights of a file, `layers` of them on the GPU; blocks for a second per gigabyte.

    Raises `ModelMissing`, `ModelDamaged` and, where llama.cpp refuses the file, `ModelUnavailable`. The header is read
    first: llama.cpp ends the process on a file that lies about itself.
    """
    if not path.is_file():
        raise ModelMissing("model.missing", path=path, name=name or path.stem)
    check_header(path)
    start_backend()
    model: llama_cpp.llama_model_p | None = llama_cpp.llama_model_load_from_file(
        str(path).encode(), model_params(layers)
    )
    if model is None:
        raise ModelUnavailable("model.load_failed", path=path)
    return model


def load(config: LlamaConfig) -> Loaded:
    """The model of `config` with its context. Raises as `open_model`, and `ModelUnavailable` where memory is short."""
    layers = gpu_layers(config.n_gpu_layers)
    model = open_model(config.path, config.name, layers)
    context = llama_cpp.llama_init_from_model(model, context_params(config, on_gpu=layers != 0))
    memory = llama_cpp.llama_get_memory(context) if context is not None else None
    if context is None or memory is None:
        llama_cpp.llama_model_free(model)
        raise ModelUnavailable("model.no_memory", path=config.path, n_ctx=config.n_ctx)
    return describe(config, model, context, memory, on_gpu=layers != 0)


def describe(
    config: LlamaConfig,
    model: llama_cpp.llama_model_p,
    context: llama_cpp.llama_context_p,
    memory: llama_cpp.llama_memory_t,
    *,
    on_gpu: bool,
) -> Loaded:
    vocab = llama_cpp.llama_model_get_vocab(model)
    return Loaded(
        model=model,
        vocab=vocab,
        context=context,
        memory=memory,
        n_vocab=llama_cpp.llama_vocab_n_tokens(vocab),
        n_ctx=llama_cpp.llama_n_ctx_seq(context),
        n_batch=llama_cpp.llama_n_batch(context),
        chunk=chunk_of(config, on_gpu=on_gpu),
        streams=llama_cpp.llama_n_seq_max(context),
        on_gpu=on_gpu,
    )

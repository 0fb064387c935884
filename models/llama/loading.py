"""A GGUF file into memory, and llama.cpp's own talk into `logging`."""

import ctypes
import functools
import logging
from dataclasses import dataclass

import llama_cpp

from core.errors import ModelMissing, ModelUnavailable
from core.texts import translate
from models.gguf import check_header
from models.llama.config import LlamaConfig, usable_threads

log = logging.getLogger(__name__)

WARNING_LEVEL = 3  # GGML_LOG_LEVEL_WARN; 4 is an error, 5 continues the line before
ERROR_LEVEL = 4


def to_logging(level: int, text: bytes, _user_data: ctypes.c_void_p) -> None:
    """llama.cpp's errors as errors, its warnings for debugging, the rest nowhere."""
    if level == ERROR_LEVEL:
        log.error("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())
    elif level == WARNING_LEVEL:
        log.debug("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())


LOG_CALLBACK = llama_cpp.llama_log_callback(to_logging)  # kept: llama.cpp calls it until the process ends


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model and its context in llama.cpp. `on_gpu` says whether layers were offloaded."""

    model: llama_cpp.llama_model_p
    vocab: llama_cpp.llama_vocab_p
    context: llama_cpp.llama_context_p
    memory: llama_cpp.llama_memory_t
    n_vocab: int
    n_ctx: int
    n_batch: int
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


def gpu_layers(config: LlamaConfig) -> int:
    """The layers to offload: none, said once, where llama.cpp was built without a GPU."""
    if config.n_gpu_layers and not llama_cpp.llama_supports_gpu_offload():
        say_no_gpu()
        return 0
    return config.n_gpu_layers


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


def context_params(config: LlamaConfig) -> llama_cpp.llama_context_params:
    """One sequence whose last token alone gives logits."""
    params: llama_cpp.llama_context_params = llama_cpp.llama_context_default_params()
    params.n_ctx = config.n_ctx
    params.n_batch = params.n_ubatch = min(config.n_batch, config.n_ctx)
    params.n_threads = params.n_threads_batch = config.n_threads or usable_threads()
    params.n_seq_max = params.n_outputs_max = 1
    params.flash_attn_type = (
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED if config.flash_attention else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    params.no_perf = True
    return params


def load(config: LlamaConfig) -> Loaded:
    """The model of `config`; blocks for a second per gigabyte.

    Raises `ModelMissing`, `ModelDamaged` and, where memory is short or llama.cpp refuses the file, `ModelUnavailable`.
    The header is read first: llama.cpp ends the process on a file that lies about itself.
    """
    if not config.path.is_file():
        raise ModelMissing("model.missing", path=config.path, name=config.name or config.path.stem)
    check_header(config.path)
    start_backend()
    layers = gpu_layers(config)
    model = llama_cpp.llama_model_load_from_file(str(config.path).encode(), model_params(layers))
    if model is None:
        raise ModelUnavailable("model.load_failed", path=config.path)
    context = llama_cpp.llama_init_from_model(model, context_params(config))
    memory = llama_cpp.llama_get_memory(context) if context is not None else None
    if context is None or memory is None:
        llama_cpp.llama_model_free(model)
        raise ModelUnavailable("model.no_memory", path=config.path, n_ctx=config.n_ctx)
    return describe(model, context, memory, on_gpu=layers != 0)


def describe(
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
        n_ctx=llama_cpp.llama_n_ctx(context),
        n_batch=llama_cpp.llama_n_batch(context),
        on_gpu=on_gpu,
    )

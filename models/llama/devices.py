"""The graphics cards that this build of llama.cpp can use: CUDA, ROCm, Vulkan or Metal alike."""

import ctypes
from collections.abc import Callable
from typing import Any

import llama_cpp
from llama_cpp._ggml import libggml

from models.machine import MIB, Card

GPU_KINDS = {1, 2}  # GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU; 0 is the CPU


def can_offload() -> bool:
    """Whether this build of llama.cpp puts layers on a card that is here."""
    return bool(llama_cpp.llama_supports_gpu_offload())


def devices() -> tuple[Card, ...]:
    """The cards as llama.cpp lists them. CUDA opens each for it, which takes some hundred MiB of it at the moment."""
    count = _function("ggml_backend_dev_count", ctypes.c_size_t)
    at = _function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    kind = _function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)
    found = [at(index) for index in range(count())]
    return tuple(card_of(device) for device in found if kind(device) in GPU_KINDS)


def card_of(device: int) -> Card:
    """What llama.cpp says of one of its devices; the CPU is one as well."""
    size = ctypes.POINTER(ctypes.c_size_t)
    memory = _function("ggml_backend_dev_memory", None, ctypes.c_void_p, size, size)
    name = _function("ggml_backend_dev_description", ctypes.c_char_p, ctypes.c_void_p)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    memory(device, ctypes.byref(free), ctypes.byref(total))
    return Card((name(device) or b"").decode("utf-8", "replace"), total.value // MIB, free.value // MIB)


def _function(name: str, result: type | None, *arguments: type) -> Callable[..., Any]:
    """A function of ggml, which llama_cpp itself has no name for."""
    function: Callable[..., Any] = ctypes.CFUNCTYPE(result, *arguments)((name, libggml))
    return function

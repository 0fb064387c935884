"""A GGUF file written anew in fewer bits, by llama.cpp's own quantizer."""

import ctypes
import re
from collections.abc import Callable
from pathlib import Path

import llama_cpp

from core.errors import ModelUnavailable
from models.gguf import check_header
from models.llama.config import usable_threads
from models.llama.loading import LOG_CALLBACK, start_backend, to_logging

TYPES = {
    "q4_k_m": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M,
    "q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
}
BITS = {"q4_k_m": 5.5, "q8_0": 8.6}
"""Bits that one number takes at most; a small model's odd rows take more than 4."""
AT = re.compile(rb"^\[\s*(\d+)/\s*(\d+)\]")

Report = Callable[[int, int], None]
"""Gets the tensor that is being written and how many there are."""


def quantize(source: Path, target: Path, kind: str, report: Report) -> None:
    """Writes `source` to `target` as one of `TYPES`; tensors that are of it already are copied. Minutes for 7B.

    Its rows are held in memory up to 1 GiB. Raises `ModelUnavailable` where llama.cpp gives up, such as on a full
    disk, and `ModelDamaged` for a source or a result that is not sane. It talks through llama.cpp's one log, so
    nothing else may load a model at that time.
    """
    check_header(source)
    start_backend()

    def hear(level: int, text: bytes, user_data: ctypes.c_void_p) -> None:
        if found := AT.match(text):
            report(int(found[1]), int(found[2]))
        else:
            to_logging(level, text, user_data)

    callback = llama_cpp.llama_log_callback(hear)
    params = params_for(kind)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    try:
        failed = llama_cpp.llama_model_quantize(bytes(source), bytes(target), ctypes.byref(params))
    finally:
        llama_cpp.llama_log_set(LOG_CALLBACK, ctypes.c_void_p(0))
    if failed:
        raise ModelUnavailable("merge.quantize_failed", path=target)
    check_header(target)


def params_for(kind: str) -> llama_cpp.llama_model_quantize_params:
    params: llama_cpp.llama_model_quantize_params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = TYPES[kind]
    params.nthread = usable_threads()
    params.allow_requantize = True
    params.max_buf_size = 1024**3
    return params

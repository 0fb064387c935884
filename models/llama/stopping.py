"""The flag that stops llama.cpp, also in the middle of a long prompt."""

import ctypes
import sys
from enum import Enum

import llama_cpp


class Cause(Enum):
    """Why a completion was told to stop."""

    CANCELLED = "cancelled"
    DEADLINE = "deadline"


class Stopped(Exception):
    """The evaluation was given up because the flag was raised."""


def library_strlen() -> int:
    """The address of the C library's `strlen`."""
    library = ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, ctypes.c_void_p).value or 0


class AbortFlag:
    """One byte that llama.cpp looks at between any two steps of the graph on the CPU; raised from any thread.

    llama.cpp asks a C function for it hundreds of times per token. A Python function would have to win the
    interpreter's lock each time, so the question is answered by `strlen` over the flag: 0 for the empty string, 1 once
    its first byte is set.
    """

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)
        self._callback = llama_cpp.ggml_abort_callback(library_strlen())

    def raise_(self) -> None:
        """The evaluation under way, and each later one, ends at once."""
        self._text.value = b"!"

    def lower(self) -> None:
        self._text.value = b""

    def watch(self, context: llama_cpp.llama_context_p) -> None:
        """Makes every later evaluation in `context` look at this flag."""
        llama_cpp.llama_set_abort_callback(context, self._callback, ctypes.cast(self._text, ctypes.c_void_p))

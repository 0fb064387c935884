"""How a GGUF file is opened and sampled from."""

import os
from dataclasses import dataclass
from pathlib import Path

UNHALVED = 4


def usable_threads() -> int:
    """Threads for llama.cpp: every usable core up to four, beyond that half of them (most are hyperthreads)."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, max(UNHALVED, usable // 2))


@dataclass(frozen=True, slots=True)
class LlamaConfig:
    """Settings of one local model.

    `n_ctx` is the context of each request in tokens, prompt and answer together; llama.cpp rounds it up to a multiple
    of 256. `slots` requests are served at once, and the evaluation of `kept` more is remembered: each takes the memory
    of a whole context. `n_batch` is how many tokens of a prompt are evaluated in one step, None for what suits the
    machine. `n_gpu_layers` -1 puts every layer on the GPU. `n_threads` None takes `usable_threads()`. `queue_size` is
    how many askers may wait behind those being served. With `drafts` tokens are guessed from what the prompt says and
    checked together, `outputs` of them at most in one step. `seed` None draws a new one for each completion.
    `prefix_cache` is a folder in which the evaluated start of fixed prompts outlives the process. `chat_template`
    replaces the template of the file. `name` defaults to the file's.
    """

    path: Path
    name: str = ""
    n_ctx: int = 4096
    n_gpu_layers: int = 0
    n_threads: int | None = None
    slots: int = 4
    kept: int = 2
    n_batch: int | None = None
    drafts: bool = True
    outputs: int = 64
    flash_attention: bool = True
    queue_size: int = 16
    seed: int | None = None
    top_k: int = 40
    top_p: float = 0.9
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    prefix_cache: Path | None = None
    chat_template: str | None = None

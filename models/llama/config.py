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

    `n_ctx` is the context in tokens, prompt and answer together; llama.cpp rounds it up to a
    multiple of 256. `n_gpu_layers` -1 puts every layer on the GPU.
    `n_threads` None takes `usable_threads()`. `queue_size` is how many askers may wait behind the one being served.
    `seed` None draws a new one for each completion. `prefix_cache` is a folder in which the evaluated start of fixed
    prompts outlives the process. `chat_template` replaces the template of the file. `name` defaults to the file's.
    """

    path: Path
    name: str = ""
    n_ctx: int = 4096
    n_gpu_layers: int = 0
    n_threads: int | None = None
    n_batch: int = 512
    flash_attention: bool = True
    queue_size: int = 16
    seed: int | None = None
    top_k: int = 40
    top_p: float = 0.9
    prefix_cache: Path | None = None
    chat_template: str | None = None

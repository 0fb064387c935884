"""Evaluated prompt starts, kept in a folder across runs of the process.

System prompt and examples are the same for every question, and evaluating them is most of the wait on a small machine.
"""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import llama_cpp

from models.llama.config import LlamaConfig

log = logging.getLogger(__name__)

KEPT = 8
DIGEST_SIZE = 32


def cache_identity(config: LlamaConfig) -> str:
    """What a saved state depends on beside its tokens."""
    file = config.path.stat()
    facts = [
        config.path.name,
        file.st_size,
        file.st_mtime_ns,
        config.n_ctx,
        config.slots,
        config.kept,
        config.n_gpu_layers,
        config.flash_attention,
        llama_cpp.__version__,
    ]
    return json.dumps(facts)


class PrefixStore:
    """States of a stream by the tokens they hold, in a folder or, with None, nowhere. For the owner thread alone."""

    def __init__(self, folder: Path | None, identity: str) -> None:
        self._folder = folder
        self._identity = identity

    def read(self, tokens: Sequence[int]) -> bytes | None:
        """The saved state of exactly `tokens`; None where there is none or the file is not what was written."""
        if self._folder is None:
            return None
        try:
            content = self._path(self._folder, tokens).read_bytes()
        except OSError:
            return None
        state = content[DIGEST_SIZE:]
        return state if hashlib.sha256(state).digest() == content[:DIGEST_SIZE] else None

    def write(self, tokens: Sequence[int], state: bytes) -> None:
        """Saves `state` for the next process, whole or not at all; a folder that cannot be written is only logged."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._replace(self._path(self._folder, tokens), hashlib.sha256(state).digest() + state)
            self._forget_old(self._folder)
        except OSError as error:
            log.warning("prompt start not saved in %s: %s", self._folder, error)

    def _path(self, folder: Path, tokens: Sequence[int]) -> Path:
        key = hashlib.sha256(f"{self._identity} {list(tokens)}".encode()).hexdigest()
        return folder / f"{key[:32]}.kv"

    @staticmethod
    def _replace(path: Path, content: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".tmp", delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)

    @staticmethod
    def _forget_old(folder: Path) -> None:
        newest_first = sorted(folder.glob("*.kv"), key=os.path.getmtime, reverse=True)
        for path in newest_first[KEPT:]:
            path.unlink(missing_ok=True)

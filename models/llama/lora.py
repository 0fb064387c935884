"""LoRA adapters in the model's memory: loaded by name, in use one at a time."""

import ctypes
import itertools
from collections.abc import Collection
from pathlib import Path
from typing import Any

import llama_cpp

from core.errors import ModelRejected
from models.gguf import check_header
from models.llama.loading import Loaded

NONE = ""
"""The model without an adapter, as a name and as a key."""


class Adapters:
    """The adapters of one model. The owner thread alone calls it.

    Each loading has a key of its own, so that nothing evaluated with an older one of the same name is taken for it.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._keys: dict[str, str] = {}
        self._by_key: dict[str, Any] = {}  # pointers, which ctypes types its own way
        self._loadings = itertools.count(1)
        self._used = NONE

    @property
    def count(self) -> int:
        """How many are in memory."""
        return len(self._by_key)

    def load(self, name: str, path: Path) -> None:
        """From now on the name stands for this file.

        Raises `ModelDamaged`, and `ModelRejected` for what is no adapter made for this model.
        """
        if not path.is_file():
            raise ModelRejected("model.bad_adapter", path=path)
        check_header(path)
        adapter = llama_cpp.llama_adapter_lora_init(self._loaded.model, str(path).encode())
        if not bool(adapter):  # a null pointer
            raise ModelRejected("model.bad_adapter", path=path)
        key = f"{name}@{next(self._loadings)}"
        self._by_key[key] = adapter
        self._keys[name] = key

    def unload(self, name: str) -> None:
        """The name stands for nothing any more; one that never did is no error."""
        self._keys.pop(name, None)

    def unload_all(self) -> None:
        self._keys.clear()

    def key(self, name: str) -> str:
        """What requests are evaluated with that ask for `name` now. Raises `ModelRejected` where none is loaded."""
        if name == NONE:
            return NONE
        if name not in self._keys:
            raise ModelRejected("model.no_adapter", name=name)
        return self._keys[name]

    def use(self, key: str) -> None:
        """Every later evaluation goes through this adapter alone; `NONE` for none."""
        if key == self._used:
            return
        chosen = [] if key == NONE else [self._by_key[key]]
        adapters = (llama_cpp.llama_adapter_lora_p_ctypes * len(chosen))(*chosen)
        scales = (ctypes.c_float * len(chosen))(*[1.0 for _ in chosen])
        if llama_cpp.llama_set_adapters_lora(self._loaded.context, adapters, len(chosen), scales):
            raise ModelRejected("model.no_adapter", name=key)
        self._used = key

    def sweep(self, wanted: Collection[str]) -> None:
        """Frees what no name stands for and is not among the `wanted` keys."""
        for key in self._by_key.keys() - set(self._keys.values()) - set(wanted):
            if key == self._used:
                self.use(NONE)
            llama_cpp.llama_adapter_lora_free(self._by_key.pop(key))

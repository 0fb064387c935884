"""A GGUF file as a `core.ports.LanguageModel`, through llama.cpp in this process (the only import of llama_cpp)."""

from models.llama.config import LlamaConfig
from models.llama.model import LlamaModel, open_llama

__all__ = ["LlamaConfig", "LlamaModel", "open_llama"]

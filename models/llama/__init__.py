"""A GGUF file as a `core.ports.LanguageModel`, through llama.cpp (the only import of llama_cpp), here or in a child."""

from models.llama.config import LlamaConfig
from models.llama.hosted import HostedModel, open_hosted
from models.llama.model import LlamaModel, open_llama

__all__ = ["HostedModel", "LlamaConfig", "LlamaModel", "open_hosted", "open_llama"]

"""What the memory of a model follows from, read off its file."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelRejected
from models.gguf import Header, read_header

F16_BYTES = 2
EMBEDDINGS = "token_embd.weight"
OUTPUT = "output.weight"
HEADS, KV_HEADS = "attention.head_count", "attention.head_count_kv"


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Sizes of one model. `kv_bytes` are what one token takes in the cache at f16, all layers together.

    `embedding_bytes` of the weights (the table of tokens) stay in main memory when the layers are on the GPU. A `tied`
    model has no output matrix of its own: it takes that table, which the GPU then holds a second time.
    """

    layers: int
    embedding: int
    feed_forward: int
    heads: int
    vocabulary: int
    kv_bytes: int
    layer_bytes: int
    output_bytes: int
    embedding_bytes: int
    tied: bool = False


def read_anatomy(path: Path) -> Anatomy:
    """The sizes of the model in a file. Raises `ModelDamaged`, and `ModelRejected` where it is no language model."""
    header = read_header(path)
    try:
        return anatomy_of(header)
    except (LookupError, ArithmeticError) as error:
        kind = header.text("general.architecture")
        raise ModelRejected("model.not_a_language_model", path=path, kind=kind) from error


def anatomy_of(header: Header) -> Anatomy:
    """The sizes that a header tells. Raises `LookupError` where one is missing, `ArithmeticError` for no heads."""
    layers, embedding, heads = (_largest(header, key) for key in ("block_count", "embedding_length", HEADS))
    table = next((tensor for tensor in header.tensors if tensor.name == EMBEDDINGS), None)
    if table is None:
        raise LookupError(EMBEDDINGS)
    inner = sum(tensor.size for tensor in header.tensors if tensor.name.startswith("blk."))
    beside = sum(tensor.size for tensor in header.tensors) - inner - table.size
    return Anatomy(
        layers=layers,
        embedding=embedding,
        feed_forward=_largest(header, "feed_forward_length"),
        heads=heads,
        vocabulary=table.shape[-1],
        kv_bytes=F16_BYTES * _kv_numbers(header, layers, embedding // heads),
        layer_bytes=inner,
        output_bytes=beside,
        embedding_bytes=table.size,
        tied=all(tensor.name != OUTPUT for tensor in header.tensors),
    )


def _numbers(header: Header, key: str) -> tuple[int, ...]:
    return header.numbers(f"{header.text('general.architecture')}.{key}")


def _largest(header: Header, key: str) -> int:
    found = _numbers(header, key)
    if not found:
        raise LookupError(key)
    return max(found)


def _kv_numbers(header: Header, layers: int, head_size: int) -> int:
    """Numbers that one token puts into the cache. Layers that see a window only are counted as if they saw all."""
    heads = _numbers(header, KV_HEADS) or _numbers(header, HEADS)
    sizes = [(_numbers(header, f"attention.{part}_length") or (head_size,))[0] for part in ("key", "value")]
    return sum(sizes) * (sum(heads) if len(heads) == layers else max(heads) * layers)

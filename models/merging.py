"""A LoRA adapter worked into the weights of its model: W + alpha / rank * B A, as llama.cpp applies it.

An adapter that is applied while answering costs 40 to 75 % of every step; a merged file costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gguf import GGUFReader, GGUFValueType, GGUFWriter, ReaderTensor
from gguf.quants import dequantize

from core.errors import ModelDamaged, ModelMissing, ModelRejected
from models.gguf import check_header

Floats = npt.NDArray[np.float32]
Report = Callable[[int, int], None]
"""Gets the bytes that are written and those there will be."""

LEFT, RIGHT = ".lora_b", ".lora_a"
IGNORED = "_norm.weight"  # llama.cpp leaves an adapter's norms out, so they are left out here
TOKENS = "token_embd.weight"
KEPT_BY_WRITER = {"general.architecture"}
NUMBERS_AT_ONCE = 16 * 1024 * 1024  # 64 MiB of them
F16_BYTES = 2


@dataclass(frozen=True, slots=True)
class Factors:
    """What is added to one tensor: `scale` times `left` (rows, rank) times `right` (rank, columns)."""

    left: Floats
    right: Floats
    scale: float


@dataclass(frozen=True, slots=True)
class Merge:
    """A base and an adapter that fit each other. `merge` makes one."""

    base: GGUFReader
    factors: dict[str, Factors]

    @property
    def size(self) -> int:
        """Bytes of the merged file's tensors: the touched ones at f16, the others as they are."""
        return sum(self._size(tensor) for tensor in self.base.tensors)

    @property
    def parameters(self) -> int:
        """The numbers in all tensors together."""
        return sum(int(tensor.n_elements) for tensor in self.base.tensors)

    def _size(self, tensor: ReaderTensor) -> int:
        return int(tensor.n_elements) * F16_BYTES if tensor.name in self.factors else int(tensor.n_bytes)

    def write(self, out: Path, report: Report) -> None:
        """Writes the merged file, one tensor in memory at a time. Raises `ModelDamaged` for weights that overflow."""
        writer = GGUFWriter(out, text_of(self.base, "general.architecture"))
        try:
            self._describe(writer)
            done = 0
            for tensor in self.base.tensors:
                writer.write_tensor_data(self._data(tensor))
                done += self._size(tensor)
                report(done, self.size)
        finally:
            writer.close()

    def _describe(self, writer: GGUFWriter) -> None:
        for name, field in self.base.fields.items():
            if name in KEPT_BY_WRITER or name.startswith("GGUF."):  # the latter are the reader's own
                continue
            inner = field.types[-1] if field.types[0] is GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), field.types[0], inner)
        writer.data_alignment = self.base.alignment
        for tensor in self.base.tensors:
            if tensor.name in self.factors:
                shape = tuple(int(length) for length in reversed(tensor.shape))
                writer.add_tensor_info(tensor.name, shape, np.dtype(np.float16), self._size(tensor))
            else:
                data = tensor.data
                writer.add_tensor_info(tensor.name, data.shape, data.dtype, data.nbytes, tensor.tensor_type)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()

    def _data(self, tensor: ReaderTensor) -> npt.NDArray[Any]:
        if tensor.name not in self.factors:
            return tensor.data
        merged = added(tensor, self.factors[tensor.name])
        if not np.isfinite(merged).all():
            raise ModelDamaged("merge.overflow", name=tensor.name)
        return merged


def added(tensor: ReaderTensor, factors: Factors) -> npt.NDArray[np.float16]:
    """The tensor with its share of the adapter, (rows, columns)."""
    columns, rows = (int(length) for length in tensor.shape)
    merged = np.empty((rows, columns), np.float16)
    step = max(1, NUMBERS_AT_ONCE // columns)
    for start in range(0, rows, step):
        part = slice(start, start + step)
        change = factors.scale * (factors.left[part] @ factors.right)
        with np.errstate(over="ignore"):
            merged[part] = dequantize(tensor.data[part], tensor.tensor_type) + change
    return merged


def merge(base: Path, adapter: Path) -> Merge:
    """The two, read and held against each other.

    Raises `ModelMissing`, `ModelDamaged`, and `ModelRejected`: no LoRA adapter, or not for this base.
    """
    model, lora = read(base), read(adapter)
    if text_of(lora, "adapter.type") != "lora":
        raise ModelRejected("merge.no_adapter", path=adapter)
    if "adapter.alora.invocation_tokens" in lora.fields:
        raise ModelRejected("merge.activated", path=adapter)
    if "split.count" in model.fields and int(model.fields["split.count"].contents()) > 1:
        raise ModelRejected("merge.split", path=base)
    kinds = [text_of(reader, "general.architecture") for reader in (model, lora)]
    if kinds[0] != kinds[1]:
        raise ModelRejected("merge.other_model", base=kinds[0], adapter=kinds[1])
    return Merge(model, factors_of(model, lora))


def read(path: Path) -> GGUFReader:
    """A file's reader; it maps the file and copies nothing. Raises `ModelMissing`, `ModelDamaged`, `ModelRejected`."""
    if not path.is_file():
        raise ModelMissing("merge.missing", path=path)
    check_header(path)
    try:
        return GGUFReader(path)
    except (ValueError, KeyError) as error:  # a kind of tensor or of value that the library does not know
        raise ModelRejected("merge.unreadable", path=path, reason=str(error)) from error


def text_of(reader: GGUFReader, key: str) -> str:
    """A text of the metadata, empty where there is none."""
    field = reader.fields.get(key)
    return str(field.contents()) if field else ""


def factors_of(model: GGUFReader, lora: GGUFReader) -> dict[str, Factors]:
    """What is added to which tensor. Raises `ModelRejected` where a tensor is missing or of another shape."""
    alpha = lora.fields.get("adapter.lora.alpha")
    halves = {tensor.name: tensor for tensor in lora.tensors if not tensor.name.endswith(IGNORED)}
    names = {name.removesuffix(LEFT).removesuffix(RIGHT) for name in halves}
    tensors = {tensor.name: tensor for tensor in model.tensors}
    if not names:
        raise ModelRejected("merge.no_pair", name="-")
    factors = {}
    for name in sorted(names):
        if name + LEFT not in halves or name + RIGHT not in halves:
            raise ModelRejected("merge.no_pair", name=name)
        if name not in tensors:
            raise ModelRejected("merge.no_tensor", name=name)
        b, a = (numbers_of(halves[name + half]) for half in (LEFT, RIGHT))
        left, right = (a, b.T) if name == TOKENS else (b, a)
        check_shape(tensors[name], left, right)
        scale = float(alpha.contents()) / b.shape[-1] if alpha and alpha.contents() else 1.0
        factors[name] = Factors(left, right, scale)
    return factors


def numbers_of(tensor: ReaderTensor) -> Floats:
    """The numbers of a tensor, whatever it is written in. Raises `ModelRejected` for a kind that is not known."""
    try:
        found: Floats = dequantize(tensor.data, tensor.tensor_type)
    except NotImplementedError as error:
        raise ModelRejected("merge.unreadable", path=tensor.name, reason=str(error)) from error
    return found


def check_shape(tensor: ReaderTensor, left: Floats, right: Floats) -> None:
    """Raises `ModelRejected` unless left times right has the tensor's shape."""
    wanted = tuple(int(length) for length in reversed(tensor.shape))
    fits = left.ndim == right.ndim == len(wanted) == 2  # noqa: PLR2004 - a matrix
    if not fits or left.shape[1] != right.shape[0] or (left.shape[0], right.shape[1]) != wanted:
        raise ModelRejected("merge.wrong_shape", name=tensor.name, base=wanted, adapter=f"{left.shape} x {right.shape}")

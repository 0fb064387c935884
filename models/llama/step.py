"""What the model is to do next: move what streams hold, then evaluate one batch of rows.

A *stream* is one sequence id of llama.cpp with KV of its own.
"""

from dataclasses import dataclass

from models.llama.sequences import Sequence


@dataclass(frozen=True, slots=True)
class Copy:
    """All that `source` holds takes the place of all that `target` holds. llama.cpp copies whole streams only."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Cut:
    """`stream` forgets what lies at positions from `length` on."""

    stream: int
    length: int


@dataclass(frozen=True, slots=True)
class Row:
    """`tokens` to be evaluated at positions from `start` on; the last `outputs` of them give logits."""

    sequence: Sequence
    stream: int
    start: int
    tokens: tuple[int, ...]
    outputs: int


@dataclass(frozen=True, slots=True)
class Step:
    """`moves` in this order, then `rows`, sorted by stream, in one batch under `adapter`."""

    adapter: str
    moves: tuple[Copy | Cut, ...]
    rows: tuple[Row, ...]

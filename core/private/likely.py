"""The finder's trained layer: which candidates are a secret or somebody's pay though no rule tells, by what is around.

One linear reader a kind; `models.training.spans` makes their file, `core/data/spans.json`. Features are kept as
numbers, so that the file holds nothing that anybody wrote. Where the file is missing or broken the rules find alone.
"""

import binascii
import json
import logging
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from core.packing import unpacked
from core.private.candidates import candidates
from core.private.contexts import features
from core.private.pay import Places
from core.private.reading import Reading
from core.private.spans import Kind, Span

log = logging.getLogger(__name__)

FILE, FORMAT = "spans.json", 1
"""The format is of the file, the candidates and the features together: a file of another one is not read."""
BUCKETS = 1 << 16
"""Numbers that features are hashed to."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Of one kind: the weight of each feature, and from which score on a candidate counts."""

    weights: Mapping[int, float]
    bias: float
    threshold: float

    def score(self, found: frozenset[int]) -> float:
        """The sum of the weights over the root of how many features there are, and the bias."""
        return self.bias + sum(self.weights.get(number, 0.0) for number in found) / math.sqrt(len(found))


@dataclass(frozen=True, slots=True)
class Readers:
    """One for each kind that the layer knows; `about` says what they were made of."""

    by_kind: Mapping[Kind, Reader]
    about: Mapping[str, Any]


def likely(reading: Reading, readers: Readers | None) -> Iterator[Span]:
    """The candidates that are one of the kinds, by their look and what stands around them."""
    if readers is None:
        return
    for among in candidates(reading):
        reader = readers.by_kind[among.kind]
        for span in among.spans:
            if reader.score(numbered(reading, span, among.places)) >= reader.threshold:
                yield Span(*span, among.kind)


def numbered(reading: Reading, span: tuple[int, int], places: Places | None) -> frozenset[int]:
    """The features of a candidate, each as the same number below `BUCKETS` on every machine."""
    return frozenset(zlib.crc32(name.encode()) % BUCKETS for name in features(reading, span, places))


@cache
def shipped_readers() -> Readers | None:
    """The layer that comes with the program; None, with a line in the log, where its file cannot be read."""
    found = resources.files("core").joinpath("data").joinpath(FILE)
    try:
        return read_readers(found.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.error("the finder's %s cannot be read, its rules find alone: %s", FILE, error)  # noqa: TRY400
        return None


def read_readers(text: str) -> Readers:
    """The layer of a file's text. Raises ValueError where it is not one of this format."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}, not {FORMAT}")
        by_kind = {kind: _reader(data["kinds"][kind.value]) for kind in (Kind.SECRET, Kind.SALARY)}
        return Readers(by_kind, data["about"])
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _reader(data: Mapping[str, Any]) -> Reader:
    weights = (step * float(data["scale"]) for step in unpacked("b", data["weights"]))
    reader = Reader(
        dict(zip(unpacked("H", data["numbers"]), weights, strict=True)), float(data["bias"]), float(data["threshold"])
    )
    if not reader.weights or not math.isfinite(reader.bias + reader.threshold):
        raise ValueError("no layer in it")
    return reader

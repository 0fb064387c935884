"""The trained layer of the gate: how likely a typed text is private, by its words and by what the rules see in it.

One linear reader; `models.training.gate` makes its file, `core/data/gate.json`. Sequences of words are kept as numbers,
so that the file holds no sentence that anybody wrote. Where the file is missing or broken there is no layer, and the
rules decide alone (`core.private_data`).
"""

import binascii
import json
import logging
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from core.packing import unpacked
from core.private.reading import Reading
from core.private.sentences import Told
from core.private.signs import signs_of
from core.private.wording import wording

log = logging.getLogger(__name__)

FILE, FORMAT = "gate.json", 1
"""The format is of the file and of the words and signs together: a file of another one is not read."""
BUCKETS, LONGEST = 1 << 16, 3
"""Numbers that sequences are hashed to, and words of the longest sequence."""

_FEWEST_KNOWN = 2
"""Words from which a text says something."""


@dataclass(frozen=True, slots=True)
class Judge:
    """`words` hold each sequence's rarity and weight, `signs` the weight of each; `known` are the words that count."""

    known: frozenset[str]
    words: Mapping[int, tuple[float, float]]
    signs: Mapping[str, float]
    bias: float
    threshold: float
    about: Mapping[str, Any]

    def is_private(self, reading: Reading, told: Told) -> bool:
        return self.chance(reading, told) >= self.threshold

    def chance(self, reading: Reading, told: Told) -> float:
        """From 0 to 1, calibrated on rows that it was not fitted to; 0 where it knows too few of the words."""
        words = wording(reading, self.known)
        if sum(word in self.known for word in words) < _FEWEST_KNOWN:
            return 0.0
        found = [self.words[number] for number in sequences(words) if number in self.words]
        length = math.sqrt(sum(rarity * rarity for rarity, _ in found)) or 1.0
        score = self.bias + sum(rarity * weight for rarity, weight in found) / length
        score += sum(self.signs.get(sign, 0.0) for sign in signs_of(reading, told, words))
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def sequences(words: Sequence[str]) -> frozenset[int]:
    """The words, pairs and triples of words, each as the same number below `BUCKETS` on every machine."""
    return frozenset(
        zlib.crc32(" ".join(words[start : start + size]).encode()) % BUCKETS
        for size in range(1, LONGEST + 1)
        for start in range(len(words) - size + 1)
    )


@cache
def shipped_judge() -> Judge | None:
    """The layer that comes with the program; None, with a line in the log, where its file cannot be read."""
    found = resources.files("core").joinpath("data").joinpath(FILE)
    try:
        return read_judge(found.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        log.error("the privacy gate's %s cannot be read, its rules decide alone: %s", FILE, error)  # noqa: TRY400
        return None


def read_judge(text: str) -> Judge:
    """The layer of a file's text. Raises ValueError where it is not one of this format."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}, not {FORMAT}")
        rarities = (step * data["rarity_scale"] for step in unpacked("B", data["rarity"]))
        weights = (step * data["weight_scale"] for step in unpacked("b", data["weights"]))
        judge = Judge(
            frozenset(data["known"].split()),
            dict(zip(unpacked("H", data["numbers"]), zip(rarities, weights, strict=True), strict=True)),
            {name: float(weight) for name, weight in data["signs"].items()},
            float(data["bias"]),
            float(data["threshold"]),
            data["about"],
        )
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not (judge.words and judge.known and judge.signs and 0 < judge.threshold < 1 and math.isfinite(judge.bias)):
        raise ValueError("no layer in it")
    return judge

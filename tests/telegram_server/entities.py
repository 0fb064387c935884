"""Texts with entities: offsets in UTF-16, trimming, and what Telegram finds by itself."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from tests.telegram_server.refusals import Json

OPAQUE = {"code", "pre"}
"""Nothing is formatted inside these."""
UNTOUCHED = {"code", "pre", "text_link", "url"}
FOUND = {
    "url": re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]"),
    "mention": re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)"),
    "bot_command": re.compile(r"(?<![\w/@>])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?(?![\w/@])"),
    "hashtag": re.compile(r"(?<![\w#])#\w*[^\W\d_]\w*"),
}
ORDER = ("blockquote", "expandable_blockquote", "bold", "italic", "underline", "strikethrough", "spoiler")


def units(text: str) -> int:
    """The length in UTF-16 code units, which is what offsets and lengths of entities count."""
    return len(text.encode("utf-16-le")) // 2


def cut_out(text: str, entity: Json) -> str:
    """The part of the text that an entity is of."""
    raw = text.encode("utf-16-le")
    start = entity["offset"] * 2
    return raw[start : start + entity["length"] * 2].decode("utf-16-le")


@dataclass(eq=False)
class Writer:
    """Collects a text and the entities that open and close in it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    entities: list[Json] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def close(self, kind: str, start: int, **beside: str) -> None:
        """An entity from `start` to here; of no length, it is none."""
        if self.length > start:
            self.entities.append({"type": kind, "offset": start, "length": self.length - start} | beside)

    def since(self, start: int) -> str:
        """What was written from `start` on."""
        return self.text.encode("utf-16-le")[2 * start :].decode("utf-16-le")

    @property
    def text(self) -> str:
        return "".join(self.parts)


def finished(text: str, entities: Iterable[Json]) -> tuple[str, list[Json]]:
    """As Telegram keeps it: no white space around, entities in order, what stands in code left alone, links found."""
    kept = list(_trimmed(text, entities))
    stripped = text.strip()
    opaque = [entity for entity in kept if entity["type"] in OPAQUE]
    clear = [e for e in kept if e["type"] in OPAQUE or not any(_inside(e, other) for other in opaque)]
    untouched = [entity for entity in clear if entity["type"] in UNTOUCHED]
    return stripped, sorted([*clear, *_found(stripped, untouched)], key=_place)


def _trimmed(text: str, entities: Iterable[Json]) -> Iterator[Json]:
    before, room = units(text) - units(text.lstrip()), units(text.strip())
    for entity in entities:
        start = max(0, entity["offset"] - before)
        stop = min(room, entity["offset"] + entity["length"] - before)
        if stop > start:
            yield entity | {"offset": start, "length": stop - start}


def _inside(entity: Json, other: Json) -> bool:
    end, other_end = entity["offset"] + entity["length"], other["offset"] + other["length"]
    return bool(other["offset"] < end and entity["offset"] < other_end)


def _found(text: str, untouched: Sequence[Json]) -> Iterator[Json]:
    """Links, mentions, commands and hashtags, as nobody marks them."""
    taken = list(untouched)
    starts = [0, *accumulate(units(letter) for letter in text)]
    for kind, pattern in FOUND.items():
        for match in pattern.finditer(text):
            start, stop = starts[match.start()], starts[match.end()]
            entity: Json = {"type": kind, "offset": start, "length": stop - start}
            if not any(_inside(entity, other) for other in taken):
                taken.append(entity)
                yield entity


def _place(entity: Json) -> tuple[int, int, int]:
    kind = entity["type"]
    return entity["offset"], -entity["length"], ORDER.index(kind) if kind in ORDER else len(ORDER)

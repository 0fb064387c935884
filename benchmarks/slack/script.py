"""What is asked, and what must be answered to it: known to the people in Slack and to the model alike."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Literal

from core.ports import Completion, CompletionRequest, Delta, Finish

_ASKED = re.compile(r"Câu hỏi (\d+), bản (\d+), (ngắn|dài)")
_ANSWERED = re.compile(r"câu (\d+), bản (\d+)")
_FIRST = (
    "Trả lời câu {number}, bản {version}: "
    "bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương theo nội quy của công ty [1]."
)
_NEXT = (
    "Theo câu {number}, bản {version}, ngày nghỉ được báo trước cho người phụ trách của bộ phận bằng văn bản.",
    "Cũng ở câu {number}, bản {version}, ai chưa làm đủ năm thì được tính theo số tháng đã làm.",
)
PASSAGE = (
    "Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương theo nội quy của công ty. "
    "Ngày nghỉ được báo trước cho người phụ trách của bộ phận bằng văn bản. "
    "Ai chưa làm đủ năm thì được tính theo số tháng đã làm."
)
"""What the documents say: the answer check looks there for what the model says."""
PARAGRAPHS = 60
"""Of a long answer: some 5,500 characters, which take two messages."""

Said = Callable[[Literal["first", "last"], int], None]
"""Told when the model says its first words on the question with this number, and its last."""


def unheard(_what: Literal["first", "last"], _number: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it reads after so many edits."""

    number: int
    version: int = 0
    is_long: bool = False

    @property
    def text(self) -> str:
        length = "dài" if self.is_long else "ngắn"
        return f"Câu hỏi {self.number}, bản {self.version}, {length}: quy định nghỉ phép năm ra sao?"

    @property
    def answer(self) -> str:
        paragraphs = [_FIRST, *(_NEXT[i % 2] for i in range(PARAGRAPHS if self.is_long else 0))]
        return "\n\n".join(paragraphs).format(number=self.number, version=self.version)


def asked_last(text: str) -> Wording:
    """The wording that stands last in a prompt."""
    number, version, length = _ASKED.findall(text)[-1]
    return Wording(int(number), int(version), length == "dài")


def number_in(text: str) -> int | None:
    """The question that a piece of an answer belongs to; None for what is no answer. Each paragraph names it."""
    found = _ANSWERED.search(text)
    return int(found[1]) if found else None


def bare(text: str) -> str:
    """The text without white space: how it is laid out is the platform's business."""
    return "".join(text.split())


def split(text: str, count: int) -> list[str]:
    """The text in so many pieces, or a few less."""
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]


@dataclass(frozen=True, slots=True)
class PlayedModel:
    """Says what must be answered, in so many `pieces` over so many `seconds`."""

    seconds: float
    pieces: int = 8
    said: Said = field(default=unheard)
    name: str = "played"

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        wording = asked_last(request.messages[-1].content)
        text = wording.answer
        pieces = split(text, self.pieces)
        for place, piece in enumerate(pieces):
            await asyncio.sleep(self.seconds / len(pieces))
            if place == 0:
                self.said("first", wording.number)
            yield Delta(piece)
        self.said("last", wording.number)
        yield Completion(text, self.name, Finish.STOP, 100, self.pieces, -0.1, cost_usd=0.0)

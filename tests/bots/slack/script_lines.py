"""A small handbook, what people ask of it, and a model that knows its lines."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.documents import Label, Passage, Space
from core.folding import fold
from core.ports import Completion, CompletionRequest, Delta, Finish
from tests.bots.slack.office import STAFF

RULES = Space("noi-bo", Label.INTERNAL, frozenset({STAFF}))
HOUSE = Space("chung", Label.PUBLIC)
LEAVE = Passage(
    chunk_id="leave",
    document_id="leave",
    document="quy-dinh-nghi-phep.pdf",
    title="Quy định nghỉ phép",
    heading="Điều 5. Nghỉ phép năm",
    page=2,
    text="Người lao động làm việc đủ 12 tháng được nghỉ phép năm 14 ngày làm việc, hưởng nguyên lương. "
    "Trưởng phòng duyệt đơn trên cổng nhân sự.",
    space=RULES.name,
    label=RULES.label,
    score=1.0,
)
HOURS = replace(
    LEAVE,
    chunk_id="hours",
    document_id="hours",
    document="gioi-thieu.pdf",
    title="Giới thiệu cơ quan",
    heading="Giờ làm việc",
    page=1,
    text="Giờ làm việc từ 8 giờ đến 17 giờ 30, thứ Hai đến thứ Sáu. Khách vào cổng chính.",
    space=HOUSE.name,
    label=HOUSE.label,
    score=0.5,
)
DOCUMENTS = {"quy-dinh-nghi-phep.pdf": RULES, "noi-quy.docx": RULES, "gioi-thieu.pdf": HOUSE}
"""What stands on the shelves, by its path."""

ASKED = "Tôi có bao nhiêu ngày nghỉ phép năm?"
FIRST_WORDS = "Bạn làm việc đủ 12 tháng thì được nghỉ phép năm 14 ngày làm việc, "
ANSWERED = f"{FIRST_WORDS}hưởng nguyên lương [1]."
UNKNOWN = "Cơ quan có xe đưa đón nhân viên không?"
NOT_FOUND = "Sổ tay không nói về điều này."
DENIED = "Bạn chưa được phép tra cứu tài liệu nào."
DENIED_HERE = "Ở đây có người chưa được đọc tài liệu nội bộ"
THUMBS = "context_actions"
"""The type of the block with which every answer ends, or nearly."""
LINES: Mapping[str, Sequence[str]] = {
    "ai duyet": ("Trưởng phòng của bạn duyệt đơn nghỉ phép ", "trên cổng nhân sự [1]."),
    "may gio": ("Giờ làm việc từ 8 giờ đến 17 giờ 30, ", "thứ Hai đến thứ Sáu [1]."),
    "khach san": ("Khách sạn khi đi công tác được thanh toán tối đa ", "900.000 đồng một đêm [1]."),
    "nghi phep": (FIRST_WORDS, "hưởng nguyên lương [1]."),
}
"""What the model says to a question that holds these words, folded; to any other that it does not know."""


def a_set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Prompter:
    """A model that knows its lines. With `opening` cleared it says nothing, with `middle` its first words only.

    `broken_off` counts the answers that somebody has ended in between.
    """

    lines: Mapping[str, Sequence[str]] = field(default_factory=lambda: LINES)
    name: str = "prompter"
    opening: asyncio.Event = field(default_factory=a_set_event)
    middle: asyncio.Event = field(default_factory=a_set_event)
    asked: list[CompletionRequest] = field(default_factory=list)
    broken_off: int = 0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        self.asked.append(request)
        question = fold(request.messages[-1].content.splitlines()[-1])
        first, *rest = next((line for words, line in self.lines.items() if words in question), ("Tôi không biết.",))
        try:
            await self.opening.wait()
            yield Delta(first)
            await self.middle.wait()
        except (asyncio.CancelledError, GeneratorExit):
            self.broken_off += 1
            raise
        for piece in rest:
            yield Delta(piece)
        text = "".join((first, *rest))
        yield Completion(text, self.name, Finish.STOP, 100, len(text), -0.1, cost_usd=0.0)

    def was_shown(self, words: str) -> bool:
        """Whether the last prompt holds these words."""
        return any(words in message.content for message in self.asked[-1].messages)

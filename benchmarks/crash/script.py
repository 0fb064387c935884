"""What is asked, and what must be answered to it: known to the people on the platform and to the model alike."""

import re
from dataclasses import dataclass

PIECES = 4
"""Deltas in which the model says an answer."""
PART_CHARACTERS = 110
"""Characters that one message takes."""
_WORDING = re.compile(r"Câu hỏi (\d+), bản (\d+), dài (\d)")
SENTENCES = (
    "Ngày nghỉ được tính theo năm làm việc và được báo trước cho người phụ trách của bộ phận bằng văn bản.",
    "Ai chưa làm đủ năm thì được tính theo số tháng đã làm, phần lẻ được làm tròn theo cách có lợi cho người đó.",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it reads after so many edits; its answer takes `size` messages."""

    number: int
    version: int
    size: int

    @property
    def text(self) -> str:
        return f"Câu hỏi {self.number}, bản {self.version}, dài {self.size}: quy định nghỉ phép năm ra sao?"

    @property
    def answer(self) -> str:
        first = (
            f"Trả lời câu {self.number}, bản {self.version}: bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
        )
        return " ".join([first, *SENTENCES[: self.size - 1]])


def read(text: str) -> Wording:
    """The wording that stands last in a prompt."""
    number, version, size = _WORDING.findall(text)[-1]
    return Wording(int(number), int(version), int(size))


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]

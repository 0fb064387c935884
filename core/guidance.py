"""The prompt for small models: numbered lines instead of passages, and a grammar that makes the model choose one first.

A model that writes the number of its line before the answer answers from that line; one that cites afterwards often
cites another. The grammar allows nothing else than a choice and an answer, or the refusal.
"""

from collections.abc import Sequence

from core.conversation import Language, Turn
from core.documents import Passage
from core.lines import Line, best_lines
from core.ports import Message
from core.prompts import UNKNOWN, Prompt

LINES = {Language.VIETNAMESE: 8, Language.ENGLISH: 12}
"""English questions share few words with Vietnamese lines, so that the ranking helps less and more must be shown."""
LINE_CHARACTERS = 400

_INSTRUCTIONS = {
    Language.VIETNAMESE: (
        "Bạn là Sổ Tay, trợ lý tra cứu tài liệu của công ty. Dưới đây là các dòng trích từ tài liệu, mỗi dòng có số."
        " Chọn dòng trả lời đúng câu hỏi rồi trả lời ngắn gọn bằng tiếng Việt theo dòng đó, giữ nguyên con số, đơn vị"
        " và tên. Nếu không dòng nào trả lời câu hỏi, chỉ viết: Tôi không biết."
    ),
    Language.ENGLISH: (
        "You are So Tay, an assistant that looks things up in the company's documents. Below are numbered lines from"
        " the documents, most of them in Vietnamese. Choose the line that answers the question and answer briefly in"
        " English from it, with figures, units and names exactly as they stand. If no line answers the question, write"
        " only: I don't know."
    ),
}
_LABELS = {
    Language.VIETNAMESE: ("Các dòng tài liệu:", "Câu hỏi:"),
    Language.ENGLISH: ("Lines:", "Question:"),
}
_Example = tuple[tuple[str, ...], str, str]
_EXAMPLES: dict[Language, tuple[_Example, ...]] = {
    Language.VIETNAMESE: (
        (
            (
                "(Trang phục) Bộ phận kho được phát 3 bộ đồng phục mỗi năm.",
                "(Giờ làm việc) Giờ làm việc từ 8 giờ đến 17 giờ.",
                "(Trang phục) Nhân viên chính thức được phát 2 bộ đồng phục mỗi năm, cấp vào tháng 3.",
                "(Trang phục) Nhân viên thử việc được phát 1 bộ.",
            ),
            "Tôi có được bao nhiêu bộ đồng phục một năm?",
            "[3] Nhân viên chính thức được phát 2 bộ đồng phục mỗi năm, cấp vào tháng 3.",
        ),
        (
            (
                "(Gửi xe) Bãi xe mở cửa từ 6 giờ đến 22 giờ.",
                "(Nhà ăn) Suất ăn trưa trị giá 35.000 đồng do công ty trả.",
                "(Gửi xe) Nhân viên gửi xe miễn phí.",
            ),
            "Công ty có cho vay mua nhà không?",
            UNKNOWN[Language.VIETNAMESE],
        ),
        (
            (
                "(Duyệt mua thiết bị) Loại: Màn hình; Người duyệt: Trưởng phòng; Thời hạn: 2 ngày",
                "(Duyệt mua thiết bị) Loại: Máy in; Người duyệt: Giám đốc; Thời hạn: 5 ngày",
                "(Hồ sơ) Hồ sơ gồm phiếu đề nghị và báo giá, gửi trước ngày 10.",
            ),
            "Mua máy in thì ai duyệt, trong bao lâu?",
            "[2] Máy in do Giám đốc duyệt, thời hạn 5 ngày.",
        ),
    ),
    Language.ENGLISH: (
        (
            (
                "(Trang phục) Bộ phận kho được phát 3 bộ đồng phục mỗi năm.",
                "(Working hours) Work is from 8:00 to 17:00.",
                "(Trang phục) Nhân viên chính thức được phát 2 bộ đồng phục mỗi năm, cấp vào tháng 3.",
            ),
            "How many uniforms does a permanent employee get?",
            "[3] Permanent employees get 2 sets of uniform a year, handed out in March.",
        ),
        (
            (
                "(Parking) The car park is open from 6:00 to 22:00.",
                "(Nhà ăn) Suất ăn trưa trị giá 35.000 đồng do công ty trả.",
            ),
            "Does the company lend money for a house?",
            UNKNOWN[Language.ENGLISH],
        ),
        (
            (
                "(Duyệt mua thiết bị) Loại: Màn hình; Người duyệt: Trưởng phòng",
                "(Duyệt mua thiết bị) Loại: Máy in; Người duyệt: Giám đốc",
            ),
            "Who approves buying a printer?",
            "[2] Printers are approved by the director (Giám đốc).",
        ),
    ),
}


def write_line_prompt(query: str, turns: Sequence[Turn], passages: Sequence[Passage], language: Language) -> Prompt:
    """The prompt over the lines most likely to answer; `query` holds a follow-up to `turns` on its second line."""
    lines = best_lines(query, passages, LINES[language], said=turns[-1].answer if turns else "")
    shown = [_as_shown(line, passages[line.passage]) for line in lines]
    request = Message("user", _request(" ".join(query.split()), shown, language))
    sources = tuple(line.passage for line in lines)
    return Prompt((*fixed_start(language), request), sources, _grammar(len(lines), language))


def fixed_start(language: Language) -> tuple[Message, ...]:
    """The messages that every prompt of a language begins with; a local model evaluates them ahead of questions."""
    messages = [Message("system", _INSTRUCTIONS[language])]
    for shown, asked, answered in _EXAMPLES[language]:
        messages += [Message("user", _request(asked, shown, language)), Message("assistant", answered)]
    return tuple(messages)


def _request(question: str, lines: Sequence[str], language: Language) -> str:
    heading, now = _LABELS[language]
    return "\n".join([heading, *(f"[{n}] {line}" for n, line in enumerate(lines, start=1)), f"{now} {question}"])


def _as_shown(line: Line, passage: Passage) -> str:
    """The line below its innermost heading; brackets are made harmless, so that it cannot pose as another line."""
    heading = (passage.heading or passage.title).rpartition(" › ")[2]
    return f"({heading}) {line.text[:LINE_CHARACTERS]}".replace("[", "(").replace("]", ")")


def _grammar(count: int, language: Language) -> str:
    """GBNF. Longer numbers stand first, so that [1] does not hide [10]."""
    numbers = " | ".join(f'"{n}"' for n in range(count, 0, -1))
    return f'root ::= "{UNKNOWN[language]}" | "[" ({numbers}) "] " text\ntext ::= [^\\[\\]\\n]{{2,400}}\n'

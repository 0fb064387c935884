"""What is wrong with a completion on its face: no passage is needed to see it."""

import re

from core.checking.languages import speaks_english, spoken_in
from core.checking.terms import Text, listed
from core.conversation import Language
from core.folding import fold, words

LOOP_WORDS, LOOP_REPEATS = 4, 3
LONG_LOOP_WORDS, LONG_LOOP_REPEATS = 12, 2
"""A run of words three times in a row; or a longer sentence twice."""
_FOREIGN_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u04ff\u0590-\u05ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}"
    r"|[\u0400-\u04ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_MARKUP = re.compile(
    r"<\|?/?[a-z_]{2,20}\|?>|</s>|<s>|\[/?INST\]|\[/?(?:SYS|NGỮ CẢNH|CONTEXT|PASSAGE|DOC|ĐOẠN)\b[^\]]{0,20}\]|<<SYS>>"
    r"|&(?:nbsp|lt|gt|amp|quot|#\d+);|```|\{\s*\"\w+\"\s*:|\"\s*:\s*\"|^\s*[\[{]\"|</?\w+(?:\s[^<>]*)?>|\{\{|\}\}"
    r"|\\n|\\u[0-9a-f]{4}"
    r"|(?m:^\s*#{1,6}\s*(?:Response|Instruction|Input|Output|Answer|Trả lời|Câu hỏi)\b)"
    r"|(?m:^\s*(?:assistant|user|system|human|AI|bot|người dùng|trợ lý|hệ thống|Câu hỏi|Các đoạn tài liệu"
    r"|Các dòng tài liệu"
    r"|Question|Context|Passages|Ngữ cảnh|Q|A)\s*:\s)",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"\bas an? (?:ai|artificial|language model)|\blarge language model|\bi am an ai\b|\bi'm an ai\b|\bmy (?:training"
    r"|knowledge cutoff)"
    r"|\bla (?:mot )?(?:mo hinh ngon ngu|tri tue nhan tao|ai\b|tro ly ao|tro ly ai)|\bvoi tu cach la (?:mot )?(?:ai"
    r"|mo hinh|tro ly)"
    r"|\bchi dan he thong|\bhuong dan he thong|\bsystem prompt|\bsystem message|\bmy instructions|\bcac chi dan cua toi"
    r"|\bban la so tay|\byou are so tay|\bban la tro ly|\byou are an? (?:helpful )?assistant"
    r"|\bchi dua vao cac doan|\bcac doan (?:tai lieu )?duoc danh so|\bchi viet: toi khong biet"
    r"|\bonly the numbered passages"
    r"|\bgiu nguyen con so, don vi|\bexactly as they stand"
)
_BRACKETED = re.compile(r"\([^)]*\)")
_DANGLING = listed("""
    và của với hoặc từ đến cho bởi do tại trong theo là thì mà nếu khi vì nên các những mỗi một phải bằng gồm như để sẽ
    đang hay giữa dành nhằm and or of the a an to from with for must that which if when because than as into per
    """)
_BRACKETS = ("()", "[]", "“”", "{}")
_WANTING = frozenset(",-–:;(/")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_LISTED = re.compile(r"\s*(?:[-*•+]|\(?\w{1,2}[.)])\s")
_NEXT_SENTENCE = re.compile(r"[.!?]\s+\S")
ENDS_WELL = re.compile(r"[.!?…:;)\]”\"'’»]\s*$")
SENTENCE_WORDS = 14
"""From this length on an answer is a sentence, and a sentence has an end."""


def form_problem(text: str, question: str, language: Language) -> str:
    """What is wrong with a completion itself, in the order in which it is cheap to see; empty when nothing is."""
    if not words(text):
        return "empty"
    if _FOREIGN_SCRIPT.search(text) and not _FOREIGN_SCRIPT.search(question):
        return "foreign script"
    if fold(text).strip("?!. ") == fold(question).strip("?!. "):
        return "echo of the question"
    if has_loop(text):
        return "loop"
    if _MARKUP.search(text) or _PROMPT.search(fold(text)):
        return "markup or words of the prompt"
    return "" if _in_language(text, question, language) else "language"


def has_loop(text: str) -> bool:
    """Whether the same run of words stands three times in a row, or a whole sentence twice."""
    tokens = words(text)
    short = any(_repeats(tokens, size, LOOP_REPEATS) for size in range(1, LOOP_WORDS + 1))
    long = any(_repeats(tokens, size, LONG_LOOP_REPEATS) for size in range(LOOP_WORDS + 1, LONG_LOOP_WORDS + 1))
    return short or long


def _repeats(tokens: list[str], size: int, times: int) -> bool:
    """Whether a run of `size` words stands `times` in a row: so long each word equals the one `size` before it."""
    needed, equal = size * (times - 1), 0
    for before, after in zip(tokens, tokens[size:], strict=False):
        equal = equal + 1 if before == after else 0
        if equal >= needed:
            return True
    return False


def _in_language(text: str, question: str, language: Language) -> bool:
    """Whether a text may be in a language: names, codes and numbers are in any; so is what the question is in.

    A question typed without marks may be taken for an English one: an answer in Vietnamese is none the worse.
    """
    spoken = spoken_in(Text(_BRACKETED.sub(" ", text)))
    asked = Text(question)
    is_open = spoken is Language.VIETNAMESE and spoken_in(asked) is None and not speaks_english(asked)
    return spoken is None or is_open or spoken in {language, spoken_in(asked)}


def is_cut(text: str) -> bool:
    """Whether a text breaks off for certain: on a word that wants another, or in an open bracket."""
    bare = text.rstrip()
    if any(bare.count(pair[0]) > bare.count(pair[1]) for pair in _BRACKETS) or bare[-1:] in _WANTING:
        return True
    last = _LAST_WORD.search(bare)
    return last is not None and last[0].lower() in _DANGLING


def lacks_end(text: str) -> bool:
    """Whether the last line is a sentence without its end: a long one, or one that follows sentences with an end."""
    bare = text.rstrip()
    last = bare.splitlines()[-1] if bare else ""
    if not last or ENDS_WELL.search(bare) or _LISTED.match(last) or "|" in last:
        return False
    before = bare[: -len(last)].rstrip()
    follows_sentences = _NEXT_SENTENCE.search(last) is not None or before.endswith(".")
    return len(last.split()) >= SENTENCE_WORDS or follows_sentences

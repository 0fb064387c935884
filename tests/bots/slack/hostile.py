"""Made-up texts and answers of every kind that a model, a document or a joker may come up with."""

from hypothesis import strategies as st

from core.conversation import Answer, Citation, Language, Outcome, Route

CALLS = (
    "<!channel>",
    "<!here|here>",
    "<@U123456>",
    "<#C123|chung>",
    "<!subteam^S1|@to>",
    "@channel",
    "@everyone",
    "＠here",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "&#60;@U1&#62;",
    "&l&#116;;!here&gt;",
    "＜!channel＞",
    "<\\!channel>",
    "<<!here>!channel>",
    "<\u200b!channel>",
    "\u202e<!channel",
    "@\u200bhere",
    "@ｃhannel",
    "&#64;channel",
)
ADDRESSES = (
    "https://evil.example/?q=1",
    "<https://evil.example|an toàn>",
    "[x](https://evil.example)",
    "[x](javascript:alert(1))",
    "[x](<!channel>)",
    "![a](https://evil.example/x.png)",
    "![a][1]",
    "[a][1]",
    "\n\n[1]: https://evil.example\n\n",
    "mailto:a@b.vn",
    "<mailto:a@b.vn>",
    "slack://channel?id=C1",
    "www.evil.example",
    "https\\://evil.example",
    "https&#58;//evil.example",
    "\\`https://evil.example\\`",
    "`https://evil.example",
    "<a href='https://evil.example'>",
    "hr@vidu.vn",
    "~~~\nhttps://a.vn\n~~~",
    "`a\n\n`https://evil.example`",
    "[a\nb](https://evil.example 'c')",
)
UNSEEN = (
    *("&#x202e;", "&#8203;", "&shy;", "&amp;#8203;", "&#8&#8203;203;", "&ZeroWidthSpace;", "&#xE0041;", "&#x3164;"),
    *("\u202e", "\u2060", "\u3164", "\U000e0041", "\ufe01", "\u00ad"),
)
"""What nobody sees, as a sign and as an entity that Markdown decodes."""
MARKUP = (
    "**đậm**",
    "*",
    "_",
    "`",
    "``",
    "```",
    "\n```py\nx = 1 & 2\n```\n",
    "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "\n- một",
    "\n1. hai",
    "\n  - ba",
    "\n> trích",
    "\n# Đề mục\n",
    "\n---\n",
    "\n\n    mã\n",
    "\n",
    "\n\n",
    "\\",
    "~~",
    "|",
    "[",
    "](",
    "&",
    "<",
    ">",
    "&amp;",
    "\t",
    "[1]",
    " ",
    " ",
    ". ",
    "Nhân viên được nghỉ mười hai ngày",
    "e\u0302\u0301",
    "👩‍👩‍👧",
    "x" * 90,
)

PIECES = (
    st.sampled_from(CALLS)
    | st.sampled_from(ADDRESSES)
    | st.sampled_from(MARKUP)
    | st.sampled_from(UNSEEN)
    | st.text(max_size=12)
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
LONG_TEXTS = st.builds(lambda text, times: text * min(times, 40_000 // (len(text) + 1) + 1), TEXTS, st.integers(1, 400))


def citation(n: int, text: str = "Nghỉ phép năm là 12 ngày.") -> Citation:
    return Citation(n, f"c{n}", f"{text}.pdf", text, n % 3 or None, text, text)


def answer(text: str, citations: tuple[Citation, ...] = (), outcome: Outcome = Outcome.ANSWERED) -> Answer:
    return Answer(
        id="a" * 32,
        question_id="q1",
        text=text,
        outcome=outcome,
        language=Language.VIETNAMESE,
        query="nghỉ phép năm",
        route=Route.LOCAL,
        citations=citations,
        timings={"total": 2_345.0},
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer of any length, with up to 200 citations of any text."""
    said = draw(TEXTS | LONG_TEXTS)
    count, text = draw(st.sampled_from((0, 1, 3, 20, 200))), draw(TEXTS) * draw(st.sampled_from((1, 50)))
    return answer(said, tuple(citation(n, text) for n in range(1, count + 1)), draw(st.sampled_from(Outcome)))

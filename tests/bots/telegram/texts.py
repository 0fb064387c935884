"""Made-up texts and answers, with what Telegram in particular makes clickable."""

from hypothesis import strategies as st

from core.conversation import Answer, Outcome
from tests.bots.slack import hostile

LIVE = (
    "@lan_nguyen",
    "@gif",
    "/start",
    "/start@sotay_bot",
    "#nghỉ_phép",
    "＃tag",
    "$VND",
    "t.me/joinchat",
    "https://t.me/abc",
    "tg://resolve?domain=x",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE/a(b)",
    "xhttp://evil.example",
    "evil.Com",
    "vidu.рф",
    "xn--e1afmkfd.xn--p1ai",
    "readme.md",
    "nghỉ.it",
    "192.168.1.1",
    "hr@vidu.vn",
    "a.b+c@mail.vidu.vn",
    "user:pass@vidu.vn",
    "@evil.com",
    "+84 912 345 678",
    "0912 345 678",
    "(+84) 912-345-678",
    "4111 1111 1111 1111",
    "**@**lan",
    "@**lan**",
    "hr@**vidu**.vn",
    "evil`.`com",
    "evil&#46;com",
    "&#64;lan",
    "@\u200blan",
    "\\@lan",
    "evil.\u200dcom",
    "[evil](x).com",
    "<a href='tg://user?id=1'>x</a>",
    "`@lan`",
    "_/start_",
    "mailto:hr@vidu.vn",
)
MARKUP = (
    "~~bỏ~~",
    "***",
    "[x](https://noi-bo.vn/1 'a')",
    "[](https://noi-bo.vn/1)",
    "[**x** `y`](https://noi-bo.vn/1)",
    "https://noi-bo.vn/1",
    "\n\n| a | b |\n|---|:-:|\n| 1 | 2 | 3 |\n| @lan |\n\n",
    "\n\n| " + "rất " * 12 + "| b |\n|---|---|\n| hr@vidu.vn | |\n\n",
    "\n> > > trích\n",
    "\n> ```py\n> mã\n> ```\n",
    "\n- \n- ```\n  x\n  ```\n",
    "\n" + "> " * 60 + "sâu\n",
    "\n```nhiều chữ lắm\n@lan\n```\n",
    "🇻🇳",
    "👍🏽",
    "\u2800",
    "\u2028",
    "&#x202e;",
)
OURS = "https://noi-bo.vn/1"
TEXTS = st.lists(st.sampled_from(LIVE) | st.sampled_from(MARKUP) | hostile.PIECES, max_size=40).map("".join)
LONG_TEXTS = st.builds(lambda text, times: text * min(times, 40_000 // (len(text) + 1) + 1), TEXTS, st.integers(1, 400))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer of any length, with up to 200 citations of any text."""
    said = draw(TEXTS | LONG_TEXTS)
    count, text = draw(st.sampled_from((0, 1, 3, 20, 200))), draw(TEXTS) * draw(st.sampled_from((1, 50)))
    cited = tuple(hostile.citation(n, text) for n in range(1, count + 1))
    return hostile.answer(said, cited, draw(st.sampled_from(Outcome)))


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def holds(said: str, text: str) -> bool:
    """Whether every letter of the text is said, in its order."""
    shown = iter(letters(said))
    return all(letter in shown for letter in letters(text))

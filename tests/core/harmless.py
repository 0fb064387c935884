"""What is harmful in a text that is shown, looked for in its own ways: nothing here knows how texts are made safe."""

import html
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import unquote

from markdown_it import MarkdownIt

LIVE = re.compile(
    r"[a-z][a-z0-9+.-]+:(?://|\\\\)\S*|(?:java|vb)script:\S*|\bdata:\w+/\S*|\bwww\.\S+"
    r"|[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,}\S*"
    r"|(?:[^\W_][\w-]*\.)+(?:com|vn|example|net|org|md|me|io|zip|рф|xn--[a-z0-9]+)(?!\.*\w)(?:[:/?#\\]\S*)?"
    r"|(?<![\w.])(?:[1-9]\d{0,2}\.){3}[1-9]\d{0,2}(?![\w.]*\d)(?:[:/?#]\S*)?",
    re.IGNORECASE,
)
NAMED = re.compile(r"(?<![\w.])@(\w*[^\W_])")
EVERYBODY = re.compile(r"<[!@#]\S|@(?:channel|here|everyone|all)\b(?![\w-]*\.\w)", re.IGNORECASE)
HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0000-\U000e0fff]"
)
SIGNS = ".,;:!?'\"”’»…)]}>*_~/\\`|"


def check(text: str, addresses: Collection[str] = (), names: Collection[str] = ()) -> None:
    """No address but these, nobody called but these, no picture, no HTML, nothing hidden; however it is spelled."""
    for spelled in spellings(text):
        for found in LIVE.finditer(spelled):
            assert found[0].strip(SIGNS + "([{<") in addresses or not found[0].strip(SIGNS), (found[0], text)
        for name in NAMED.finditer(spelled):
            assert name[1] in names, (name[0], text)
        assert not EVERYBODY.search(spelled), text
        assert_seen(spelled)
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        assert token.type != "html_block" or not re.search(r"<[a-z!/]", token.content, re.IGNORECASE), text
        for child in token.children or []:
            assert child.type not in {"image", "html_inline"}, text
            if child.type == "link_open":
                assert child.attrGet("href") in addresses, text


def spellings(text: str) -> list[str]:
    """The text as it stands, and as readers of HTML, of Markdown and of addresses read it."""
    found = [text]
    for _ in range(3):
        text = unicodedata.normalize("NFKC", unquote(html.unescape(text)))
        found += [text, re.sub(r"[*`~\\]", "", text)]
    return found


def assert_seen(text: str) -> None:
    assert not HIDDEN.search(text), ascii(text)
    assert all(sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cn", "Co"} for sign in text), ascii(
        text
    )

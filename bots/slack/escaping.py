"""Text of others, made safe for Slack: nobody is woken up, no picture is loaded, no link is live that we did not make.

It holds by itself, whatever the core has filtered before. Slack decodes entities, and Markdown drops backslashes, so
what only an encoded sign would spell counts as spelled out. Nothing is taken away but the signs that do harm.
"""

import html
import re
import unicodedata
from collections.abc import Collection, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.output import visible

ELLIPSIS = "…"
WIDTHS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""The three characters that Slack reads as markup in `text` and mrkdwn, and what stands for them."""

READ_FOR_ONE = 4
"""Characters that are read for each one shown: some are blank or not to be seen."""
DEPTH = 8
"""How often text is decoded to see what it spells: more often than anybody between us and the reader does."""

_SUMMONS = ("channel", "here", "everyone", "all")
_WIDE = 0xFEE0
"""What lies between an ASCII sign and its full-width look-alike."""


def _spelled(word: str) -> str:
    """A pattern for the word in letters of either width."""
    return "".join(f"[{letter}{chr(ord(letter) + _WIDE)}]" for letter in word)


_MENTION = re.compile(r"(?<![<＜﹤])[<＜﹤]+[@#!＠＃！﹫﹟﹗]+(?=[\w^])([^<>＜＞\n]{0,200})[>＞﹥]?")
_EVERYBODY = f"(?:{'|'.join(map(_spelled, _SUMMONS))})"
_CALL = re.compile(
    rf"(?<![\w.])[@＠﹫]{{1,20}}(?={_EVERYBODY})|[@＠﹫](?={_EVERYBODY}(?![\w-]{{0,60}}\.\w))", re.IGNORECASE
)
"""A call to everybody; in the middle of a word only where no address of mail goes on."""
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp;|#0*38;|#x0*26;)*(?:#x?[0-9a-f]{1,8}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_BACKSLASHED = re.compile(r"\\([!-/:-@\[-`{-~])")

_REST = r"[^\s<>\"'`|()\[\]{}]"
_SCHEMES = "mailto|tel|sms|callto|skype|javascript|vbscript|data|slack|tg"
_ENDINGS = (
    "com|net|org|edu|gov|info|biz|vn|io|dev|app|ai|co|me|cc|tv|ly|gl|to|xyz|top|site|online|link|click|shop|store|page"
    "|cloud|tech|live|club|example|test|us|uk|de|fr|jp|kr|cn|sg|th|ru|in|eu|au|nl|ch"
)
_URL = (
    rf"[a-z][a-z0-9+.-]{{0,30}}://{_REST}*|www\.{_REST}+|(?:{_SCHEMES}):{_REST}+"
    rf"|(?<![\w.+-])[\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)+(?:://{_REST}*)?"
    rf"|(?<![\w@.-])(?:[\w-]+\.)+(?:{_ENDINGS})\b(?:[/:?#]{_REST}*)?"
)
_CODE = r"(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n\s*\n)[\s\S]){1,300}?(?<!`)(?P=ticks)(?!`)"
_LIVE = re.compile(_URL, re.IGNORECASE)
_CODE_OR_URL = re.compile(rf"(?P<code>{_CODE})|(?P<url>{_URL})", re.IGNORECASE)
_BRACKETED = re.compile(
    r"[<＜]((?:[a-z][a-z0-9+.-]{0,30}:|www\.)[^<>＜＞\n]{0,3000}|[^\s<>|]{1,100}@[^<>\s]{1,200})[>＞]", re.IGNORECASE
)
_TARGET = re.compile(r"\]\((?=\s*<?([^)\s>]{0,3000}))")
_DEFINITION = re.compile(r"^([ >]*\[[^\]\n]+\]):", re.MULTILINE)
_SENTENCE_SIGNS = ".,;:!?"
_APART = {"code_inline": " ", "softbreak": "\n", "hardbreak": "\n"}
"""What keeps the words around it from making one address."""


def parser() -> MarkdownIt:
    """Reads Markdown as Slack's `markdown` block does: standard Markdown with tables, HTML shown as it stands."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def escape(text: str) -> str:
    """Text for mrkdwn and for the `text` of a message: it shows as it stands and calls nobody."""
    return "".join(WIDTHS.get(sign, sign) for sign in quieted(text))


def fitted(text: str, limit: int) -> str:
    """As `escape`, in at most `limit` characters: what is cut ends in an ellipsis, no entity is cut in two."""
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    quiet, room = quieted(text), limit - len(ELLIPSIS)
    end = 0
    while end < len(quiet) and (room := room - len(WIDTHS.get(quiet[end], " "))) >= 0:
        end += 1
    return "".join(WIDTHS.get(sign, sign) for sign in _whole_letters(quiet, end).rstrip()) + ELLIPSIS


def cut(text: str, limit: int) -> str:
    """Text for a `plain_text` object, in at most `limit` characters; what is cut ends in an ellipsis."""
    quiet = quieted(text)
    if len(quiet) <= limit:
        return quiet
    return _whole_letters(quiet, limit - len(ELLIPSIS)).rstrip() + ELLIPSIS


def one_line(text: str, limit: int | None = None) -> str:
    """The text without line breaks. Of a long one only as much is read as `limit` shown characters may come from."""
    return " ".join(visible(text if limit is None else text[: READ_FOR_ONE * limit]).split())


def quieted(text: str) -> str:
    """The text without the signs that make a mention or a call to everybody of its words."""
    text = visible(text)
    while True:
        while (quiet := _CALL.sub("", _MENTION.sub(_unsigned, text))) != text:
            text = quiet
        spelled = _spelled_out(text)
        if not (_MENTION.search(spelled) or _CALL.search(spelled)):
            return text
        text = spelled


def markdown_safe(text: str, links: Collection[str] = ()) -> str:
    """Markdown for a `markdown` block. Addresses are shown as code, unless they stand in `links`; no images."""
    text = _calm(text)
    if not _is_live(text, links):
        return text
    text = _as_code(_unlinked(text, links), links)
    if not _is_live(text, links):
        return text
    bare = _calm(_spelled_out(text).replace("`", ""))
    return _as_code(_unlinked(bare, links), links)


def _calm(text: str) -> str:
    """The text without mentions, bracketed addresses, and entities of what cannot be seen: Slack decodes them."""
    while True:
        calm = _BRACKETED.sub(_unsigned, quieted(_ENTITY.sub(_seen, visible(text))))
        if calm == text:
            return text
        text = calm


def _seen(entity: re.Match[str]) -> str:
    sign = html.unescape(_AMPERSAND.sub("&", entity[0]))
    return entity[0] if visible(sign) == sign else visible(sign)


def _unsigned(mention: re.Match[str]) -> str:
    return mention[1].replace("|", " ")


def _spelled_out(text: str) -> str:
    """The text with its entities decoded and its backslashes dropped, as deep as `DEPTH`."""
    for _ in range(DEPTH):
        plainer = _BACKSLASHED.sub(r"\1", html.unescape(_AMPERSAND.sub("&", text)))
        if plainer == text:
            break
        text = plainer
    return visible(text)


def _whole_letters(text: str, end: int) -> str:
    """The first `end` characters or somewhat less: a letter keeps its accents."""
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]


def _is_live(text: str, links: Collection[str]) -> bool:
    """Whether a reader of Markdown would make a link or a picture of anything, or would hide a definition of one."""
    definitions: dict[str, object] = {}
    tokens = parser().parse(text, definitions)
    if definitions.get("references"):
        return True
    inline = [token.children or [] for token in tokens if token.type == "inline"]
    return any(_targets(children, links) or _addresses(children, links) for children in inline)


def _targets(tokens: list[Token], links: Collection[str]) -> bool:
    opened = (token for token in tokens if token.type in {"link_open", "image"})
    return any(token.type == "image" or token.attrGet("href") not in links for token in opened)


def _addresses(tokens: list[Token], links: Collection[str]) -> bool:
    text = "".join(_APART.get(token.type, token.content) for token in tokens)
    return any(_bare_address(found[0]) not in links for found in _LIVE.finditer(_spelled_out(text)))


def _bare_address(found: str) -> str:
    return found.rstrip(_SENTENCE_SIGNS)


def _unlinked(text: str, links: Collection[str]) -> str:
    """The text with pictures, links and definitions taken apart by a space."""
    text = _DEFINITION.sub(r"\1 :", text.replace("![", "! ["))
    return _TARGET.sub(lambda found: found[0] if found[1] in links else "] (", text)


def _as_code(text: str, links: Collection[str]) -> str:
    """The text with its addresses in backticks, but for what is code already."""
    return "\n".join(part if is_code else _marked(part, links) for is_code, part in _by_code_blocks(text))


def _marked(text: str, links: Collection[str]) -> str:
    def mark(found: re.Match[str]) -> str:
        address = _bare_address(found["url"] or "")
        if found["code"] or not address or address in links:
            return found[0]
        gap = " " if found.start() and text[found.start() - 1] in "\\`" else ""
        return f"{gap}`{address}`{found[0][len(address) :]}"

    return _CODE_OR_URL.sub(mark, text)


def _by_code_blocks(text: str) -> Iterator[tuple[bool, str]]:
    """The text in runs of lines, those of code blocks told from the others."""
    lines, done = text.split("\n"), 0
    for token in parser().parse(text):
        if token.type in {"fence", "code_block"} and token.map is not None:
            start, end = token.map
            if done < start:
                yield False, "\n".join(lines[done:start])
            yield True, "\n".join(lines[start:end])
            done = end
    if done < len(lines):
        yield False, "\n".join(lines[done:])

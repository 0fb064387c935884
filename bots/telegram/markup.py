"""Markdown as Telegram's few tags can show it: `blocks` for a whole text.

Headings are bold lines, lists have bullets and numbers. Links lead to given addresses only, of others the address is
written out; pictures are told by their words. HTML is shown as it stands. What the reader of Markdown would swallow
(definitions of links, cells beyond the last column, what is nested too deeply) is shown as it was written.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bots.telegram.escaping import seen, shows
from bots.telegram.runs import (
    BOLD,
    ITALIC,
    LINK,
    PRE,
    QUOTE,
    STRIKE,
    Block,
    Links,
    Run,
    Style,
    Tag,
    code_style,
    packed,
    quiet,
    text_of,
)
from bots.telegram.tables import table

DEPTH = 40
"""How deeply blocks may be nested; a text that goes deeper is shown as it is written."""
INDENT = "    "
INDENTS = 5
"""Levels of lists that stand further to the right than the one around them."""
BULLETS = "•◦▪"
RULE = "──────────"
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}", re.ASCII)
_TAGS = {"strong": BOLD, "em": ITALIC, "s": STRIKE}


class _Reader(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802 (the library's name)
        """Addresses stay as they are written."""
        return url


def parser() -> MarkdownIt:
    """Reads standard Markdown with tables and strike-through."""
    reader = _Reader("commonmark", {"html": False, "maxNesting": DEPTH})
    return reader.enable(["table", "strikethrough"]).disable(["reference", "autolink"])


def blocks(text: str, links: Links) -> list[Block]:
    """The Markdown in blocks, nothing in them live but links to `links`; none for a text that shows nothing."""
    source = seen(text)
    tokens = parser().parse(source)
    if any(token.level >= DEPTH - 1 for token in tokens):
        return verbatim(source, links)
    writer = _Writer(source.split("\n"), links)
    writer.write(tokens)
    return writer.blocks


def verbatim(text: str, links: Links) -> list[Block]:
    """Text as it stands, by paragraphs."""
    paragraphs = (part.strip("\n") for part in re.split(r"\n\s*\n", seen(text)))
    return [Block(quiet([Run(part)], links)) for part in paragraphs if shows(part)]


class _Writer:
    """Writes blocks from tokens, and knows what lists and quotations it is in."""

    def __init__(self, lines: Sequence[str], links: Links) -> None:
        self.blocks: list[Block] = []
        self._lines = lines
        self._links = links
        self._lists = 0
        self._quotes = 0
        self._marker = ""
        self._heading = False

    def write(self, tokens: Sequence[Token]) -> None:
        at = 0
        while at < len(tokens):
            end = at
            if tokens[at].type == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._table(tokens[at : end + 1])
            else:
                self._take(tokens[at])
            at = end + 1

    def _take(self, token: Token) -> None:
        match token.type:
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting
            case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                self._mark()
                self._lists += token.nesting
            case "list_item_open":
                self._marker = f"{token.info}." if token.info else BULLETS[(self._lists - 1) % len(BULLETS)]
            case "list_item_close":
                self._mark()
            case "heading_open" | "heading_close":
                self._heading = token.nesting > 0
            case "inline":
                style = (*self._quote, BOLD) if self._heading else self._quote
                self._prose(inline(token.children or [], style, self._links))
            case "fence" | "code_block":
                self._code(token)
            case "hr":
                self._prose((Run(RULE, self._quote),))

    @property
    def _quote(self) -> Style:
        return (QUOTE,) if self._quotes else ()

    def _mark(self) -> None:
        """The mark of an item that does not begin with a line of text stands alone."""
        if self._marker:
            self._prose((Run("", self._quote),))

    def _prose(self, runs: Sequence[Run]) -> None:
        """Lines of text, moved to the right within lists."""
        if not self._marker and not shows(text_of(runs)):
            return
        indent = INDENT * min(max(self._lists - 1, 0), INDENTS)
        lead = f"{indent}{self._marker} " if self._marker else f"{indent}   " if self._lists else ""
        later = f"{indent}   " if self._lists else ""
        shifted = (Run(run.text.replace("\n", f"\n{later}"), run.style) for run in runs)
        written = quiet([Run(lead, self._quote), *shifted], self._links)
        self._add(Block(packed((run.text, run.style) for run in written if run.text)))
        self._marker = ""

    def _add(self, block: Block) -> None:
        """A list stands close together, and close to the line that introduces it."""
        self.blocks.append(Block(block.runs, "\n" if self._lists else block.gap, block.head))

    def _code(self, token: Token) -> None:
        self._mark()
        info, content = token.info.strip(), token.content.rstrip()
        language = info if _LANGUAGE.fullmatch(info) else ""
        text = content if language or not info else f"{info}\n{content}"
        if shows(text):
            self._add(Block((Run(text, (*self._quote, Tag(PRE, language))),)))

    def _table(self, tokens: Sequence[Token]) -> None:
        self._mark()
        start, end = tokens[0].map or (0, 0)
        lines = [line for line in self._lines[start:end] if line.strip()]
        read = "".join(token.content for token in tokens if token.type == "inline")
        if _letters(read) < _letters("".join(lines)):  # rows with more cells than the first one
            self._add(Block((Run("\n".join(lines), (*self._quote, Tag(PRE))),)))
            return
        made = table(tokens, lambda children: inline(children, self._quote, self._links), self._quote)
        for block in made:
            if shows(text_of(block.runs)):
                self._add(Block(quiet(block.runs, self._links), block.gap, block.head))


def inline(tokens: Sequence[Token], style: Style, links: Links) -> tuple[Run, ...]:
    """What stands in one paragraph, heading or cell; not yet quiet."""
    runs: list[Run] = []
    stack: list[Tag] = []
    opened: list[tuple[Token, int]] = []
    for token in tokens:
        kind, _, edge = token.type.rpartition("_")
        within = _styled(style, stack)
        if kind == "link":
            if edge == "open":
                opened.append((token, len(runs)))
                stack.append(_tag(token, links))
            else:
                _close(stack, LINK)
                runs.extend(_after_link(*opened.pop(), runs, _styled(style, stack), links))
        elif kind in _TAGS:
            if edge == "open":
                stack.append(_TAGS[kind])
            else:
                _close(stack, _TAGS[kind].name)
        else:
            runs.append(_leaf(token, within))
    return packed((run.text, run.style) for run in runs if run.text)


def _leaf(token: Token, style: Style) -> Run:
    match token.type:
        case "softbreak" | "hardbreak":
            return Run("\n", style)
        case "code_inline":
            return Run(seen(token.content), code_style(style))
        case "image":
            told = " ".join(filter(None, (str(token.attrGet("src") or ""), str(token.attrGet("title") or ""))))
            return Run(seen(f"{_words(token)} ({told})" if told else _words(token)), style)
        case _:
            return Run(seen(token.content), style)


def _words(picture: Token) -> str:
    """What is said of a picture."""
    return text_of(inline(picture.children or [], (), {}))


def _tag(token: Token, links: Links) -> Tag:
    """The tag of a link; one without an address where it leads to none of ours."""
    return Tag(LINK, links.get(str(token.attrGet("href") or ""), ""), is_told=True)


def _after_link(opening: Token, start: int, runs: Sequence[Run], style: Style, links: Links) -> list[Run]:
    """What stands behind a link: its address, unless it is linked to or its text already, and its title."""
    href, title = (str(opening.attrGet(name) or "") for name in ("href", "title"))
    said = text_of(runs[start:])
    if href in links and shows(said):
        return [Run(seen(f" ({title})"), style)] if title else []
    told = " ".join(part for part in (href, title) if part and part != said)
    return [Run(seen(f" ({told})" if said else told), style)] if told else []


def _styled(outer: Style, stack: Sequence[Tag]) -> Style:
    """The tags around what follows, each once; links to nowhere are none."""
    own = (tag for tag in stack if tag.name != LINK or tag.value)
    return tuple(dict.fromkeys((*outer, *own)))


def _close(stack: list[Tag], name: str) -> None:
    """Takes the innermost tag of the name away."""
    at = next(n for n in reversed(range(len(stack))) if stack[n].name == name)
    del stack[at]


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))

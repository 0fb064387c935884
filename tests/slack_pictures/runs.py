"""Styled words out of Slack's two markups, for a picture."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

BOLD, ITALIC, CODE, LINK = "bold", "italic", "code", "link"
MARKS = {"strong_open": BOLD, "em_open": ITALIC, "link_open": LINK}
_MRKDWN = re.compile(
    r"```(?P<block>[\s\S]+?)```|`(?P<code>[^`\n]+)`|<(?P<link>[^<>|]+)(?:\|(?P<label>[^<>]+))?>"
    r"|\*(?P<bold>[^*\n]+)\*|_(?P<italic>[^_\n]+)_"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one style."""

    text: str
    styles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs on lines of their own: how far set in, how large, what stands before, whether it is a quote or code."""

    runs: tuple[Run, ...]
    indent: int = 0
    scale: float = 1.0
    bullet: str = ""
    is_quote: bool = False
    is_code: bool = False
    cells: tuple[tuple[Run, ...], ...] = ()


def of_mrkdwn(text: str) -> list[Paragraph]:
    """The paragraphs of a text in Slack's own markup: `>` quotes a line, `>>>` all that follow."""
    quoted, found = False, []
    for line in text.split("\n"):
        quoted = quoted or line.startswith(">>> ")
        is_quote = quoted or line.startswith("> ")
        bare = re.sub(r"^>{1,3} ", "", line)
        found.append(Paragraph(tuple(_mrkdwn_runs(bare)), is_quote=is_quote))
    return found


def _mrkdwn_runs(line: str) -> Iterator[Run]:
    done = 0
    for mark in _MRKDWN.finditer(line):
        yield Run(html.unescape(line[done : mark.start()]))
        yield _mrkdwn_run(mark)
        done = mark.end()
    yield Run(html.unescape(line[done:]))


def _mrkdwn_run(mark: re.Match[str]) -> Run:
    if mark["link"]:
        return Run(html.unescape(mark["label"] or mark["link"]), frozenset({LINK}))
    if mark["bold"]:
        inner = _MRKDWN.fullmatch(mark["bold"])
        return Run(html.unescape(inner["label"] if inner and inner["label"] else mark["bold"]), frozenset({BOLD}))
    if mark["italic"]:
        return Run(html.unescape(mark["italic"]), frozenset({ITALIC}))
    return Run(html.unescape(mark["block"] or mark["code"]), frozenset({CODE}))


def of_markdown(text: str) -> list[Paragraph]:
    """The paragraphs of standard Markdown, tables a row each."""
    reader = _Reader()
    for token in MarkdownIt("commonmark", {"html": False}).enable("table").parse(text):
        reader.take(token)
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: list[Paragraph] = []
        self._lists: list[int | None] = []
        self._bullet = ""
        self._quotes = 0
        self._scale = 1.0
        self._row: list[tuple[Run, ...]] | None = None
        self._is_head = False

    def take(self, token: Token) -> None:
        self._nest(token)
        self._tabulate(token)
        match token.type:
            case "heading_open":
                self._scale = {"h1": 1.35, "h2": 1.2}.get(token.tag, 1.1)
            case "inline":
                self._inline(token)
            case "fence" | "code_block":
                for line in token.content.rstrip("\n").split("\n"):
                    self._add(Paragraph((Run(line or " ", frozenset({CODE})),), len(self._lists), is_code=True))
            case "hr":
                self._add(Paragraph((Run("―" * 12),)))

    def _nest(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._bullet = self._next_bullet()
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting

    def _tabulate(self, token: Token) -> None:
        match token.type:
            case "thead_open" | "thead_close":
                self._is_head = token.type == "thead_open"
            case "tr_open":
                self._row = []
            case "tr_close":
                self._add(Paragraph((), cells=tuple(self._row or ())))
                self._row = None

    def _next_bullet(self) -> str:
        number = self._lists[-1]
        if number is None:
            return "•"
        self._lists[-1] = number + 1
        return f"{number}."

    def _inline(self, token: Token) -> None:
        runs = tuple(_inline_runs(token.children or [], bold=self._is_head or self._scale > 1))
        if self._row is not None:
            self._row.append(runs)
            return
        self._add(Paragraph(runs, len(self._lists), self._scale, self._bullet, is_quote=self._quotes > 0))
        self._bullet, self._scale = "", 1.0

    def _add(self, paragraph: Paragraph) -> None:
        self.found.append(paragraph)


def _inline_runs(tokens: list[Token], *, bold: bool) -> Iterator[Run]:
    styles = {BOLD} if bold else set()
    for token in tokens:
        if token.type in MARKS:
            styles.add(MARKS[token.type])
        elif token.type.endswith("_close"):
            styles.discard(MARKS.get(token.type.replace("_close", "_open"), ""))
        elif token.type in {"softbreak", "hardbreak"}:
            yield Run("\n", frozenset(styles))
        else:
            yield Run(token.content, frozenset(styles | ({CODE} if token.type == "code_inline" else set())))

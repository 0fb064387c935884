"""`parse_mode=MarkdownV2` and the older `Markdown`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.telegram_server.entities import Writer
from tests.telegram_server.refusals import Json, unparsable

RESERVED = set("_*[]()~`>#+-=|{}.!")
MARKS: Mapping[str, tuple[str, str]] = {
    "__": ("underline", "Underline"),
    "||": ("spoiler", "Spoiler"),
    "*": ("bold", "Bold"),
    "_": ("italic", "Italic"),
    "~": ("strikethrough", "Strikethrough"),
}
FENCED = re.compile(r"```(?:(?P<language>[\w+#.-]+)\n)?(?P<code>(?:\\.|[^`\\]|`(?!``))*)```", re.DOTALL)
CODE = re.compile(r"`(?P<code>(?:\\.|[^`\\])*)`", re.DOTALL)
LINK_END = re.compile(r"\]\((?P<url>(?:\\.|[^)\\])*)\)", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
OLD = re.compile(
    r"\\(?P<escaped>[_*`\[])|```(?:(?P<language>\w+)\n)?(?P<pre>.*?)```|`(?P<code>[^`]*)`|\*(?P<bold>[^*]*)\*|_(?P<italic>[^_]*)_"
    r"|\[(?P<label>[^\]]*)\](?:\((?P<url>[^)]*)\))?|(?P<open>[_*`\[])|(?P<plain>[^\\_*`\[]+|\\)",
    re.DOTALL,
)


def parse(markup: str) -> tuple[str, list[Json]]:
    """MarkdownV2: every reserved character is a mark or escaped, every mark is closed."""
    reader = _Reader(markup)
    while reader.place < len(markup):
        reader.step()
    reader.finish()
    return reader.writer.text, reader.writer.entities


@dataclass(eq=False)
class _Reader:
    """`open` holds (mark, byte offset, where its text begins)."""

    markup: str
    place: int = 0
    writer: Writer = field(default_factory=Writer)
    open: list[tuple[str, int, int]] = field(default_factory=list)
    quote: int | None = None

    def step(self) -> None:
        rest = self.markup[self.place : self.place + 3]
        if rest[0] == "\\" and len(rest) > 1:
            self._write(rest[1], 2)
        elif rest[0] == "`":
            self._code()
        elif rest[0] == "[":
            self._begin("[", 1)
        elif rest[0] == "]" and self.open and self.open[-1][0] == "[":
            self._link()
        elif mark := next((mark for mark in MARKS if rest.startswith(mark)), None):
            self._mark(mark)
        elif rest[0] == ">" and (not self.place or self.markup[self.place - 1] == "\n"):
            self.quote = self.writer.length if self.quote is None else self.quote
            self.place += 1
        elif rest[0] in RESERVED:
            raise unparsable(f"Character '{rest[0]}' is reserved and must be escaped with the preceding '\\'")
        else:
            self._plain(rest[0])

    def _plain(self, letter: str) -> None:
        if letter == "\n" and self.quote is not None and not self.markup.startswith(">", self.place + 1):
            self.writer.close("blockquote", self.quote)
            self.quote = None
        self._write(letter, 1)

    def _write(self, text: str, length: int) -> None:
        self.writer.write(text)
        self.place += length

    @property
    def _at(self) -> int:
        return len(self.markup[: self.place].encode())

    def _begin(self, mark: str, length: int) -> None:
        self.open.append((mark, self._at, self.writer.length))
        self.place += length

    def _mark(self, mark: str) -> None:
        if self.open and self.open[-1][0] == mark:
            self.writer.close(MARKS[mark][0], self.open.pop()[2])
            self.place += len(mark)
        else:
            self._begin(mark, len(mark))

    def _code(self) -> None:
        is_block = self.markup.startswith("```", self.place)
        found = (FENCED if is_block else CODE).match(self.markup, self.place)
        if not found:
            raise unparsable(f"Can't find end of {'Pre' if is_block else 'Code'} entity at byte offset {self._at}")
        start = self.writer.length
        self._write(ESCAPED.sub(r"\1", found["code"]), len(found[0]))
        language = found["language"] if is_block else None
        self.writer.close("pre" if is_block else "code", start, **({"language": language} if language else {}))

    def _link(self) -> None:
        _, _, start = self.open.pop()
        found = LINK_END.match(self.markup, self.place)
        if not found:
            raise unparsable(f"Can't find end of a URL at byte offset {self._at}")
        self.writer.close("text_link", start, url=ESCAPED.sub(r"\1", found["url"]))
        self.place = found.end()

    def finish(self) -> None:
        if self.quote is not None:
            self.writer.close("blockquote", self.quote)
        if self.open:
            mark, at, _ = self.open[-1]
            name = MARKS[mark][1] if mark in MARKS else "TextUrl"
            raise unparsable(f"Can't find end of {name} entity at byte offset {at}")


def parse_old(markup: str) -> tuple[str, list[Json]]:
    """The older Markdown: no nesting; a mark that is not closed is an error, other characters stand for themselves."""
    writer = Writer()
    for found in OLD.finditer(markup):
        if found["open"]:
            at = len(markup[: found.start()].encode())
            raise unparsable(f"Can't find end of the entity starting at byte offset {at}")
        start = writer.length
        kinds = ("pre", "code", "bold", "italic", "label")
        kind = next((kind for kind in kinds if found[kind] is not None), None)
        writer.write(found[kind or ("escaped" if found["escaped"] else "plain")])
        if kind == "label":
            writer.close("text_link", start, url=found["url"] or "") if found["url"] else None
        elif kind:
            writer.close(kind, start, **({"language": found["language"]} if found["language"] else {}))
    return writer.text, writer.entities

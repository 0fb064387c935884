"""`parse_mode=HTML`, as strictly as TDLib reads it."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.telegram_server.entities import Writer
from tests.telegram_server.refusals import Json, unparsable

KINDS: Mapping[str, str] = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)(?![a-zA-Z])|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));?")
NAME = re.compile(r"\s*([^\s=>/\"']+)\s*(=?)\s*")
VALUE = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9.-]*)(?=[\s>])")
SITE = re.compile(r"https?://[^/?#]+")
ADDRESS = re.compile(r"(?:https?|ftp|tg|ton|mailto|tel):|[\w.-]+\.\w{2,}")
LANGUAGE = "language-"
SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that was opened: `at` is its byte offset in the markup, `start` where its text begins."""

    name: str
    at: int
    start: int
    attributes: Mapping[str, str] = field(default_factory=dict)


def parse(markup: str) -> tuple[str, list[Json]]:
    """The text and its entities. Whatever Telegram would not read is `can't parse entities: …`."""
    reader = _Reader(markup)
    while reader.place < len(markup):
        reader.step()
    if reader.open:
        raise unparsable(f'Can\'t find end tag corresponding to start tag "{reader.open[-1].name}"')
    return reader.writer.text, reader.writer.entities


@dataclass(eq=False)
class _Reader:
    markup: str
    place: int = 0
    writer: Writer = field(default_factory=Writer)
    open: list[Tag] = field(default_factory=list)

    def step(self) -> None:
        letter = self.markup[self.place]
        if letter == "&":
            self._reference()
        elif letter != "<":
            stop = re.compile(r"[&<]").search(self.markup, self.place)
            end = stop.start() if stop else len(self.markup)
            self.writer.write(self.markup[self.place : end])
            self.place = end
        elif self.markup.startswith("</", self.place):
            self._end()
        else:
            self._start()

    @property
    def _at(self) -> int:
        return len(self.markup[: self.place].encode())

    def _reference(self) -> None:
        found = REFERENCE.match(self.markup, self.place)
        if not found:
            self.writer.write("&")
            self.place += 1
            return
        self.writer.write(_meant(found))
        self.place = found.end()

    def _start(self) -> None:
        at = self._at
        named = re.compile(r"<([^\s>]*)").match(self.markup, self.place)
        assert named
        name = named[1].lower()
        if named.end() == len(self.markup):
            raise unparsable(f"Unclosed start tag at byte offset {at}")
        if name not in KINDS:
            raise unparsable(f'Unsupported start tag "{name}" at byte offset {at}')
        self.place = named.end()
        attributes = self._attributes(name, at)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self.open.append(Tag(name, at, self.writer.length, attributes))

    def _attributes(self, name: str, at: int) -> dict[str, str]:
        """The attributes up to the `>`. Only `expandable` may stand without a value."""
        found: dict[str, str] = {}
        while not (end := re.compile(r"\s*>").match(self.markup, self.place)):
            attribute = NAME.match(self.markup, self.place)
            if not attribute:
                raise unparsable(f'Empty attribute name in the tag "{name}" at byte offset {at}')
            self.place = attribute.end()
            if self.place == len(self.markup):
                raise unparsable(f'Unclosed start tag "{name}" at byte offset {at}')
            is_alone = not attribute[2]
            if is_alone and (name, attribute[1].lower()) != ("blockquote", "expandable"):
                what = f'Expected equal sign in declaration of an attribute of the tag "{name}" at byte offset {at}'
                raise unparsable(what)
            found[attribute[1].lower()] = "" if is_alone else self._value(at)
        self.place = end.end()
        return found

    def _value(self, at: int) -> str:
        """What stands in quotes, or a bare word, which counts as written small."""
        value, here = VALUE.match(self.markup, self.place), self._at
        if not value and self.markup[self.place] in "\"'":
            raise unparsable(f"Unclosed start tag at byte offset {at}")
        if not value:
            raise unparsable(f"Unexpected end of name token at byte offset {here}")
        self.place = value.end()
        bare = value[3]
        return bare.lower() if bare is not None else REFERENCE.sub(_meant, value[1] or value[2] or "")

    def _end(self) -> None:
        at = self._at
        named = re.compile(r"</([^\s>]*)\s*").match(self.markup, self.place)
        assert named
        if not self.open:
            raise unparsable(f"Unexpected end tag at byte offset {at}")
        if not self.markup.startswith(">", named.end()):
            raise unparsable(f"Unclosed end tag at byte offset {at}")
        tag, found = self.open.pop(), named[1].lower()
        if found and found != tag.name:
            expected = f'expected "</{tag.name}>", found "</{found}>"'
            raise unparsable(f"Unmatched end tag at byte offset {at}, {expected}")
        self.place = named.end() + 1
        self._close(tag)

    def _close(self, tag: Tag) -> None:
        kind, given = KINDS[tag.name], tag.attributes
        if tag.name == "a":
            self._link(tag, given.get("href", ""))
        elif tag.name == "tg-emoji":
            if not given.get("emoji-id", "").isdigit():
                raise unparsable("Invalid custom emoji identifier specified")
            self.writer.close(kind, tag.start, custom_emoji_id=given["emoji-id"])
        elif tag.name == "code" and self.open and self.open[-1].name == "pre":
            self._code_in_pre(tag, given.get("class", ""))
        elif tag.name == "pre" and self._is_closed_pre(tag):
            return
        elif tag.name == "blockquote" and "expandable" in given:
            self.writer.close("expandable_blockquote", tag.start)
        else:
            self.writer.close(kind, tag.start)

    def _link(self, tag: Tag, address: str) -> None:
        """To an address, or to its own text when there is none; no link at all where that is no address."""
        url = address or self.writer.since(tag.start)
        if url.startswith("tg://user?id="):
            self.writer.close("text_mention", tag.start, user=url.removeprefix("tg://user?id="))
        elif ADDRESS.match(url):
            full = url if ":" in url else f"http://{url}"
            self.writer.close("text_link", tag.start, url=f"{full}/" if SITE.fullmatch(full) else full)

    def _code_in_pre(self, tag: Tag, name: str) -> None:
        """`<pre><code class="language-x">` is one block with a language; without one, the code counts for nothing."""
        if tag.start == self.open[-1].start and name.startswith(LANGUAGE):
            self.writer.close("pre", tag.start, language=name.removeprefix(LANGUAGE))

    def _is_closed_pre(self, tag: Tag) -> bool:
        length = self.writer.length - tag.start
        return any((e["type"], e["offset"], e["length"]) == ("pre", tag.start, length) for e in self.writer.entities)


def _meant(found: re.Match[str]) -> str:
    """The letter that a reference stands for; itself, when there is no such letter."""
    name, decimal, hexadecimal = found.groups()
    if name:
        return NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code <= sys.maxunicode and code not in SURROGATES else found[0]

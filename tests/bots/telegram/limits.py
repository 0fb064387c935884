"""Telegram's HTML and its documented limits, read strictly: nothing here knows how a text was made."""

import re
from dataclasses import dataclass

NAMES = {"b", "i", "s", "code", "pre", "a", "blockquote"}
_PIECE = re.compile(r"<(?P<tag>[^<>]*)>|&(?P<entity>[^&;\s]{1,8});|(?P<text>[^<>&]+)|(?P<bad>[<>&])")
_OPEN = re.compile(
    r'(?P<simple>b|i|s|code|pre|blockquote|blockquote expandable)|a href="(?P<href>[^"<>]*)"'
    r'|code class="language-(?P<language>[\w+#.-]+)"',
    re.ASCII,
)
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}

LIVE = (
    r"(?<!\w)@[A-Za-z0-9_]{2,32}\b",
    r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?![\w/<>])",
    r"(?<!\w)[#＃](?=\d*[^\W\d])\w+",
    r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])",
    r"[a-zA-Z]{2,}://[\w-]",
    r"(?<!\w)(?:mailto|tel|tg|javascript|slack):\w",
    r"[\w+-]@(?:[\w-]+\.)+\w{2}",
    r"(?i)[\w~-]\.(?:com|vn|example|me|md|org|net|zip|рф|it|is|so|xn--\w+)(?![\w~.-])",
    r"(?<![\w.])(?:[1-9]\d{0,2}\.){3}[1-9]\d{0,2}(?![\w.])",
    r"\+\d(?:[ ()-]{0,2}\d){7,17}",
    r"(?<![\w.,+-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?![\w-])",
    r"(?<![\w.])0\d{3} \d{3} \d{3}(?!\w)",
)
"""What Telegram makes clickable by itself, as its own clients look for it."""


@dataclass(frozen=True)
class Entity:
    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    """What Telegram makes of HTML: text, and entities with offsets into it."""

    text: str
    entities: tuple[Entity, ...]

    def closed(self) -> set[int]:
        """The offsets at which Telegram looks for nothing to make clickable."""
        return {at for each in self.entities if each.name in {"code", "pre", "a"} for at in range(each.start, each.end)}

    def open_text(self) -> str:
        """The text with blanks for what Telegram does not look into."""
        closed = self.closed()
        return "".join(" " if at in closed else sign for at, sign in enumerate(self.text))

    def said(self, name: str) -> list[str]:
        return [self.text[each.start : each.end] for each in self.entities if each.name == name]

    def values(self, name: str) -> list[str]:
        return [each.value for each in self.entities if each.name == name]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parsed(html: str) -> Message:
    """Fails for anything that is not Telegram's HTML in its strictest reading."""
    text = ""
    opened: list[tuple[str, str, int]] = []
    entities = []
    for piece in _PIECE.finditer(html):
        assert piece["bad"] is None, f"a bare {piece[0]} in {html!r}"
        if piece["tag"] is None:
            text += piece["text"] or _SIGNS[piece["entity"]]
        elif piece["tag"].startswith("/"):
            name, value, start = opened.pop()
            assert piece["tag"] == f"/{name}", html
            assert start < len(text), f"an empty {name} in {html!r}"
            if opened[-1:] != [("pre", "", start)]:  # a block of code with its language is one entity
                entities.append(Entity(name, value, start, len(text)))
        else:
            found = _OPEN.fullmatch(piece["tag"])
            assert found, f"<{piece['tag']}> in {html!r}"
            name, _, value = (found["simple"] or ("a" if found["href"] is not None else "code")).partition(" ")
            _check_nesting(name, found["language"], [outer for outer, _, _ in opened])
            opened.append((name, value or _decoded(found["href"] or found["language"] or ""), len(text)))
    assert not opened, html
    return Message(text, tuple(entities))


def check_html(html: str, links: frozenset[str] = frozenset()) -> Message:
    """Telegram would take it as one message, with nothing clickable but links to `links`; what it makes of it."""
    message = parsed(html)
    assert 1 <= units(message.text) <= 4_096
    assert message.text.strip()
    assert len(message.entities) <= 100
    assert sum(len(each.value) for each in message.entities) <= 9_000
    assert set(message.values("a")) <= links
    closed = message.closed()
    check_quiet(message.open_text())
    for pattern in LIVE:
        for found in re.finditer(pattern, message.text):
            assert closed.intersection(range(*found.span())), found[0]
    return message


def check_plain(text: str, links: frozenset[str] = frozenset()) -> None:
    """Telegram would take it as one message without markup, with nothing clickable but `links`."""
    assert 1 <= units(text) <= 4_096
    assert text.strip()
    for link in sorted(links, key=len, reverse=True):
        text = text.replace(f" ({link})", " ()")
    check_quiet(text)


def check_quiet(text: str) -> None:
    for pattern in LIVE:
        found = re.search(pattern, text)
        assert not found, f"{found[0]!r} is live in {text[:300]!r}"


def _check_nesting(name: str, language: str | None, outer: list[str]) -> None:
    """Code stands in nothing but a quotation, a quotation in nothing, a link in no link."""
    match name:
        case "code" if language:
            assert outer[-1:] == ["pre"]
            assert set(outer[:-1]) <= {"blockquote"}
        case "code" | "pre":
            assert set(outer) <= {"blockquote"}
        case "blockquote":
            assert not outer
        case _:
            assert not {"code", "pre", name} & set(outer)


def _decoded(value: str) -> str:
    return re.sub(r"&(\w+);", lambda found: _SIGNS[found[1]], value)

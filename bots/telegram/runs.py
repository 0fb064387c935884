"""Formatted text between Markdown and Telegram: runs of characters, each with the tags around it.

Text can be cut anywhere in this form, and still every tag is closed. Code stands in no tag but a quotation: Telegram
allows nothing else.
"""

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.telegram.escaping import JOINER, Live, escape, live, quieted


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of Telegram's HTML; `value` is a link's address or a code block's language.

    `is_told`: the address of the link is written out in plain text.
    """

    name: str
    value: str = ""
    is_told: bool = False


Style = tuple[Tag, ...]
Sign = tuple[str, Style]
Links = Mapping[str, str]
"""The addresses that may be linked to: as a text may spell them, and as they stand in a tag."""

BOLD, ITALIC, STRIKE, CODE = Tag("b"), Tag("i"), Tag("s"), Tag("code")
QUOTE, EXPANDABLE = Tag("blockquote"), Tag("blockquote", "expandable")
LINK, PRE = "a", "pre"
CLOSED = {LINK, PRE, CODE.name}
"""Where Telegram looks for nothing to make clickable."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters within the same tags, the outermost tag first."""

    text: str
    style: Style = ()


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in lines of its own: a paragraph, an item, a table.

    `gap` stands between it and the block before. `head` begins it, and each piece of it where it is cut.
    """

    runs: tuple[Run, ...]
    gap: str = "\n\n"
    head: tuple[Run, ...] = ()


def text_of(runs: Iterable[Run]) -> str:
    return "".join(run.text for run in runs)


def packed(signs: Iterable[Sign]) -> tuple[Run, ...]:
    """Runs of texts with their styles; neighbours of one style are one run."""
    groups = itertools.groupby(signs, key=lambda sign: sign[1])
    return tuple(Run("".join(text for text, _ in group), style) for style, group in groups)


def between(runs: Iterable[Run], start: int, end: int = sys.maxsize) -> tuple[Run, ...]:
    """The characters from `start` to `end` of the text."""
    found = []
    done = 0
    for run in runs:
        if done >= end:
            break
        if text := run.text[max(start - done, 0) : end - done]:
            found.append(Run(text, run.style))
        done += len(run.text)
    return tuple(found)


def joined(blocks: Sequence[Block]) -> tuple[Run, ...]:
    """One text of the blocks; two that follow each other in a quotation are quoted together."""
    runs: list[Run] = []
    for block in blocks:
        if runs:
            quotes = [run.style[:1] for run in (runs[-1], block.runs[0])]
            is_quoted = quotes[0] == quotes[1] and quotes[0] in {(QUOTE,), (EXPANDABLE,)}
            runs.append(Run(block.gap, quotes[0] if is_quoted else ()))
        runs.extend(block.runs)
    return packed((run.text, run.style) for run in runs)


def code_style(style: Style) -> Style:
    """Code where `style` was: only a quotation stays around it, and a link stays a link."""
    if any(tag.name == LINK for tag in style):
        return style
    return (*(tag for tag in style if tag.name == QUOTE.name), CODE)


def quiet(runs: Iterable[Run], links: Links) -> tuple[Run, ...]:
    """The runs with nothing clickable but links to `links`: addresses as code, other signs taken apart."""
    signs = [(sign, run.style) for run in runs for sign in run.text]
    while found := live("".join(" " if CLOSED & {tag.name for tag in style} else sign for sign, style in signs)):
        signs = list(_closed(signs, found, links))
    return packed(signs)


def _closed(signs: Sequence[Sign], found: Iterable[Live], links: Links) -> Iterator[Sign]:
    """The signs with the addresses of `found` as code or as links, and joiners in the others."""
    styles: dict[int, Style] = {}
    for start, end in sorted({(each.start, each.end) for each in found if each.is_address}):
        target = links.get("".join(sign for sign, _ in signs[start:end]), "")
        for at in range(start, end):
            style = signs[at][1]
            styles.setdefault(at, (*style, Tag(LINK, target)) if target else code_style(style))
    joints = {at for each in found if not each.is_address for at in each.joints if at - 1 not in styles}
    for at, (sign, style) in enumerate(signs):
        if at in joints:
            yield JOINER, style
        yield sign, styles.get(at, style)


def html(runs: Iterable[Run]) -> str:
    """The runs in Telegram's HTML."""
    written: list[str] = []
    opened: Style = ()
    for run in packed((run.text, run.style) for run in runs):
        same = shared(opened, run.style)
        written.extend(_closing(tag) for tag in reversed(opened[same:]))
        written.extend(_opening(tag) for tag in run.style[same:])
        written.append(escape(run.text))
        opened = run.style
    written.extend(_closing(tag) for tag in reversed(opened))
    return "".join(written)


def plainly(runs: Iterable[Run]) -> str:
    """The runs as plain text in which nothing is live but the addresses of our links."""
    runs = tuple(runs)
    text = quieted(text_of(runs))
    written = [""]
    done = 0
    for run, later in itertools.zip_longest(runs, runs[1:]):
        end = done
        for sign in run.text:  # between the signs of the runs there are joiners at most
            end = text.index(sign, end) + 1
        written[-1] += text[done:end]
        link = told_link(run)
        if link and (later is None or told_link(later) != link):
            written += [f" ({link})", ""]
        done = end
    for number in range(0, len(written), 2):  # what stands between two addresses may be live where the whole was not
        written[number] = quieted(written[number])
    return "".join(written)


def told_link(run: Run) -> str:
    """The address that plain text must spell out beside the run."""
    return next((tag.value for tag in run.style if tag.is_told), "")


def shared(one: Style, other: Style) -> int:
    """How many of the outer tags are the same."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _opening(tag: Tag) -> str:
    if tag.name == LINK:
        return f'<a href="{escape(tag.value).replace(chr(34), "&quot;")}">'
    if tag.name == PRE:
        return f'<pre><code class="language-{tag.value}">' if tag.value else "<pre>"
    return f"<{tag.name} {tag.value}>" if tag.value else f"<{tag.name}>"


def _closing(tag: Tag) -> str:
    return "</code></pre>" if tag.name == PRE and tag.value else f"</{tag.name}>"

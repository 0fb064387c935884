"""HTML in what a model wrote: tags and comments are taken out, whatever else stands between angle brackets stays."""

import re

TAG, COMMENT = 300, 2_000
"""Characters within which a tag or a comment ends; what goes on longer is none."""

_TAGS = """
a abbr acronym applet area aside audio b base bdi bdo big blink blockquote body br button canvas center code col
colgroup dd del dfn dialog div dl dt em embed fieldset figcaption font form frame frameset h1 h2 h3 h4 h5 h6 head hr
html i iframe img ins kbd layer legend li marquee math meta nav nobr noframes noscript ol optgroup p param plaintext
pre q rp rt ruby s samp script small span strike strong style sub sup svg tbody td textarea tfoot tg-emoji tg-spoiler
th thead tr tt u ul var video wbr xmp
"""
_WORDS = """
address article caption cite data datalist details figure footer header image input keygen label link main map mark
menu meter object option output picture portal progress section select slot source summary table template time title
track use
"""
"""Names that are also what people write for something to be filled in: tags only with attributes."""
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'=`]+)"
_ATTRIBUTE = rf"\s+[a-z_:][\w.:-]*(?:\s*=\s*{_VALUE})?"
_INSIDE = re.compile(
    rf"/?(?:(?:{'|'.join(_TAGS.split())})(?:{_ATTRIBUTE})*|(?:{'|'.join(_WORDS.split())})(?:{_ATTRIBUTE})+)\s*/?",
    re.IGNORECASE | re.ASCII,
)
_BREAKS = re.compile(r"</?(?:br|p|div|li|tr|td|th|h[1-6]|ul|ol)\b", re.IGNORECASE)
"""Tags that part the words around them."""
_EDGE = re.compile(r"[<>\n]")
_OPENING, _CLOSING = "<!--", "-->"


class TagFilter:
    """Takes HTML out of text that comes in pieces; their cut makes no difference.

    Each bracket is judged by what follows it up to the next one, so no text is held for longer than a tag may be.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """What is known to be no HTML by now."""
        return self._without_tags(self._held + text, is_whole=False)

    def finish(self) -> str:
        """What was held back and has not become HTML."""
        return self._without_tags(self._held, is_whole=True)

    def _without_tags(self, text: str, *, is_whole: bool) -> str:
        said: list[str] = []
        at = 0
        while (opened := text.find("<", at)) >= 0:
            said.append(text[at:opened])
            length = _length(text, opened, is_whole=is_whole)
            if length is None:
                self._held = text[opened:]
                return "".join(said)
            is_break = length and _BREAKS.match(text, opened)
            said.append(" " if is_break else "" if length else "<")
            at = opened + (length or 1)
        self._held = ""
        return "".join([*said, text[at:]])


def _length(text: str, start: int, *, is_whole: bool) -> int | None:
    """Characters of the tag or comment that starts there; 0 for none, None where more text must tell."""
    is_short = not is_whole and _OPENING.startswith(text[start : start + len(_OPENING)])
    if text.startswith(_OPENING, start):
        end = text.find(_CLOSING, start + len(_OPENING), start + COMMENT)
        if end >= 0:
            return end + len(_CLOSING) - start
        return 0 if is_whole or len(text) - start >= COMMENT else None
    edge = _EDGE.search(text, start + 1, start + TAG)
    if edge is None:
        return None if is_short or not (is_whole or len(text) - start >= TAG) else 0
    is_tag = edge[0] == ">" and _INSIDE.fullmatch(text, start + 1, edge.start())
    return edge.end() - start if is_tag else 0

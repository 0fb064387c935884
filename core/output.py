"""What a model wrote is not trusted: this filter stands between every completion and every surface.

It takes the model for one that obeys whatever a document says. Dropped: what cannot be seen, HTML, pictures, the signs
that wake people up, and every address but those that stand in the passages letter for letter. A passage that speaks to
the assistant vouches for no address. Surfaces escape for their own markup on top.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

from core.addresses import find, known_in
from core.attacks import quoted_instruction_in
from core.documents import Passage
from core.hidden import Sight, visible
from core.tags import TagFilter

__all__ = ["StreamFilter", "WordFilter", "clean", "visible"]

WORD = 1_000
"""Characters of the longest word that is shown: what goes on longer without a blank is nothing that people read."""
ROUNDS = 12
"""How often a word is looked at again after something was taken out of it; what hides deeper is dropped whole."""
DEPTH = 4
"""How often text is decoded to see what it spells."""

_BLANK = re.compile(r"([ \t\n]+)")
_AROUND = "()\"'“”‘’.,;:!?…%–-"
_PILED = re.compile(r"@{2,}")
_NAMED = re.compile(r"(?<![\w.])@(\w[\w-]*)")
_EVERYBODY = re.compile(r"(?<!@)@+(?:channel|here|everyone|all)(?![\w-]{0,60}\.\w)", re.IGNORECASE)
_SUMMONS = re.compile(r"(?<!<)<+[@#!][^<>\s]{0,200}>?")
_BRACKETED = re.compile(r"<((?:[a-z][a-z0-9+.-]{0,30}:|www\.)[^<>\s]*)>", re.IGNORECASE)
_OPENED = re.compile(r"<(?=[A-Za-z/?])")
_COMMAND = re.compile(r"\\(?:href|url|nolinkurl|hyperref|includegraphics|htmladdnormallink)(?:\[[^\]\s]*\])?\{?")
_SCHEME = re.compile(
    r"\b(mailto|tel|sms|mms|callto|skype|facetime|sips?|slack|tg|ton|tonsite|viber|zalo|whatsapp|intent|market|file"
    r"|blob|about|view-source|magnet|geo|maps|xmpp|feed|webcal|ms-[a-z-]+):(?=[^\s:/\\])",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[\w.])(?=(?:https?|ftp):[/\\]{2})", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,8}|[a-z][a-z0-9]{1,31});?", re.IGNORECASE)
_LABEL = re.compile(r"(?<!\S)(\[[^\]\s]+\]):")
_EMPTY = re.compile(r" ?\(\s*\)|\[\s*\]|<\s*>|\{\s*\}|``")
_MARKDOWN = re.compile(r"[*`~\\]|(?<!\w)_|_(?!\w)")
"""What a reader of Markdown takes out of the middle of a word."""
_ENDING = re.compile(r"[.,;:!?'\"”’»…)\]}>*_~/`|\\]*(?=\s|\Z)")
_TOUCHING = re.compile(r"[\w.@+\u0300-\u036f-][*_~`\\]*\Z")
"""What an address would go on from, or to, where a reader of Markdown puts both together."""


def clean(text: str, passages: Sequence[Passage]) -> str:
    """Text that is safe to show: what a `StreamFilter` shows of it, in whatever pieces it comes."""
    stream = StreamFilter(passages)
    return stream.feed(text) + stream.finish()


class StreamFilter:
    """The filter for text that comes in pieces: a word is let through once it is whole, and is never taken back."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._sight = Sight()
        self._tags = TagFilter()
        self._words = WordFilter(passages)
        self._held = ""

    def feed(self, delta: str) -> str:
        """What may be shown now."""
        return self._whole_words(self._tags.feed(self._sight.feed(delta)))

    def finish(self) -> str:
        """The rest."""
        said = self._whole_words(self._tags.finish())
        held, self._held = self._held, ""
        return said + self._words.cleaned(held)

    def _whole_words(self, text: str) -> str:
        *parts, held = _BLANK.split(self._held + text)
        self._held = held[: WORD + 1]
        return "".join(part if part.isspace() else self._words.cleaned(part) for part in parts)


class WordFilter:
    """Takes out of single words what must not be shown. Nothing that does harm goes on beyond a blank."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        believed = [passage for passage in passages if not quoted_instruction_in(passage.text)]
        texts = [visible(text) for p in believed for text in (p.text, p.title, p.heading, p.document)]
        self._addresses = known_in(texts)
        self._names = frozenset(name[1] for text in texts for name in _NAMED.finditer(text))

    def cleaned(self, word: str) -> str:
        """What may be shown of the word; it may have become several."""
        if len(word) > WORD:
            return ""
        if word.strip(_AROUND).isalnum():
            return word
        word = _unlinked(word)
        for _ in range(ROUNDS):
            before, word = word, self._round(self._spelled_out(word))
            if word == before:
                return word
        return ""

    def _round(self, word: str) -> str:
        word = _PILED.sub("@", _unlinked(word))
        word = _BRACKETED.sub(lambda found: found[1].replace("|", " "), word)
        word = _EVERYBODY.sub("", _SUMMONS.sub("", _COMMAND.sub(" ", word)))
        word = _OPENED.sub("< ", _ENTITY.sub(_seen, word))
        word = _LABEL.sub(r"\1 :", _GLUED.sub(" ", _SCHEME.sub(r"\1: ", word)))
        return self._without_strangers(word)

    def _without_strangers(self, word: str) -> str:
        """The word without addresses and names that stand in no passage."""
        said, at, is_less = [""], 0, False
        for address in find(word):
            said.append(self._unnamed(word[at : address.start]))
            at = address.end
            if address.text in self._addresses:
                said.append(_apart(said[-1], address.text, word[at:]))
            elif address.is_host:
                said.append(". ".join(address.text.split(".")))
            else:
                is_less = True
        word = "".join([*said, self._unnamed(word[at:])])
        return _EMPTY.sub("", word) if is_less else word

    def _unnamed(self, text: str) -> str:
        return _NAMED.sub(lambda found: f"@{found[1]}" if found[1] in self._names else found[1], text)

    def _spelled_out(self, word: str) -> str:
        """The word as a reader of Markdown, of HTML or of addresses reads it, where that does harm; else as it is."""
        said, at = [""], 0
        for address in find(word):
            if address.text in self._addresses:
                said += [self._decoded(word[at : address.start]), address.text]
                at = address.end
        return "".join([*said, self._decoded(word[at:])])

    def _decoded(self, text: str) -> str:
        plain = text
        for _ in range(DEPTH):
            plainer = unicodedata.normalize("NFKC", unquote(html.unescape(plain))).replace("。", ".")
            for spelled in (plainer, _MARKDOWN.sub("", plainer)):
                if spelled != plain and (visible(spelled) != spelled or self._round(spelled) != spelled):
                    return _unlinked(visible(spelled))
            if plainer == plain:
                break
            plain = plainer
        return text


def _unlinked(text: str) -> str:
    """Without the signs that make pictures and links in Markdown."""
    return text.replace("](", "] (").replace("![", "[")


def _apart(before: str, address: str, after: str) -> str:
    """A known address, with blanks that keep apart from it what would make another one of it."""
    return f"{' ' if _TOUCHING.search(before) else ''}{address}{'' if _ENDING.match(after) else ' '}"


def _seen(entity: re.Match[str]) -> str:
    """The entity, unless it stands for something that is not to be seen."""
    sign = html.unescape(entity[0])
    return entity[0] if visible(sign) == sign else visible(sign)

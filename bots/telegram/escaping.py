"""Text of others, made safe for Telegram: nothing is live in it that we did not make, and nothing of it is lost.

Telegram itself looks for addresses, e-mail, @names, #tags, /commands, $CASH, card and phone numbers in whatever we
send. It looks into neither code nor links. So what people may want to copy stands as code, which a tap copies; the
other signs, and everything in plain text, are taken apart by an invisible word joiner. That must be U+2060: for
Telegram the zero-width joiners U+200C and U+200D are letters of an address.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from core.output import visible

JOINER = "\u2060"
ELLIPSIS = "…"
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""The three characters that Telegram reads as markup, and what stands for them."""
ADDRESS = 1_000
"""Characters of a link; a longer one is left out."""
READ_FOR_ONE = 4
"""Characters that are read for each one shown: some are blank or not to be seen."""

_SAFE_IN_LINKS = "%/:=&?~#+!$,;'@()*[]-._"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc"
"""Letters and signs that show nothing: Telegram takes a message of them alone for an empty one."""

_HOST_SIGNS = r"0-9A-Za-z_~\-\u00c0-\u1fff\u2010-\u2015\u2070-\U0010ffff"
"""What Telegram takes for a part of a host's name (TDLib, `match_urls`)."""
_REST = r"[^\s<>\"«»|()\[\]{}`\u2060]"
_SCHEMES = "mailto|tel|sms|callto|skype|javascript|vbscript|data|slack|tg|ton|tonsite"
_ENDINGS = re.compile(
    "com|net|org|edu|gov|info|biz|vn|io|dev|app|ai|co|me|cc|tv|ly|gl|to|xyz|top|site|online|link|click|shop|store|page"
    "|cloud|tech|live|club|example|test|us|uk|de|fr|jp|kr|cn|sg|th|ru|eu|au|nl|ch"
)
"""The last part of what surely is an address; others that could be one are only taken apart."""
_FILES = re.compile("pdf|docx?|xlsx?|pptx?|odt|ods|txt|csv|html?|png|jpe?g|gif|hcm", re.IGNORECASE)
"""Last parts that are no domain's: names of files, and TP.HCM."""

_URL = re.compile(
    rf"[a-z][a-z0-9+.-]{{0,30}}://{_REST}*+|www\.{_REST}++|(?<!\w)(?:{_SCHEMES}):{_REST}++", re.IGNORECASE
)
_HOST = re.compile(
    rf"(?<![{_HOST_SIGNS}])(?P<user>[\w.+~-]{{1,64}}+@)?(?P<host>[{_HOST_SIGNS}]++(?:\.[{_HOST_SIGNS}]++)++)"
)
_PATH = re.compile(rf"[:/?#]{_REST}*+")
_NUMBER = re.compile(r"(?:\(?\+\(?|(?<![\w.,+])\(?)[0-9](?:[ ().-]{0,2}[0-9]){7,18}(?!\w)")
_GAP = re.compile(r"[0-9](?=[^0-9])")
"""Where the first group of digits ends."""
_FOUR = re.compile(r"(?<![0-9])(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})(?![0-9])")
_SIGN = re.compile(r"@(?=[A-Za-z0-9_])|[#＃](?=\d{0,256}[^\W\d])|(?<!\w)/(?=[A-Za-z0-9_])|\$(?=[A-Z0-9])")
_JOINTS = frozenset("./:@#$?&=+")
_SENTENCE_SIGNS = ".,;:!?'"
_HOTLINES = ("1800", "1900")
PHONE = range(9, 14)
"""Digits of a phone number that is written with its 0."""
HOTLINE = range(8, 11)
CARD = range(13, 20)


@dataclass(frozen=True, slots=True)
class Live:
    """What Telegram would make clickable: its span, and the offsets at which a joiner takes it apart.

    `is_address`: people may want to copy it, so it should not have joiners where it can stand as code.
    """

    start: int
    end: int
    joints: tuple[int, ...]
    is_address: bool = False


def seen(text: str) -> str:
    """The text without what is not to be seen: control, zero-width and bidirectional characters."""
    return visible(text.replace("\u2028", "\n").replace("\u2029", "\n")).expandtabs(4)


def shows(text: str) -> bool:
    """Whether there is anything to see in it, as Telegram judges."""
    return any(sign not in _BLANK and unicodedata.category(sign)[0] in "LNPS" for sign in text)


def escape(text: str) -> str:
    """Text as it stands in Telegram's HTML, between tags."""
    return "".join(ENTITIES.get(sign, sign) for sign in text)


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def quieted(text: str) -> str:
    """The text for a message without markup: nothing is live in it, nor in what is left of what was taken apart."""
    while joints := {joint for found in live(text) for joint in found.joints}:
        text = joined_at(text, joints)
    return text


def joined_at(text: str, joints: Iterable[int]) -> str:
    """The text with a joiner at each of the offsets."""
    edges = [0, *sorted(joints), len(text)]
    return JOINER.join(text[start:end] for start, end in itertools.pairwise(edges))


def live(text: str) -> list[Live]:
    """Everything in the text that would be clickable, in no order; what is found may overlap."""
    return [*_urls(text), *_hosts(text), *_numbers(text), *_signs(text)]


def web_address(link: str | None) -> str:
    """The link as an address for a tag, not escaped; nothing where it is no web address, or too long."""
    if link is None or not link.startswith(("https://", "http://")) or seen(link) != link:
        return ""
    address = quote(link, safe=_SAFE_IN_LINKS)
    return address if len(address) <= ADDRESS else ""


def one_line(text: str, limit: int) -> str:
    """The text without line breaks, in at most `limit` characters; what is cut ends in an ellipsis."""
    line = " ".join(seen(text[: READ_FOR_ONE * limit]).split())
    if len(line) <= limit:
        return line
    return line[: whole(line, limit - len(ELLIPSIS))].rstrip() + ELLIPSIS


def whole(text: str, end: int) -> int:
    """`end` or somewhat less: a letter keeps its accents, a picture its colour, a flag both of its halves."""
    start = end
    while 0 < start < len(text) and _goes_on(text, start):
        start -= 1
    return start or end


def _goes_on(text: str, at: int) -> bool:
    """Whether the character belongs to the one before it."""
    sign = text[at]
    if _is_half_flag(sign):
        halves = next((n for n in range(at) if not _is_half_flag(text[at - 1 - n])), at)
        return halves % 2 == 1
    return sign == JOINER or unicodedata.category(sign)[0] == "M" or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _is_half_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _urls(text: str) -> Iterator[Live]:
    for found in _URL.finditer(text):
        yield _address(text, *found.span())


def _hosts(text: str) -> Iterator[Live]:
    done = 0
    for found in _HOST.finditer(text):
        start, end = found.span("host")
        first, *labels = found["host"].split(".")
        if start < done:
            continue
        if found["user"] or (first and _ENDINGS.fullmatch(labels[-1])):
            path = _PATH.match(text, end)
            done = path.end() if path else end
            yield _address(text, found.start(), done)
        elif _FOUR.search(found["host"]) or any(map(_may_be_domain, labels)):
            yield Live(start, end, tuple(at + 1 for at in range(start, end) if text[at] == "."))


def _may_be_domain(label: str) -> bool:
    return sum(map(str.isalpha, label)) > 1 and not _FILES.fullmatch(label)


def _numbers(text: str) -> Iterator[Live]:
    at = 0
    while found := _NUMBER.search(text, at):
        start, end = found.span()
        if _is_called(found[0]):
            yield Live(start, end, tuple(range(start + 1, end)), is_address=True)
            at = end
        else:
            at = end if (later := _GAP.search(text, start, end)) is None else later.end()


def _is_called(number: str) -> bool:
    """Whether it is the number of a phone or of a card."""
    digits = re.sub(r"\D", "", number)
    is_phone = "+" in number or (digits[0] == "0" and len(digits) in PHONE)
    return is_phone or (digits.startswith(_HOTLINES) and len(digits) in HOTLINE) or len(digits) in CARD


def _signs(text: str) -> Iterator[Live]:
    for found in _SIGN.finditer(text):
        yield Live(found.start(), found.end(), (found.end(),))


def _address(text: str, start: int, end: int) -> Live:
    while end > start + 1 and text[end - 1] in _SENTENCE_SIGNS:
        end -= 1
    joints = tuple(at + 1 for at in range(start, end) if text[at] in _JOINTS)
    return Live(start, end, joints, is_address=True)

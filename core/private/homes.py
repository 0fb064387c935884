"""Home addresses: a house number with its street, ward or village, where somebody's home is spoken of."""

import re
from collections.abc import Iterator, Sequence

from core.private.reading import Reading, Token
from core.private.spans import Kind, Span
from core.private.wordlists import word_set

_HOME = re.compile(
    r"\b(?:dia chi (?:nha|thuong tru|tam tru|rieng)|nha rieng|thuong tru|tam tru|noi o|cho o|ho khau|hktt|"
    r"dang o|o tai|song (?:tai|o)|"
    r"o tro|tro (?:tai|o)|ship (?:ve|den|toi)|gui (?:ve|den|toi) nha|nha (?:cua )?(?:toi|em|minh|anh|chi|co|"
    r"ong|ba|chu|bac|bo|me|vo|thay|a|c|e)|"
    r"nha (?:o|so)|o so|cu ngu|home address|lives (?:at|in|on)|live (?:at|in|on)|"
    r"(?:toi|em|minh|tui) o(?= (?:so |hem |ngo |nha )?\d)|resid\w+|my (?:house|home|place|flat|apartment)|"
    r"nguoi nhan|gui ve|chuyen ve|buu pham|gui toi|giao (?:den|toi|ve)|cho (?:den|toi) nha|dia chi (?:cua|la|:))\b"
)
_FETCHED = re.compile(
    r"\b(?:đón|ghé|rước|ghe|ruoc|(?<!hoa )(?<!van )"
    r"don(?= (?:toi|em|anh|chi|co|ong|ba|minh|con|chau|khach|o|tai|giup)\b))\b"
)
_LABEL = re.compile(r"dia chi|thuong tru|tam tru|noi o|cho o|ho khau|hktt|address|lives|reside")
_STREET = (
    r"(?:duong|pho|ngo|ngach|hem|kiet|to|to dan pho|ap|thon|xom|khu(?: pho| tap the)?|toa|chung cu|"
    r"can(?: ho)?|phuong|quan|xa|huyen|"
    r"street|road|lane|alley|ward|district|apartment|apt|flat|block|tower|p\.|q\.)"
)
_SAID, _NUMBERED = re.compile(rf"\b{_STREET}\b|\d/\d"), re.compile(r"(?:so|nha|no)\b")
_MINE = re.compile(r"my (?:house|home|place|flat|apartment)|home address")
_ADDRESS = re.compile(
    rf"(?:(?:so(?: nha)?|nha so|can(?: ho)?|phong|p|no\.?)\s)?(?<![\w.])\d{{1,4}}[a-z]?(?:/\d{{1,4}}[a-z]?)*,?\s"
    rf"(?:{_STREET}[ .]*)?[a-z][a-z0-9 ./-]{{2,40}}(?:,\s?[a-z][a-z0-9 ./-]{{1,30}}){{0,4}}"
    rf"|\b{_STREET}\s\d{{1,4}}[a-z]?(?:/\d{{1,4}})*[ ,]+[a-z][a-z0-9 ]{{2,30}}(?:,\s?[a-z][a-z0-9 .]{{1,30}}){{0,4}}"
)
_HOME_WORDS = word_set(
    """
    chi nha tru o khau hktt tro ship gui cu address lives live reside resides residing residence my nhan ve pham
    giao toi don ghe ruoc
    """
)
_VILLAGE_UNITS = word_set("thon xom ap khu phuong xa huyen quan tinh can cu toa duong ngo hem kiet thanh tp")
_FEWEST_UNITS, _BETWEEN = 2, 8
"""Units in a row that make an address, and characters between one and the next."""
_NO_STREET = re.compile(
    r"^(?:so |nha so |so nha )?\S+,?\s(?:ngay|thang|nam|gio|phut|nguoi|trieu|tr|nghin|dong|lan|cai|bo|m|m2|"
    r"km|kw|kv|v|a|mhz|khz|tuoi|chiec|con|dua|tang|"
    r"buoc|cap|phan|days?|years?|months?|hours?|people|k|cu|ty|nam|tuan|cuoc|to|thang)\b"
)
_REACH = 45


def homes(reading: Reading) -> Iterator[Span]:
    """Where somebody lives; offices, stations and shops have no home word before them."""
    text = reading.plain
    if not reading.words & _HOME_WORDS:
        return
    words = [*_HOME.finditer(text), *_FETCHED.finditer(reading.marked)]
    if words and len(reading.words & _VILLAGE_UNITS) >= _FEWEST_UNITS:
        yield from _villages(reading)
    for word in words:
        found = _address_near(text, word)
        if found and _is_street(found[0], word[0]):
            yield Span(found.start(), found.end(), Kind.ADDRESS)


def _address_near(text: str, word: re.Match[str]) -> re.Match[str] | None:
    """What looks like an address right after a word for a home; before it, where people say "that is my home"."""
    if _MINE.fullmatch(word[0]) and (found := _ADDRESS.search(text, max(0, word.start() - 2 * _REACH), word.start())):
        return found
    found = _ADDRESS.search(text, word.end(), word.end() + 4 * _REACH)
    is_near = found and found.start() - word.end() <= _REACH and "\n" not in text[word.end() : found.start()]
    return found if is_near else None


def _is_street(found: str, word: str) -> bool:
    """Whether it names a street or the like, or the word before says that it is an address; no count of things."""
    is_told = _SAID.search(found) or _NUMBERED.match(found) or _LABEL.search(word)
    return bool(is_told) and not _NO_STREET.match(found)


def _villages(reading: Reading) -> Iterator[Span]:
    """As in "thôn Đoài, xã Phú Minh, huyện Sóc Sơn": units with names, one after another, near a home word."""
    row: list[int] = []  # where the first unit begins, and where each of them ends
    tokens, at = reading.tokens, 0
    while at < len(tokens) - 1:
        last = _end_of_unit(tokens, at)
        if last > at:
            is_next = row and tokens[at].start - tokens[row[-1] - 1].end <= _BETWEEN
            row = [*row, last] if is_next else [at, last]
            start, end = tokens[row[0]].start, tokens[last - 1].end
            if len(row) > _FEWEST_UNITS and _HOME.search(reading.plain, max(0, start - _REACH), end + _REACH):
                yield Span(start, end, Kind.ADDRESS)
        at = max(last, at + 1)


def _end_of_unit(tokens: Sequence[Token], at: int) -> int:
    """The index after the name or number of the unit that is named at `at`; `at` itself where none is."""
    if tokens[at].plain not in _VILLAGE_UNITS:
        return at
    last = at + 1
    while (
        last < len(tokens)
        and (tokens[last].is_capital or tokens[last].plain[0].isdigit())
        and tokens[last].plain not in _VILLAGE_UNITS
    ):
        last += 1
    return last if last > at + 1 else at

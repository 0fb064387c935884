"""Secrets: tokens by their shape, and what stands beside a word such as "mật khẩu" or "OTP".

A word alone is no secret ("mật khẩu phải dài 8 ký tự"): what stands beside it must look like one, by its characters or
by the "là", ":" or "=" before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.private.reading import Reading
from core.private.secret_shapes import Shape, shape_of
from core.private.spans import Kind, Span
from core.private.tokens import tokens
from core.private.wordlists import word_set

_KEEP_SAFE = (
    r"mat\s?khau|m\.khau|mk|pwd|pw|psk|credentials?|creds|secret|token|pass(?:word|wd|code|phrase)?|"
    r"(?:client|app|shared|bot|access|api|auth|private|encryption|signing|ssh|service|master)[ _-]?key|"
    r"khoa (?:api|ssh|kich hoat|khoi phuc|rieng|bi mat|bao mat)|chuoi (?:bi mat|dang nhap)|"
    r"mat lenh|ma (?:vao|truy cap)|"
    r"community(?: string)?|"
    r"pre-?shared key|key|wpa2?"
)
_CODE = (
    r"(?:ma (?:so )?|so )?(?<!thay )(?<!vien )(?<!cuc )(?<!sac )(?<!cap )(?<!bo )(?<!het )(?<!chai )"
    r"pin(?! ups| lithium| du phong| sac| mat troi| may| laptop| dien thoai)(?: code)?|(?:ma )?otp|"
    r"ma (?:so )?(?:mo (?:ket|cua|tu|cong|khoa)|vao (?:phong|cua|cong|kho))|"
    r"ma (?:xac ?(?:thuc|nhan|minh)|giao dich|giai ngan|rut tien|chuyen tien|dang nhap|kich hoat|bao mat|mo khoa|cua|"
    r"khoa|ket|2fa|khoi phuc|bao ve|cong)|"
    r"(?:verification|login|sign[- ]?in|security|one[- ]time|door|gate|recovery|alarm|access) code|2fa|cvv2?|cvc"
)
_NAMED = re.compile(rf"(?<![a-z0-9])(?:(?P<code>{_CODE})|(?P<password>{_KEEP_SAFE}))(?![a-z0-9])")
_NAMES = word_set(
    """
    khau matkhau mkhau mk pwd pw psk credential credentials creds secret token pass password passwd passcode
    passphrase key community wpa wpa2 pin otp 2fa cvv cvv2 cvc code lenh
    """
)
_PAIRS_OF_NAMES = (
    "ma xac", "ma giao dich", "ma kich", "ma bao", "ma mo", "ma cua", "ma khoa", "ma ket", "ma khoi", "ma cong",
    "ma vao", "ma so", "ma truy", "ma 2fa", "ma giai", "ma rut", "ma chuyen", "ma dang", "khoa ssh", "khoa kich",
    "khoa khoi",
    "khoa api", "khoa rieng", "khoa bi mat", "khoa bao mat", "chuoi bi", "chuoi dang",
    "_token", "_secret", "_key", "_pass", "-token", "-secret", "-key",
)  # fmt: skip
"""One of these stands in every text in which `_NAMED` finds something."""
_USERS = word_set("admin root sa administrator user guest operator cisco ubuntu sysadmin")
_NUMBERED = word_set("chuoi day ma code so dong sms tin text texted authenticator nhan messaged message")
_TYPING = word_set("go bam nhap dien type enter input put fill")
_PAIR = re.compile(
    r"\b(?:admin|root|sa|administrator|user|guest|operator|cisco|ubuntu|sysadmin)\s?[/:|]\s?(?P<pair>[^\s,;/|]{4,})"
)
_KEYPAD = word_set("ket khoa cua cong hop door safe lock gate alarm")
_PRESSED = re.compile(
    r"\b(?:go|bam|nhap|xoay|quay|press|enter|type|dial)\s+(?:so\s+)?(?P<dial>\d{2}(?:-\d{2}){2,5}|"
    r"\d(?: ?\d){3,7}[#*]?)(?![\w:/-])"
)
_SAID_FIRST = re.compile(rf"(?P<value>\S+)\s+(?:la|lam|is|as)\s+(?:[a-z]+\s+)?(?:{_CODE}|{_KEEP_SAFE})(?![a-z0-9])")
_SENT = re.compile(
    r"\b(?:chuoi|day|ma|code|so|dong)\s(?:so\s)?(?P<code>\d{3} ?\d{3}|\d{4})(?= (?:vua|moi) (?:nhay|gui|ban|"
    r"ve|nhan|den|toi|hien)|"
    r"[^.?!]{0,40}\b(?:dang nhap|login|log in|xac nhan|xac thuc)\b)"
)
_TEXTED = re.compile(
    r"\b(?:sms|tin nhan|text(?:ed)?|authenticator|nhan tin|messaged?)\b[^.?!\d]{0,30}(?P<code>\d{6}|"
    r"\d{3} \d{3})(?![.,]?\d)"
)
_TYPED = re.compile(r"\b(?:go|bam|nhap|dien|type|enter|input|put|fill in)\s+(?P<value>[^\s,;]{6,})")
_BARE = re.compile(r"(?<![\w@.])[A-Za-z][A-Za-z0-9_]*[@#$!*^~][\w@#$!*^~.-]*\d[\w@#$!*^~]*")
_SIGN = re.compile(r"[@#$!*^~]")
_LOGIN = re.compile(
    r"\b(?:login|log in|dang nhap|tai khoan|tk|account|user|ssh|vpn|wifi|wi-fi|server|root|admin|vao|"
    r"truy cap|portal|phan mem|"
    r"man hinh|console|opr\w*)\b"
)
_PIECE = re.compile(r"\S+")
_REACH, _LONGEST_REACH = 12, 400
"""Words, and characters, after "mật khẩu" among which its value is sought."""
_LINKS = word_set("la is was nhu are = : -> => de dat thanh sang := nay day == as to")
_FILLERS = frozenset({"ma", "so", "chuoi"})
_UNITS = re.compile(
    r"\s*(?:ky tu|ki tu|ngay|lan|phut|thang|gio|chars?|characters?|days?|digits?|chu|so\b|times|minutes|"
    r"nam\b|lop|buoc|%|"
    r"nguoi|may\b|cai|quy\b|vong|mah|v\b|ah\b|trieu|dong|tai khoan|users?|attempts|tries|hours?|months?|weeks?|tuan)"
)
_CODES = re.compile(r"[#*]?\d(?:[ -]?\d){3,9}(?:[#*]\d{0,4})?(?![\w])")
_LONG_CODE, _LONG_PASSWORD, _NEAR = 6, 8, 3
_RULE = re.compile(
    r"(?:phai|can|the nao|nen|gom|it|dai|manh|must|should|needs?|length|policy|rules?|toi (?:da|thieu)|bao|"
    r"sao(?! luu)|cach|lam|dau|ngan|duoc|khong|"
    r"may(?! (?:chu|tinh|in|ghi|tram|quay|cham|phat|khach|bo|lanh|ao|scan)\b))\b"
)
"""A rule about passwords, or a question about one: no value follows. "May" is "how many", unless a machine is meant."""
_DIALLED = re.compile(
    r"\b(?:ma|day so|to hop|combination|combo|code)\b[^.?!\n\d]{0,20}"
    r"(?:(?:[:=]|\b(?:moi|cu|la|is|sang|thanh|to))\s?(?P<dial>[#*]?\d{4,8}(?:[#*]\d{0,4})?)"
    r"|(?P<turned>\d{2}(?:-\d{2}){2,5}))(?![\w:/-])"
)
_CHANGED = re.compile(r"(?: \w+){0,2} (?:sang|thành|thanh|to|->|=>) (?P<value>[^\s,;]+)")
"""A second value behind a first one: the new password."""
_ENTERED = re.compile(
    r"\b(?:nhap|go|bam|dien)\b[^.?!\n\d]{0,20}\bma (?P<code>\d{4,8})"
    r"(?= (?:tren|vao|o|de) (?:app|ung dung|may|cua|dang nhap|cham cong))"
)
_BY = re.compile(r"\b(?:bang|voi|with|using)\s+(?P<value>[^\s,;]{6,})")
_SHARED_USER = re.compile(
    r"\b(?:tai khoan|account|user(?:name)?|login|tk|acc)\b[^.?!\n:=]{0,40}[:=]\s*[\w.@-]+\s?/\s?"
    r"(?P<value>[^\s,;/|]{4,})"
)
_WIFI = re.compile(r"\b(?:wifi|wi-fi)\b[^.?!\n:=]{0,30}(?:[:=]|\b(?:doi thanh|ghi|la))\s*(?P<value>[^\s,;]+)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two spaces, without the quotes around it. `is_linked`: a ":" or "=" stands before it."""

    start: int
    end: int
    text: str
    is_linked: bool


def secrets(reading: Reading) -> Iterator[Span]:
    """Tokens, keys, passwords, one-time codes and PINs; only the secret itself, not the word before it."""
    for start, end in (*tokens(reading.seen), *_named(reading), *_entered(reading), *_bare(reading)):
        yield Span(start, end, Kind.SECRET)


def _named(reading: Reading) -> Iterator[tuple[int, int]]:
    """Values beside a word for a secret, after it or before it."""
    if not reading.words & _NAMES and not any(pair in reading.plain for pair in _PAIRS_OF_NAMES):
        return
    for word in _NAMED.finditer(reading.plain):
        if span := _behind(reading, word.end(), is_code=word["code"] is not None):
            yield span
            if (new := _CHANGED.match(reading.seen, span[1])) and shape_of(new["value"]) >= Shape.MIXED:
                yield new.span("value")
    for match in _SAID_FIRST.finditer(reading.plain):
        start, end = match.span("value")
        if shape_of(reading.seen[start:end]) >= Shape.MIXED or re.fullmatch(r"\d{4,8}", reading.seen[start:end]):
            yield start, end


def _entered(reading: Reading) -> Iterator[tuple[int, int]]:
    """What is typed, pressed or was sent to get in somewhere, without any word for a secret."""
    if not reading.has_digits:
        return
    seen, plain, words = reading.seen, reading.plain, reading.words
    values = [match.span("pair") for match in _PAIR.finditer(plain)] if words & _USERS else []
    values += [match.span("value") for pattern in (_WIFI, _SHARED_USER) for match in pattern.finditer(plain)]
    if _LOGIN.search(plain):
        values += [span for span in map(_value_of, _BY.finditer(plain)) if shape_of(seen[slice(*span)]) is Shape.STRONG]
    if words & _TYPING and _LOGIN.search(plain):
        typed = (match for match in _TYPED.finditer(plain) if not reading.marked.startswith("điện", match.start()))
        values.extend(match.span("value") for match in typed)
    for start, last in values:
        end = _end(seen, start, last)
        if shape_of(seen[start:end]) >= Shape.MIXED:
            yield start, end
    if words & _NUMBERED:
        yield from (match.span("code") for pattern in (_SENT, _TEXTED, _ENTERED) for match in pattern.finditer(plain))
    if words & _KEYPAD:
        yield from (match.span("dial") for match in _PRESSED.finditer(plain))
        yield from (match.span("dial" if match["dial"] else "turned") for match in _DIALLED.finditer(plain))


def _value_of(found: re.Match[str]) -> tuple[int, int]:
    return found.span("value")


def _bare(reading: Reading) -> Iterator[tuple[int, int]]:
    """What cannot be anything but a password, and what can hardly be where signing in is spoken of."""
    if not reading.has_digits or not _SIGN.search(reading.seen):
        return
    is_login = _LOGIN.search(reading.plain) is not None
    for match in _BARE.finditer(reading.seen):
        word = match[0]
        if is_login or (any(map(str.isupper, word)) and any(map(str.islower, word)) and len(word) >= _LONG_PASSWORD):
            yield match.span()


def _behind(reading: Reading, start: int, *, is_code: bool) -> tuple[int, int] | None:
    """Where the value of a password or code stands that was named just before `start`."""
    is_linked = is_led = is_doubtful = False
    is_named_code = is_code  # a password may be made of letters, also that of a door
    for number, piece in enumerate(_pieces(reading, start)):
        is_linked = is_linked or piece.is_linked
        word = reading.plain[piece.start : piece.end]
        is_code = is_code or word in _KEYPAD
        if not piece.text and not piece.is_linked:
            return None
        if not piece.text or (word in _LINKS and (word != "to" or piece.text.isascii())):
            is_linked = True
            continue
        if piece.text.lstrip("#*")[:1].isdigit() and (
            code := _digits(reading, piece, number, is_free=is_code or is_linked)
        ):
            return code
        shape = shape_of(piece.text)
        is_value = _is_value(shape, number, is_linked=is_linked, is_code=is_named_code) or (
            is_led and shape is Shape.MIXED
        )
        if is_value and (shape >= Shape.MIXED or not is_doubtful):
            return piece.start, piece.end
        is_rule = shape is Shape.POLICY and not is_code and _RULE.match(reading.plain, piece.start)
        if reading.seen[piece.end : piece.end + 1] in {".", "?", ";", "!"} or is_rule:
            return None
        is_doubtful = is_doubtful or (shape is Shape.POLICY and not is_code)
        is_led = reading.seen[piece.end : piece.end + 1] in {":", "="}
        is_linked = is_linked and (piece.is_linked or word in _FILLERS)
    return None


def _is_value(shape: Shape, number: int, *, is_linked: bool, is_code: bool) -> bool:
    """Whether a piece of that shape is the value; `number` pieces stand between it and the word.

    A code is not made of letters alone.
    """
    if shape is Shape.MIXED:
        return is_linked or number == 0
    if is_code and shape < Shape.MIXED:
        return False
    return shape in {Shape.STRONG, Shape.GLUED} or (is_linked and shape is Shape.WORD)


def _pieces(reading: Reading, start: int) -> Iterator[_Piece]:
    """The pieces after `start`, as far as the line and the reach go; a line that ends in ":" goes on in the next."""
    seen = reading.seen
    last = min(len(seen), start + _LONGEST_REACH)
    stop = seen.find("\n", start + 2, last)
    if stop >= 0 and seen[start:stop].strip() in {":", "=", "là"}:
        stop = seen.find("\n", stop + 1, last)
    for number, found in enumerate(_PIECE.finditer(seen, start, stop if stop >= 0 else last)):
        if number >= _REACH:
            return
        first = found.start()
        while first < found.end() and seen[first] in ":=>-–'\"`“‘([{«/*_":
            first += 1
        is_linked = any(char in ":=>" for char in seen[found.start() : first])
        end = _end(seen, first, found.end())
        yield _Piece(first, end, seen[first:end], is_linked)


def _end(seen: str, start: int, end: int) -> int:
    """Without the punctuation of the sentence; "!" may belong to a password, and stays."""
    while end > start and seen[end - 1] in ",.;:?)]}'\"`”’»|":
        end -= 1
    return end


def _digits(reading: Reading, piece: _Piece, number: int, *, is_free: bool) -> tuple[int, int] | None:
    """A code of four to ten digits, in groups perhaps; not a count of characters, days or tries.

    Free to stand anywhere it is after a word for a code or a link; else the short ones are years and counts.
    """
    found = _CODES.match(reading.plain, piece.start)
    if not found or _UNITS.match(reading.plain, found.end()):
        return None
    size = sum(map(str.isdigit, found[0]))
    if size > _LONG_PASSWORD and number > _NEAR:
        return None
    return found.span() if is_free or number == 0 or size >= _LONG_CODE else None

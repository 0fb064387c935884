"""Private e-mail, plates of vehicles, birth dates, and numbers that hold letters: passports and health insurance."""

import re
from collections.abc import Iterator

from core.private.mailboxes import is_shared
from core.private.reading import Reading
from core.private.spans import Kind, Span
from core.private.wordlists import word_set

_AT = r"(?:\s?@\s?|\s?[\[({]\s?(?:at|a cong|@)\s?[\])}]\s?|\s(?:a[ -]?cong|a moc|at)\s)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|cham|\.)\s?[\])}]\s?|\s(?:cham|dot)\s)"
_HOST = rf"(?P<host>[a-z0-9-]+(?:{_DOT}[a-z0-9-]+)*{_DOT}[a-z]{{2,}})"
_EMAIL = re.compile(rf"(?P<name>[a-z0-9][\w.+-]*)\s?@\s?{_HOST}")
_SPOKEN_EMAIL = re.compile(rf"(?P<name>[a-z0-9][\w.+-]*){_AT}{_HOST}")
_AT_SIGN = re.compile("@")
_MAIL = re.compile(r"\b(?:[gy]?mail|yahoo|outlook|hotmail|icloud|proton(?:mail)?|fastmail|live|zoho|yandex|gmx)\b")
_AT_WORDS = (" at ", "(at", "[at", "{at", " a cong", " a-cong", " acong", "(a c", "[a c", " a moc")
_LONGEST = 80
"""Characters on either side of an "@"."""
_BIRTH_WORDS = word_set("sinh sn nsinh doi dob d born birth birthday birthdate")
_PASSPORT_WORDS = word_set("chieu passport pp hc")
_SHARED = re.compile(
    r"\b(?:hop(?: thu)? chung|hom thu chung|"
    r"email chung|mail chung|mail nhom|email nhom|shared mailbox|group mail(?:box)?|"
    r"team mailbox|mailing list|"
    r"hop thu (?:phong|ban|to|don vi)|dung chung)\b"
)
_PLATE = re.compile(
    r"(?P<plate>[1-9]\d[ -]?(?P<series>[a-z]{1,2}\d?|[a-z]\d)[ ./-]{0,3}(?P<number>\d{3}[. ]?\d{2}|\d{4}))"
    r"(?![\w]|[./-]\d)"
)
_PART_OF_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_./-")
_VEHICLE = re.compile(
    r"\b(?:bien(?: so| xe| kiem soat| ks)?|bsx|bks|xe|o ?to|moto|xe may|plate|car|motorbike|bike|vehicle|"
    r"scooter|ban tai|honda|yamaha|toyota|vios|mazda|hyundai|kia|camry|innova|vision|vinfast|vespa|wave|"
    r"exciter|sirius|air ?blade|suzuki|piaggio|ford|ranger|fortuner|mitsubishi|xpander|isuzu|mercedes|bmw|audi|"
    r"chiec|con|dau xe|gui xe|bai xe|do xe|ve thang|licen[cs]e plate|park(?:ed|ing)?)\b"
)
_SERVICE_CAR = re.compile(
    r"\bxe (?:ban tai |tai |khach |con )?(?:cong|co quan|cong ty|don vi|cong vu|chuyen dung|cua cong ty|"
    r"thang nang|nang hang|cau|cuu hoa|chua chay)\b|"
    r"\bxe (?:\w+ ){0,3}(?:cua|thuoc) (?:cong ty|cty|co quan|don vi|trung tam|dai|doi|phong)\b|\bbien xanh\b|"
    r"\bbien (?:cong ty|co quan|don vi)\b|"
    r"\bcompany (?:car|van|truck)\b"
)
_OWNED = re.compile(r"\W{0,2}(?:la xe |xe )?(?:cua|thuoc) (?:cong ty|co quan|don vi|trung tam|dai|doi|phong)\b")
"""Behind a plate: the vehicle is no person's."""
_IN_THE_WAY = re.compile(r"\b(?:chan|vuong|va|quet|can tro|blocking|hit|near|canh|sau|truoc) (?:\w+ ){0,3}$")
"""Before the words for a service car: another vehicle is beside it."""
_THING = re.compile(
    r"\b(?:part|p/?n|s/?n|serial|se-?ri|ma (?:vat tu|hang|thiet bi|tai san|phu tung)|module|card|board|"
    r"model|rfq|ban ve|"
    r"lo|cau chi|aptomat|quat|may phat|bo nguon|chuyen bay|flight|duong bang|runway|rwy|taxiway|ca|kenh|"
    r"channel|tu|ngan|cap)\s*(?:so|no|la|:|#)?\s*$"
)
_BORN = (
    r"(?:ngay(?: thang nam)? sinh|nam sinh|sinh nhat|"
    r"(?<!tuyen )(?<!hoi )(?<!ve )(?<!hoc )(?<!phat )(?<!tai )(?<!thi )"
    r"sinh(?: ngay| nam| vao(?: ngay| nam)?| thang)?|sn|nsinh|ra doi(?: ngay| nam)?|dob|d\.o\.b|born(?: on| in)?|"
    r"birth ?(?:day|date)|date of birth)"
)
_BIRTH = re.compile(
    rf"\b{_BORN}(?:\s*(?:cua (?:toi|em|minh|chau|con (?:toi|em))|of [a-z ]{{1,20}}|la|is|to|:|,|=|-|ngay|"
    rf"nam|vao|dung))*\s*"
    r"(?P<date>\d{1,2}(?:[ ./-]| thang )\d{1,2}(?:[ ./-]| nam )(?:19|20)?\d\d|(?:19[4-9]\d|"
    r"20[01]\d)(?:[./-]\d{1,2}[./-]\d{1,2})?"
    r"|\d{1,2}[/.-](?:19|20)\d\d|\d{1,2}[/.-]\d{1,2})(?!\d)"
)
_PASSPORT = re.compile(
    r"\b(?:ho chieu|passport|pp|hc)\b[^\d\n]{0,24}?(?P<number>[a-z]{1,2} ?\d{6,8})(?!\w)"
    r"|(?<!\w)(?P<bare>[a-z]{1,2}\d{6,8})\s(?:la |is )?(?:\w+ )?(?:ho chieu|passport)"
)
_HEALTH_CARD = re.compile(r"(?<!\w)(?P<card>[a-z]{2} ?[1-5] ?\d{2} ?(?:\d ?){9,10}\d?)(?!\w)")
_HEALTH = re.compile(r"\b(?:bhyt|bao hiem|the bh|health insurance)\b")
_HEALTH_WORDS = word_set("bhyt hiem bh insurance")
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}(?: ?[a-z0-9]{1,3})?\b")
_TEXT_AROUND = 60
_LETTERED = re.compile(r"(?<!\w)\d{3}[a-z]\d{8,9}(?!\w)")
_ACCOUNT = re.compile(r"\b(?:tai khoan|tk|stk|account|acc|vietin\w*)\b")
"""Beside an account number with a letter in it, as one bank has them."""


def contacts(reading: Reading) -> Iterator[Span]:
    """E-mail that is one person's, plates, birth dates, passports, health insurance cards, IBANs."""
    text, words = reading.plain, reading.words
    for match in _AT_SIGN.finditer(text):
        yield from _emails(_EMAIL, text, max(0, match.start() - _LONGEST), match.end() + _LONGEST)
    if any(sign in text for sign in _AT_WORDS):
        yield from _emails(_SPOKEN_EMAIL, text, 0, len(text))
    if not reading.has_digits:
        return
    yield from _plates(text)
    if words & _BIRTH_WORDS:
        yield from (Span(*match.span("date"), Kind.BIRTH) for match in _BIRTH.finditer(text))
    if words & _PASSPORT_WORDS:
        for match in _PASSPORT.finditer(text):
            yield Span(*match.span("number" if match["number"] else "bare"), Kind.PASSPORT)
    if words & _HEALTH_WORDS and _HEALTH.search(text):
        yield from (Span(*match.span("card"), Kind.INSURANCE) for match in _HEALTH_CARD.finditer(text))
    yield from (Span(*match.span(), Kind.BANK) for match in _IBAN.finditer(text) if _is_iban(match[0]))
    if _ACCOUNT.search(text):
        yield from (Span(*match.span(), Kind.BANK) for match in _LETTERED.finditer(text))


def _is_a_place(address: re.Match[str]) -> bool:
    """Whether "at" leads to a server, as in "a ticket at help.vidu.vn": neither is the dot said, nor is it mail."""
    return " at " in address[0] and "." in address["host"] and not _MAIL.search(address["host"])


def _emails(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    for match in pattern.finditer(text, start, end):
        if _is_a_place(match):
            continue
        if not is_shared(match["name"], match["host"]) and not _SHARED.search(_words_about(text, match)):
            yield Span(*match.span(), Kind.EMAIL)


def _words_about(text: str, address: re.Match[str]) -> str:
    """What stands around an address; words between it and the next one are about the next."""
    before = text[max(0, address.start() - _TEXT_AROUND) : address.start()].rpartition("@")[2]
    after = text[address.end() : address.end() + _TEXT_AROUND]
    return before if "@" in after else f"{before} {after}"


def _plates(text: str) -> Iterator[Span]:
    for match in _PLATE.finditer(text):
        if match.start() and text[match.start() - 1] in _PART_OF_NAME:
            continue
        before = text[max(0, match.start() - _TEXT_AROUND) : match.start()]
        around = before + text[match.end() : match.end() + _TEXT_AROUND]
        if _THING.search(before) or _OWNED.match(text, match.end()) or _is_of_service(around):
            continue
        is_dotted = any(sign in match["plate"] for sign in ".-")
        if _VEHICLE.search(around) or (is_dotted and len(match["number"].replace(" ", "").replace(".", "")) > 4):  # noqa: PLR2004
            yield Span(*match.span("plate"), Kind.PLATE)


def _is_of_service(around: str) -> bool:
    """Whether a vehicle of the firm is spoken of, and not only as what another one stands near to."""
    found = _SERVICE_CAR.search(around)
    return found is not None and not _IN_THE_WAY.search(around, 0, found.start())


def _is_iban(text: str) -> bool:
    """Whether the check digits are right (ISO 13616)."""
    code = text.replace(" ", "")
    return len(code) >= 15 and int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1  # noqa: PLR2004

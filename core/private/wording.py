"""The words of a text as the trained layer reads them: folded, short forms in full, and nobody named.

A person's name is `PERSON` whoever it is, a pronoun for somebody `SAME`, the holder of an office `OFFICE`, a word that
the layer never learnt `UNKNOWN`, a number by its length. So no name and no number can weigh anything.
"""

from collections.abc import Collection, Iterator, Mapping

from core.private.naming import names_in
from core.private.reading import Reading, Token
from core.private.wordlists import phrase_set, word_set

PERSON, SAME, OFFICE, UNKNOWN = "_p", "_h", "_r", "_u"
MOST_WORDS = 300
"""So much of a text is read by the layer; longer ones are read in part, the detectors read them whole."""
_SHORT_FORMS: Mapping[str, str] = {
    "ac": "anh chi", "mik": "minh", "mih": "minh", "tui": "toi", "tau": "toi", "tao": "toi",
    "ko": "khong", "hok": "khong", "hem": "khong", "hong": "khong", "kg": "khong", "kh": "khong", "khg": "khong",
    "hk": "khong", "kp": "khong phai", "dc": "duoc", "dx": "duoc", "bn": "bao nhieu", "nhiu": "bao nhieu",
    "bnhieu": "bao nhieu", "bh": "bao gio", "bjo": "bao gio", "rui": "roi", "zay": "vay", "dzay": "vay",
    "vs": "voi", "ntn": "nhu the nao", "ns": "noi", "vk": "vo", "ck": "chong", "lg": "luong", "lng": "luong",
    "sdt": "so dien thoai", "dt": "dien thoai", "stk": "so tai khoan", "tk": "tai khoan", "mk": "mat khau",
    "pass": "mat khau", "pw": "mat khau", "pwd": "mat khau", "password": "mat khau", "mst": "ma so thue",
    "nv": "nhan vien", "cty": "cong ty", "ng": "nguoi", "mn": "moi nguoi", "mng": "moi nguoi", "trc": "truoc",
    "fai": "phai", "lm": "lam", "lun": "luon", "dag": "dang", "chx": "chua", "cx": "cung", "cug": "cung",
    "dum": "giup", "gium": "giup", "zum": "giup", "bit": "biet", "bik": "biet", "tn": "the nao",
    "hqua": "hom qua", "hnay": "hom nay", "plz": "please", "pls": "please", "bhxh": "so bao hiem", "cmt": "cmnd",
    "gd": "giam doc", "pgd": "giam doc", "kl": "ky luat", "sk": "suc khoe", "hs": "ho so", "hv": "hoc vien",
    "tr": "trieu", "nhe": "", "nha": "nha", "oi": "", "ah": "",
}  # fmt: skip
"""How people write on phones. Whole words."""
_MYSELF_BEFORE = word_set("hoi muon can dang duoc dc bi xin nho nghi di lam vua se thay nhan biet")
"""Before these "mk" is "mình", else "mật khẩu"."""
_LETTERS: Mapping[str, str] = {
    "a": "anh", "b": "ban", "c": "chi", "e": "em", "h": "gio", "j": "gi", "k": "khong", "m": "minh", "r": "roi",
    "t": "toi", "u": "", "v": "vay", "z": "vay",
}  # fmt: skip
"""Words of one letter, where a text is not English and the letter stands by itself."""
_ENGLISH = word_set(
    """
    and are at did do does for from had has have how if in is it my not of on our please should that the there this
    to was we what when where which who why will with you her his
    """
)
_VIETNAMESE = word_set(
    """
    ai anh cac can chi cho co cua de duoc em gi khong ko la lam ma may minh nao nhieu nhu nhung phai ra sao thi toi
    trong va vao voi bi cai con roi
    """
)
_TITLES = word_set("anh chi ong ba co chu bac thay sep mr mrs ms miss ku")
_PRONOUNS = phrase_set(
    """
    anh ay, chi ay, ong ay, ba ay, co ay, cau ay, ban ay, em ay, chu ay, bac ay, anh ta, co ta, ong ta, ba ta, anh do,
    chi do, ong do, ban do, thang do, con do, ong kia, anh kia, chi kia, nguoi do, nguoi nay, ong nay, anh nay,
    chi nay, ban nay, ba nay, thang nay, thang cha, duong su
    """
)
_ENGLISH_PRONOUNS = word_set("he she him her his hers")
_OFFICES = phrase_set(
    """
    truong phong, pho phong, truong dai, truong tram, truong ca, truong kip, kip truong, to truong, to pho, doi truong,
    doi pho, giam doc, ke toan, thu quy, thu kho, van thu, bao ve, lai xe, tap vu, truong ban, pho ban, truong nhom,
    chu tich, bi thu, thu ky, ung vien, hoc vien, tham sat
    """
)
_ONE_WORD_OFFICES = word_set("sep boss director cfo supervisor manager chief")
_NUMBER_SIZES = (2, 5)
"""Digits of a small number, and of a longer one."""


def wording(reading: Reading, known: Collection[str]) -> list[str]:
    """In order; `known` are the folded words that the layer has learnt."""
    tokens = reading.tokens[:MOST_WORDS]
    named = {name.first: name.last for name in names_in(reading)}
    is_english = sum(token.plain in _ENGLISH for token in tokens) > sum(token.plain in _VIETNAMESE for token in tokens)
    words: list[str] = []
    at = 0
    while at < len(tokens):
        word, size = (PERSON, min(named[at], len(tokens)) - at) if at in named else _said(tokens, at)
        at += size
        for part in (word,) if word else _full(reading, tokens[at - 1], is_english=is_english):
            _add(words, part, known)
    return words


def plain_words(reading: Reading) -> Iterator[str]:
    """The words that are no name, folded and in full: what is learnt as known."""
    named = {at for name in names_in(reading) for at in range(name.first, name.last)}
    for at, token in enumerate(reading.tokens[:MOST_WORDS]):
        if at not in named and (not token.is_capital or at == 0) and token.plain.isalpha():
            yield from _full(reading, token, is_english=False)


def _said(tokens: list[Token], at: int) -> tuple[str, int]:
    """What stands for somebody at `at`, and how many words it takes; "" and 1 where nothing does."""
    word = tokens[at].plain
    pair = f"{word} {tokens[at + 1].plain}" if at + 1 < len(tokens) else ""
    if pair in _PRONOUNS:
        return SAME, 2
    if pair in _OFFICES:
        return OFFICE, 2
    if word in _ENGLISH_PRONOUNS:
        return SAME, 1
    if word == "mk" and pair.removeprefix("mk ") in _MYSELF_BEFORE:
        return "minh", 1
    return (OFFICE, 1) if word in _ONE_WORD_OFFICES else ("", 1)


def _full(reading: Reading, token: Token, *, is_english: bool) -> list[str]:
    """The word or number in full words, or as its length."""
    word = token.plain
    if word[0].isdecimal():
        small, longer = _NUMBER_SIZES
        return ["#" if len(word) <= small else "##" if len(word) <= longer else "###"]
    if len(word) == 1:
        before = reading.plain[token.start - 1 : token.start]
        is_alone = not is_english and (not before or before in " \n(,\"'")
        return _LETTERS.get(word, word).split() if is_alone else [word]
    return [word] if is_english and word not in {"password", "pass", "pwd"} else _SHORT_FORMS.get(word, word).split()


def _add(words: list[str], word: str, known: Collection[str]) -> None:
    """Adds one word; what is unknown and follows a title is somebody, names in a row are one."""
    if word not in known and word.isalpha() and len(word) > 1:
        word = UNKNOWN
    last = words[-1] if words else ""
    if word == UNKNOWN and last in {PERSON, UNKNOWN}:
        return
    is_titled = word in {PERSON, UNKNOWN} and last in _TITLES
    if is_titled or (word == PERSON and last in {OFFICE, UNKNOWN, PERSON}):
        words[-1] = PERSON
    else:
        words.append(word)

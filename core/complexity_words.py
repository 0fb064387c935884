"""A question as the router reads it: folded, in whole words, without the courtesies around what is asked. Pure.

What is left is the same with and without tone marks, and nearly so in the short forms of phones, so that none of
these changes a verdict.
"""

import re
from collections.abc import Mapping

from core.folding import fold

NUMBER = "0"
"""Stands for every number: how hard a question is hangs on no digit."""
SHORT_FORMS: Mapping[str, str] = {
    "ad": "bot", "admin": "bot", "bh": "bao gio", "bit": "biet", "bjo": "bao gio", "bn": "bao nhieu", "bt": "biet",
    "chx": "chua", "cty": "cong ty", "cug": "cung", "cx": "cung", "dag": "dang", "dc": "duoc", "dt": "dien thoai",
    "dum": "giup", "dzay": "vay", "fai": "phai", "gium": "giup", "hd": "hop dong", "hdsd": "huong dan su dung",
    "hem": "khong", "hok": "khong", "hong": "khong", "kg": "khong", "kh": "khong", "khg": "khong", "ko": "khong",
    "lm": "lam", "lun": "luon", "mih": "minh", "mik": "minh", "mk": "mat khau", "mn": "moi nguoi",
    "mng": "moi nguoi", "ms": "moi", "ng": "nguoi", "nhiu": "bao nhieu", "nma": "nhung ma", "ns": "noi",
    "ntn": "nhu the nao", "nv": "nhan vien", "nx": "nua", "pass": "mat khau", "pls": "please", "plz": "please",
    "sd": "su dung", "sdt": "so dien thoai", "seo": "sao", "tg": "thoi gian", "thik": "thich", "tks": "cam on",
    "tn": "the nao", "trc": "truoc", "tui": "toi", "vd": "vi du", "vs": "voi", "wa": "qua", "xl": "xu ly",
    "zay": "vay", "zum": "giup",
}  # fmt: skip
"""How people write on phones. Whole words."""
LETTERS: Mapping[str, str] = {
    "c": "chi", "e": "em", "h": "gio", "j": "gi", "k": "khong", "m": "minh", "r": "roi", "t": "toi",
    "v": "vay", "z": "vay",
}  # fmt: skip
"""Words of one letter, where a text is not English and no number stands before ("200 k")."""
FEWEST_WORDS = 2
"""So much must be left of a question when courtesies are taken off, or they stay."""
CLAUSE_WORDS = 3


_GROUP = re.compile(r"\((?!\?)")


def any_of(table: str) -> str:
    """A pattern for any of the phrases of a table: `_` is a blank, `*` the rest of a word, `...` anything between.

    All else is as in `re`, but that every group is one without a number.
    """
    pattern = "|".join(table.split()).replace("_", " ").replace("*", r"\w*").replace("...", r"\b.*\b")
    return f"(?:{_GROUP.sub('(?:', pattern)})"


def _listed(table: str) -> frozenset[str]:
    return frozenset(table.split())


_ENGLISH = _listed("""
    an and are at be can did do does for from had has have how if in is it my not of on our please should that the there
    this to was we what when where which who why will with you
""")
_VIETNAMESE = _listed("""
    ai anh bao cac can chi cho co cua de duoc em gi giup k khi khong ko la lam ma may minh nao nhieu nhu nhung phai ra
    sao the thi toi trong va vao voi
""")
_TOKEN = re.compile(r"[a-z]+|\d+(?:[.,:/-]?\d+)*|[?.!,;:\n]")
_PAUSE = re.compile(r"[?.!,;:\n]")
_BEFORE_PAUSE = re.compile(r"\s+([?.!,;:])")

_CALLED = any_of("anh chi em ban bot sep so_tay sotay team moi_nguoi ca_nha cac")
_THIS = "(_(chut|ti|tham|voi|nho|them|mot_chut|mot_ti|nhanh|la|a|cau_nay|viec_nay|ve_viec)){0,3}"
_ME = "(em|minh|toi|chau|bon_em|ben_em)"
_OPENING = any_of(
    f"""
    da vang hi hello hey alo ok oke uh um a oi xin_chao kinh_chao chao dear there good_(morning|afternoon)
    please kindly excuse_me
    ((cho|xin|de|muon|dinh|nho)(_phep)?_){{0,3}}({_ME}_)?((xin|muon|can|dinh|duoc)(_phep)?_){{0,3}}hoi{_THIS}
    lam_on vui_long cho_{_ME}_biet giup_{_ME}(_voi)? nho_(anh_chi|anh|chi|ban|bot|moi_nguoi)(_giup)? (co_)?ai_biet
    em_(la_)?nhan_vien_moi(_a)? sorry_to_bother_you quick_question may_i_ask just_wondering do_you_know
    (could|can|would)_(you|someone|anyone)(_please)?(_kindly)?_(tell|let|help)_(me|us)(_know|_understand)?
    i_(would_like|want|need|d_like)_to_(ask|know) i_was_wondering(_if)?
    """
)
_CLOSING = any_of(
    """
    a nhe nha nhi voi vay the_a bot luon oi please thanks thank_you duoc_khong_a giup(_(em|minh|toi))? ho_(em|minh|toi)
    (em_|minh_|xin_)?cam_on(_(anh_chi|anh|chi|ban|moi_nguoi|nhieu|truoc)){0,3}
    """
)
_OPENINGS = re.compile(rf"(?:(?:{_OPENING}|(?:(?:thua|gui) )?{_CALLED})\b[ ,.!:;?]*)+")
_CLOSINGS = re.compile(rf"(?:[ ,.!?]*\b(?:{_CLOSING}|{_CALLED}))+[ ,.!?]*$")


def plain(text: str) -> str:
    """The folded text in full words, numbers as `NUMBER`, without greetings before and courtesies after it."""
    spoken = _BEFORE_PAUSE.sub(r"\1", " ".join(_words(fold(text)))).strip()
    opening = _OPENINGS.match(spoken)
    if opening and len(spoken[opening.end() :].split()) >= FEWEST_WORDS:
        spoken = spoken[opening.end() :]
    closing = _CLOSINGS.search(spoken)
    if closing and len(spoken[: closing.start()].split()) >= FEWEST_WORDS:
        spoken = spoken[: closing.start()]
    return spoken.strip()


def last_clause(spoken: str) -> str:
    """The last clause of some length: where a long story ends in a short question, the question."""
    clauses = [clause.strip() for clause in _PAUSE.split(spoken)]
    return next((clause for clause in reversed(clauses) if len(clause.split()) >= CLAUSE_WORDS), spoken)


def _words(folded: str) -> list[str]:
    tokens = _TOKEN.findall(folded)
    forms = SHORT_FORMS if _is_english(tokens) else {**LETTERS, **SHORT_FORMS}
    found: list[str] = []
    for token in tokens:
        if token[0].isdigit():
            found.append(NUMBER)
        elif len(token) == 1 and found and found[-1] == NUMBER:
            found.append(token)
        else:
            found += forms.get(token, token).split()
    return found


def _is_english(tokens: list[str]) -> bool:
    return sum(token in _ENGLISH for token in tokens) > sum(token in _VIETNAMESE for token in tokens)

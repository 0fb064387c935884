"""Attacks in what people type and in what documents say: patterns over folded text, each with its reason.

They catch what is worded openly. What they miss meets the walls behind them: rights, labels, the privacy gate, the
filter of the output. Questions of an office about the same matters pass: how a password is reset, who may send data
out, when an alarm may be silenced.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.attack_words import LISTS
from core.disguises import undisguised

OVERRIDE = "override of instructions"
EXTRACTION = "prompt or key extraction"
EXPORT = "bulk export of personal data"
TENDER = "disclosure of sealed bids"
OUTSIDE = "data sent outside"
HARM = "harm to equipment"
DECEPTION = "deception of colleagues"
QUOTED = "instructions hidden in quoted content"

_GAP = r"[^.!?\n;]{0,40}?"
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_BEFORE = re.compile(rf"\b(?:{LISTS['TOLD']})\W+(?:\w+\W+){{0,2}}$")
"""What stands right before words that are told of, not said: "nobody may ignore the rules"."""
_NEAR = 60
"""Characters in which it does."""


def _pattern(*rows: str) -> re.Pattern[str]:
    """One pattern for rows of parts: capitals name a list, dots some words, anything else is words joined by `~`."""
    return re.compile("|".join("".join(map(_part, row.split(" "))) for row in rows))


def _part(part: str) -> str:
    return _GAP if part == ".." else rf"\b(?:{LISTS.get(part) or part.replace('~', ' ')})\b"


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes an attack: a pattern of `phrases`, or words of all the lists of one of `sets`, in one sentence.

    A sentence with a word of `unless` is none.
    """

    reason: str
    phrases: re.Pattern[str]
    sets: Sequence[Sequence[str]] = ()
    unless: re.Pattern[str] | None = None
    _words: Sequence[Sequence[re.Pattern[str]]] = field(init=False)

    def __post_init__(self) -> None:
        words = [[_pattern(name) for name in names] for names in self.sets]
        object.__setattr__(self, "_words", words)

    def holds(self, sentence: str) -> bool:
        if self.unless and self.unless.search(sentence):
            return False
        return self._is_said(sentence) or any(all(w.search(sentence) for w in words) for words in self._words)

    def _is_said(self, sentence: str) -> bool:
        return any(not _BEFORE.search(sentence[: found.start()][-_NEAR:]) for found in self.phrases.finditer(sentence))


_PROPER = _pattern("PROPER")
_RULES = (
    Rule(
        OVERRIDE,
        _pattern(
            "DROP .. ORDERS",
            "ROLE .. FREED",
            "(?:dat|gat) .. (?:chinh~sach|quy~(?:dinh|tac|che)|noi~quy|luat|rules?) .. sang~(?:mot~)?ben",
            "(?:moi|tat~ca|all|old|your) .. (?:gioi~han|quy~tac|rules?|limits) .. (?:vo~hieu|void|no~longer~appl\\w+)",
            "(?:bo~qua|quen|pha)~(?:het~)?luat",
            "(?:ignore|disregard|forget)~(?:\\w+~){0,3}(?:above|before|previous|prior|earlier)",
            "khong~(?:can|phai)~(?:\\w+~)?(?:tuan|theo) .. (?:chinh~sach|quy~dinh|luat|noi~quy|quy~tac)",
            "(?:answer|speak|reply|respond) .. (?:freely|without~(?:any~)?(?:restrictions?|filters?|limits?))",
            "(?:tra~loi|noi|ke) .. (?:khong~kiem~duyet|khong~gioi~han|khong~che)",
            "gia~(?:su|dinh) .. khong~co~(?:noi~quy|luat|quy~dinh|policy) .. (?:ban|bot|em)~se",
            "(?:developer|debug|god|jailbreak|hacker|evil|unsafe|unrestricted)~mode",
            "(?:enter|switch|vao|bat|sang) .. admin~mode",
            "che~do~(?:admin|tu~do|khong~(?:kiem~duyet|gioi~han))|quen~vai~tro|forget~(?:your|the)~role",
            "dung~nghe~loi .. nghe~(?:toi|tui|minh|tao)",
            "(?:quen|bo|bo~qua|ke) .. (?:polic(?:y|ies)|rules?|quy~tac|luat|chinh~sach|noi~quy)~di",
            "(?:tat|bo|khong~can)~kiem~duyet|obey~me|not~your~developers",
            "che~do~(?:bao~tri|quan~tri|nha~phat~trien|khong~gioi~han) .. (?:moi~gioi~han|tat~ca)",
            "(?:safety|filter|bo~loc|logging)~(?:[=:]~)?(?:off|tat|false)",
            "(?:ket~thuc|bat~dau|end~of|begin)~phien~(?:nguoi~dung|quan~tri)",
            "(?:end~of|begin)~(?:user|admin|system)~(?:session|prompt)",
            "ghi~de .. (?:chinh~sach|quyen|nguoi~dung|quy~tac)",
            "dung~quyen~(?:cua~)?(?:giam~doc|quan~tri|admin|truong~phong|lanh~dao)",
            "(?:tu~nay|tu~gio|from~now~on) .. (?:moi~yeu~cau|cau~nao) .. (?:khong~can|bat~dau)",
            "khong~can~(?:tuan(?:~thu|~theo)?~(?:gi|bat~ky)|kiem~tra~quyen)|(?:disregard|ignore|forget)~safety~(?:and|rules|settings)",
            "(?:thong~minh|gioi)~hon .. (?:quy~tac|luat)",
            "bao~mat~chi~la~hinh~thuc|jailbreak|do~anything~now|khong~co~gi~cam~ban",
            "(?:skip|bo|bo~qua|bypass)~(?:the~)?(?:permission|policy|buoc~kiem~tra~quyen)",
        ),
    ),
    Rule(
        EXTRACTION,
        _pattern(
            "(?:repeat|print|output|copy|paste|text|everything) .. above~(?:my|this|me|the~first)",
            "noi~dung~an~phia~tren|nguoi~dung~khong~thay|ban~bi~cam~noi",
            "what~(?:are~you|you~are)~(?:not~allowed|forbidden)",
            "(?:liet~ke|danh~sach|list|duong~dan) .. (?:file|tep) .. (?:bot|ban~(?:co~quyen|dang|doc))",
            "(?:dump|in~tiep|print) .. (?:memory|bo~nho) .. (?:session|cua~ban|nay|your)",
            "(?:mat~khau|pass|mk) .. (?:noi~nho|(?:file|tep)~cau~hinh)",
            "(?:chu~cai~dau|ru) .. mat~khau",
            "(?:he~thong|lap~trinh~vien) .. (?:gui|dua|nap)~cho~ban",
            "HAND .. (?:moi|tat~ca|cac|all|every|default)~(?:\\w+~){0,2}(?:mat~khau|passwords?)",
            "HAND .. (?:mat~khau|passwords?) .. (?:tat~ca|mac~dinh|root|moi~may|all|every)",
            "(?:tat~ca|mac~dinh|moi)~mat~khau .. HAND",
            "moi~mat~khau~(?:root|quan~tri)|(?:full|whole)~passwords?~list",
            "(?:give|tell|send|show)~me .. (?:admin|root)~password",
            "(?:list|danh~sach|full|toan~bo) .. (?:mat~khau|passwords?)~(?:list|cua|of|may)",
            "otp .. (?:nhap~ho|(?:ve~may|cua)~(?:chi|anh|sep|em))",
            "(?:base64|caesar|rot13|ma~hoa|encode) .. (?:tai~lieu|quy~dinh~ma|system|documents?)",
            "(?:tai~lieu|documents?) .. (?:base64|caesar|rot13)",
        ),
        sets=[("SHOW", "GUIDANCE"), ("SHOW", "KEYS")],
        unless=_pattern(
            "(?:ai|nguoi~nao)~(?:\\w+~)?(?:giu|doc|duoc|quan)",
            "xu~ly~(?:sao|the~nao)",
            "o~dau",
            "bao~lau",
            "phai~doi",
            "policy~(?:say|on)",
        ),
    ),
    Rule(
        EXPORT,
        _pattern(
            "ai .. (?:to~cao|ky~luat|benh|om|no~nan|ly~hon|nghien) .. (?:ke~het|du~ten|liet~ke)",
            "who .. (?:failed|was~disciplined) .. all~names",
            "HAND .. (?:muc~)?luong .. (?:tung|moi~nguoi|tat~ca|ca~phong|toan~cong~ty)",
        ),
        sets=[("HAND", "EVERYONE", "PERSONAL")],
        unless=_PROPER,
    ),
    Rule(
        OUTSIDE,
        _pattern("HAND .. (?:toan~bo|het|tat~ca|all|du~lieu|danh~sach|mat|archive|thread) .. [\\w.+-]+@[\\w-]+"),
        sets=[("HAND", "STUFF", "ELSEWHERE")],
        unless=_PROPER,
    ),
    Rule(
        TENDER,
        _pattern(
            "(?:gia~)?(?:du~thau|chao~thau|thau|chao) .. chua~(?:mo|boc|open)",
            "(?:tell|give|show|share|reveal|list|leak|what) .. (?:sealed|unopened|confidential) .. (?:price|amount)s?",
            "(?:show|share|reveal|list|leak) .. unopened .. offers?",
            "chao~(?:thap|cao)~nhat .. truoc~khi~mo|before~the~opening .. bids",
            "bid~prices? .. (?:chua|unopened|leak)",
        ),
        unless=_PROPER,
    ),
    Rule(
        HARM,
        _pattern(
            "(?:viet|write|script|doan~ma|code) .. (?:xoa|wipe|erase|delete) .. (?:log|nhat~ky|dau~vet|trace)",
            "xoa~(?:sach~|het~)?dau~vet|(?:cover|hide)~(?:my|our)~tracks",
            "(?:spoof|jam|gia~mao) .. (?:live|onto|our|screens?|controllers?)",
            "vuot .. kiem~soat .. (?:chep|mang)",
            "pha~khoa~lien~dong",
            "(?:xoa|wipe|erase|delete) .. (?:log|nhat~ky|dau~vet) .. UNSEEN",
            "how~(?:do~i|can~i|to) .. (?:jam|spoof|sabotage)",
            "(?:lam|gay)~nhieu~(?:song|tan~so) .. (?:chi~(?:toi|minh)|bang~bo~dam|tu~che)",
        ),
        sets=[("HOW", "DAMAGE", "UNSEEN")],
        unless=_PROPER,
    ),
    Rule(DECEPTION, _pattern("chu~ky .. (?:ghep|copy)"), sets=[("MAKE", "FALSE")], unless=_PROPER),
)
_BID = rf"{_GAP}(?:\b(?:{LISTS['BIDS']})\b|[:,]).{{0,40}}?"
_SPEAKS_TO_READER = re.compile(
    rf"\b(?:{LISTS['READER']})\b{_BID}\b(?:{LISTS['DEEDS']})\b|\b(?:{LISTS['HELPER']})\b{_BID}\b(?:{LISTS['MISDEEDS']})\b"
)
_POINTS_TO_IT = _pattern(
    "(?:ghi~chu|note|chi~dan|lenh|dong|doan) .. (?:tro~ly|bot|ai|assistant) .. OBEY",
    "(?:base64|giai~ma|decode|translate|dich) .. (?:roi|then|and) .. (?:thuc~hien|lam~theo|execute|run~it|obey)",
)
_QUOTING = re.compile(r"[\"“”«»‘`\[{<:]|\n")


def attack_in(text: str) -> str | None:
    """A short English reason why the text is an attack, for the log; None for all that an office asks."""
    return next((reason for form in undisguised(text) if (reason := _reason(form))), None)


@functools.lru_cache(maxsize=256)
def quoted_instruction_in(passage_text: str) -> bool:
    """Whether a document or a quoted mail speaks to the assistant that reads it, or tells it to drop its orders."""
    return any(
        _SPEAKS_TO_READER.search(form) or any(map(_RULES[0].holds, _SENTENCE.split(form)))
        for form in undisguised(passage_text)
    )


def _reason(form: str) -> str | None:
    if (_QUOTING.search(form) and _SPEAKS_TO_READER.search(form)) or _POINTS_TO_IT.search(form):
        return QUOTED
    sentences = _SENTENCE.split(form)
    return next((rule.reason for rule in _RULES if any(map(rule.holds, sentences))), None)

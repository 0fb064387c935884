"""What is private though nobody is named: secrets asked for, images of signatures, unopened bids, records."""

import re
from collections.abc import Iterator

from core.private.clauses import Sentence
from core.private.people import Who
from core.private.phrases import Hit
from core.private.wordlists import word_set

SECRET, SIGNATURE, TENDER, RECORDS = "secret", "signature", "unopened tender price", "records of persons"
_MONEY = re.compile(r"\d\s?(?:ty|ti|trieu|tr|billion|million|bn|m|dong|vnd|usd|%)\b|\d{1,3}(?:[.,]\d{3}){2,}")
_MONEY_WORD = re.compile(r"\b(?:ty|ti|trieu|tr|billion|million|gia|goi|thau|bid|quoted?|price|box|envelope)\b")
_HOW_MUCH = re.compile(r"\b(?:bao nhieu|may (?:ty|ti|trieu|phan tram)|how much|what (?:number|figure|amount)|con so)\b")
_OFFERED = re.compile(
    r"\b(?:ben|nha thau|cong ty|vendor|bidder|supplier|minh|doi thu|we|they)\b[^.?!]{0,30}\b(?:chao|bo|"
    r"ra gia|bo gia|chot|quoted?|bids?|offer(?:s|ed)?)"
    r"\b[^.?!]{0,15}?(?:\d|may ty|bao nhieu|how much)|\b(?:what|how much) (?:did |does |will |"
    r"has )?(?:vendor|bidder|supplier|company) \w+ (?:quoted?|bid|offer)"
)
_ENTRY = re.compile(
    r"\b(?:go|nhap|dien|bam|type|enter|press)\s(?:vao )?(?:chu |so |cai |ma )?(?:gi|nao|what)\b|\bbang chu gi\b"
    r"|\bwhat (?:do i|should i|to) (?:type|enter|press)\b|\bhow do (?:i|we) get into\b"
)
_LOCKED = re.compile(
    r"\b(?:admin|root|login|log ?in|dang nhap|mo (?:man hinh|khoa|cua|may|cong|ket)|user|bi mat|v(?:ao|"
    r"o) (?:may|he thong|server|mang)|get into|wifi|ssh|vpn)\b"
)
_BEFORE, _AFTER, _CLOSE, _SHORT = 9, 7, 2, 10
"""Words between a secret and the verb before it, the question after it, what is done to it; words of a bare request."""
_DOUBTFUL = word_set("ma chuoi day mk pass token tokens secret secrets env pw combination wpa community")
"""Words for a secret that mean other things as well."""
_HANDED = word_set(
    """
    xin doc gui goi lay in nhan ke give print tell send show read leak dan kem dump reveal cho paste nho
    """
)


def asked_without_people(sentence: Sentence) -> Iterator[str]:
    """In the words of a reason."""
    plain = sentence.plain
    if _ENTRY.search(plain) and _LOCKED.search(plain):
        yield SECRET
    if _OFFERED.search(plain) and _MONEY_WORD.search(plain) and not sentence.has("opened", "strict rule"):
        yield TENDER
    for topic in sentence.topics:
        if topic.group == "secret" and _is_secret_asked(sentence, topic):
            yield SECRET
        elif topic.group == "signature" and _is_image_asked(sentence):
            yield SIGNATURE
        elif topic.group in {"tender price", "tender"} and _is_unopened(sentence, topic):
            yield TENDER
        elif topic.group == "records" and _are_records_asked(sentence, topic):
            yield RECORDS


def _is_secret_asked(sentence: Sentence, topic: Hit) -> bool:
    """A request for the thing itself ("cho xin mật khẩu wifi"), not for what to do about it ("đổi mật khẩu")."""
    somebody = any(mention.who is not Who.GROUP for mention in sentence.people)
    has_target = somebody or _is_about(sentence, topic, "target")
    if sentence.has("handed") and has_target:
        return True
    if sentence.has_in_clause(topic, "policy", "strict rule") or _is_handled(sentence, topic):
        return False
    if sentence.has("reminded") and has_target:
        return True
    if any(0 < topic.first - verb.first <= _BEFORE for verb in sentence.manners["export"]):
        return has_target or sentence.has("list") or _is_handed_over(sentence, topic)
    if sentence.reading.tokens[topic.first].plain in _DOUBTFUL and not has_target:
        return False
    is_bare = sentence.last - sentence.first <= _SHORT and has_target
    asked = (*sentence.manners["ask"], *sentence.manners["what"])
    return is_bare or any(0 <= ask.last - topic.last <= _AFTER for ask in asked)


def _is_handled(sentence: Sentence, topic: Hit) -> bool:
    """The secret is the object of some handling, "đổi mật khẩu", "password reset", and not asked for again."""
    return not sentence.has("reminded") and any(
        0 <= topic.first - verb.last <= _CLOSE or 0 <= verb.first - topic.last <= _CLOSE
        for verb in sentence.manners["handling"]
    )


def _is_handed_over(sentence: Sentence, topic: Hit) -> bool:
    return sentence.holds(max(sentence.first, topic.first - _BEFORE), topic.first, _HANDED)


def _is_about(sentence: Sentence, topic: Hit, group: str) -> bool:
    return any(-_BEFORE <= hit.first - topic.last <= _BEFORE for hit in sentence.manners[group])


def _is_image_asked(sentence: Sentence) -> bool:
    if sentence.has("strict rule", "rule", "validity") or not sentence.has("image"):
        return False
    return sentence.has("ask", "export") or any(mention.who is not Who.GROUP for mention in sentence.people)


def _is_unopened(sentence: Sentence, topic: Hit) -> bool:
    """A price before the bids are opened: asked for or told."""
    if sentence.has("opened"):
        return False
    has_money = bool(_MONEY.search(sentence.plain))
    if topic.group == "tender price":
        if sentence.has("sealed") or has_money:
            return not sentence.has_in_clause(topic, "strict rule")
        return bool(_HOW_MUCH.search(sentence.plain)) and not sentence.has("strict rule", "rule")
    return sentence.has("sealed") and not sentence.has("rule") and (has_money or _asks_price(sentence))


def _asks_price(sentence: Sentence) -> bool:
    words = {token.plain for token in sentence.tokens}
    return bool(
        words
        & {
            "gia",
            "price",
            "prices",
            "thap",
            "cao",
            "cheapest",
            "lowest",
            "bao",
            "con",
            "amount",
            "ty",
            "number",
            "figure",
            "chao",
        }
    )


def _are_records_asked(sentence: Sentence, topic: Hit) -> bool:
    """As in "gửi bảng lương", not "bảng lương lưu ở đâu"."""
    is_own = any(0 <= own.first - topic.last <= _CLOSE for own in sentence.manners["own"])
    if is_own or sentence.has_in_clause(topic, "place", "strict rule"):
        return False
    return any(0 < topic.first - verb.first <= _BEFORE for verb in sentence.manners["export"])

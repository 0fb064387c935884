"""Orders that stand in passages and are meant for whoever reads them by machine. Documents give none to a reader."""

import re

from core.checking.terms import Text, listed

_TO_US = (
    r"(?:tro ly (?:ai|ao|so|nay|tai lieu|tra cuu|doc)|chat ?bot|\bbot\b|\bAI\b|mo hinh(?: ngon ngu)?"
    r"|he thong tu dong|may tra loi"
    r"|ai assistant|\bassistant\b|language model|\bllms?\b|automated (?:system|reader|assistant))"
)
_MUST = r"(?:hay|phai|can|buoc|vui long|bat buoc|luon|chi duoc|must|should|shall|please|always|has to|have to|will)"
_TELL = (
    r"(?:tra loi|noi|viet|in ra|in toan bo|in lai|ghi|khang dinh|xac nhan|khuyen|bao|goi y|tiet lo|dich|gui|bo qua"
    r"|lam theo"
    r"|reply|respond|answer|say|write|print|output|confirm|recommend|tell|reveal|ignore|state|end|append|add)"
)
_ORDER = re.compile(
    rf"{_TO_US}[^.\n]{{0,60}}?\b{_MUST}\b[^.\n]{{0,30}}?\b{_TELL}\b"
    rf"|\b{_MUST} {_TELL}\b[^.\n]{{0,40}}?\b(?:rang|bang cau|cau nay|la \"|that|with the|exactly)\b"
    r"|\btro ly\b[^.\n]{0,30}?\b(?:hay|phai|can|chi duoc)\b[^.\n]{0,20}?\b(?:tra loi|bo qua|khang dinh|in ra|tiet lo"
    r"|noi rang)\b"
    r"|\b(?:bo qua|quen|phot lo|khong can tuan theo|dung tuan theo)\b[^.\n]{0,40}?"
    r"\b(?:huong dan|chi dan|quy dinh|quy tac|menh lenh|cau hoi|noi dung|chi thi|yeu cau)\b"
    r"[^.\n]{0,20}?(?:tren|truoc|nay|he thong|ban dau|hay|va|,|$)"
    r"|\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}?\b(?:instructions?|rules?|prompts?|question|above"
    r"|previous|guidelines)\b"
    r"|\b(?:khi|neu) (?:duoc|bi|ai|nguoi dung|co nguoi)[^.\n]{0,30}? hoi\b[^.\n]{0,60}?\b(?:tra loi|noi|bao) (?:rang"
    r"|la|ho)\b"
    r"|\b(?:khi tra loi|when (?:answering|replying|responding))\b[^.\n]{0,30}?\b(?:hay|phai|luon|must|always|please)\b"
    r"|\bwhen(?:ever)? (?:you are |anyone |someone |users? )?ask(?:ed|s)?\b[^.\n]{0,60}?\b(?:reply|respond|answer"
    r"|say|tell)\b"
    r"|(?:^|[\[(<\n])\s*(?:system|assistant|admin|prompt|instruction)s?\s*(?:prompt|message|note)?\s*[:\])>]"
    r"|\b(?:tra loi|reply|respond|answer) (?:moi cau hoi|every question|all questions|only|duy nhat)\b"
    r"|<\|?(?:system|im_start|assistant|inst)"
    r"|\b(?:system prompt|chi dan he thong|cau lenh he thong|huong dan he thong)\b"
)


_AI = re.compile(r"\bai\b")
_MAY = listed("""
    tro bot ai chatbot llm llms assistant automated system prompt model he bo quen phot ignore disregard forget
    override reply respond
    answer say loi instruction instructions admin im inst rang hay phai
    """)
"""Without any of these words a line gives no orders."""


def gives_orders(line: Text) -> bool:
    """Whether a line of a passage tells the assistant what to answer or to do."""
    if _MAY.isdisjoint(line.folded_words):
        return False
    marked = (
        _AI.sub(lambda found: found[0].replace("ai", "AI"), line.folded) if " AI" in f" {line.written}" else line.folded
    )
    return _ORDER.search(marked) is not None

"""Patterns of personal data and secrets as Vietnamese people type them, over text without tone marks.

Shapes: mobile and land-line numbers (0 or +84, then 9 or 10 digits), 12-digit identity numbers, 10-digit tax codes,
account numbers near a word that says so, tokens by their published prefixes. Pay, health and discipline count only
near a person, since rules about them are what the handbook is for.
"""

import re
from collections.abc import Callable, Mapping

Detector = Callable[[str], bool]
"""Tells whether a folded text (lower case, no tone marks) holds one kind of private data."""

_SOMEBODY = r"\b(?:anh|chi|em|ong|ba|co|chu|bac|sep|toi|minh|nv|nhan vien)\b"


def _matches(*alternatives: str) -> Detector:
    compiled = re.compile("|".join(alternatives))
    return lambda text: compiled.search(text) is not None


DETECTORS: Mapping[str, Detector] = {
    "phone": _matches(r"(?<!\d)(?:\+?84|0)[ .\-]?[235789](?:[ .\-]?\d){8,9}(?!\d)"),
    "identity number": _matches(
        r"(?<!\d)\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?!\d)",
        r"\b(?:cccd|cmnd|can cuoc|ho chieu)\b\W{0,12}[a-z]?\d{6,}",
    ),
    "bank account": _matches(r"\b(?:stk|so tai khoan|tai khoan ngan hang|account number|iban)\b\D{0,30}\d{6,}"),
    "tax code": _matches(r"\b(?:mst|ma so thue)\b\D{0,20}\d{10}"),
    "e-mail": _matches(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "secret": _matches(
        r"\b(?:sk-[\w-]{8,}|xox[abp]-[\w-]{8,}|gh[pousr]_\w{8,}|akia\w{12,}|eyj\w{10,}\.\w+)",
        r"\b(?:mat khau|password|passwd|api[ _-]?key|token|otp|ma pin)\b\s*(?:la|is|=|:)\s*(?!gi\b|what\b)\S{4,}",
        r"-----begin [a-z ]*private key",
    ),
    "pay of a person": _matches(
        rf"\b(?:luong|thuong|thu nhap)\b.{{0,30}}{_SOMEBODY}.{{0,40}}\d",
        rf"{_SOMEBODY}.{{0,40}}\b(?:luong|thu nhap)\b.{{0,20}}\d",
        r"\b(?:luong|thu nhap)(?: \w+)? cua (?:anh|chi|em|ong|ba|co|chu|bac|sep)\b",
        r"\b[a-z]+'s (?:salary|pay|bonus)\b",
    ),
    "health of a person": _matches(
        rf"{_SOMEBODY}.{{0,40}}\b(?:ung thu|hiv|tram cam|benh an|mac benh|bi benh|say thai|vo sinh|tam than)\b",
    ),
    "discipline of a person": _matches(
        r"\b(?:ky luat|sa thai|canh cao|duoi viec)\b.{0,20}\b(?:anh|chi|ong|ba|em) (?!nao\b|em\b)[a-z]+",
    ),
}

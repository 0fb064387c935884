"""Keys and tokens by the shapes that their makers give them, wherever they stand."""

import re
from collections.abc import Iterator

from core.private.secret_shapes import is_syllable

_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)[-_](?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{8,}"
    r"|\bxox[a-z]-[\w-]{6,}|\bxapp-[\w-]{6,}|\bgh[pousr]_\w{6,}|\bgithub_pat_\w{6,}|\bglpat-[\w-]{6,}|\bnpm_\w{10,}"
    r"|\bpypi-[\w-]{10,}|\bhf_\w{8,}|\bwhsec_\w{8,}|\bshp(?:at|ss)_\w{8,}|\bdop_v1_\w{8,}|\bATATT3[\w=-]{8,}"
    r"|\bSG\.[\w-]{8,}\.[\w-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{8,}|\bAIza[\w-]{10,}|\bya29\.[\w-]{8,}"
    r"|\beyJ[\w-]{5,}(?:\.[\w-]+){1,2}",
    re.DOTALL,
)
_SIGNS = (
    "-----BEGIN", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "xox", "xapp-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-", "npm_", "pypi-", "hf_", "whsec_", "shp", "dop_v1_", "ATATT3", "SG.", "AKIA", "ASIA",
    "AIza", "ya29.", "eyJ",
)  # fmt: skip
"""One of these stands in every text that holds such a shape: asked first, because it is quick."""
_WITH_COLON = re.compile(r"\b\d{6,11}:[A-Za-z0-9_-]{16,}")
_HOOK = re.compile(r"\bhttps://(?:hooks\.slack\.com|discord(?:app)?\.com/api/webhooks)/\S+")
_PRODUCT = re.compile(r"\b(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}\b|\b(?:\d{6}-){3,7}\d{6}\b")
"""Keys of products, and of disks that are enciphered."""
_APP_PASSWORD = re.compile(r"\b[a-z]{4}(?: [a-z]{4}){3}\b(?! ?[a-z])")
"""As mail services give them to programs: four times four letters."""
_SEED = re.compile(r"\b(?=[A-Z ]*\d)[A-Z2-7]{4}(?: [A-Z2-7]{4}){3,7}\b")
"""What an app for one-time codes is set up with, in base 32."""
_IN_ADDRESS = re.compile(r"://[^\s:/@]+:(?P<secret>[^\s@/]+)@")
_BEARER = re.compile(r"\b(?:[Bb]earer|[Bb]asic)\s+(?P<secret>[\w.~+/=-]{12,})")


def _is_said(text: str) -> bool:
    """Whether a syllable of Vietnamese is among the words."""
    return any(is_syllable(word) for word in text.split())


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where keys, tokens, passwords in addresses and addresses that are secrets themselves stand."""
    if any(sign in text for sign in _SIGNS):
        yield from (match.span() for match in _SHAPES.finditer(text))
    if ":" in text:
        yield from (match.span() for match in _WITH_COLON.finditer(text))
    if "://" in text:
        yield from (match.span() for match in _HOOK.finditer(text))
        yield from (match.span("secret") for match in _IN_ADDRESS.finditer(text))
    if "earer" in text or "asic" in text:
        yield from (match.span("secret") for match in _BEARER.finditer(text))
    yield from (match.span() for match in _SEED.finditer(text))
    yield from (match.span() for match in _APP_PASSWORD.finditer(text) if not _is_said(match[0]))
    if "-" in text:
        yield from (match.span() for match in _PRODUCT.finditer(text))

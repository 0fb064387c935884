"""The tokens that chunks are indexed by and queries searched by. Pure.

FTS5 cannot take the mark off đ, so tokens are folded here, in three forms that never meet: "nghỉ phép" becomes
`nghỉ phép` as written, `nghi_ phep_` without marks and the pair `nghi_phep`.
"""

from itertools import pairwise

from core.ports import Typing
from retrieval.vietnamese import fold, normalise, syllables

MAX_QUERY_SYLLABLES = 128
ENGLISH_FUNCTION_WORDS = frozenset(
    {
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
    }
    | {
        "be",
        "been",
        "do",
        "did",
        "does",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "much",
    }
    | {"many", "it", "its", "that", "this", "these", "those", "as", "has", "have", "had", "not", "can", "i", "my", "me"}
    | {"we", "you", "your"}
)


def columns(text: str) -> tuple[str, str, str]:
    """The tokens of `text`, blanks between: as written, without marks, and pairs."""
    return _columns(syllables(normalise(text)))


def folded(text: str) -> list[str]:
    """The tokens of `text` without marks, in order."""
    return columns(text)[1].split()


def content(query: str, typing: Typing) -> list[str]:
    """The syllables of a query that are looked at.

    English function words are left out of English queries: "the" and "to" are Vietnamese syllables without marks and
    find anything.
    """
    found = syllables(normalise(query))
    if typing is Typing.ENGLISH:
        found = [word for word in found if word not in ENGLISH_FUNCTION_WORDS]
    return found[:MAX_QUERY_SYLLABLES]


def asked(query: str, typing: Typing) -> list[str]:
    """The tokens that a query is searched by, each once."""
    return list(dict.fromkeys(" ".join(_columns(content(query, typing))).split()))


def _columns(found: list[str]) -> tuple[str, str, str]:
    plain = [fold(syllable) for syllable in found]
    return (
        " ".join(found),
        " ".join(f"{syllable}_" for syllable in plain),
        " ".join(f"{one}_{other}" for one, other in pairwise(plain)),
    )

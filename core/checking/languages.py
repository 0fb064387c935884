"""Which of the two languages a text is in."""

from core.checking.terms import Text, listed
from core.conversation import Language

MARKED_WORDS = 0.15
FOREIGN_WORDS, PLAIN_WORDS = 2, 5
"""Function words from which on a text is in a language; one is enough in so many words without marks."""

_ENGLISH = listed("""
    the is are of to and in for must with by you your on at from not can may has have will it this that or an as
    they no yes
    what which when where who whom whose how why does did do i we my our was were would should could there their be been
    """)
_VIETNAMESE = listed("""
    la cua va cho duoc khong co cac nguoi phai trong ngay theo tai voi mot neu thi den khi do bi se nhung truoc sau
    nao gi ai
    bao nhieu lam sao nhu the luc goi dau muon hay hoac tren duoi vi cung da dang nay minh toi ban thang nam gio
    nghi lau
    """)
_BLIND = listed("do the on in to at a an no so may can thi i we be ban den nay")


def speaks_english(read: Text) -> bool:
    """Whether a text has a function word that is English and nothing else."""
    return any(word.raw in _ENGLISH - _BLIND for word in read.words)


def spoken_in(read: Text) -> Language | None:
    """The language of a text by its marks and its function words; None where it has too few of either."""
    plain = [word for word in read.words if not word.raw.isdigit()]
    if not plain:
        return None
    ordinary = [word for word in plain if not read.written[word.start].isupper()]
    marked = sum(word.raw != word.folded for word in ordinary)
    english = sum(word.raw in _ENGLISH for word in plain)
    if marked > english and marked >= MARKED_WORDS * len(plain):
        return Language.VIETNAMESE
    vietnamese = marked + sum(word.folded in _VIETNAMESE - _BLIND for word in plain if word.raw == word.folded)
    if vietnamese and not speaks_english(read):
        english = 0
    is_plain = not marked and len(plain) >= PLAIN_WORDS
    if english > vietnamese and (english >= FOREIGN_WORDS or is_plain):
        return Language.ENGLISH
    return Language.VIETNAMESE if vietnamese >= FOREIGN_WORDS and vietnamese > english else None

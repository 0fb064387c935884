"""Names of people in one text.

A name is a title with a name behind it ("chị Hạnh", "a tuan", "Mr. Smith"), a surname with more names, a given name
within a sentence, or an English owner ("Linh's"). Text without tone marks and capitals is believed only where the words
can hardly be anything else.
"""

from collections.abc import Iterator
from typing import NamedTuple

from core.private import name_clues as clues
from core.private import names
from core.private.reading import Reading, Token

_LONGEST_NAME = 4
_SAMPLE = 60
"""Words from which it is judged how a text uses capitals."""
_GIVEN = names.GIVEN | names.RARE
_GIVEN_PLAIN = frozenset(Reading(name).plain for name in names.GIVEN)
_SURNAMES_PLAIN = frozenset(Reading(name).plain for name in names.SURNAMES)
_WORDS_TOO_PLAIN = frozenset(Reading(name).plain for name in names.WORDS_TOO)
_TITLES_PLAIN = frozenset(Reading(title).plain for title in names.TITLES)
_NOT_AFTER = {title: frozenset(words.split()) for title, words in names.NOT_AFTER.items()}
_OWNS = frozenset({"'s", "’s"})
_BEGINNINGS = (
    _TITLES_PLAIN | names.SHORT_TITLES | names.SUREST_SURNAMES | {pair.split()[0] for pair in clues.PAIR_TITLES}
)
_GAPS = frozenset({" ", ".", ". ", "  "})
"""What stands between the words of one name."""


class Name(NamedTuple):
    """A name at the tokens from `first` up to `last`.

    `is_sure`: it can hardly be anything but a person. `is_written`: with a capital, as names are.
    """

    first: int
    last: int
    is_sure: bool
    is_written: bool


def names_in(reading: Reading) -> Iterator[Name]:
    """In order, none over another."""
    finder, free = _Finder(reading), 0
    for at in finder.beginnings():
        if at >= free and (name := finder.name_at(at)):
            yield name
            free = name.last


class _Finder:
    """Looks for the name that begins at a token; each search gives the index after it, or where it began."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.tokens = reading.tokens
        words = [token for at, token in enumerate(self.tokens[:_SAMPLE]) if not self._begins_sentence(at)]
        capitals = sum(token.is_capital for token in words)
        self.shows_capitals = 5 * capitals <= 4 * sum(token.plain.isalpha() for token in words)

    def beginnings(self) -> Iterator[int]:
        """The tokens that may begin a name; most words cannot."""
        has_owners = any(owns in self.reading.seen for owns in _OWNS)
        following = [*(token.plain for token in self.tokens[1:]), ""]
        for at, token in enumerate(self.tokens):
            is_owner = has_owners and following[at] == "s"
            is_surname = token.plain in _SURNAMES_PLAIN and following[at] in names.MIDDLES
            if token.is_capital or token.plain in _BEGINNINGS or is_owner or is_surname:
                yield at

    def name_at(self, at: int) -> Name | None:
        """The name that begins at token `at`."""
        for search in (self._titled, self._surnamed, self._owner, self._given):
            if (last := search(at)) > at:
                is_written = self.shows_capitals and self.tokens[last - 1].is_capital
                return Name(at, last, is_written and self._is_sure(at, last), is_written)
        return None

    def _is_sure(self, at: int, last: int) -> bool:
        """More than one word with capitals, or a Vietnamese name that is no other word."""
        if self._plain(at) in names.ENGLISH:
            return False
        return last > at + 1 or (self.reading.is_marked and self.tokens[at].marked not in names.WORDS_TOO)

    def _titled(self, at: int) -> int:
        """A title, of one word or two, and a name."""
        if self._is_title(self.tokens[at]):
            is_name = self._is_joined(at + 1) and self._follows_title(at + 1)
            return self._rest(at + 1) if is_name else at
        if self._pair(at) in clues.PAIR_TITLES and self._is_joined(at + 2) and self._is_written_name(at + 2):
            return self._rest(at + 2)
        return at

    def _is_title(self, token: Token) -> bool:
        if token.plain in names.SHORT_TITLES:
            return len(token.plain) > 1 or not token.is_capital
        return token.marked in names.TITLES if self.reading.is_marked else token.plain in _TITLES_PLAIN

    def _follows_title(self, at: int) -> bool:
        """Whether the word at `at`, behind a title, is a name."""
        word, title = self.tokens[at], self.tokens[at - 1]
        if self._pair(at) in clues.ROLE_PAIRS or word.plain in clues.PARTICLES:
            return False
        if word.is_capital and self.shows_capitals:
            return self._is_written_name(at) or word.plain not in names.NOT_NAMES
        return self._is_marked_name(title, at) if self.reading.is_marked else self._is_bare_name(title, at)

    def _is_written_name(self, at: int) -> bool:
        """A known name with a capital."""
        word = self.tokens[at]
        if not word.is_capital or not self.shows_capitals or self._pair(at) in clues.ROLE_PAIRS:
            return False
        if word.marked in _GIVEN or word.marked in names.ORDINALS or word.marked in names.SURNAMES:
            return True
        return not self.reading.is_marked and (word.plain in _GIVEN_PLAIN or word.plain in _SURNAMES_PLAIN)

    def _is_marked_name(self, title: Token, at: int) -> bool:
        """In lower case, with marks: "anh tuấn"; "của anh nam" and "chị hoa bị", but not "anh hiện"."""
        word = self.tokens[at]
        if word.marked not in names.GIVEN or word.marked not in names.WORDS_TOO:
            return word.marked in names.GIVEN
        is_owner = at > 1 and self.tokens[at - 2].marked in {"của", "cho"}
        is_subject = title.marked in clues.ELDERS and self._plain(at + 1) in clues.DOING
        return (is_owner or is_subject) and word.plain not in clues.NOT_OWNED

    def _is_bare_name(self, title: Token, at: int) -> bool:
        """In lower case, without marks: "a tuan"; not "ba thang", three months."""
        word = self.tokens[at]
        if word.plain not in _GIVEN_PLAIN or word.plain in _NOT_AFTER.get(title.plain, ()):
            return word.plain in names.SURE_SURNAMES and self._is_given(at + 1)
        if title.plain in clues.SURE_TITLES:
            return word.plain not in clues.VERBS
        return title.plain in clues.MEEK_TITLES and word.plain not in _WORDS_TOO_PLAIN

    def _surnamed(self, at: int) -> int:
        """A surname and more names."""
        word = self.tokens[at]
        if not self._is_joined(at + 1) or self._is_part_of_place(at):
            return at
        second = self.tokens[at + 1]
        is_known = word.marked in names.SURNAMES if self.reading.is_marked else word.plain in _SURNAMES_PLAIN
        if word.is_capital and second.is_capital and self.shows_capitals:
            is_written = is_known and (
                self.reading.is_marked or self._is_given(at + 1) or second.plain in names.MIDDLES
            )
            is_middle = second.marked in {"thị", "văn"} and self._is_given(at + 2)
            is_name = (is_written and self._pair(at) not in clues.ROLE_PAIRS) or is_middle
            return self._rest(at) if is_name else at
        return self._typed_small(at) if is_known else at

    def _typed_small(self, at: int) -> int:
        """A surname and more names in lower case, at least one of them a middle name, or the surname unmistakable."""
        word, second = self.tokens[at], self.tokens[at + 1]
        if second.marked in names.MIDDLES and self._is_given(at + 2):
            is_told = second.plain == "thi" and self._is_given(at + 3)
            is_sure = word.plain in names.SURE_SURNAMES or word.plain in names.LIKELY_SURNAMES
            return self._rest(at + 1) if self.reading.is_marked or is_told or is_sure else at
        is_sure = word.plain in names.SUREST_SURNAMES and not self.reading.is_marked
        return at + 2 if is_sure and self._is_given(at + 1) and second.plain not in _WORDS_TOO_PLAIN else at

    def _is_part_of_place(self, at: int) -> bool:
        """Whether the words here or the next two name a place, or the word before is the beginning of the name."""
        return self._pair(at) in clues.PLACES or self._pair(at + 1) in clues.PLACES or self._goes_on(at)

    def _owner(self, at: int) -> int:
        word = self.tokens[at]
        if self.reading.seen[word.end : word.end + 2] not in _OWNS or word.plain in names.NOT_OWNERS:
            return at
        is_name = word.is_capital or word.plain in _GIVEN_PLAIN or word.plain in names.ENGLISH
        return at + 1 if is_name else at

    def _given(self, at: int) -> int:
        """A given name alone, or two, within a sentence; at its beginning only before a verb."""
        word = self.tokens[at]
        if not word.is_capital or not self.shows_capitals or not self._is_given_name(word):
            return at
        if self._pair(at) in clues.PLACES:
            return at
        if self._is_joined(at + 1) and self.tokens[at + 1].is_capital:
            return self._two_given(at)
        if word.marked in clues.COUNTRIES:
            return at
        if self._begins_sentence(at):
            return at + 1 if self._does_something(at) and word.plain not in clues.NOT_FIRST else at
        is_elsewhere = self._goes_on(at) or self.tokens[at - 1].plain in clues.AT
        return at if is_elsewhere or not self._stands_alone(at) else at + 1

    def _does_something(self, at: int) -> bool:
        """Whether a verb of people follows, and the name is no rare one."""
        if not self.reading.is_marked:
            return self._plain(at + 1) in clues.DOING
        is_verb = at + 1 < len(self.tokens) and self.tokens[at + 1].marked in clues.DOING_MARKED
        return is_verb and self.tokens[at].marked not in names.RARE

    def _is_given_name(self, word: Token) -> bool:
        if self.reading.is_marked:
            return word.marked in _GIVEN or word.plain in names.ENGLISH
        return (word.plain in _GIVEN_PLAIN and word.plain not in clues.ENGLISH_TOO) or word.plain in names.ENGLISH

    def _stands_alone(self, at: int) -> bool:
        """Whether a name is no other word, or cannot be the beginning of an expression ("Hội đồng")."""
        word = self.tokens[at]
        is_word = word.marked in names.WORDS_TOO if self.reading.is_marked else word.plain in _WORDS_TOO_PLAIN
        if not is_word or at + 1 == len(self.tokens) or self._plain(at + 1) in clues.DOING | clues.AFTER_NAMES:
            return True
        if self.reading.is_marked and word.plain not in clues.BODIES:
            return True
        before = self._plain(at - 1)
        if before in clues.BEFORE_NAMES and not (before in clues.OWNING and word.plain in clues.BODIES):
            return True
        return self.reading.seen[word.end : self.tokens[at + 1].start].strip() != ""

    def _two_given(self, at: int) -> int:
        """As "Quốc Bảo" within a sentence; not "Hải Phòng", and nothing behind "đài", "ở" or "sân bay"."""
        is_longer = self._is_joined(at + 2) and self.tokens[at + 2].is_capital
        if is_longer or not self._is_given(at + 1) or self._begins_sentence(at):
            return at
        before = self.tokens[at - 1]
        return at if before.plain in clues.AT or before.is_capital else at + 2

    def _rest(self, at: int) -> int:
        """The index after the words that go on with the name that begins at `at`."""
        last = at + 1
        while last < at + _LONGEST_NAME and self._is_joined(last):
            word = self.tokens[last]
            is_written = word.is_capital and self.shows_capitals
            is_small = not self.tokens[at].is_capital and word.plain not in _WORDS_TOO_PLAIN
            if not (is_written and word.plain not in clues.UNITS) and not (
                (is_written or is_small) and self._is_given(last)
            ):
                break
            last += 1
        return last

    def _is_given(self, at: int) -> bool:
        if at >= len(self.tokens):
            return False
        word = self.tokens[at]
        return word.marked in _GIVEN if self.reading.is_marked else word.plain in _GIVEN_PLAIN

    def _goes_on(self, at: int) -> bool:
        """Whether a word with a capital stands right before, within the sentence: then it is part of that name."""
        return at > 0 and self.tokens[at - 1].is_capital and self._is_joined(at) and not self._begins_sentence(at - 1)

    def _begins_sentence(self, at: int) -> bool:
        if at == 0:
            return True
        between = self.reading.seen[self.tokens[at - 1].end : self.tokens[at].start]
        return any(char in between for char in '.!?\n:"“-')

    def _is_joined(self, at: int) -> bool:
        """Whether token `at` follows the one before it with no more than a space or a dot between."""
        return at < len(self.tokens) and self.reading.seen[self.tokens[at - 1].end : self.tokens[at].start] in _GAPS

    def _plain(self, at: int) -> str:
        return self.tokens[at].plain if at < len(self.tokens) else ""

    def _pair(self, at: int) -> str:
        return f"{self._plain(at)} {self._plain(at + 1)}"

"""One sentence with the phrases and the people in it."""

from collections.abc import Collection
from dataclasses import dataclass

from core.private.people import Mention
from core.private.phrases import Hit
from core.private.reading import Reading, Token
from core.private.wordlists import word_set

_LONGEST_CLAUSE = 40
"""Words on either side of a topic that may belong to its clause."""
_ADDRESSING = word_set(
    """
    hỏi gặp nhờ báo gửi liên qua theo bởi do chào kính thưa hi hello dear ơn thanks thank ask contact cảm via gởi
    nhắn hey
    """
)
_ACTING = word_set(
    """
    ơi oi à ạ cho giúp giùm phụ soạn ký duyệt gửi hướng trình dạy giải làm lập đăng viết nói bảo nhắn dặn yêu hỏi
    xem nhắc dùm hộ please can could handles manages signs approves writes wrote said says asked
    """
)
"""The words before somebody who is spoken to or asked, and after somebody who acts."""
MAKING = word_set("soạn ký duyệt gửi trình viết đăng lập phụ wrote signs signed approves writes sent")
"""What people do to documents: "quy chế lương anh Nam soạn" is not about his pay."""
_PLAIN = {
    words: frozenset(Reading(" ".join(words)).plain.split()) - word_set("on a do ho lam nhan phu bao day noi giai")
    for words in (_ADDRESSING, _ACTING, MAKING)
}


@dataclass(slots=True)
class Sentence:
    """The tokens from `first` up to `last`; `manners` by group."""

    reading: Reading
    first: int
    last: int
    topics: list[Hit]
    manners: dict[str, list[Hit]]
    people: list[Mention]

    @property
    def tokens(self) -> list[Token]:
        return self.reading.tokens[self.first : self.last]

    @property
    def plain(self) -> str:
        """Its text without tone marks, the sign that ends it included."""
        tokens = self.reading.tokens
        return self.reading.plain[tokens[self.first].start : tokens[self.last - 1].end + 1]

    def has(self, *groups: str) -> bool:
        return any(self.manners.get(group) for group in groups)

    def has_in_clause(self, topic: Hit, *groups: str) -> bool:
        """Whether such a phrase stands between the same two commas as the topic, beside it."""
        first, last = self.clause(topic)
        return any(
            first <= hit.first < last and (hit.last <= topic.first or topic.last <= hit.first)
            for group in groups
            for hit in self.manners.get(group, ())
        )

    def clause(self, topic: Hit) -> tuple[int, int]:
        """The tokens around the topic up to the next comma on either side."""
        first, last = topic.first, topic.last
        while first > max(self.first, topic.first - _LONGEST_CLAUSE) and not self._is_comma_before(first):
            first -= 1
        while last < min(self.last, topic.last + _LONGEST_CLAUSE) and not self._is_comma_before(last):
            last += 1
        return first, last

    def holds(self, first: int, last: int, words: Collection[str]) -> bool:
        """Whether one of the plain words stands at the tokens from `first` up to `last`."""
        return any(token.plain in words for token in self.reading.tokens[first:last])

    def is_indirect(self, mention: Mention) -> bool:
        """Whether the person is spoken to, asked or acting, and not the one whom it is about."""
        tokens, seen = self.reading.tokens, self.reading.seen
        before = tokens[mention.first - 1 : mention.first] if mention.first > self.first else []
        after = tokens[mention.last : min(mention.last + 1, self.last)]
        if after and after[0].plain == "co":
            after = tokens[mention.last + 1 : min(mention.last + 2, self.last)]
        if (
            self._is_pair(mention.first - 2, "ly do")
            or self._is_pair(mention.last, "bao ve")
            or self._is_pair(mention.first - 2, "tin nhan")
        ):
            return False
        comma = seen[tokens[mention.last - 1].end : tokens[mention.last - 1].end + 1] == ","
        is_called = comma and mention.first == self.first and len(self.people) == 1
        return self._is_one(before, _ADDRESSING) or self._is_one(after, _ACTING) or is_called

    def makes_something(self, mention: Mention) -> bool:
        """Whether the word after the person is one of making a document."""
        return self._is_one(self.reading.tokens[mention.last : min(mention.last + 1, self.last)], MAKING)

    def _is_pair(self, at: int, words: str) -> bool:
        return at >= 0 and " ".join(token.plain for token in self.reading.tokens[at : at + 2]) == words

    def _is_one(self, tokens: list[Token], words: frozenset[str]) -> bool:
        """Whether the token there is one of the words, typed with marks or in a text without any."""
        return any(
            token.marked in words or (not self.reading.is_marked and token.plain in _PLAIN[words]) for token in tokens
        )

    def _is_comma_before(self, token: int) -> bool:
        tokens = self.reading.tokens
        return "," in self.reading.seen[tokens[token - 1].end : tokens[token].start]

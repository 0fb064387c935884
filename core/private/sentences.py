"""Is a text private by what it says or asks of somebody, with no number in it at all?

A matter (pay, health, family, discipline, complaint, exam, home, age, identity, contact) counts where it is tied to a
person: "lương của anh Nam", "chị Hoa bị bệnh gì". Rules about the same matters, one's own general questions, names and
roles alone do not. Secrets, signatures and unopened tender prices count without a person, where they are asked for.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.private.asking import asked_without_people
from core.private.clauses import Sentence
from core.private.manners import MANNERS
from core.private.people import Mention, Who, mentions
from core.private.reading import Reading
from core.private.ties import is_somebodys, is_told_of
from core.private.topics import TOPICS

MATTERS = {
    "pay": "pay of a person", "health": "health of a person", "family": "family of a person",
    "discipline": "discipline of a person", "complaint": "complaint about a person", "exam": "exam result of a person",
    "address": "home address", "house": "home address", "birth": "birth date", "identity": "identity number",
    "account": "bank account", "phone": "phone", "mail": "e-mail", "plate": "plate", "records": "records of persons",
}  # fmt: skip
"""The groups of phrases that count where they are tied to a person, and what each is called in a reason."""
_BREAK = re.compile(r"(?<![ .][a-z])(?<!\b(?:mr|ms|tp|st|dr))[.](?=\s|$)|[!?;](?=\s|$)|\n\s*\n")
PERSONAL = "about a person"
_FEWEST = 2
"""Words beside a name from which a sentence says something."""
_BEFORE, _AFTER = 4, 5
"""Words on either side of a name among which a word of work says what the person does."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a text tells by its sentences: `people` in it, and the private `matters` in the words of a reason."""

    sentences: list[Sentence]
    people: list[Mention]
    matters: frozenset[str]


def told_in(reading: Reading, *, is_typed: bool = True) -> Told:
    """What private matters the text holds or asks for, as the rules have it.

    What somebody typed about a named person is private unless it is plainly about work; a document may name people.
    """
    people = mentions(reading)
    if not is_typed:
        people = [mention for mention in people if mention.is_sure]
    found: set[str] = set()
    sentences = _sentences(reading, people) if is_typed or people else []
    for sentence in sentences:
        if is_typed:
            found.update(asked_without_people(sentence))
            if _is_personal(sentence):
                found.add(PERSONAL)
        for topic in sentence.topics:
            name = MATTERS.get(topic.group)
            if name and name not in found and (is_somebodys if is_typed else is_told_of)(sentence, topic):
                found.add(name)
    return Told(sentences, people, frozenset(found))


def _sentences(reading: Reading, people: Iterable[Mention]) -> list[Sentence]:
    """The sentences, each with its phrases and people."""
    if not reading.tokens:
        return []
    cut = _cut(reading)
    firsts = [sentence.first for sentence in cut]

    def holding(token: int) -> Sentence:
        return cut[bisect_right(firsts, token) - 1]

    for topic in TOPICS.hits(reading):
        holding(topic.first).topics.append(topic)
    for manner in MANNERS.hits(reading):
        holding(manner.first).manners[manner.group].append(manner)
    for mention in people:
        holding(mention.first).people.append(mention)
    return cut


def _cut(reading: Reading) -> list[Sentence]:
    tokens, cut, first = reading.tokens, [], 0
    for end in [*(match.start() for match in _BREAK.finditer(reading.plain)), len(reading.plain)]:
        last = first
        while last < len(tokens) and tokens[last].start < end:
            last += 1
        if last > first:
            cut.append(Sentence(reading, first, last, [], defaultdict(list), []))
        first = last
    return cut


def _is_personal(sentence: Sentence) -> bool:
    """Whether the sentence speaks of a person by name, and of nothing near the name that people do at work."""
    for mention in sentence.people:
        if mention.who is not Who.NAMED or not mention.is_written or sentence.is_indirect(mention):
            continue
        if sentence.has("gossip") or (sentence.has("why") and sentence.has("leaves")):
            return True
        others = sentence.last - sentence.first - (mention.last - mention.first)
        if others >= _FEWEST and not sentence.has("rule") and not _is_at_work(sentence, mention):
            return True
    return False


def _is_at_work(sentence: Sentence, mention: Mention) -> bool:
    """Whether a word of work stands close to the name, or the sentence is too short to tell."""
    return any(
        mention.first - _BEFORE <= hit.last and hit.first <= mention.last + _AFTER for hit in sentence.manners["work"]
    )

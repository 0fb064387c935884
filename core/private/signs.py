"""What the rules see in a text, as signs for the trained layer: matters, ways of speaking, who is meant, and pairs."""

from core.private.people import Who
from core.private.reading import Reading
from core.private.sentences import PERSONAL, Told
from core.private.wording import OFFICE, PERSON, SAME

_TELLING_WAYS = ("strict rule", "rule", "work", "ask", "list", "export", "why", "who", "gossip", "private", "undergoes")
_LONG, _VERY_LONG = 20, 40
"""Words from which a text is long."""


def signs_of(reading: Reading, told: Told, words: list[str]) -> frozenset[str]:
    """Names of signs. `words` are those of `wording`."""
    topics = {topic.group for sentence in told.sentences for topic in sentence.topics}
    ways = {way for sentence in told.sentences for way in sentence.manners}
    kinds = {mention.who.name for mention in told.people}
    who = "person" if {PERSON, SAME} & {*words} else "office" if OFFICE in words else "nobody"
    typed = "marked" if reading.is_marked else "bare"
    found = {f"topic {topic}" for topic in topics} | {f"topic {topic}, {who}" for topic in topics}
    found |= {f"way {way}" for way in ways} | {f"way {way}, {who}" for way in ways}
    found |= {f"kind {kind}" for kind in kinds} | {f"meant {who}", f"typed {typed}"}
    found |= _from_rules(told, who, typed)
    if topics:
        found |= {f"topic with {way}" for way in _TELLING_WAYS if way in ways}
    if len(words) > _LONG:
        found.add("long")
    if len(words) > _VERY_LONG:
        found.add("very long")
    return frozenset(found)


def _from_rules(told: Told, who: str, typed: str) -> set[str]:
    """What the rules alone would say, and how sure of whom they are."""
    found: set[str] = set()
    if told.matters - {PERSONAL}:
        found |= {"rules: matter", f"rules: matter, {who}", f"rules: matter, {typed}"}
    if told.matters == {PERSONAL}:
        found |= {"rules: personal", f"rules: personal, {typed}"}
    if not told.matters:
        found |= {f"rules: nothing, {who}", f"rules: nothing, {typed}"}
    if any(mention.is_sure for mention in told.people):
        found.add("kind sure")
    if any(sentence.is_indirect(mention) for sentence in told.sentences for mention in sentence.people
           if mention.who is Who.NAMED):  # fmt: skip
        found.add("kind indirect")
    return found

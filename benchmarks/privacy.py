"""What the privacy gate finds and what it lets pass, on labelled rows: `python -m benchmarks.privacy --data FILE`.

    --json      {"recall", "false_alarm"} or {"span_recall", "by_type", "clean_touched"}, nothing else
    --every     each row that was judged wrongly

Rows are of one of two shapes. `{"text", "private", "type"?}`: is the sentence held back? `recall` is the share of the
private ones that are, `false_alarm` of the others. `{"text", "spans": [{"start", "end", "type"}]}`: is each datum found
where it stands? It is when predicted spans of its type cover all of its characters; `clean_touched` is the share of
rows without any span in which something is found. The table gives 95 % intervals (Wilson), then milliseconds of the
whole gate for a question of the file with three turns before it and five passages.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import Share, machine, percentile
from core.documents import Label, Passage, Space
from core.privacy import PrivacyGate
from core.private.spans import Span
from core.private_data import find, kinds_in

PASSAGE = (
    "Điều 12. Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương theo quy định của Bộ luật Lao động. Đơn "
    "nghỉ phép gửi trưởng phòng trước 03 ngày làm việc (mẫu số 05/NS-2024). Liên hệ phòng Nhân sự, máy lẻ 2345. Tần "
    "số 118.100 MHz, hạn mức 50.000.000 đồng, hợp đồng số 0912345678. Trường hợp làm công việc nặng nhọc được nghỉ "
    "16 ngày. "
)
"""Half of a passage as the search finds them, with numbers that are nobody's."""
ANSWER = "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương, và gửi đơn trước ba ngày làm việc [1]. "
PUBLIC = Space("chung", Label.PUBLIC)
PASSAGES, TURNS, ROUNDS = 5, 3, 200


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence with its label. `spans` are start, end and type of what is to be found, None for the other shape."""

    text: str
    private: bool
    spans: tuple[tuple[int, int, str], ...] | None = None


@dataclass(slots=True)
class Report:
    """What came of a file. `wrong` are the rows that were judged wrongly, each with a word on what happened."""

    found: Share
    touched: Share
    by_type: Mapping[str, Share] | None = None
    wrong: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """What `--json` prints, shares from 0 to 1."""
        if self.by_type is None:
            return {"recall": self.found.value, "false_alarm": self.touched.value}
        by_type = {name: share.value for name, share in sorted(self.by_type.items())}
        return {"span_recall": self.found.value, "by_type": by_type, "clean_touched": self.touched.value}


def read_rows(path: Path) -> list[Row]:
    """Raises ValueError at a file whose rows are not all of one shape."""
    with path.open(encoding="utf-8") as lines:
        rows = [parsed(json.loads(line)) for line in lines if line.strip()]
    if len({row.spans is None for row in rows}) > 1:
        raise ValueError(f"{path}: rows with and without spans")
    return rows


def parsed(row: Mapping[str, object]) -> Row:
    """One row of either shape. Raises ValueError where there is neither `private` nor `spans`."""
    text, spans = str(row["text"]), row.get("spans")
    if isinstance(spans, list):
        return Row(text, bool(spans), tuple((int(s["start"]), int(s["end"]), str(s["type"])) for s in spans))
    if not isinstance(row.get("private"), bool):
        raise ValueError(f"neither private nor spans: {text}")  # noqa: TRY004 - the file is at fault, not the caller
    return Row(text, bool(row["private"]))


def is_covered(gold: tuple[int, int, str], spans: Iterable[Span]) -> bool:
    """Whether spans of the same type cover every character of it."""
    start, end, kind = gold
    covered = {at for span in spans if span.type == kind for at in range(span.start, span.end)}
    return covered.issuperset(range(start, end))


def of_sentences(rows: Sequence[Row]) -> Report:
    held = [bool(kinds_in(row.text)) for row in rows]
    said = {True: "missed", False: "false alarm"}
    wrong = [
        f"{said[row.private]}: {row.text}" for row, is_held in zip(rows, held, strict=True) if row.private != is_held
    ]
    private = [is_held for row, is_held in zip(rows, held, strict=True) if row.private]
    others = [is_held for row, is_held in zip(rows, held, strict=True) if not row.private]
    return Report(Share(sum(private), len(private)), Share(sum(others), len(others)), wrong=wrong)


def of_spans(rows: Sequence[Row]) -> Report:
    found: dict[str, list[bool]] = defaultdict(list)
    touched, wrong = [], []
    for row in rows:
        spans = find(row.text)
        for gold in row.spans or ():
            found[gold[2]].append(is_covered(gold, spans))
            if not found[gold[2]][-1]:
                wrong.append(f"missed {gold[2]} {row.text[gold[0] : gold[1]]!r}: {row.text}")
        if not row.spans:
            touched.append(bool(spans))
            wrong.extend(f"touched {row.text[s.start : s.end]!r} as {s.type}: {row.text}" for s in spans)
    by_type = {kind: Share(sum(hits), len(hits)) for kind, hits in found.items()}
    total = Share(sum(share.hits for share in by_type.values()), sum(share.of for share in by_type.values()))
    return Report(total, Share(sum(touched), len(touched)), by_type, wrong)


def measured(rows: Sequence[Row]) -> Report:
    return of_spans(rows) if rows and rows[0].spans is not None else of_sentences(rows)


def times(rows: Sequence[Row], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of the gate for questions of the file, with history, and with passages that it never read before."""
    texts, taken = cycle([row.text for row in rows]), []
    passage = Passage("c1", "d1", "noi-quy.pdf", "Nội quy", "Nghỉ phép", 1, PASSAGE * 2, PUBLIC.name, PUBLIC.label)
    for number in range(rounds):
        passages = [replace(passage, heading=f"Mục {number}.{n}") for n in range(PASSAGES)]
        question, *turns = islice(texts, 1 + TURNS)
        typed = [question, *(text for turn in turns for text in (turn, ANSWER * 3))]
        started = time.perf_counter()
        PrivacyGate().clear(typed, passages, {PUBLIC.name: PUBLIC})
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def print_table(report: Report, taken: Sequence[float]) -> None:
    names = ("recall", "false_alarm") if report.by_type is None else ("span_recall", "clean_touched")
    shares = {names[0]: report.found}
    shares |= {f"  {name}": share for name, share in sorted((report.by_type or {}).items())}
    shares[names[1]] = report.touched
    print(f"{'figure':<16}{'share':>8}{'95 % interval':>20}{'rows':>12}")
    for name, share in shares.items():
        low, high = share.interval()
        print(f"{name:<16}{share.value:>8.3f}{f'{low:.3f} to {high:.3f}':>20}{f'{share.hits} of {share.of}':>12}")
    p50, p95 = percentile(taken, 0.5), percentile(taken, 0.95)
    print(
        f"\ngate over question, {TURNS} turns and {PASSAGES} passages: p50 {p50:.2f} ms, p95 {p95:.2f} ms; {machine()}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy", description="The privacy gate, measured.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, nothing else, on stdout")
    parser.add_argument("--every", action="store_true", help="print each row that was judged wrongly")
    options = parser.parse_args(arguments)
    rows = read_rows(options.data)
    report = measured(rows)
    if options.json:
        print(json.dumps(report.figures()))
        return
    print_table(report, times(rows))
    if options.every:
        print("\n" + "\n".join(report.wrong))


if __name__ == "__main__":
    main()

"""Files that were exported lose one person, and no other."""

import json
import stat
from pathlib import Path

import pytest

from core.leftovers import clean
from core.store.forgetting import Traces

TRACES = Traces(("slack:U0AAAAAAA", "lan"), frozenset({"a1", "a2"}))


def line(answer: str, text: str = "nghỉ phép") -> str:
    return json.dumps({"answer_id": answer, "prompt": [{"content": text}]}, ensure_ascii=False) + "\n"


def written(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_samples_of_answers_that_had_their_words_go(tmp_path: Path) -> None:
    file = written(tmp_path / "week" / "sft.jsonl", line("a0"), line("a1"), line("a3"), line("a2"))
    assert clean(tmp_path, TRACES) == 1
    assert file.read_text(encoding="utf-8") == line("a0") + line("a3")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("text", ["slack:U0AAAAAAA nói", "chào @U0AAAAAAA!", "lan", "hỏi lan, hỏi"])
def test_what_names_them_goes(tmp_path: Path, text: str) -> None:
    samples = written(tmp_path / "kto.jsonl", line("a0", text), line("a3"))
    other = written(tmp_path / "somebody.json", json.dumps({"text": text}))
    assert clean(tmp_path, TRACES) == 2
    assert samples.read_text(encoding="utf-8") == line("a3")
    assert not other.exists()


@pytest.mark.parametrize("text", ["slack:U0AAAAAAAB", "@U0AAAAAAAB", "lance", "slack:lan", "Hải-lan9", "plan"])
def test_what_only_begins_or_ends_alike_is_somebody_elses(tmp_path: Path, text: str) -> None:
    samples = written(tmp_path / "kto.jsonl", line("a0", text))
    other = written(tmp_path / "notes.txt", text)
    before = samples.stat().st_ino
    assert clean(tmp_path, TRACES) == 0
    assert samples.read_text(encoding="utf-8") == line("a0", text)
    assert samples.stat().st_ino == before
    assert other.exists()


def test_lines_that_are_no_samples_stay(tmp_path: Path) -> None:
    odd = ("no json\n", "[1]\n", '{"answer_id": 3}\n', "\n", '{"answer_id": "a0"}')
    file = written(tmp_path / "x.jsonl", *odd, "\n", line("a1"))
    clean(tmp_path, TRACES)
    assert file.read_text(encoding="utf-8") == "".join((*odd, "\n"))


def test_nobody_and_nothing_are_no_fault(tmp_path: Path) -> None:
    written(tmp_path / "x.jsonl", line("a1"))
    assert clean(tmp_path, Traces()) == 0
    assert clean(tmp_path / "none", TRACES) == 0

"""Rerankers: how a pair is written, whose word counts, and what is cut."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.errors import ModelRejected
from models.llama.pooled import Pooling
from models.llama.reranking import LlamaReranker, fitting
from tests.bert import BOS, EOS, Says, small, spell
from tests.models.llama.pooling import opened

if TYPE_CHECKING:
    from core.ports import Reranker

QUERY = "ngày phép"
PASSAGES = ["12 ngày", "xe máy", "", "nghi phép ở hà nội"]
RANK = Says(Pooling.RANK)
CLOSE = 5e-3


def sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def pair(query: str, passage: str) -> list[int]:
    """As XLM-RoBERTa's tokenizer writes two texts: `<s> query </s></s> passage </s>`."""
    return [BOS, *spell(query), EOS, EOS, *(spell(passage) if passage else []), EOS]


def test_scores_are_the_sigmoid_of_the_head_over_each_pair(tmp_path: Path) -> None:
    bert = small()
    with opened(bert.write(tmp_path / "rank.gguf", RANK)) as pooled:
        reranker: Reranker = LlamaReranker(pooled)
        scores = reranker.score(QUERY, PASSAGES)
        assert reranker.name == "rank"
        assert reranker.score(QUERY, []) == []
    expected = [sigmoid(bert.outputs(pair(QUERY, passage))[0]) for passage in PASSAGES]
    np.testing.assert_allclose(scores, expected, atol=CLOSE)
    assert np.ptp(scores) > 0.05


@pytest.mark.parametrize(("separator", "ends"), [(True, [EOS, EOS]), (None, [EOS, EOS]), (False, [EOS])])
def test_the_separator_is_written_unless_the_file_says_otherwise(
    tmp_path: Path, separator: bool | None, ends: list[int]
) -> None:
    with opened(small().write(tmp_path / "rank.gguf", Says(Pooling.RANK, separator))) as pooled:
        assert pooled.vocabulary.pair("ab", "c", 64) == ([BOS, *spell("ab"), *ends, *spell("c"), EOS], False)


def test_a_separator_that_is_spelled_out_is_text(tmp_path: Path) -> None:
    with opened(small().write(tmp_path / "rank.gguf", RANK)) as pooled:
        tokens, _ = pooled.vocabulary.pair("a</s>", "b</s>c", 64)
    assert tokens == pair("a</s>", "b</s>c")


def test_a_long_passage_is_cut_behind_a_whole_question(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(small().write(tmp_path / "rank.gguf", RANK), n_ctx=20) as pooled:
        tokens, is_cut = pooled.vocabulary.pair("abc", "d" * 99, 20)
        long, short = LlamaReranker(pooled).score("abc", ["d" * 99, "d" * 11])
    assert (tokens, is_cut) == (pair("abc", "d" * 11), True)
    assert long == pytest.approx(short, abs=1e-6)
    shown = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert shown == ["rank: the ends of 1 of 2 passages were not read"]


def test_a_long_question_leaves_half_of_the_room_to_the_passage(tmp_path: Path) -> None:
    with opened(small().write(tmp_path / "rank.gguf", RANK), n_ctx=20) as pooled:
        tokens, _ = pooled.vocabulary.pair("a" * 99, "b" * 99, 20)
    assert len(tokens) == 20
    assert tokens.count(spell("ba")[2]) == 9
    assert tokens.count(spell("ab")[2]) == 5


class TestTemplate:
    """A file may say itself how a pair is written."""

    TEMPLATE = "<s>q:{query} d:{document}</s>"

    def test_is_filled_and_its_control_tokens_are_read(self, tmp_path: Path) -> None:
        bert = small()
        with opened(bert.write(tmp_path / "rank.gguf", Says(Pooling.RANK, template=self.TEMPLATE))) as pooled:
            scores = LlamaReranker(pooled).score("ab", ["c", "xe {query}"[:2]])
        expected = [sigmoid(bert.outputs([BOS, *spell(f"q:ab d:{said}"), EOS])[0]) for said in ("c", "xe")]
        np.testing.assert_allclose(scores, expected, atol=CLOSE)

    def test_takes_control_tokens_and_fields_of_the_texts_for_text(self, tmp_path: Path) -> None:
        with opened(small().write(tmp_path / "rank.gguf", Says(Pooling.RANK, template=self.TEMPLATE))) as pooled:
            tokens, _ = LlamaReranker(pooled)._tokens("{document}", "a</s>{query}")
        assert tokens.count(EOS) == 1
        assert tokens.count(spell("</")[1]) == 1  # the "<" of the passage

    def test_leaves_room_for_itself(self, tmp_path: Path) -> None:
        says = Says(Pooling.RANK, template=self.TEMPLATE)
        with opened(small().write(tmp_path / "rank.gguf", says), n_ctx=32) as pooled:
            reranker = LlamaReranker(pooled)
            tokens, is_cut = reranker._tokens("a" * 500, "b" * 500)
            scores = reranker.score("a" * 500, ["b" * 500])
        assert is_cut
        assert tokens[-1] == EOS
        assert 24 < len(tokens) <= 32
        assert 0 < scores[0] < 1


@pytest.mark.parametrize("pooling", [Pooling.CLS, Pooling.MEAN])
def test_an_embedding_model_is_no_reranker(tmp_path: Path, pooling: Pooling) -> None:
    path = small().write(tmp_path / "b.gguf", Says(pooling))
    with opened(path) as pooled, pytest.raises(ModelRejected, match="no reranker"):
        LlamaReranker(pooled)
    with opened(path, pooling=Pooling.RANK) as forced, pytest.raises(ModelRejected, match="no reranker"):
        LlamaReranker(forced)


def test_a_text_that_nothing_fits_beside_is_left_out() -> None:
    assert fitting("abcdef", len, 4) == "abcd"
    assert fitting("abc", lambda text: 10 + len(text), 4) == ""
    assert fitting("abc", len, 3) == "abc"

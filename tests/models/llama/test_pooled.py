"""One vector a text: pooling as the file says, many texts in one batch as each alone, against numpy."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pytest

from core.errors import ModelDamaged, ModelMissing, ModelRejected, ModelUnavailable
from models.llama import LlamaModel
from models.llama.owner import OwnThread
from models.llama.pooled import MOST_TEXTS, PooledConfig, Pooling, open_pooled, packed
from tests.bert import BOS, EOS, Bert, Says, small, spell
from tests.gguf_file import Array
from tests.models.llama.asking import read, request
from tests.models.llama.pooling import opened

if TYPE_CHECKING:
    from concurrent.futures import Future

TEXTS = [[BOS, *spell(text), EOS] for text in ("nghi phép", "a", "xe máy gửi ở tầng hầm", "b", "12 ngày")]
CLOSE = 5e-3
"""llama.cpp multiplies keys and values at half precision."""

_T = TypeVar("_T")


@pytest.fixture
def bert() -> Bert:
    return small()


@dataclass(slots=True)
class Counting:
    """An owner that remembers which threads did its work."""

    thread: OwnThread = field(default_factory=OwnThread)
    threads: list[int] = field(default_factory=list)

    def do(self, work: Callable[[], _T]) -> "Future[_T]":
        def noted() -> _T:
            self.threads.append(threading.get_ident())
            return work()

        return self.thread.do(noted)


@pytest.mark.parametrize(
    ("pooling", "pool"),
    [
        (Pooling.CLS, lambda states: states[0]),
        (Pooling.MEAN, lambda states: states.mean(axis=0)),
        (Pooling.LAST, lambda states: states[-1]),
    ],
)
def test_texts_are_pooled_as_the_file_says(
    bert: Bert, tmp_path: Path, pooling: Pooling, pool: Callable[[Array], Array]
) -> None:
    with opened(bert.write(tmp_path / "b.gguf", Says(pooling))) as pooled:
        vectors = pooled.vectors(TEXTS)
        assert (pooled.pooling, pooled.width) == (pooling, bert.shape.width)
        assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [pool(bert.states(tokens)) for tokens in TEXTS], atol=CLOSE)


def test_another_pooling_can_be_asked_for(bert: Bert, tmp_path: Path) -> None:
    with opened(bert.write(tmp_path / "b.gguf", Says(Pooling.CLS)), pooling=Pooling.MEAN) as pooled:
        vectors = pooled.vectors(TEXTS)
    np.testing.assert_allclose(vectors, [bert.states(tokens).mean(axis=0) for tokens in TEXTS], atol=CLOSE)


def test_a_rerankers_head_reads_the_first_token(tmp_path: Path) -> None:
    bert = small(outputs=1)
    with opened(bert.write(tmp_path / "b.gguf", Says(Pooling.RANK))) as pooled:
        logits = pooled.vectors(TEXTS)
    assert logits.shape == (len(TEXTS), 1)
    np.testing.assert_allclose(logits, [bert.outputs(tokens) for tokens in TEXTS], atol=4 * CLOSE)


@pytest.mark.parametrize("n_batch", [8, 30, 64])
def test_many_at_once_are_as_each_alone_and_in_their_order(bert: Bert, tmp_path: Path, n_batch: int) -> None:
    texts = [text for text in TEXTS for _ in range(3)]
    with opened(bert.write(tmp_path / "b.gguf", Says()), n_batch=n_batch) as pooled:
        alone = np.concatenate([pooled.vectors([text]) for text in texts])
        together = pooled.vectors(texts)
        assert pooled.vectors([]).shape == (0, pooled.width)
    np.testing.assert_allclose(together, alone, atol=CLOSE)


def test_a_batch_ends_where_tokens_or_texts_are_too_many() -> None:
    lengths = [[len(text) for text in batch] for batch in packed([[0] * size for size in (3, 4, 9, 1, 2, 6)], 8)]
    assert lengths == [[3, 4], [9], [1, 2], [6]]
    assert [len(batch) for batch in packed([[0]] * (MOST_TEXTS + 1), 1000)] == [MOST_TEXTS, 1]
    assert list(packed([], 8)) == []


def test_the_owners_thread_does_everything_a_batch_at_a_time(bert: Bert, tmp_path: Path) -> None:
    owner = Counting()
    config = PooledConfig(bert.write(tmp_path / "b.gguf", Says()), n_ctx=64, n_batch=30, n_threads=1)
    with open_pooled(config, owner) as pooled:
        before = len(owner.threads)
        pooled.vectors(TEXTS)
        assert len(owner.threads) - before == len(list(packed(TEXTS, 30))) == 3
    owner.thread.close()
    assert len(set(owner.threads)) == 1
    assert threading.get_ident() not in owner.threads


async def test_an_engine_owns_it_as_well_while_it_writes_answers(bert: Bert, tmp_path: Path, model: LlamaModel) -> None:
    config = PooledConfig(bert.write(tmp_path / "b.gguf", Says()), n_ctx=64, n_batch=30, n_threads=1)
    pooling = open_pooled(config, model.engine)
    pooled = await asyncio.to_thread(pooling.__enter__)
    try:
        expected = await asyncio.to_thread(pooled.vectors, TEXTS)
        alone = await read(model, request(max_tokens=24, temperature=0))
        async with asyncio.TaskGroup() as tasks:
            answer = tasks.create_task(read(model, request(max_tokens=24, temperature=0)))
            many = [tasks.create_task(asyncio.to_thread(pooled.vectors, TEXTS)) for _ in range(4)]
        for vectors in many:
            np.testing.assert_array_equal(vectors.result(), expected)
        assert answer.result()[1].text == alone[1].text
    finally:
        await asyncio.to_thread(pooling.__exit__, None, None, None)


def test_a_model_that_only_writes_is_refused(smollm2_path: Path) -> None:
    with pytest.raises(ModelRejected, match="no vectors"), opened(smollm2_path):
        pass


def test_a_model_that_writes_can_be_asked_for_vectors(smollm2_path: Path) -> None:
    """It has a cache: what a batch before left there must not be seen."""
    with opened(smollm2_path, pooling=Pooling.LAST) as pooled:
        texts = [pooled.vocabulary.text(text, pooled.n_ctx)[0] for text in ("The sea is deep.", "Annual leave", "12")]
        first, again = pooled.vectors(texts), pooled.vectors(texts[::-1])[::-1]
        alone = np.concatenate([pooled.vectors([text]) for text in texts])
    np.testing.assert_allclose(first, again, rtol=0.05, atol=0.05)
    np.testing.assert_allclose(first, alone, rtol=0.05, atol=0.05)
    assert np.abs(first[0] - first[1]).max() > 1


def test_who_comes_after_it_was_closed_is_told_so(bert: Bert, tmp_path: Path) -> None:
    """A search that was given up may still run in its thread."""
    owner = OwnThread()
    with open_pooled(PooledConfig(bert.write(tmp_path / "b.gguf", Says()), n_threads=1), owner) as pooled:
        pass
    with pytest.raises(ModelUnavailable):
        pooled.vocabulary.text("a", 64)
    with pytest.raises(ModelUnavailable):
        pooled.vectors(TEXTS)
    owner.close()


@pytest.mark.parametrize(("content", "error"), [(None, ModelMissing), (b"no GGUF at all" * 99, ModelDamaged)])
def test_a_bad_file_is_refused_before_llama_cpp_sees_it(
    tmp_path: Path, content: bytes | None, error: type[Exception]
) -> None:
    if content is not None:
        (tmp_path / "b.gguf").write_bytes(content)
    with pytest.raises(error), opened(tmp_path / "b.gguf"):
        pass


def test_the_room_of_a_text_is_no_larger_than_the_model_was_made_for(bert: Bert, tmp_path: Path) -> None:
    with opened(bert.write(tmp_path / "b.gguf", Says()), n_ctx=4096) as pooled:
        assert pooled.n_ctx == bert.shape.context
        longest = [BOS, *spell("a" * 61), EOS]
        assert len(longest) == pooled.n_ctx
        vectors = pooled.vectors([longest, longest])
    np.testing.assert_allclose(vectors, [bert.states(longest)[0]] * 2, atol=CLOSE)

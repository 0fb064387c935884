"""The embedder and the reranker of the settings, in the handbook's own search. Tiny models stand for the large ones."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots.bootstrap import Handbook, open_handbook, vectors_of
from bots.settings import Settings, load_settings
from core.errors import IndexUnavailable, ModelMissing, SotayError
from models.catalog import CATALOG
from models.download import mark_checked
from models.llama.pooled import Pooling
from retrieval.reranking import RerankingRetriever
from retrieval.search import HybridRetriever
from retrieval.sources import Source
from tests.bert import Bert, Says, letters, random_weights
from tests.bert import Shape as BertShape
from tests.bots.office import Office

EMBEDDER, RERANKER = "bge-m3", "bge-reranker-v2-m3"
BY_GGUF = {"SOTAY_MODELS__EMBEDDER": EMBEDDER}
RERANKED = {"SOTAY_MODELS__RERANKER": RERANKER, "SOTAY_SEARCH__RERANKED": "7"}
SPACES = frozenset({"noi-bo", "nhan-su"})


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.found(tmp_path)


def settings_of(office: Office, environment: dict[str, str]) -> Settings:
    return load_settings(office.folder / "sotay.toml", {"SOTAY_MODELS__N_THREADS": "1", **environment})


def put(settings: Settings, name: str, pooling: Pooling) -> None:
    """A small model in the place of the catalogue's, marked as if it had passed the check."""
    path = settings.models.directory / CATALOG[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = BertShape(context=1024)
    Bert(shape, random_weights(shape, len(letters().texts))).write(path, Says(pooling))
    mark_checked(path, CATALOG[name].sha256)


@asynccontextmanager
async def filled(settings: Settings) -> AsyncIterator[Handbook]:
    async with open_handbook(settings) as handbook:
        for name in await handbook.spaces.all():
            for url in await handbook.spaces.sources(name):
                await handbook.ingestion.run(name, Source(url))
        yield handbook


async def test_a_gguf_embedder_fills_and_searches_the_index(office: Office) -> None:
    settings = settings_of(office, BY_GGUF)
    put(settings, EMBEDDER, Pooling.CLS)
    async with filled(settings) as handbook:
        found = await handbook.retriever.search("nghỉ phép năm", SPACES, 5)
        assert isinstance(handbook.retriever, HybridRetriever)
        assert handbook.retriever._embedder.name.startswith(EMBEDDER)
    assert found.passages
    assert not found.degraded
    async with open_handbook(settings) as again:
        assert (await again.retriever.search("nghỉ phép năm", SPACES, 5)).passages == found.passages


@pytest.mark.parametrize("first", [{}, BY_GGUF])
async def test_another_embedder_does_not_open_the_index_of_the_first(office: Office, first: dict[str, str]) -> None:
    second = BY_GGUF if not first else {}
    put(settings_of(office, {}), EMBEDDER, Pooling.CLS)
    async with filled(settings_of(office, first)):
        pass
    with pytest.raises(IndexUnavailable) as refused:
        async with open_handbook(settings_of(office, second)):
            pass
    assert refused.value.message_id == "index.other_embedder"
    assert vectors_of(settings_of(office, first)).is_dir()


async def test_a_reranker_of_the_settings_reads_what_was_found(office: Office) -> None:
    plain, settings = settings_of(office, {}), settings_of(office, RERANKED)
    put(settings, RERANKER, Pooling.RANK)
    async with filled(plain) as handbook:
        before = (await handbook.retriever.search("nghỉ phép năm", SPACES, 5)).passages
    async with open_handbook(settings) as handbook:
        assert isinstance(handbook.retriever, RerankingRetriever)
        assert handbook.retriever._depth == 7
        after = (await handbook.retriever.search("nghỉ phép năm", SPACES, 5)).passages
    assert {passage.chunk_id for passage in after} == {passage.chunk_id for passage in before}
    assert [passage.score for passage in after] == sorted((passage.score for passage in after), reverse=True)
    assert {passage.score for passage in after}.isdisjoint(passage.score for passage in before)


@pytest.mark.parametrize(("environment", "name"), [(BY_GGUF, EMBEDDER), (RERANKED, RERANKER)])
async def test_a_file_that_is_not_there_names_the_command_and_everything_is_given_back(
    office: Office, environment: dict[str, str], name: str
) -> None:
    with pytest.raises(ModelMissing, match=f"sotay models fetch {name}"):
        async with open_handbook(settings_of(office, environment)):
            pass
    async with open_handbook(settings_of(office, {})):
        pass


@pytest.mark.parametrize(("environment", "name"), [(BY_GGUF, EMBEDDER), (RERANKED, RERANKER)])
async def test_a_file_of_the_other_kind_is_refused(office: Office, environment: dict[str, str], name: str) -> None:
    settings = settings_of(office, environment)
    put(settings, name, Pooling.RANK if name == EMBEDDER else Pooling.CLS)
    with pytest.raises(SotayError, match="Choose"):
        async with open_handbook(settings):
            pass
    async with open_handbook(settings_of(office, {})):
        pass

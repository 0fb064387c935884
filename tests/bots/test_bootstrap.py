"""The composition root: settings become a running system, with real indexes, and everything is given back."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots.bootstrap import (
    Handbook,
    assemble,
    language_of,
    open_handbook,
    open_pipeline,
    open_store,
    openrouter_of,
    remove_indexes,
    vectors_of,
    words_of,
)
from bots.local_model import is_guided, model_path, open_local_model
from bots.settings import Settings, load_settings
from core.access import searchable
from core.conversation import Language, Place, Route
from core.deadline import Deadline
from core.documents import Label
from core.errors import IndexUnavailable, ModelDamaged, ModelMissing, StoreError
from core.ports import Completion, CompletionRequest, Message
from core.privacy import Clearance, Reach
from models.catalog import CATALOG
from models.openai_api import OpenAIModel
from retrieval.progress import Summary
from retrieval.sources import Source
from tests.bots.office import LEAVE, Office
from tests.fakes import ScriptedModel
from tests.models.openrouter_server import OpenRouterServer, answer

ALL = frozenset({"noi-bo", "nhan-su"})
QUERY = "nghỉ phép năm bao nhiêu ngày"
PUBLIC_PASS = Clearance(Reach.OUTSIDE)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.found(tmp_path)


def settings_of(office: Office, **environment: str) -> Settings:
    return load_settings(office.folder / "sotay.toml", environment)


async def ingest(handbook: Handbook) -> list[Summary]:
    return [
        await handbook.ingestion.run(name, Source(url))
        for name in await handbook.spaces.all()
        for url in await handbook.spaces.sources(name)
    ]


async def found(handbook: Handbook, query: str = QUERY) -> list[str]:
    return [passage.document for passage in (await handbook.retriever.search(query, ALL, 5)).passages]


@asynccontextmanager
async def filled(office: Office) -> AsyncIterator[Handbook]:
    """The office's handbook with its two documents indexed."""
    async with open_handbook(settings_of(office)) as handbook:
        assert [summary.new for summary in await ingest(handbook)] == [1, 1]
        yield handbook


class TestOneOwner:
    """Indexes belong to one at a time; who comes second is told so and harms nothing."""

    async def test_a_second_opening_is_refused_and_the_first_goes_on_undisturbed(self, office: Office) -> None:
        async with filled(office) as handbook:
            with pytest.raises(IndexUnavailable) as refused:
                async with open_handbook(settings_of(office)):
                    pass
            assert refused.value.message_id == "index.in_use"
            assert (await found(handbook))[0] == "nghi-phep.md"

    async def test_after_closing_the_next_one_finds_everything_in_place(self, office: Office) -> None:
        async with filled(office):
            pass
        async with open_handbook(settings_of(office)) as handbook:
            assert (await found(handbook))[0] == "nghi-phep.md"
            assert [(done.unchanged, done.chunks, done.restored) for done in await ingest(handbook)] == [(1, 0, 0)] * 2

    async def test_indexes_in_use_cannot_be_removed(self, office: Office) -> None:
        async with filled(office) as handbook:
            with pytest.raises(IndexUnavailable):
                remove_indexes(settings_of(office))
            assert (await found(handbook))[0] == "nghi-phep.md"
            assert words_of(settings_of(office)).is_file()

    async def test_an_opening_that_fails_half_way_gives_everything_back(self, office: Office) -> None:
        """The lexical index opens last: by then the vectors are open and owned."""
        settings = settings_of(office)
        async with filled(office):
            pass
        for path in words_of(settings).parent.glob("lexical.sqlite*"):
            path.unlink()
        words_of(settings).symlink_to("/nowhere/at/all")
        for _ in range(2):
            with pytest.raises(IndexUnavailable) as refused:
                async with open_handbook(settings):
                    pass
            assert refused.value.message_id == "index.lexical_failed"
        remove_indexes(settings)
        async with open_handbook(settings) as handbook:
            await ingest(handbook)
            assert (await found(handbook))[0] == "nghi-phep.md"


class TestHealing:
    """Damage costs nobody an answer; `tests/retrieval/test_healing.py` has the many ways to come by it."""

    @pytest.mark.parametrize("half", ["words", "vectors"])
    async def test_a_damaged_half_is_made_anew_and_finds_the_same(self, office: Office, half: str) -> None:
        settings = settings_of(office)
        async with filled(office) as handbook:
            before = await found(handbook)
        path = words_of(settings) if half == "words" else vectors_of(settings) / "chroma.sqlite3"
        path.write_bytes(b"this is no database, whatever its name says " * 100)
        async with open_handbook(settings) as handbook:
            result = await handbook.retriever.search(QUERY, ALL, 5)
            assert result.passages[0].document == "nghi-phep.md"
            await handbook.ingestion.repair()
            assert await found(handbook) == before
            assert not (await handbook.retriever.search(QUERY, ALL, 5)).degraded
        assert len(list(settings.data.directory.glob("*.damaged-*"))) == 1


class TestRebuilding:
    """The indexes are caches of the database."""

    async def test_removed_indexes_come_back_from_the_database_without_reading_a_file(self, office: Office) -> None:
        async with filled(office) as handbook:
            before = await found(handbook)
        file = office.folder / "noi-bo/nghi-phep.md"
        times = file.stat()
        file.write_bytes(b"x" * times.st_size)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        remove_indexes(settings_of(office))
        async with open_handbook(settings_of(office)) as handbook:
            summaries = await ingest(handbook)
            assert [(done.new, done.changed, done.chunks) for done in summaries] == [(0, 0, 0)] * 2
            assert sum(done.restored for done in summaries) == 2
            assert await found(handbook) == before

    async def test_removing_takes_both_indexes_and_nothing_else(self, office: Office) -> None:
        settings = settings_of(office)
        async with filled(office):
            pass
        remove_indexes(settings)
        left = {path.name for path in settings.data.directory.iterdir()}
        assert "sotay.sqlite" in left
        assert not any(name.startswith("lexical") for name in left)
        assert not vectors_of(settings).exists()

    async def test_removing_what_is_not_there_is_no_error(self, office: Office) -> None:
        async with open_handbook(settings_of(office)):
            pass
        remove_indexes(settings_of(office))
        remove_indexes(settings_of(office))

    def test_a_rebuild_before_any_first_run_is_no_error(self, office: Office) -> None:
        remove_indexes(settings_of(office))


class TestSpaces:
    """What the settings say of spaces and groups is what searches are held to."""

    async def test_a_space_that_the_settings_no_longer_name_is_closed_to_everybody(self, office: Office) -> None:
        async with filled(office) as handbook:
            hoa = handbook.directory.person("hoa")
            assert searchable(hoa, Place("p"), (await handbook.spaces.all()).values()) == ALL
        file = office.folder / "sotay.toml"
        text = file.read_text(encoding="utf-8")
        start, end = text.index("[spaces.nhan-su]"), text.index("[console]")
        file.write_text(text[:start] + text[end:], encoding="utf-8")
        async with open_handbook(settings_of(office)) as handbook:
            spaces = await handbook.spaces.all()
            assert spaces["nhan-su"].label is Label.CONFIDENTIAL
            assert searchable(hoa, Place("p"), spaces.values()) == {"noi-bo"}
            assert await handbook.spaces.sources("nhan-su") == ()

    async def test_a_label_changed_in_the_settings_holds_for_documents_indexed_before(self, office: Office) -> None:
        async with filled(office):
            pass
        async with open_handbook(settings_of(office, SOTAY_SPACES__NOI_BO__LABEL="confidential")) as handbook:
            passages = (await handbook.retriever.search(QUERY, ALL, 5)).passages
            assert {p.label for p in passages if p.space == "noi-bo"} == {Label.CONFIDENTIAL}

    async def test_groups_come_from_the_settings_and_strangers_are_in_none(self, office: Office) -> None:
        async with open_handbook(settings_of(office)) as handbook:
            assert handbook.directory.person("hoa").groups == {"staff", "hr"}
            assert handbook.directory.person("Hoa").groups == frozenset()


class TestModels:
    """Which model the settings mean."""

    def test_a_name_of_the_catalogue_is_its_file_in_the_models_folder(self, office: Office, tmp_path: Path) -> None:
        settings = settings_of(office, SOTAY_MODELS__LOCAL="qwen2.5-1.5b-instruct")
        assert model_path(settings) == tmp_path / "var/models" / CATALOG["qwen2.5-1.5b-instruct"].file

    def test_the_path_of_a_file_starts_where_the_settings_lie(self, office: Office, tmp_path: Path) -> None:
        assert model_path(settings_of(office, SOTAY_MODELS__LOCAL="own/tiny.gguf")) == tmp_path / "own/tiny.gguf"

    @pytest.mark.parametrize("name", list(CATALOG))
    def test_the_catalogue_says_which_models_in_this_process_need_a_grammar(self, office: Office, name: str) -> None:
        served = settings_of(office, SOTAY_MODELS__LOCAL=name)
        assert not is_guided(served), "a server of the office follows no grammar of ours"
        in_process = served.model_copy(update={"models": served.models.model_copy(update={"local_base_url": None})})
        assert is_guided(in_process) is CATALOG[name].guided

    def test_a_file_that_the_catalogue_does_not_know_needs_none(self, office: Office) -> None:
        settings = settings_of(office, SOTAY_MODELS__LOCAL="own/tiny.gguf")
        own = settings.model_copy(update={"models": settings.models.model_copy(update={"local_base_url": None})})
        assert not is_guided(own)

    async def test_a_server_of_the_office_is_asked_by_its_own_name_with_its_key(self, office: Office) -> None:
        request = CompletionRequest((Message("user", "Chào"),), Clearance(Reach.OFFICE), Deadline.after(20))
        async with OpenRouterServer(answer("Chào bạn.")) as server:
            settings = settings_of(
                office,
                SOTAY_MODELS__LOCAL_BASE_URL=server.base_url,
                SOTAY_MODELS__LOCAL_MODEL_NAME="vinallama-7b",
                SOTAY_MODELS__LOCAL_API_KEY="office-key",
            )
            async with open_local_model(settings) as model:
                assert isinstance(model, OpenAIModel)
                items = [item async for item in model.stream(request)]
            assert server.requests[0].body["model"] == "vinallama-7b"
            assert server.requests[0].headers["authorization"] == "Bearer office-key"
        assert isinstance(items[-1], Completion)
        assert items[-1].text == "Chào bạn."

    @pytest.mark.parametrize(("content", "error"), [(None, ModelMissing), (b"no GGUF at all" * 99, ModelDamaged)])
    async def test_a_model_file_is_checked_before_it_is_loaded(
        self, office: Office, content: bytes | None, error: type[Exception]
    ) -> None:
        path = office.folder / "own.gguf"
        if content is not None:
            path.write_bytes(content)
        toml = (office.folder / "sotay.toml").read_text(encoding="utf-8")
        text = "\n".join(line for line in toml.splitlines() if not line.startswith("local_base_url"))
        (office.folder / "sotay.toml").write_text(text, encoding="utf-8")
        with pytest.raises(error):
            async with open_local_model(settings_of(office, SOTAY_MODELS__LOCAL="own.gguf")):
                pass


class TestOutside:
    """Nothing leaves before an administrator has said so twice: enabled, and a key."""

    @pytest.mark.parametrize(
        ("enabled", "key", "on"), [("true", "sk-or-v1-k", True), ("false", "sk-or-v1-k", False), ("true", "", False)]
    )
    async def test_openrouter_needs_both_the_word_and_the_key(
        self, office: Office, enabled: str, key: str, on: bool
    ) -> None:
        keyed = {"SOTAY_OPENROUTER__API_KEY": key} if key else {}
        remote = openrouter_of(settings_of(office, SOTAY_OPENROUTER__ENABLED=enabled, **keyed))
        assert (remote is not None) is on
        if remote:
            await remote.aclose()

    @pytest.mark.parametrize(("enabled", "routes"), [("true", {Route.LOCAL, Route.API}), ("false", {Route.LOCAL})])
    async def test_the_pipeline_has_a_way_out_only_then(self, office: Office, enabled: str, routes: set[Route]) -> None:
        settings = settings_of(office, SOTAY_OPENROUTER__ENABLED=enabled, SOTAY_OPENROUTER__API_KEY="sk-or-v1-k")
        async with open_handbook(settings) as handbook, open_pipeline(settings, handbook) as pipeline:
            assert pipeline.writer.models.keys() == routes
            assert await pipeline.writer.api_available() is (Route.API in routes)

    async def test_a_budget_of_zero_closes_the_way_out(self, office: Office) -> None:
        settings = settings_of(office, SOTAY_ROUTING__MAX_API_CALLS_PER_HOUR="0")
        async with open_handbook(settings) as handbook:
            model = ScriptedModel(["x"])
            pipeline = assemble(settings, handbook, {Route.LOCAL: model, Route.API: model})
            assert not await pipeline.writer.api_available()

    async def test_strategy_and_threshold_of_the_settings_decide_the_route(self, office: Office) -> None:
        for strategy, first in (("local", Route.LOCAL), ("hybrid", Route.LOCAL), ("api", Route.API)):
            settings = settings_of(office, SOTAY_ROUTING__STRATEGY=strategy)
            async with open_handbook(settings) as handbook:
                router = assemble(settings, handbook, {Route.LOCAL: ScriptedModel([])}).router
            assert router.plan("Phép năm là gì?", PUBLIC_PASS, api_available=True).first is first

    async def test_without_fallback_a_failed_local_model_is_not_replaced(self, office: Office) -> None:
        settings = settings_of(office, SOTAY_ROUTING__API_FALLBACK="false")
        async with open_handbook(settings) as handbook:
            router = assemble(settings, handbook, {Route.LOCAL: ScriptedModel([])}).router
        assert router.plan("Phép năm là gì?", PUBLIC_PASS, api_available=True).fallback is None


async def test_the_sizes_of_an_answer_are_those_of_the_settings(office: Office) -> None:
    settings = settings_of(
        office,
        SOTAY_ANSWER__DEADLINE_SECONDS="7",
        SOTAY_SEARCH__PASSAGES="2",
        SOTAY_ANSWER__HISTORY_TURNS="1",
        SOTAY_MODELS__MAX_TOKENS="99",
        SOTAY_MODELS__TEMPERATURE="0",
    )
    async with open_handbook(settings) as handbook:
        pipeline = assemble(settings, handbook, {Route.LOCAL: ScriptedModel([])}, 9)
    assert pipeline.writer.load.slots == 9
    limits, sampling = pipeline.limits, pipeline.writer.sampling
    assert (limits.deadline_seconds, limits.passages, limits.history_turns) == (7, 2, 1)
    assert (sampling[Route.LOCAL].max_tokens, sampling[Route.LOCAL].temperature) == (99, 0)
    assert sampling[Route.API].max_tokens == settings.openrouter.max_tokens


@pytest.mark.parametrize(("limit", "refused"), [("0.001", 1), ("1", 0)])
async def test_the_largest_file_is_that_of_the_settings(office: Office, limit: str, refused: int) -> None:
    (office.folder / "noi-bo/nghi-phep.md").write_text(LEAVE + "x " * 600, encoding="utf-8")
    async with open_handbook(settings_of(office, SOTAY_INGEST__MAX_FILE_MB=limit)) as handbook:
        summaries = {summary.space: summary for summary in await ingest(handbook)}
    assert len(summaries["noi-bo"].refused) == refused


async def test_a_database_that_is_none_is_said_before_anything_else_is_opened(office: Office) -> None:
    settings = settings_of(office)
    settings.data.directory.mkdir()
    (settings.data.directory / "sotay.sqlite").write_bytes(b"no database " * 1000)
    for opening in (open_store(settings), open_handbook(settings)):
        with pytest.raises(StoreError):
            async with opening:
                pass
    assert not vectors_of(settings).exists()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Tôi có bao nhiêu ngày phép?", Language.VIETNAMESE),
        ("toi co bao nhieu ngay phep", Language.VIETNAMESE),
        ("How many days of leave do I have?", Language.ENGLISH),
        ("VOR/DME", Language.VIETNAMESE),
        ("12345", Language.VIETNAMESE),
    ],
)
def test_people_are_answered_in_the_language_they_type(text: str, language: Language) -> None:
    assert language_of(text) is language

"""The composition root: settings become a running system here, and nowhere else."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bots.choosing import policy_of, router_of, sorter_of
from bots.experiments import experiment_of
from bots.local_model import SERVER_SLOTS, answers_at_once, is_guided, open_local_model
from bots.pooling import open_embedder, reranked
from bots.settings import Settings
from core import forgotten
from core.access import Directory
from core.budget import Amounts, Budget, Cap
from core.clock import SteadyClock
from core.conversation import Language, Route
from core.feedback import FeedbackBook
from core.forgetting import Places
from core.guarded import GuardedModel, GuardedRetriever
from core.load import LocalLoad
from core.money import Tariff, cap_micros
from core.pipeline import Limits as AnswerLimits
from core.pipeline import Pipeline
from core.ports import LanguageModel, Retriever, Typing
from core.privacy import PrivacyGate
from core.reconciling import Reconciler, reconciling
from core.redacted import RedactedModel
from core.store.budget import ReservationBook
from core.store.database import Database, open_database
from core.store.documents import DocumentRepository
from core.store.figures import Figures
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.writing import Sampling, Writer
from models.llama import LlamaModel
from models.llama.owner import SharedOwner
from models.openrouter import ATTEMPTS, PRICE_LIMIT, OpenRouterConfig, OpenRouterModel, Price
from retrieval.attachments import FileAttachments
from retrieval.chroma import owned
from retrieval.documents import DocumentReader
from retrieval.filetypes import Limits as FileLimits
from retrieval.halves import LexicalHalf, VectorHalf
from retrieval.healing import following, healing
from retrieval.indexing import Ingestion
from retrieval.search import HybridRetriever
from retrieval.vietnamese import typing_of

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Handbook:
    """The open store and indexes of one office.

    `owner` has the thread of what llama.cpp does for the search, `embedder` names what makes its vectors.
    """

    database: Database
    spaces: SpaceRepository
    documents: DocumentRepository
    journal: Journal
    feedback: FeedbackBook
    retriever: Retriever
    attachments: FileAttachments
    ingestion: Ingestion
    directory: Directory
    owner: SharedOwner
    embedder: str


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[FeedbackBook]:
    """The database alone, for commands that search nothing. Raises `StoreError`."""
    async with open_database(settings.data.database_url) as database:
        yield FeedbackBook(database)


def vectors_of(settings: Settings) -> Path:
    """The folder of the dense index."""
    return settings.data.index / "chroma"


def words_of(settings: Settings) -> Path:
    """The file of the lexical index."""
    return settings.data.index / "lexical.sqlite"


def uploads_in(settings: Settings) -> Path:
    """The folder of the documents that were sent in by chat."""
    return settings.data.directory / "uploads"


def uploads_of(settings: Settings, space: str) -> Path:
    """The folder of those that were sent into the space."""
    return uploads_in(settings) / space


def places_of(settings: Settings) -> Places:
    """Where something of people lies beside the database. Who has been forgotten is known beside the backups too."""
    folders = [settings.data.directory, *([settings.backup.directory] if settings.backup.directory.is_dir() else [])]
    return Places(tuple(folder / forgotten.NAME for folder in folders), settings.data.directory / "exports")


def sources_of(settings: Settings, space: str) -> tuple[str, ...]:
    """Where the documents of a space of the settings come from."""
    uploads = uploads_of(settings, space)
    return (*settings.spaces[space].sources, *([str(uploads)] if uploads.is_dir() else []))


def remove_indexes(settings: Settings) -> None:
    """Deletes both indexes; the next ingestion makes them anew from the database. Raises `IndexUnavailable`."""
    with owned(vectors_of(settings)):
        shutil.rmtree(vectors_of(settings), ignore_errors=True)
        for path in words_of(settings).parent.glob(f"{words_of(settings).name}*"):
            path.unlink()


@asynccontextmanager
async def open_handbook(settings: Settings) -> AsyncIterator[Handbook]:
    """Database, indexes, models of the search and reader; damaged indexes heal meanwhile.

    Raises `StoreError`, `IndexUnavailable` and `ModelError`.
    """
    async with AsyncExitStack() as stack:
        owner = SharedOwner()
        stack.callback(owner.close)
        database = await stack.enter_async_context(open_database(settings.data.database_url))
        embedder = await stack.enter_async_context(open_embedder(settings, owner))
        vectors = stack.enter_context(await asyncio.to_thread(VectorHalf, vectors_of(settings), embedder))
        lexical = stack.enter_context(await asyncio.to_thread(LexicalHalf, words_of(settings)))
        limits = FileLimits(
            size=int(settings.ingest.max_file_mb * MEGABYTE), seconds=settings.ingest.file_timeout_seconds
        )
        reader = stack.enter_context(DocumentReader(limits))
        documents = DocumentRepository(database)
        spaces = SpaceRepository(database)
        await spaces.sync([(space.space(name), sources_of(settings, name)) for name, space in settings.spaces.items()])
        ingestion = Ingestion(documents, embedder, vectors, lexical, reader)
        await stack.enter_async_context(healing(vectors, lexical, ingestion.repair, documents.counts))
        if not database.serves_one_process:
            await stack.enter_async_context(following(ingestion.repair))
        search = HybridRetriever(embedder, vectors, lexical, documents.passages, settings.search.candidates)
        yield Handbook(
            database=database,
            spaces=spaces,
            documents=documents,
            journal=Journal(database),
            feedback=FeedbackBook(database),
            retriever=await stack.enter_async_context(reranked(settings, owner, search)),
            attachments=FileAttachments(reader, embedder),
            ingestion=ingestion,
            directory=Directory({name: frozenset(people) for name, people in settings.groups.items()}),
            owner=owner,
            embedder=embedder.name,
        )


@asynccontextmanager
async def open_pipeline(settings: Settings, handbook: Handbook) -> AsyncIterator[Pipeline]:
    """The pipeline with its models loaded. Raises `ModelError`."""
    async with AsyncExitStack() as stack:
        local = await stack.enter_async_context(open_local_model(settings))
        if isinstance(local, LlamaModel):
            await stack.enter_async_context(handbook.owner.through(local.engine))
        models: dict[Route, LanguageModel] = {Route.LOCAL: GuardedModel(local)}
        if remote := openrouter_of(settings):
            stack.push_async_callback(remote.aclose)
            models[Route.API] = remote
            await stack.enter_async_context(reconciling(reconciler_of(settings, handbook.database, remote)))
        yield assemble(settings, handbook, models, answers_at_once(settings, local))


def assemble(
    settings: Settings, handbook: Handbook, models: Mapping[Route, LanguageModel], slots: int = SERVER_SLOTS
) -> Pipeline:
    """The pipeline over these models, `slots` answers at once; tests bring their own."""
    journal = handbook.journal
    policy, figures = policy_of(settings, handbook.embedder), Figures(handbook.database)
    load = LocalLoad(slots)
    return Pipeline(
        journal=journal,
        spaces=handbook.spaces,
        retriever=GuardedRetriever(handbook.retriever),
        gate=PrivacyGate(),
        router=router_of(settings, policy, load),
        sorter=sorter_of(policy),
        writer=Writer(
            {route: RedactedModel(model) if route is Route.API else model for route, model in models.items()},
            budget_of(settings, handbook.database),
            guided=frozenset({Route.LOCAL} if is_guided(settings) else ()),
            sampling={
                Route.LOCAL: Sampling(settings.models.max_tokens, settings.models.temperature),
                Route.API: Sampling(settings.openrouter.max_tokens, settings.openrouter.temperature),
            },
            load=load,
        ),
        language_of=language_of,
        limits=AnswerLimits(
            deadline_seconds=settings.answer.deadline_seconds,
            passages=settings.search.passages,
            history_turns=settings.answer.history_turns,
        ),
        attachments=handbook.attachments,
        documents_in=figures.documents_in,
        open_questions=figures.open_questions,
        experiment=experiment_of(settings),
    )


def language_of(text: str) -> Language:
    """The language a text is answered in."""
    return Language.ENGLISH if typing_of(text) is Typing.ENGLISH else Language.VIETNAMESE


def openrouter_of(settings: Settings) -> OpenRouterModel | None:
    """OpenRouter, where an administrator has enabled it and set a key."""
    chosen = settings.openrouter
    config = OpenRouterConfig(
        api_key=chosen.api_key.get_secret_value() if chosen.api_key else "",
        enabled=chosen.enabled,
        models=chosen.models,
        base_url=chosen.base_url,
        zero_data_retention=chosen.zero_data_retention,
        max_price=max_price_of(settings),
        total_time=chosen.timeout_seconds,
    )
    return OpenRouterModel(config) if config.is_on else None


def max_price_of(settings: Settings) -> Price:
    """The highest price that OpenRouter may ask."""
    chosen = settings.openrouter
    return Price(
        PRICE_LIMIT.prompt if chosen.max_price_prompt is None else chosen.max_price_prompt,
        PRICE_LIMIT.completion if chosen.max_price_completion is None else chosen.max_price_completion,
    )


def caps_of(settings: Settings) -> Amounts:
    """What may go out, and cost, at most."""
    return {
        Cap.HOUR: settings.routing.max_api_calls_per_hour,
        Cap.PERSON: settings.budget.calls_per_person_per_hour,
        Cap.DAY: cap_micros(settings.budget.usd_per_day),
        Cap.MONTH: cap_micros(settings.budget.usd_per_month),
    }


def budget_of(settings: Settings, database: Database) -> Budget:
    """The office's money for models outside."""
    price = max_price_of(settings)
    tariff = Tariff(price.prompt, price.completion, settings.openrouter.max_tokens, ATTEMPTS)
    zone = ZoneInfo(settings.office.timezone)
    return Budget(ReservationBook(database), caps_of(settings), tariff, zone, SteadyClock())


def reconciler_of(settings: Settings, database: Database, remote: OpenRouterModel) -> Reconciler:
    """Asks OpenRouter for the costs that it has not told; a call has surely ended a minute after its question."""
    longest = max(settings.openrouter.timeout_seconds, settings.answer.deadline_seconds) + 60
    return Reconciler(ReservationBook(database), remote, SteadyClock(), timedelta(seconds=longest))

"""How long a backup and its way back take, with equal rows and an index that finds the same.

    python -m benchmarks.backup [--megabytes 1000] [--chunks 20000] [--folder DIR] [--database postgresql]

Fills an office of so many megabytes with answers as they are kept (prompts, passages, citations) and an index of so
many chunks, backs it up while another connection writes, looks the archive through, and restores it elsewhere. The
text is of Vietnamese syllables, in paragraphs that repeat only far apart. Exit status 1 where a figure is missed.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from benchmarks.figures import Figure, machine, percentile, report
from benchmarks.office import disk_folder, fresh_url
from bots.backups import back_up
from bots.bootstrap import vectors_of, words_of
from bots.restoring import restore, verify
from bots.settings import Settings, load_settings
from core.documents import Chunk, Document, Label, Space
from core.store import tables
from core.store.database import open_as_it_is, open_database
from core.store.documents import DocumentRepository
from core.store.jobs import JobRuns
from core.store.spaces import SpaceRepository
from retrieval.chroma import ChromaIndex
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from tests.retrieval.ingesting import CountingEmbedder

TEXT = """
nghỉ phép năm lương thưởng nhân viên phòng ban quy định công ty hợp đồng lao động thời gian làm việc bảo hiểm xã hội y
tế thanh toán chi phí công tác đề nghị trưởng đơn vị phê duyệt hồ sơ biểu mẫu ngày tháng quý giờ ca đêm an toàn vệ sinh
đồng phục nhà ăn xe đưa đón thẻ ra vào máy tính mật khẩu dữ liệu bảo mật khách hàng sản phẩm dịch vụ
"""
PARAGRAPHS = 4_000
BATCH = 250
ANSWER_KB = 15.5
"""What one answer takes in a SQLite file, with its passages and its prompt."""
DIMENSION = 384
SPACE = Space("chung", Label.INTERNAL, frozenset({"staff"}))
START = datetime(2026, 1, 5, tzinfo=UTC)
RESTORE_SECONDS = 300.0
EMBEDDER = CountingEmbedder(dimension=DIMENSION)
Row = dict[str, object]


class Writer:
    """Paragraphs and vectors, the same in every run."""

    def __init__(self) -> None:
        self.dice = random.Random(7)  # noqa: S311
        self.paragraphs = [self._paragraph() for _ in range(PARAGRAPHS)]

    def _paragraph(self) -> str:
        syllables = TEXT.split()
        words = (f"{self.dice.choice(syllables)}{self.dice.choice(['', '', '', ',', '.'])}" for _ in range(200))
        return " ".join(words)

    def some(self, count: int) -> list[str]:
        return [f"{self.dice.getrandbits(64):x} {self.dice.choice(self.paragraphs)}" for _ in range(count)]

    def vector(self) -> list[float]:
        return [self.dice.gauss(0, 0.05) for _ in range(DIMENSION)]


def settings_in(folder: Path, url: str) -> Settings:
    folder.mkdir()
    config = folder / "sotay.toml"
    config.write_text(f'[data]\ndatabase_url = "{url}"\n', encoding="utf-8")
    return load_settings(config, {})


async def fill(settings: Settings, writer: Writer, answers: int, chunks: int) -> None:
    """The database and both halves of the index."""
    async with open_database(settings.data.database_url) as database:
        await SpaceRepository(database).sync([(SPACE, ())])
        await fill_documents(settings, DocumentRepository(database), writer, chunks)
        for first in range(0, answers, BATCH):
            rows = [answer(writer, number) for number in range(first, min(first + BATCH, answers))]
            async with database.writing() as connection:
                await connection.execute(insert(tables.question), [question for question, _, _ in rows])
                await connection.execute(insert(tables.answer), [served for _, served, _ in rows])
                await connection.execute(insert(tables.passage), [each for _, _, read in rows for each in read])


def answer(writer: Writer, number: int) -> tuple[Row, Row, list[Row]]:
    """A question, its answer, and the passages of that."""
    asked, read, at = f"q{number:07d}", writer.some(5), START + timedelta(minutes=number)
    question: Row = {
        "id": asked,
        "surface": "slack",
        "thread_id": f"t{number // 3}",
        "person": f"slack:U{number % 300}",
    }
    question |= {"place": "slack:T1:C1", "text": read[0][:80], "query": read[0][:80], "asked_at": at}
    prompt = [{"role": "user", "content": "\n".join(read)}]
    served: Row = {"id": f"a{number:07d}", "question_id": asked, "text": read[1][:400], "outcome": "answered"}
    served |= {"language": "vi", "query": read[0][:80], "route": "local", "model": "m", "prompt": prompt}
    served |= {"reasons": ["simple"], "timings": {"search": 12.5}, "created_at": at}
    usual = {
        "answer_id": served["id"],
        "document_id": "d",
        "document": "a.docx",
        "title": "Quy định",
        "heading": "Điều 1",
    }
    usual |= {"space": SPACE.name, "label": SPACE.label, "score": 0.5}
    return question, served, [usual | {"rank": n, "chunk_id": f"c{n}", "text": text} for n, text in enumerate(read)]


async def fill_documents(settings: Settings, documents: DocumentRepository, writer: Writer, chunks: int) -> None:
    """Documents of a hundred chunks each."""
    vectors = ChromaIndex(vectors_of(settings), EMBEDDER)
    with vectors, LexicalIndex(words_of(settings)) as words:
        for number in range(chunks // 100):
            document = Document(f"d{number}", SPACE.name, "s", f"{number}.docx", "Quy định", f"{number:064x}", 1, 1.0)
            texts = writer.some(100)
            pieces = [
                Chunk(f"{document.id}-{n:03d}", document.id, n, text, ("Chương",), 1, 0, 1)
                for n, text in enumerate(texts)
            ]
            await documents.replace(document, pieces)
            entries = [IndexedChunk(piece.id, document.id, SPACE.name, piece.text) for piece in pieces]
            vectors.add(entries, [writer.vector() for _ in entries])
            words.add(entries)
            await documents.mark_indexed(document.id)


async def counts(settings: Settings) -> dict[str, int]:
    async with open_as_it_is(settings.data.database_url) as database, database.reading() as connection:
        statements = {table.name: select(func.count()).select_from(table) for table in tables.metadata.sorted_tables}
        return {name: await connection.scalar(statement) or 0 for name, statement in statements.items()}


def found(settings: Settings, wanted: Sequence[float]) -> list[str]:
    with ChromaIndex(vectors_of(settings), EMBEDDER) as vectors:
        return [chunk for chunk, _ in vectors.search(wanted, frozenset({SPACE.name}), 10)]


@dataclass
class Meanwhile:
    """Somebody who writes all the time, and how long each of the writes took, in milliseconds."""

    url: str
    times: list[float] = field(default_factory=list)
    is_done: bool = False

    async def write(self) -> None:
        async with open_database(self.url) as database:
            while not self.is_done:
                begun = time.perf_counter()
                await JobRuns(database).claim("benchmark", str(len(self.times)))
                self.times.append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(0.005)


async def measure(kind: str, folder: Path, megabytes: int, chunks: int) -> list[Figure]:
    writer = Writer()
    settings = settings_in(folder / "office", await fresh_url(kind, folder))
    print(f"{kind}: filling {megabytes} MB, {chunks} chunks")
    await fill(settings, writer, int(megabytes * 1000 / ANSWER_KB), chunks)
    meanwhile, begun = Meanwhile(settings.data.database_url), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        group.create_task(meanwhile.write())
        made = await back_up(settings)
        backed_up, meanwhile.is_done = time.perf_counter() - begun, True
    begun = time.perf_counter()
    await verify(settings, made.path)
    verified, begun = time.perf_counter() - begun, time.perf_counter()
    other = settings_in(folder / "elsewhere", await fresh_url(kind, folder))
    await restore(other, made.path)
    restored, wanted = time.perf_counter() - begun, writer.vector()
    before, after = await counts(settings), await counts(other)
    differing = sum(before[name] != after[name] for name in before if name != "job_run")
    return [
        Figure(f"{kind}: unpacked", made.manifest.size / 1e6, "MB"),
        Figure(f"{kind}: archive", made.path.stat().st_size / 1e6, "MB"),
        Figure(f"{kind}: backup", backed_up, "s"),
        Figure(f"{kind}: a write meanwhile, p99", percentile(meanwhile.times, 0.99), "ms"),
        Figure(f"{kind}: a write meanwhile, at most", max(meanwhile.times), "ms"),
        Figure(f"{kind}: verify", verified, "s"),
        Figure(f"{kind}: restore", restored, "s", RESTORE_SECONDS),
        Figure(f"{kind}: tables with other counts", differing, "tables", 0),
        Figure(f"{kind}: index missing", float(not made.manifest.index), "", 0),
        Figure(f"{kind}: search finds other chunks", float(found(settings, wanted) != found(other, wanted)), "", 0),
    ]


async def main(arguments: argparse.Namespace) -> int:
    print(machine())
    with disk_folder(arguments.folder) as folder:
        return report(await measure(arguments.database, folder, arguments.megabytes, arguments.chunks))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    sys.exit(asyncio.run(main(parser.parse_args())))

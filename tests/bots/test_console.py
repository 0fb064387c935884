"""The terminal as a chat surface, on a real database and a real rich console that writes into memory."""

import asyncio
import io
import json
import re
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from rich.console import Console

from bots.commands.ask import exit_status, print_json
from bots.commands.running import Session
from bots.console import MAX_QUESTION, Chat, as_json
from bots.console import typed as as_message
from bots.service import working
from bots.terminal import AnswerPrinter, Ended, TerminalSurface
from core.conversation import Answer, Citation, Language, Outcome, Route
from core.documents import Passage
from core.errors import ModelError, ModelUnavailable
from core.feedback import FeedbackBook
from core.inbox import Inbox
from core.pipeline import Limits, Pipeline
from core.ports import LanguageModel
from core.privacy import PrivacyGate
from core.routing import PatternPolicy, Router, Strategy
from core.store.database import Database, open_database
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.writing import Writer
from tests.core.desk import Desk
from tests.core.makers import LAN, SECRET, SPACES, STRANGER, passage
from tests.fakes import HangingModel, ListRetriever, ScriptedModel, a_budget

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", page=2)
GOOD = ["Bạn được nghỉ phép năm 14 ngày, ", "hưởng nguyên lương [1]."]
QUESTION = "Tôi có bao nhiêu ngày nghỉ phép năm?"
ANSWER = Answer(
    id="a1",
    question_id="q1",
    text="Bạn được nghỉ phép năm 14 ngày [1].",
    outcome=Outcome.ANSWERED,
    language=Language.VIETNAMESE,
    query=QUESTION,
    route=Route.LOCAL,
    citations=(Citation(1, "c1", "phep.pdf", "Quy định nghỉ phép", 2, "Điều 4", "nghỉ phép năm 14 ngày"),),
    passages=(LEAVE,),
    model="tiny",
    timings={"total": 1234.0},
)
HOSTILE = "\x1b]0;taken over\x07\x1b[31m[red]đỏ[/red]\x9b2J\u202egnp.exe\u200b :smile: [link=http://x]z[/link]"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


@dataclass
class Terminal:
    """Types the lines it is given, then hangs up; what was printed is in `text`."""

    lines: Sequence[str] = ()
    width: int = 100
    file: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.console = Console(file=self.file, width=self.width, soft_wrap=True, highlight=False)
        self._typed = iter(self.lines)

    async def read(self) -> str:
        line = next(self._typed, None)
        if line is None:
            raise EOFError
        return f"{line}\n"

    @property
    def text(self) -> str:
        return self.file.getvalue()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as opened:
        await SpaceRepository(opened).sync([(space, ()) for space in SPACES.values()])
        yield opened


def pipeline(database: Database, model: LanguageModel, passages: Sequence[Passage] = (LEAVE,)) -> Pipeline:
    return Pipeline(
        journal=Journal(database),
        spaces=SpaceRepository(database),
        retriever=ListRetriever(passages),
        gate=PrivacyGate(),
        router=Router(PatternPolicy(), Strategy.LOCAL),
        writer=Writer({Route.LOCAL: model}, a_budget()),
        language_of=lambda text: Language.ENGLISH if text.startswith("How") else Language.VIETNAMESE,
        limits=Limits(),
    )


def chat(
    database: Database,
    terminal: Terminal,
    model: LanguageModel | None = None,
    language: str = "vi",
    passages: Sequence[Passage] = (LEAVE,),
) -> Chat:
    surface = TerminalSurface(terminal.console, language)
    served = pipeline(database, model or ScriptedModel(GOOD), passages)
    inbox = Desk(database, served).worker(surface=surface)
    return Chat(inbox, surface, FeedbackBook(database), LAN, terminal.console, language, terminal.read)


async def run(talk: Chat) -> None:
    """The whole chat, with a worker behind it."""
    assert isinstance(talk.inbox, Inbox)
    async with working(talk.inbox):
        await talk.run()


async def typed(database: Database, *lines: str, model: LanguageModel | None = None, language: str = "vi") -> Terminal:
    """The terminal after a whole chat of these lines."""
    terminal = Terminal(lines)
    await run(chat(database, terminal, model, language))
    return terminal


def told(*shown: str, answer: Answer = ANSWER, language: str = "vi", width: int = 100) -> str:
    """What a printer makes of these texts so far, and of the answer that follows."""
    terminal = Terminal(width=width)
    printer = AnswerPrinter(terminal.console, language)
    for text in shown:
        printer.show(text)
    printer.finish(answer)
    return terminal.text


class TestPrinting:
    """One answer, as a person sees it."""

    def test_streamed_text_is_printed_once_then_the_sources_then_who_answered(self) -> None:
        text = told("Bạn được nghỉ phép năm ", "Bạn được nghỉ phép năm 14 ngày [1].")
        assert text.count("14 ngày [1].") == 1
        places = [text.index(part) for part in (ANSWER.text, "[1] Quy định", "“nghỉ phép", "tiny sau 1.2")]
        assert places == sorted(places)

    def test_a_source_names_title_file_page_and_heading(self) -> None:
        assert "[1] Quy định nghỉ phép (phep.pdf · trang 2 · Điều 4)\n    “nghỉ phép năm 14 ngày”\n" in told()

    def test_a_source_without_page_and_heading_names_the_file_alone(self) -> None:
        bare = replace(ANSWER.citations[0], page=None, heading="")
        assert "[1] Quy định nghỉ phép (phep.pdf)\n" in told(answer=replace(ANSWER, citations=(bare,)))

    def test_what_the_final_answer_adds_is_printed_after_the_stream(self) -> None:
        warned = replace(ANSWER, text=f"{ANSWER.text}\n\nChưa chắc chắn.")
        text = told(ANSWER.text, answer=warned)
        assert text.count(ANSWER.text) == 1
        assert f"{ANSWER.text}\n\nChưa chắc chắn.\n" in text

    def test_an_answer_that_is_not_what_was_streamed_is_printed_whole_on_a_line_of_its_own(self) -> None:
        text = told("Bạn được nghỉ 77 ngày.", answer=replace(ANSWER, text="Sổ tay không nói.", citations=()))
        assert "77 ngày.\nSổ tay không nói.\n" in text

    def test_another_models_text_starts_on_a_new_line_and_is_whole(self) -> None:
        assert "Nghỉ 77\nBạn được nghỉ phép năm 14 ngày [1].\n" in told("Nghỉ 77", "Bạn được nghỉ")

    def test_before_any_text_there_is_no_empty_line(self) -> None:
        assert told().startswith("Bạn được")

    @pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.DENIED, Outcome.FAILED])
    def test_only_an_answer_says_who_answered(self, outcome: Outcome) -> None:
        text = told(answer=replace(ANSWER, outcome=outcome, text="Một câu.", citations=()))
        assert text.endswith("Một câu.\n\n")
        assert "tiny" not in text

    @pytest.mark.parametrize(
        ("route", "language", "words"),
        [
            (Route.LOCAL, "vi", "tại chỗ bởi tiny"),
            (Route.API, "vi", "dịch vụ ngoài bởi tiny"),
            (Route.LOCAL, "en", "tiny"),
            (Route.API, "en", "in the cloud"),
        ],
    )
    def test_the_last_line_tells_whether_the_question_left_the_office(
        self, route: Route, language: str, words: str
    ) -> None:
        assert words in told(answer=replace(ANSWER, route=route), language=language).splitlines()[-1]

    def test_a_very_long_line_is_left_whole_for_copying(self) -> None:
        word = "dài" * 4000
        assert word in told(word, answer=replace(ANSWER, text=word, citations=()), width=40)


class TestHostileText:
    """Nothing that a file, a model or a server says can steer the terminal or disguise itself."""

    def test_markup_and_emoji_codes_are_shown_as_written(self) -> None:
        source = replace(ANSWER.citations[0], title="[bold]A[/bold] :smile:", quote="[link=http://x]q[/link] [/x]")
        text = told(answer=replace(ANSWER, text="[red]x[/red] :warning: [1]", citations=(source,)))
        for part in ("[red]x[/red] :warning: [1]", "[bold]A[/bold] :smile:", "[link=http://x]q[/link] [/x]"):
            assert part in text

    @pytest.mark.parametrize("place", ["title", "document", "heading", "quote"])
    def test_control_characters_of_a_source_never_reach_the_terminal(self, place: str) -> None:
        fields = {place: HOSTILE}
        source = replace(ANSWER.citations[0], **fields)  # type: ignore[arg-type]
        text = told(answer=replace(ANSWER, citations=(source,)))
        assert CONTROL.findall(text) == []
        assert "[red]đỏ[/red]" in text

    def test_control_characters_of_a_final_text_never_reach_the_terminal(self) -> None:
        """A failure's text may quote what a server answered."""
        failed = replace(ANSWER, outcome=Outcome.FAILED, text=f"Máy chủ báo: {HOSTILE}", citations=())
        text = told(answer=failed)
        assert CONTROL.findall(text) == []
        assert "Máy chủ báo: " in text

    def test_control_characters_of_the_models_name_never_reach_the_terminal(self) -> None:
        assert CONTROL.findall(told(answer=replace(ANSWER, model=HOSTILE))) == []

    async def test_what_the_model_writes_is_harmless_from_end_to_end(self, database: Database) -> None:
        written = [f"Bạn được nghỉ phép năm 14 ngày {HOSTILE} ", "hưởng nguyên lương [1]."]
        terminal = await typed(database, QUESTION, "/sources", model=ScriptedModel(written))
        assert CONTROL.findall(terminal.text) == []
        assert "14 ngày" in terminal.text

    async def test_names_of_found_files_are_harmless_in_the_list_of_passages(self, database: Database) -> None:
        terminal = Terminal([QUESTION, "/sources"])
        found = replace(LEAVE, document=f"{HOSTILE}.pdf", heading=HOSTILE, page=None)
        await run(chat(database, terminal, passages=[found]))
        assert "1.00" in terminal.text
        assert CONTROL.findall(terminal.text) == []

    async def test_an_unknown_command_is_repeated_harmlessly(self, database: Database) -> None:
        terminal = await typed(database, f"/{HOSTILE.replace(' ', '')}")
        assert "/help" in terminal.text
        assert CONTROL.findall(terminal.text) == []


class TestJson:
    """`sotay ask --json`: for programs, so nothing is changed on the way."""

    def test_the_json_holds_the_answer_and_its_sources_without_inner_ids(self) -> None:
        shown = as_json(Ended(ANSWER.text, ANSWER))
        assert shown["answer"] == ANSWER.text
        assert shown["citations"] == [
            {"n": 1, "document": "phep.pdf", "page": 2, "heading": "Điều 4", "quote": "nghỉ phép năm 14 ngày"}
        ]
        assert shown["passages"] == [{"document": LEAVE.document, "page": 2, "score": 1.0}]
        assert "chunk_id" not in json.dumps(shown["citations"])

    def test_markup_emoji_codes_and_long_lines_come_out_as_they_went_in(self) -> None:
        text = f"[b]đậm[/b] :smile: :on: {HOSTILE} {'dài ' * 500}\nhai dòng"
        terminal = Terminal(width=40)
        print_json(Session(None, out=terminal.console), Ended(text, replace(ANSWER, text=text)))
        assert json.loads(terminal.text)["answer"] == text

    def test_a_sentence_instead_of_an_answer_is_a_failure_with_that_sentence(self) -> None:
        shown = as_json(Ended("Mất quá nhiều thời gian."))
        assert (shown["answer"], shown["outcome"]) == ("Mất quá nhiều thời gian.", "failed")

    @pytest.mark.parametrize(
        ("ended", "status"),
        [
            (Ended(ANSWER.text, ANSWER), 0),
            (Ended("", replace(ANSWER, outcome=Outcome.NOT_FOUND)), 0),
            (Ended("", replace(ANSWER, outcome=Outcome.FAILED)), 1),
            (Ended("Đã dừng."), 1),
        ],
    )
    def test_only_a_failure_is_an_exit_status(self, ended: Ended, status: int) -> None:
        assert exit_status(ended) == status

    def test_a_question_is_asked_without_the_white_space_around_it(self) -> None:
        one, other = as_message("  nghỉ phép? \n", LAN, "console:1", "t1"), as_message("nghỉ?", LAN, "console:1", "t1")
        assert one.text == "nghỉ phép?"
        assert (one.key != other.key, one.event != other.event) == (True, True)


class TestChat:
    """A conversation, line by line."""

    async def test_it_welcomes_and_ends_with_the_input(self, database: Database) -> None:
        assert "/help" in (await typed(database)).text

    @pytest.mark.parametrize("leaving", ["/quit", "/exit", "/thoat", "  /quit  "])
    async def test_what_is_typed_after_leaving_is_not_read(self, database: Database, leaving: str) -> None:
        model = ScriptedModel(GOOD)
        await typed(database, leaving, QUESTION, model=model)
        assert model.requests == []

    async def test_empty_lines_ask_nothing(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        await typed(database, "", "   ", "\t", model=model)
        assert model.requests == []

    async def test_an_answer_is_printed_with_its_source(self, database: Database) -> None:
        terminal = await typed(database, QUESTION)
        assert "Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]." in terminal.text
        assert "[1] Tài liệu 1 (tai-lieu-1.pdf · trang 2)" in terminal.text

    @pytest.mark.parametrize("command", ["/up", "/down", "/down sai", "/correct 15 ngày", "/sources"])
    @pytest.mark.parametrize(
        ("language", "words"), [("vi", "Chưa có câu trả lời nào"), ("en", "no answer to judge yet")]
    )
    async def test_judging_before_any_answer_is_refused_and_the_chat_goes_on(
        self, database: Database, command: str, language: str, words: str
    ) -> None:
        terminal = await typed(database, command, QUESTION, language=language)
        assert words in terminal.text
        assert "14 ngày" in terminal.text

    @pytest.mark.parametrize("language", ["vi", "en"])
    async def test_help_names_every_command_there_is(self, database: Database, language: str) -> None:
        terminal = Terminal(["/help"])
        talk = chat(database, terminal, language=language)
        await run(talk)
        for command in (*talk._commands(), "/quit"):
            assert command in terminal.text

    async def test_an_unknown_command_is_named_and_not_asked_as_a_question(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        terminal = await typed(database, "/nghỉ phép", model=model)
        assert "Không có lệnh /nghỉ." in terminal.text
        assert model.requests == []

    async def test_votes_reasons_and_corrections_are_kept_for_the_last_answer(self, database: Database) -> None:
        terminal = Terminal([QUESTION, "/up", "/down thiếu điều kiện", "/correct   14 ngày, đủ 12 tháng. "])
        talk = chat(database, terminal)
        await run(talk)
        assert talk.answer
        given = await talk.feedback.given(talk.answer.id, LAN.id)
        assert given
        assert (given.vote, given.reason, given.correction) == (-1, "thiếu điều kiện", "14 ngày, đủ 12 tháng.")
        for thanks in ("Cảm ơn bạn, đã ghi nhận.", "Nếu biết câu trả lời đúng", "nội dung sửa đã được lưu"):
            assert thanks in terminal.text

    async def test_a_thumb_down_without_a_reason_keeps_an_earlier_reason(self, database: Database) -> None:
        talk = chat(database, Terminal([QUESTION, "/down sai số", "/down"]))
        await run(talk)
        assert talk.answer
        given = await talk.feedback.given(talk.answer.id, LAN.id)
        assert given
        assert given.reason == "sai số"

    async def test_a_correction_without_text_says_how_to_write_one_and_keeps_nothing(self, database: Database) -> None:
        talk = chat(database, terminal := Terminal([QUESTION, "/correct"]))
        await run(talk)
        assert talk.answer
        assert "/correct NỘI DUNG" in terminal.text
        assert await talk.feedback.given(talk.answer.id, LAN.id) is None

    async def test_sources_can_be_seen_again_with_all_passages(self, database: Database) -> None:
        terminal = await typed(database, QUESTION, "/sources")
        assert terminal.text.count("[1] Tài liệu 1 (tai-lieu-1.pdf · trang 2)") == 2
        assert "  1. 1.00  tai-lieu-1.pdf  trang 2" in terminal.text

    async def test_a_new_conversation_forgets_the_old_one(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        terminal = await typed(database, QUESTION, "/new", "Còn nếu mới vào?", "/new", "/up", model=model)
        last = model.requests[-1].messages[-1].content
        assert last.endswith("Câu hỏi: Còn nếu mới vào?")
        assert "Câu hỏi trước:" not in last
        assert "Chưa có câu trả lời nào" in terminal.text

    async def test_a_follow_up_leans_on_the_question_before(self, database: Database) -> None:
        model = ScriptedModel(GOOD)
        await typed(database, QUESTION, "Còn nếu mới vào?", model=model)
        assert QUESTION in model.requests[-1].messages[-1].content

    async def test_a_failed_answer_can_be_voted_on_and_the_next_question_asked(self, database: Database) -> None:
        script: list[str | ModelError] = [ModelUnavailable("answer.too_late")]
        terminal = await typed(database, QUESTION, "/down", QUESTION, model=ScriptedModel(script))
        assert terminal.text.count("đã dừng. Xin hỏi lại sau ít phút.") == 2
        assert "Đã ghi nhận" in terminal.text

    async def test_who_may_read_nothing_is_told_so(self, database: Database) -> None:
        await SpaceRepository(database).sync([(SECRET, ())])
        talk = replace(chat(database, terminal := Terminal([QUESTION])), person=STRANGER)
        await run(talk)
        assert "quản trị viên" in terminal.text
        assert LEAVE.document not in terminal.text

    async def test_a_vote_that_the_database_does_not_take_is_said_and_the_chat_goes_on(
        self, database: Database
    ) -> None:
        terminal = Terminal(["/up", "/help"])
        talk = chat(database, terminal)
        talk.answer = replace(ANSWER, id="gone")
        await run(talk)
        assert "Không có câu trả lời gone" in terminal.text
        assert "/sources" in terminal.text

    @pytest.mark.parametrize(("language", "words"), [("vi", "dài hơn"), ("en", "longer than")])
    async def test_a_question_too_long_to_search_is_refused_as_on_the_command_line(
        self, database: Database, language: str, words: str
    ) -> None:
        model = ScriptedModel(GOOD)
        terminal = await typed(database, "x " * MAX_QUESTION, QUESTION, model=model, language=language)
        assert words in terminal.text
        assert len(model.requests) == 1

    async def test_an_interrupt_stops_the_answer_and_leaves_the_signal_as_it_was(self, database: Database) -> None:
        before = signal.getsignal(signal.SIGINT)
        model = HangingModel()
        talk = chat(database, terminal := Terminal([QUESTION, "/help"]), model)
        talking = asyncio.ensure_future(run(talk))
        await model.started.wait()
        signal.raise_signal(signal.SIGINT)
        await talking
        assert model.stopped.is_set()
        assert "Đã dừng" in terminal.text
        assert terminal.text.index("Đã dừng") < terminal.text.index("/sources")
        assert signal.getsignal(signal.SIGINT) is before
        assert talk.answer is None

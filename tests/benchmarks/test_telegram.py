"""The Telegram benchmarks, small: they run, they measure, and their verdict finds what is wrong."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from benchmarks.crash.stage import WorkerEnded
from benchmarks.figures import Figure
from benchmarks.slack.crash import Course
from benchmarks.slack.script import PlayedModel, Wording
from benchmarks.telegram.__main__ import arguments
from benchmarks.telegram.busy import Talk, busy, measured
from benchmarks.telegram.crash import figures, kills, recoveries
from benchmarks.telegram.desk import open_desk
from benchmarks.telegram.record import Screens, ours
from benchmarks.telegram.stage import staged
from benchmarks.telegram.status import statuses
from benchmarks.telegram.traffic import Asked, Traffic
from benchmarks.telegram.verdict import STOPPED, Verdict, judge, story_of
from bots.telegram.controls import Button, stop_keyboard, under_answer
from core.texts import translate
from tests.telegram_server import Json, Message, Rates, TelegramServer

SHORT, LONG = Wording(7), Wording(7, 0, is_long=True)
BELOW = f"\n\n{translate('vi', 'telegram.sources')}\n[1] Sổ tay"
ANSWER = SHORT.answer + BELOW
PLACEHOLDER = translate("vi", "inbox.searching_in", documents=3)
ENDING: list[list[Button]] = under_answer("vi", "a1", has_sources=True, asks_owner=False)
STOP: list[list[Button]] = stop_keyboard("vi", "q1")
NOTICE = translate("vi", STOPPED)


@dataclass
class Case:
    """One question in a Telegram without a bot, and what is put under it by hand."""

    telegram: TelegramServer
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.telegram, random.Random(1))  # noqa: S311
        self.an, self.group = self.traffic.people[0], self.traffic.groups[0]
        place = self.group, self.telegram.people.ask(self.an, self.group, SHORT.text)
        self.asked = Asked(place, self.an, [SHORT], -1)
        self.traffic.asked[place] = self.asked

    def say(self, body: str, keyboard: list[list[Button]] | None = None, *, reply_to: int | None = None) -> Message:
        """A message of ours in the group."""
        world = self.telegram.world
        chat = world.chat(self.group)
        message = Message(world.new_message_id(chat), self.group, world.bot.to_json(), world.date, body)
        message.reply_to = self.asked.place[1] if reply_to is None else reply_to
        rows: list[list[Json]] = [[{"text": b.text, "callback_data": b.data} for b in row] for row in keyboard or ()]
        message.keyboard = {"inline_keyboard": rows} if rows else None
        world.put(message)
        return message

    def verdict(self) -> Verdict:
        return judge(self.telegram, self.traffic)


@pytest.fixture
async def case() -> AsyncIterator[Case]:
    async with TelegramServer() as telegram:
        yield Case(telegram)


def faults(verdict: Verdict) -> tuple[list[int], list[int], list[int], int]:
    return verdict.lost, verdict.twice, verdict.wrong, verdict.orphans.total()


async def test_an_answer_is_exact(case: Case) -> None:
    case.say(ANSWER, ENDING)
    verdict = case.verdict()
    assert verdict.is_exact
    assert faults(verdict) == ([], [], [], 0)


async def test_a_question_under_which_nothing_stands_is_lost(case: Case) -> None:
    assert faults(case.verdict()) == ([7], [], [], 0)


@pytest.mark.parametrize(("body", "keyboard", "kind"), [
    (PLACEHOLDER, STOP, "placeholders"), (PLACEHOLDER, None, "placeholders"), ("…", None, "placeholders"),
    (SHORT.answer[:40], STOP, "parts"),
])  # fmt: skip
async def test_what_is_unfinished_is_no_answer_and_left_behind(
    case: Case, body: str, keyboard: list[list[Button]] | None, kind: str
) -> None:
    case.say(body, keyboard)
    verdict = case.verdict()
    assert (verdict.lost, +verdict.orphans) == ([7], {kind: 1})


async def test_two_answers_are_one_too_many(case: Case) -> None:
    case.say(ANSWER, ENDING)
    case.say(ANSWER, ENDING, reply_to=0)
    assert faults(case.verdict())[:3] == ([], [7], [])


@pytest.mark.parametrize("text", [
    replace(SHORT, version=1).answer + BELOW, SHORT.answer[:40] + BELOW, SHORT.answer + " Và nữa." + BELOW,
    SHORT.answer,
])  # fmt: skip
async def test_another_text_is_wrong(case: Case, text: str) -> None:
    case.say(text, ENDING)
    assert faults(case.verdict())[:3] == ([], [], [7])


async def test_an_edit_asks_for_another_answer(case: Case) -> None:
    case.say(ANSWER, ENDING)
    case.asked.wordings.append(replace(SHORT, version=1))
    assert case.verdict().wrong == [7]
    told = story_of(case.telegram, case.traffic, 7)
    assert all(part in told for part in ("bản 0, ngắn", "version=1", SHORT.answer[:20]))


async def test_a_sentence_instead_of_an_answer_is_told(case: Case) -> None:
    case.say(translate("vi", "inbox.gave_up"))
    verdict = case.verdict()
    assert verdict.is_exact
    assert verdict.notices == {"inbox.gave_up": 1}


async def test_a_question_is_stopped_only_by_its_asker_and_after_its_latest_wording(case: Case) -> None:
    case.say(NOTICE)
    assert case.verdict().wrong == [7]
    case.traffic.stop(case.asked)
    assert case.verdict().is_exact
    case.asked.changed = case.traffic.stops[0].done + 1
    assert case.verdict().wrong == [7]


async def test_one_word_stops_one_question(case: Case) -> None:
    case.say(NOTICE)
    message = case.telegram.people.ask(case.an, case.group, Wording(8).text)
    case.traffic.asked[case.group, message] = Asked((case.group, message), case.an, [Wording(8)], -1)
    case.say(NOTICE, reply_to=message)
    case.traffic.stop(case.asked)
    verdict = case.verdict()
    assert (verdict.overstopped, verdict.wrong, verdict.is_exact) == (1, [], False)


async def test_what_is_said_to_who_stops_belongs_to_no_question(case: Case) -> None:
    case.say(ANSWER, ENDING)
    case.say(translate("en", "telegram.stopped"))
    assert faults(case.verdict()) == ([], [], [], 0)


async def test_an_answer_in_two_messages_is_whole_only_with_both(case: Case) -> None:
    case.asked.wordings[:] = [LONG]
    half = LONG.answer.index("\n\n", 3_000)
    first = case.say(LONG.answer[:half])
    case.say(LONG.answer[half:] + BELOW, ENDING)
    assert case.verdict().is_exact
    case.say(LONG.answer[:half])
    assert case.verdict().orphans["parts"] == 1
    del case.telegram.world.chat(case.group).messages[first.id]
    assert case.verdict().wrong == [7]


async def test_a_message_of_no_question_is_left_behind(case: Case) -> None:
    case.say(ANSWER, ENDING)
    case.say("Xin chào.", reply_to=0)
    assert case.verdict().orphans["of no question"] == 1


async def test_more_than_a_few_left_behind_are_too_many(case: Case) -> None:
    case.say(PLACEHOLDER, STOP)
    case.say(ANSWER, ENDING)
    assert not case.verdict().is_exact


async def test_a_message_is_read_as_people_see_it(case: Case) -> None:
    one, waiting = ours(case.say(ANSWER, ENDING)), ours(case.say(SHORT.answer, STOP))
    assert (one.number, one.asked, one.is_ending) == (7, case.asked.place, True)
    assert (waiting.number, waiting.is_unfinished, waiting.is_ending) == (7, True, False)


async def test_people_ask_everywhere_edit_and_stop(case: Case) -> None:
    case.say(ANSWER, ENDING)
    async with asyncio.TaskGroup() as group:
        await case.traffic.flow(group, 200, 0.1)
    asked = case.traffic.asked.values()
    assert len(asked) == 201
    assert {one.place[0] for one in asked} > set(case.traffic.groups)
    assert [one for one in asked if one.place[0] > 0]
    messages = [case.telegram.message(*one.place) for one in asked]
    assert [message for message in messages if message.reply_to]
    assert {stop.chat > 0 for stop in case.traffic.stops} == {True, False}
    edited = [one for one in asked if len(one.wordings) > 1]
    assert edited
    assert all(one.wordings[-1].text in case.telegram.message(*one.place).text for one in edited)


async def test_what_people_see_and_when_is_noted() -> None:
    async with open_desk(PlayedModel(0.1), slots=2, people=2, groups=1) as desk:
        asked = [desk.ask(), desk.ask(directly=True)]
        await desk.answered(*asked)
        accepted = await desk.accepted_at()
        seen = Screens({place: wording.number for place, wording in desk.asked.items()}).read(desk.telegram)
        assert len(desk.telegram.called("sendMessageDraft")) > 0
    for place in asked:
        placed, opened, ended = seen[place].placed_at, seen[place].opened_at, seen[place].ended_at
        assert placed is not None
        assert opened is not None
        assert ended is not None
        assert seen[place].sent_at < accepted[place] < placed < opened < ended


def named(found: list[Figure]) -> Mapping[str, float]:
    return {figure.name: figure.value for figure in found}


async def test_statuses_are_measured_in_every_case() -> None:
    found = named(await statuses(2, 2))
    assert len(found) == 4 * 11
    assert all(value == 0 for name, value in found.items() if "without an end" in name or "not seen" in name)
    assert all(0 < value < 5_000 for name, value in found.items() if "p95" in name)
    drafts = [value for name, value in found.items() if name.endswith("drafts")]
    assert all(count > 0 for count in drafts)


async def test_busy_chats_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    found = await busy(30.0, private=2, groups=1)
    assert [figure.name for figure in found if not figure.is_reached] == []
    assert [value > 0 for name, value in named(found).items() if name.endswith(": answers")] == [True] * 5
    assert "calls {'" in capsys.readouterr().out


async def test_a_flood_is_told() -> None:
    found = named(await measured("tight", Talk(limits=Rates(scale=0.3), beside=1.0), [7001, -1001], 60.0))
    assert found["tight: refused as too many"] > 0
    assert found["tight: sentences unsaid"] > 0


async def test_processes_that_are_killed_lose_nothing() -> None:
    course = Course(2, 12, longest_life=1.0)
    async with staged(seed=3) as stage:
        await kills(stage, course, lambda _number: None)
        verdict = judge(stage.telegram, stage.traffic)
        table = figures(stage, verdict, 1.0)
        assert len(recoveries(stage)) <= 2
        assert (stage.telegram.lost, stage.telegram.violations) == ([], [])
    assert (verdict.questions, len(stage.killed_at), stage.statuses) == (12, 2, [0])
    assert (verdict.lost, verdict.twice, verdict.wrong, verdict.overstopped) == ([], [], [], 0)
    assert table.row_count == 15


async def test_a_process_that_ends_by_itself_ends_the_run() -> None:
    async with staged() as stage:
        stage.options = replace(stage.options, token="900001:nobodys-token")
        with pytest.raises(WorkerEnded, match="SotayError"):
            await stage.connected(await stage.start())


def test_the_command_line_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert (arguments(["crash"]).kills, arguments(["crash"]).questions) == (100, 2000)
    with pytest.raises(SystemExit):
        arguments(["--help"])
    told = capsys.readouterr().out
    assert all(part in told for part in ("status", "busy", "crash", "Limits are off"))

"""The Slack benchmarks, small: they run, they measure, and their verdict finds what is wrong."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import pytest

from benchmarks.crash.stage import WorkerEnded
from benchmarks.figures import Figure
from benchmarks.slack.__main__ import arguments
from benchmarks.slack.crash import Course, figures, kills, recoveries
from benchmarks.slack.desk import open_desk
from benchmarks.slack.drop import drops
from benchmarks.slack.record import delivered_at, is_status, ours, seen_under
from benchmarks.slack.script import PlayedModel, Wording, asked_last, number_in
from benchmarks.slack.stage import RETRIES, staged
from benchmarks.slack.status import statuses
from benchmarks.slack.streams import streams
from benchmarks.slack.traffic import Asked, Traffic
from benchmarks.slack.verdict import Facts, Verdict, judge
from core.texts import translate
from tests.bots.slack.office import MANIFEST
from tests.slack_server import Json, Message, Rates, SlackServer
from tests.slack_server.messages import Stream

FEEDBACK: Json = {"type": "context_actions", "elements": []}
SHORT, LONG = Wording(7), Wording(7, 0, is_long=True)
PLACEHOLDER = translate("vi", "inbox.searching_in", documents=3)
KEY = "slack:T1:{channel}:{ts}"


@dataclass
class Case:
    """One question in a Slack without an app, and what is put under it by hand."""

    slack: SlackServer
    asked: Asked
    deleted_at: float | None = None

    def say(self, body: str, part: int = 0, *, is_last: bool = True, marked: str = "q1") -> Message:
        """A message of ours in the thread."""
        bot, payload = self.slack.app.bot_user, {"question_id": marked, "part": part}
        blocks = [{"type": "markdown", "text": body}, *([FEEDBACK] if is_last else [])]
        metadata = {"event_type": "sotay_answer", "event_payload": payload} if marked else None
        ts, channel = self.slack.workspace.new_ts(), self.asked.channel
        message = Message(ts, channel, bot, body, self.asked.root, blocks=blocks, metadata=metadata)
        self.slack.workspace.put(message)
        return message

    def verdict(self, written: Mapping[str, float] | None = None) -> Verdict:
        keys = {"q1": KEY.format(channel=self.asked.channel, ts=self.asked.ts)}
        deleted = {} if self.deleted_at is None else {self.asked.ts: self.deleted_at}
        return judge(self.slack, {self.asked.ts: self.asked}, Facts(keys, written or {}, deleted))


@pytest.fixture
async def case() -> AsyncIterator[Case]:
    async with SlackServer(dict(MANIFEST)) as slack:
        an = slack.people.add_user("An")
        channel = slack.people.add_channel("chung", [an])
        ts = slack.people.ask(an, channel, SHORT.text)
        yield Case(slack, Asked(ts, ts, channel, an, [SHORT]))


def faults(verdict: Verdict) -> tuple[list[int], list[int], list[int], int]:
    return verdict.lost, verdict.twice, verdict.wrong, verdict.orphans.total()


def test_what_is_asked_and_answered_names_its_question() -> None:
    wordings = [Wording(3), Wording(12, 2, is_long=True)]
    assert [asked_last(f"Câu hỏi 1, bản 0, dài: ?\n{wording.text}") for wording in wordings] == wordings
    assert [[*map(number_in, wording.answer.split("\n\n"))] for wording in wordings] == [[3], [12] * 61]
    assert number_in(PLACEHOLDER) is None
    assert len(wordings[1].answer) > 4_000


def test_what_is_shown_while_work_is_under_way_is_no_outcome() -> None:
    waiting = translate("vi", "inbox.waiting", position=3, seconds=15)
    assert [is_status(text) for text in (PLACEHOLDER, waiting, translate("vi", "inbox.gave_up"), SHORT.answer)] == [
        True,
        True,
        False,
        False,
    ]


async def test_an_answer_is_exact(case: Case) -> None:
    case.say(SHORT.answer)
    verdict = case.verdict()
    assert verdict.is_exact
    assert faults(verdict) == ([], [], [], 0)


async def test_a_question_under_which_nothing_stands_is_lost(case: Case) -> None:
    assert faults(case.verdict()) == ([7], [], [], 0)


async def test_a_placeholder_is_no_answer_and_left_behind(case: Case) -> None:
    case.say(PLACEHOLDER, is_last=False)
    verdict = case.verdict()
    assert (verdict.lost, dict(verdict.orphans)) == ([7], {"placeholders": 1, "of no question": 0})


async def test_two_answers_are_one_too_many(case: Case) -> None:
    case.say(SHORT.answer)
    case.say(SHORT.answer, marked="q2")
    assert faults(case.verdict())[:3] == ([], [7], [])


@pytest.mark.parametrize("text", [replace(SHORT, version=1).answer, SHORT.answer[:40], SHORT.answer + " Và nữa."])
async def test_another_text_is_wrong(case: Case, text: str) -> None:
    case.say(text)
    assert faults(case.verdict())[:3] == ([], [], [7])


async def test_an_edit_asks_for_another_answer(case: Case) -> None:
    case.say(SHORT.answer)
    case.asked.wordings.append(replace(SHORT, version=1))
    assert case.verdict().wrong == [7]


async def test_a_stream_that_nobody_ended_is_left_behind(case: Case) -> None:
    message = case.say("", marked="", is_last=False)
    message.blocks, message.stream = [], Stream(0.0, case.asked.person, stoppable=True, text=SHORT.answer)
    verdict = case.verdict()
    assert (verdict.lost, verdict.orphans["open streams"]) == ([7], 1)
    message.stream.over, message.blocks, message.metadata = "stopped", [FEEDBACK], case.say(PLACEHOLDER).metadata
    assert case.verdict().lost == []


async def test_a_sentence_instead_of_an_answer_is_told(case: Case) -> None:
    case.say(translate("vi", "inbox.gave_up"), is_last=False)
    verdict = case.verdict()
    assert verdict.is_exact
    assert verdict.notices == {"inbox.gave_up": 1}


async def test_an_answer_in_two_messages_is_whole_only_with_both(case: Case) -> None:
    case.asked.wordings[:] = [LONG]
    half = LONG.answer.index("\n\n", 3_000)
    case.say(LONG.answer[half:], 1)
    assert case.verdict().wrong == [7]
    case.say(LONG.answer[:half], 0, is_last=False)
    assert case.verdict().is_exact
    case.say(LONG.answer[:half], 2, is_last=False)
    assert case.verdict().orphans["parts"] == 1


@pytest.mark.parametrize(("deleted_at", "wrong"), [(5.0, []), (3.0, [7]), (None, [])])
async def test_a_deleted_question_keeps_what_stood_there_before(
    case: Case, deleted_at: float | None, wrong: list[int]
) -> None:
    case.asked.is_deleted, case.deleted_at = True, deleted_at
    assert case.verdict().is_exact
    message = case.say(SHORT.answer)
    assert case.verdict({message.ts: 4.0}).wrong == wrong


async def test_a_message_of_no_question_is_left_behind(case: Case) -> None:
    case.say(SHORT.answer)
    case.say("Xin chào.", marked="q9")
    assert case.verdict().orphans["of no question"] == 1


async def test_a_message_is_read_as_people_see_it(case: Case) -> None:
    one = ours(case.say(SHORT.answer))
    assert (one.number, one.question_id, one.part, one.is_ending) == (7, "q1", 0, True)


async def test_people_ask_everywhere_edit_and_delete() -> None:
    async with SlackServer(dict(MANIFEST)) as slack:
        traffic = Traffic(slack, random.Random(1))  # noqa: S311
        first = traffic.ask()
        case = Case(slack, first)
        case.say(first.wordings[0].answer)
        async with asyncio.TaskGroup() as group:
            await traffic.flow(group, 200, 0.1)
        asked = traffic.asked.values()
        assert {one.channel[0] for one in asked} == {"C", "D"}
        assert [one.root for one in asked if one.root != one.ts]
        assert [one for one in asked if len(one.wordings) > 1]
        assert [one for one in asked if one.is_deleted]
        edited = next(one for one in asked if len(one.wordings) > 1 and not one.is_deleted)
        assert edited.wordings[-1].text in slack.message(edited.ts).text


async def test_what_people_see_and_when_is_noted() -> None:
    async with open_desk(PlayedModel(0.1), rates=Rates(on=False), slots=2, people=2, channels=1) as desk:
        asked = [desk.ask(), desk.ask(directly=True)]
        await desk.answered(*asked)
        sent, seen = delivered_at(desk.slack, desk.watch), seen_under(desk.slack)
        for ts in asked:
            placed, opened, ended = seen[ts].placed_at, seen[ts].opened_at, seen[ts].ended_at
            assert placed is not None
            assert opened is not None
            assert ended is not None
            assert sent[ts] < placed < opened < ended
        assert desk.watch.acked.keys() <= desk.watch.sent.keys()


def named(found: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in found}


async def test_statuses_are_measured_in_every_case() -> None:
    found = named(await statuses(2, 2))
    assert len(found) == 4 * 8 - 2  # without a status line there is no stream
    assert [value for name, value in found.items() if "streamed" in name] == [2, 0, 2, 2]
    assert all(value == 0 for name, value in found.items() if "without an end" in name)
    assert all(0 < value < 5_000 for name, value in found.items() if "p95" in name)


async def test_answers_under_limits_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    found = named(await streams(4, 0.4))
    assert (found["answers that are not whole"], found["rules broken"], found["streamed to the end"]) == (0, 0, 4)
    assert found["from the questions to the last whole answer"] > 0.4
    assert "asked to wait: never; violations: none" in capsys.readouterr().out


async def test_what_was_asked_while_slack_was_away_is_answered() -> None:
    found = await drops(1, 0.4)
    assert [figure.name for figure in found if not figure.is_reached] == []
    assert min(named(found).values()) > 0


async def test_processes_that_are_killed_lose_nothing() -> None:
    course = Course(2, 12, longest_life=1.0)
    async with staged(seed=3) as stage:
        await kills(stage, course, lambda _number: None)
        facts = await stage.facts()
        verdict = judge(stage.slack, stage.traffic.asked, facts)
        table = figures(stage, course, verdict, facts, 1.0)
        assert len(recoveries(stage, facts.written)) <= 2
    assert (verdict.questions, len(stage.killed_at), stage.statuses) == (12, 2, [0])
    assert (verdict.lost, verdict.twice, verdict.orphans.total()) == ([], [], 0)
    assert table.row_count == 13


async def test_a_process_that_ends_by_itself_ends_the_run() -> None:
    async with staged() as stage:
        stage.options = replace(stage.options, app_token="xapp-nobody's")
        with pytest.raises(WorkerEnded, match="SotayError"):
            await stage.connected(await stage.start(), 0)


def test_the_command_line_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert arguments(["crash", "--retries"]).retries == []
    assert arguments(["crash"]).retries == list(RETRIES)
    with pytest.raises(SystemExit):
        arguments(["--help"])
    told = capsys.readouterr().out
    assert all(part in told for part in ("status", "streams", "drop", "crash", "--strict-rates"))

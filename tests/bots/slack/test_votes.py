"""Votes from buttons and reactions: what is stored, what is acknowledged, what is said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from bots.reading import Payload
from bots.slack import controls
from bots.slack.events import Confirmation
from bots.slack.ids import person_of
from bots.slack.views import read_target
from bots.slack.votes import SAY_WHY, Place, Thanks, Votes, place_of
from core.conversation import Language
from tests.bots.slack.bench import KEPT, TEAM, Bench, Shown, a_bench

ROBOT = "U0ROBOT"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


@pytest.fixture
def votes(bench: Bench) -> Votes:
    async def is_bot(user: str) -> bool:
        return user == ROBOT

    return Votes(bench.feedback, bench.threads, bench.telling, bench.identity, is_bot)


@pytest.fixture
async def at_work(bench: Bench, votes: Votes) -> AsyncIterator[Bench]:
    def register(app: AsyncApp) -> None:
        bench.on_action(app, controls.VOTE, votes.keep, votes.after)
        bench.on_action(app, SAY_WHY, votes.keep_wish, votes.after)

    async with bench.listening(register):
        yield bench


def reaction(bench: Bench, shown: Shown, name: str, at: int = 1, **changes: Any) -> Payload:  # noqa: ANN401
    item = {"type": "message", "channel": shown.channel, "ts": shown.ts}
    event = {"type": "reaction_added", "user": bench.lan, "reaction": name, "item": item}
    return event | {"item_user": bench.identity.user, "event_ts": f"{at}.000000"} | changes


async def vote_of(bench: Bench, shown: Shown, user: str) -> int | None:
    given = await bench.given(shown, user)
    return given.vote if given else None


async def test_a_thumb_up_is_kept_and_thanked_for_in_the_thread(at_work: Bench) -> None:
    shown = await at_work.answered()
    pressed = await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
    assert pressed.acknowledged
    assert await vote_of(at_work, shown, at_work.lan) == 1
    told = await at_work.told(at_work.lan)
    assert (told.channel, told.thread_ts) == (shown.channel, shown.asked_ts)
    assert told.text.startswith("Cảm ơn bạn")
    assert not at_work.slack.views(at_work.lan)


async def test_only_the_first_thanks_say_that_votes_are_kept(at_work: Bench) -> None:
    shown = await at_work.answered()
    for count in (1, 2):
        await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
        assert (KEPT in (await at_work.told(at_work.lan, count)).text) is (count == 1)


async def test_who_could_not_be_told_is_told_the_next_time(at_work: Bench) -> None:
    shown = await at_work.answered()
    at_work.slack.fail("chat.postEphemeral", "user_not_in_channel")
    await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
    await at_work.slack.until(lambda slack: slack.called("chat.postEphemeral"))
    await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
    assert KEPT in (await at_work.told(at_work.lan)).text


async def test_a_thumb_down_asks_why_at_once(at_work: Bench) -> None:
    shown = await at_work.answered(language=Language.ENGLISH)
    await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "negative")
    await at_work.told(at_work.lan)
    modal = await at_work.modal(at_work.lan)
    target, place = read_target(modal), Place(shown.channel, shown.asked_ts, "en")
    assert (target.answer_id, Place.of(target.place)) == (shown.answer.id, place)
    assert modal["title"]["text"] == "About this answer"
    methods = [call.method for call in at_work.slack.calls if call.method in {"views.open", "chat.postEphemeral"}]
    assert methods == ["views.open", "chat.postEphemeral"]
    assert await vote_of(at_work, shown, at_work.lan) == -1


async def test_the_language_that_a_person_has_chosen_goes_before_the_answers(at_work: Bench) -> None:
    await at_work.people.choose_language(person_of(at_work.lan), "en")
    shown = await at_work.answered()
    await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
    assert (await at_work.told(at_work.lan)).text.startswith("Thank you")


async def test_the_last_vote_counts_whatever_comes_late(at_work: Bench, votes: Votes) -> None:
    shown = await at_work.answered()
    await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "positive")
    assert await votes.react(reaction(at_work, shown, "-1", at=5), TEAM) is None
    assert await vote_of(at_work, shown, at_work.lan) == 1


async def test_the_platforms_time_of_a_click_decides_which_vote_is_the_last(bench: Bench, votes: Votes) -> None:
    shown = await bench.answered()
    container = {"message_ts": shown.ts, "channel_id": shown.channel}
    click = {"action_id": controls.VOTE, "value": f"up:{shown.answer.id}", "action_ts": "100.000000"}
    assert await votes.keep({"user": {"id": bench.lan}, "container": container, "actions": [click]})
    assert await votes.react(reaction(bench, shown, "-1", at=99), TEAM) is None
    assert await vote_of(bench, shown, bench.lan) == 1
    assert await votes.react(reaction(bench, shown, "-1", at=101), TEAM)
    assert await vote_of(bench, shown, bench.lan) == -1


async def test_a_thumb_under_another_message_counts_for_nothing(
    at_work: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    shown = await at_work.answered()
    copy = await at_work.post(shown.answer, shown.channel)
    assert (await at_work.slack.hands.click(at_work.lan, copy, controls.VOTE, "positive")).acknowledged
    assert await at_work.given(shown, at_work.lan) is None
    assert shown.answer.id in caplog.text


async def test_a_vote_that_cannot_be_stored_is_not_acknowledged(at_work: Bench) -> None:
    shown = await at_work.answered()
    await at_work.close_store()
    assert not (await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "negative")).acknowledged
    assert at_work.slack.user_errors
    assert not at_work.slack.views(at_work.lan)
    assert not at_work.slack.ephemerals(at_work.lan)
    await at_work.open_store()
    assert (await at_work.slack.hands.click(at_work.lan, shown.ts, controls.VOTE, "negative")).acknowledged
    assert await vote_of(at_work, shown, at_work.lan) == -1


@pytest.mark.parametrize("value", ["", "up", "up:", "sideways:a1"])
async def test_a_click_that_is_no_vote_is_passed_over(votes: Votes, value: str) -> None:
    body = {"user": {"id": "U1"}, "actions": [{"action_id": controls.VOTE, "value": value}]}
    assert await votes.keep(body) is None
    assert await votes.keep({}) is None


@pytest.mark.parametrize(
    ("name", "vote"),
    [("+1", 1), ("thumbsup", 1), ("-1", -1), ("thumbsdown", -1), ("+1::skin-tone-3", 1), ("-1::skin-tone-6", -1)],
)
async def test_a_thumb_as_a_reaction_is_a_vote(bench: Bench, votes: Votes, name: str, vote: int) -> None:
    shown = await bench.answered()
    thanks = await votes.react(reaction(bench, shown, name), TEAM)
    assert isinstance(thanks, Thanks)
    assert (thanks.channel, thanks.user, thanks.thread_ts) == (shown.channel, bench.lan, shown.asked_ts)
    assert await vote_of(bench, shown, bench.lan) == vote
    assert await votes.react(reaction(bench, shown, name), TEAM) is None


async def test_a_reaction_taken_back_takes_back_its_own_vote_only(bench: Bench, votes: Votes) -> None:
    shown = await bench.answered()
    await votes.react(reaction(bench, shown, "-1", at=1), TEAM)
    removed = {"type": "reaction_removed"}
    assert await votes.react(reaction(bench, shown, "+1", at=2, **removed), TEAM) is None
    assert await vote_of(bench, shown, bench.lan) == -1
    assert await votes.react(reaction(bench, shown, "-1", at=3, **removed), TEAM) is None
    assert await vote_of(bench, shown, bench.lan) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"reaction": "eyes"},
        {"user": "U0BOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"item_user": "U0002"},
        {"item": {"type": "file", "file": "F1"}},
        {"item": {"type": "message", "channel": "C9", "ts": "1.000000"}},
        {"item": "nonsense"},
        {"event_ts": "soon"},
    ],
)
async def test_other_reactions_are_no_votes(bench: Bench, votes: Votes, changes: dict[str, Any]) -> None:
    shown = await bench.answered()
    assert await votes.react(reaction(bench, shown, "+1", **changes), TEAM) is None
    assert await bench.given(shown, bench.lan) is None


async def test_a_message_is_ours_by_what_we_know_where_slack_does_not_say_whose_it_is(
    bench: Bench, votes: Votes
) -> None:
    shown = await bench.answered()
    assert await votes.react(reaction(bench, shown, "+1", item_user=None), TEAM)
    assert await vote_of(bench, shown, bench.lan) == 1


async def test_a_thumb_down_as_a_reaction_brings_a_button_that_asks_why(at_work: Bench, votes: Votes) -> None:
    shown = await at_work.answered()
    thanks = await votes.react(reaction(at_work, shown, "thumbsdown"), TEAM)
    assert isinstance(thanks, Thanks)
    await votes.confirm(thanks)
    told = await at_work.told(at_work.lan)
    assert told.thread_ts == shown.asked_ts
    assert KEPT in told.seen()
    assert (await at_work.slack.hands.click(at_work.lan, told.ts, SAY_WHY)).acknowledged
    target, place = read_target(await at_work.modal(at_work.lan)), Place(shown.channel, shown.asked_ts, "vi")
    assert (target.answer_id, Place.of(target.place)) == (shown.answer.id, place)
    assert len(at_work.slack.ephemerals(at_work.lan)) == 1


async def test_a_thumb_up_as_a_reaction_brings_a_sentence_alone(bench: Bench, votes: Votes) -> None:
    thanks = await votes.react(reaction(bench, await bench.answered(), "+1"), TEAM)
    assert isinstance(thanks, Thanks)
    await votes.confirm(thanks)
    assert not (await bench.told(bench.lan)).blocks


async def test_a_wish_to_say_why_about_an_answer_that_stands_elsewhere_is_none(bench: Bench, votes: Votes) -> None:
    shown = await bench.answered()
    container = {"message_ts": "1.000000", "channel_id": bench.office, "is_ephemeral": True}
    click = {"action_id": SAY_WHY, "value": shown.answer.id}
    body = {"user": {"id": bench.lan}, "container": container, "actions": [click]}
    assert await votes.keep_wish(body) is None
    here = body | {"container": container | {"channel_id": shown.channel}}
    assert await votes.keep_wish(here) is not None


async def test_a_programs_reaction_is_taken_back(bench: Bench, votes: Votes) -> None:
    shown = await bench.answered()
    thanks = await votes.react(reaction(bench, shown, "+1", user=ROBOT), TEAM)
    assert isinstance(thanks, Confirmation)
    assert isinstance(thanks, Thanks)
    await votes.confirm(thanks)
    assert await vote_of(bench, shown, ROBOT) == 0
    assert not bench.slack.called("chat.postEphemeral")


async def test_an_answer_that_went_elsewhere_is_spoken_of_outside_the_thread(bench: Bench) -> None:
    shown = await bench.answered()
    ours = await bench.threads.question_by_answer(shown.answer.id)
    assert ours is not None
    assert place_of(ours, shown.channel) == Place(shown.channel, shown.asked_ts, "vi")
    assert place_of(ours, "D0001") == Place("D0001", None, "vi")


def test_an_answer_outside_a_thread_is_spoken_of_outside_one() -> None:
    for place in (Place("C1"), Place("C1", "1.000000"), Place("C1", None, "en")):
        assert Place.of(str(place)) == place
    assert Place.of("C1/no time") == Place("C1")

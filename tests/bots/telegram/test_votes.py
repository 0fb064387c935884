"""Votes from buttons and reactions: what is stored, what is said."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.telegram import controls
from bots.telegram.ids import person_of
from bots.telegram.presses import moment
from bots.telegram.votes import BAD, GOOD, reaction_of
from core.conversation import Language, Outcome
from core.errors import StoreError
from tests.bots.telegram.bench import SLACK_BOSS, Bench, a_bench
from tests.bots.telegram.furniture import labels, texts
from tests.telegram_server.refusals import Json


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


def emoji(*signs: str) -> list[Json]:
    return [{"type": "emoji", "emoji": sign} for sign in signs]


def reaction(*new: str, old: tuple[str, ...] = (), **changes: object) -> Json:
    chat = {"id": 7001, "type": "private", "first_name": "An"}
    user = {"id": 7001, "is_bot": False, "first_name": "An"}
    told = {"chat": chat, "message_id": 5, "user": user, "date": 1_800_000_000}
    return told | {"old_reaction": emoji(*old), "new_reaction": emoji(*new)} | changes


async def test_a_thumb_up_is_kept_and_thanked_for_on_the_button(bench: Bench) -> None:
    shown = await bench.answered()
    press = await bench.press(bench.an, shown.chat, shown.message, "👍")
    assert await bench.vote(shown, bench.an) == GOOD
    assert press.text.startswith("Cảm ơn bạn")
    assert bench.last(shown.chat).id == shown.message


async def test_only_the_first_thanks_say_that_votes_are_kept(bench: Bench) -> None:
    shown = await bench.answered()
    first, second = [await bench.press(bench.an, shown.chat, shown.message, "👍") for _ in range(2)]
    assert ("/quyen" in first.text, "/quyen" in second.text) == (True, False)
    assert (first.is_alert, second.is_alert) == (True, False)


async def test_who_could_not_be_told_is_told_the_next_time(bench: Bench) -> None:
    shown = await bench.answered()
    bench.telegram.fail("answerCallbackQuery", "Bad Request: query is too old and response timeout expired")
    await bench.press(bench.an, shown.chat, shown.message, "👍")
    assert "/quyen" in (await bench.press(bench.an, shown.chat, shown.message, "👍")).text


async def test_a_thumb_down_asks_why_under_the_answer_and_once(bench: Bench) -> None:
    shown = await bench.answered(language=Language.ENGLISH)
    for _ in range(2):
        await bench.press(bench.an, shown.chat, shown.message, "👎")
    assert await bench.vote(shown, bench.an) == BAD
    asking = [message for message in bench.telegram.said(shown.chat) if message.reply_to == shown.message]
    assert texts(asking) == [
        "What is wrong with the answer? Choose a reason, or reply to this message with the right answer."
    ]
    assert len(labels(asking[0])) == len(controls.REASONS)


async def test_a_vote_can_be_changed(bench: Bench) -> None:
    shown = await bench.answered()
    await bench.press(bench.an, shown.chat, shown.message, "👎")
    await bench.press(bench.an, shown.chat, shown.message, "👍")
    assert await bench.vote(shown, bench.an) == GOOD


async def test_each_person_in_a_group_has_a_vote(bench: Bench) -> None:
    await bench.admission.admit(person_of(bench.group), "lan", bench.clock.now())
    shown = await bench.answered(chat=bench.group)
    await bench.press(bench.an, shown.chat, shown.message, "👍")
    await bench.press(bench.guest, shown.chat, shown.message, "👎")
    assert (await bench.vote(shown, bench.an), await bench.vote(shown, bench.guest)) == (GOOD, BAD)


async def test_a_linked_person_votes_as_the_one_on_slack(bench: Bench) -> None:
    code = await bench.admission.link_code(SLACK_BOSS, bench.clock.now())
    assert await bench.admission.link(code, person_of(bench.an), bench.clock.now()) == SLACK_BOSS
    shown = await bench.answered()
    await bench.press(bench.an, shown.chat, shown.message, "👍")
    given = await bench.given(shown, SLACK_BOSS)
    assert given is not None
    assert given.vote == GOOD


async def test_a_stranger_does_not_vote(bench: Bench) -> None:
    shown = await bench.answered(chat=bench.group)
    press = await bench.press(bench.guest, shown.chat, shown.message, "👍")
    assert "mã mời" in press.text
    assert await bench.vote(shown, bench.guest) is None


async def test_what_the_store_does_not_take_is_not_confirmed(bench: Bench) -> None:
    shown = await bench.answered()
    await bench.close_store()
    with pytest.raises(StoreError):
        await bench.press(bench.an, shown.chat, shown.message, "👍")
    await bench.open_store()
    assert not bench.telegram.called("answerCallbackQuery")
    assert await bench.vote(shown, bench.an) is None


async def test_a_press_under_a_message_that_the_answer_does_not_stand_in_is_no_vote(bench: Bench) -> None:
    shown = await bench.answered()
    rows = controls.under_answer("vi", shown.answer.id, has_sources=False, asks_owner=False)
    other = await bench.api.bot.send_message(bench.an, "khác")
    await bench.telling.rewrite(bench.an, other.message_id, "khác", rows)
    press = await bench.press(bench.an, bench.an, other.message_id, "👍")
    assert "không còn" in press.text
    assert await bench.vote(shown, bench.an) is None


async def test_an_answer_that_was_forgotten_takes_no_vote(bench: Bench) -> None:
    shown = await bench.answered()
    await bench.people.forget(person_of(bench.an))
    press = await bench.press(bench.an, shown.chat, shown.message, "👍")
    assert "không còn" in press.text


async def test_a_reaction_in_private_is_a_vote_and_thanked_for(bench: Bench) -> None:
    shown = await bench.answered()
    [thanks] = await bench.react(bench.an, shown, "👍")
    assert (await bench.vote(shown, bench.an), thanks.reply_to) == (GOOD, shown.message)
    assert await bench.react(bench.an, shown) == []
    assert await bench.vote(shown, bench.an) == 0


async def test_a_thumb_down_as_a_reaction_asks_why_too(bench: Bench) -> None:
    shown = await bench.answered()
    said = await bench.react(bench.an, shown, "👎")
    assert len(labels(said[-1])) == len(controls.REASONS)
    assert await bench.vote(shown, bench.an) == BAD


async def test_another_reaction_in_its_place_takes_the_vote_back(bench: Bench) -> None:
    shown = await bench.answered()
    await bench.react(bench.an, shown, "👍")
    await bench.react(bench.an, shown, "❤")
    assert await bench.vote(shown, bench.an) == 0


async def test_of_changes_within_one_second_the_last_counts(bench: Bench) -> None:
    shown = await bench.answered()
    moves = bench.telegram.moves
    for sign in ("👍", "👎", "👍", "👎"):
        moves.react(bench.an, shown.chat, shown.message, sign)
    await bench.heed()
    assert await bench.vote(shown, bench.an) == BAD


async def test_a_reaction_that_comes_twice_counts_once(bench: Bench) -> None:
    shown = await bench.answered()
    bench.telegram.moves.react(bench.an, shown.chat, shown.message, "👍")
    afters = await bench.heed(again=True)
    assert [after is not None for after in afters] == [True, False]


async def test_in_a_group_that_the_bot_rules_reactions_are_votes_without_a_word(bench: Bench) -> None:
    telegram = bench.telegram
    telegram.moves.promote(telegram.bot.id, bench.group, by=bench.an)
    shown = await bench.answered(chat=bench.group)
    assert await bench.react(bench.lan, shown, "👍") == []
    assert await bench.vote(shown, bench.lan) == GOOD


async def test_a_strangers_reaction_is_no_vote(bench: Bench) -> None:
    telegram = bench.telegram
    telegram.moves.promote(telegram.bot.id, bench.group, by=bench.an)
    shown = await bench.answered(chat=bench.group)
    assert await bench.react(bench.guest, shown, "👎") == []
    assert await bench.vote(shown, bench.guest) is None


async def test_a_group_is_asked_why_once_for_all(bench: Bench) -> None:
    shown = await bench.answered(chat=bench.group)
    for user in (bench.an, bench.lan):
        await bench.press(user, shown.chat, shown.message, "👎")
    assert len(bench.telegram.said(shown.chat)) == 2
    assert (await bench.vote(shown, bench.an), await bench.vote(shown, bench.lan)) == (BAD, BAD)


async def test_a_reaction_to_what_is_no_answer_is_nothing(bench: Bench) -> None:
    shown = await bench.answered(Outcome.NOT_FOUND)
    bench.telegram.moves.react(bench.an, shown.chat, shown.asked, "👍")
    assert await bench.heed() == [None]


@pytest.mark.parametrize("sign", ["👍", "👍🏻", "👍🏿", "👍️"])
def test_a_thumb_counts_in_every_colour(sign: str) -> None:
    read = reaction_of(reaction(sign), 1)
    assert read is not None
    assert (read.value, read.is_taken_back) == (GOOD, False)


@pytest.mark.parametrize(
    ("old", "new", "value", "is_taken_back"),
    [
        (("👍",), (), GOOD, True),
        (("👎",), ("🔥",), BAD, True),
        (("👍",), ("👎",), BAD, False),
        (("👍",), ("👍", "👎"), BAD, False),
        (("👍", "👎"), ("👎",), BAD, False),
        (("👍", "👎"), ("🔥",), None, None),
        ((), ("👍", "👎"), None, None),
        (("👍",), ("👍", "🔥"), None, None),
        (("🔥",), (), None, None),
    ],
)
def test_what_a_change_of_reactions_says(
    old: tuple[str, ...], new: tuple[str, ...], value: int | None, is_taken_back: bool | None
) -> None:
    read = reaction_of(reaction(*new, old=old), 1)
    assert (read.value if read else None, read.is_taken_back if read else None) == (value, is_taken_back)


def test_an_anonymous_administrator_reacts_as_the_chat() -> None:
    told = reaction("👍", user=None, actor_chat={"id": -1001, "type": "supergroup"})
    read = reaction_of(told, 1)
    assert read is not None
    assert read.user == -1001


@pytest.mark.parametrize(
    "changes",
    [
        {"user": {"id": 7, "is_bot": True}},
        {"user": None},
        {"message_id": "x"},
        {"chat": {}},
        {"new_reaction": [{"type": "custom_emoji", "custom_emoji_id": "👍"}]},
        {"new_reaction": [{"type": "emoji", "emoji": 5}]},
        {"new_reaction": "👍"},
    ],
)
def test_a_reaction_of_nobodys_or_without_shape_is_none(changes: Json) -> None:
    assert reaction_of(reaction("👍", **changes), 1) is None


def test_updates_of_one_second_keep_their_order() -> None:
    times = [moment(1_800_000_000, update) for update in (500_001, 500_002)]
    assert times == sorted(set(times))
    assert int(times[1].timestamp()) == 1_800_000_000

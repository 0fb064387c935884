"""Questions without a message of their own: `/hoi`, and the shortcut on somebody's message."""

from bots.slack.commands import ASK_ABOUT, QUESTION_CHARACTERS, Commands
from bots.slack.events import Confirmation
from bots.slack.identity import Identity
from core.clock import SteadyClock
from core.conversation import Language
from tests.bots.slack.lobby import BOT, TEAM, KeptInbox
from tests.bots.slack.office import ANSWER, QUESTION, Office


def commands_of(inbox: KeptInbox) -> Commands:
    return Commands(inbox, Identity(BOT, TEAM, "B1"), SteadyClock(), Language.VIETNAMESE)


def typed(text: str, trigger: str = "1.2.abc", command: str = "/hoi") -> dict[str, str]:
    where = {"team_id": TEAM, "channel_id": "C1", "user_id": "U1"}
    return where | {"text": text, "trigger_id": trigger, "command": command}


def chosen(text: str = QUESTION, action_ts: str = "1.5", **message: object) -> dict[str, object]:
    told = {"ts": "1700000000.000100", "text": text, "user": "U2", **message}
    return {
        "message": told,
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "team": {"id": TEAM},
        "action_ts": action_ts,
    }


async def test_a_command_is_repeated_to_all_who_will_read_its_answer() -> None:
    inbox = KeptInbox()
    reply = await commands_of(inbox).ask(typed(f"<@{BOT}> nghỉ <!channel> mấy ngày?"))
    assert reply["response_type"] == "in_channel"
    assert "<!" not in reply["text"]
    (asked,) = inbox.accepted
    assert (asked.text, asked.place, asked.person) == ("nghỉ @channel mấy ngày?", "slack:T1:C1", "slack:U1")
    assert asked.key == asked.conversation == "slack:T1:C1:command:1.2.abc"


async def test_a_command_without_a_question_says_how_it_is_used() -> None:
    inbox = KeptInbox()
    for text in ("", "   ", f"<@{BOT}>"):
        reply = await commands_of(inbox).ask(typed(text, command="/ask"))
        assert reply["response_type"] == "ephemeral"
        assert "/ask" in reply["text"]
    assert inbox.accepted == []


async def test_a_long_question_is_asked_whole_and_repeated_in_part() -> None:
    inbox = KeptInbox()
    reply = await commands_of(inbox).ask(typed("a" * 5_000))
    assert len(inbox.accepted[0].text or "") == 5_000
    assert QUESTION_CHARACTERS < len(reply["text"]) < 3_000


async def test_the_shortcut_asks_what_the_message_says_in_its_thread() -> None:
    inbox = KeptInbox()
    told = await commands_of(inbox).ask_about(chosen(thread_ts="1700000000.000050"))
    assert told == Confirmation("C1", "U1", "slack.shortcut_accepted", "1700000000.000050")
    (asked,) = inbox.accepted
    assert (asked.text, asked.person) == (QUESTION, "slack:U1")
    assert asked.conversation == "slack:T1:C1:1700000000.000050"
    assert asked.key == "slack:T1:C1:1700000000.000100:ask:U1:1.5"


async def test_the_shortcut_on_a_file_asks_about_the_file() -> None:
    inbox = KeptInbox()
    await commands_of(inbox).ask_about(chosen("", files=[{"id": "F1", "name": "a.pdf", "url_private": "https://f"}]))
    assert [file.name for file in inbox.accepted[0].files] == ["a.pdf"]


async def test_the_shortcut_on_a_message_that_says_nothing_is_told_so() -> None:
    inbox = KeptInbox()
    told = await commands_of(inbox).ask_about(chosen(f"<@{BOT}>"))
    assert told == Confirmation("C1", "U1", "slack.nothing_to_ask_about")
    assert inbox.accepted == []


async def test_a_shortcut_that_lacks_what_every_one_has_is_passed_over() -> None:
    inbox = KeptInbox()
    for missing in ("message", "user", "channel"):
        assert await commands_of(inbox).ask_about({**chosen(), missing: "x"}) is None
    assert await commands_of(inbox).ask_about(chosen(ts="x")) is None
    assert inbox.accepted == []


async def test_the_same_choice_delivered_twice_is_one_question_and_chosen_anew_another() -> None:
    inbox = KeptInbox()
    for action_ts in ("1.5", "1.5", "1.6"):
        await commands_of(inbox).ask_about(chosen(action_ts=action_ts))
    assert len({asked.key for asked in inbox.accepted}) == 2


async def test_a_command_is_answered_in_its_channel(office: Office) -> None:
    outcome = await office.slack.hands.command(office.an, office.channel, "/hoi", QUESTION)
    assert outcome.acknowledged
    await office.slack.until(lambda _slack: answers(office, office.channel))
    await office.slack.until(lambda slack: len(slack.messages(office.channel)) == 2)
    shown = [message.seen() for message in office.slack.messages(office.channel)]  # in either order
    assert sorted((QUESTION in text, ANSWER in text) for text in shown) == [(False, True), (True, False)]
    assert all(message.thread_ts is None for message in office.slack.messages(office.channel))


def answers(office: Office, channel: str) -> list[str]:
    """The finished answers in the channel."""
    messages = office.slack.messages(channel)
    return [message.ts for message in messages if message.metadata and ANSWER in message.seen()]


async def test_a_command_where_we_are_not_is_answered_in_private(office: Office) -> None:
    for is_private in (False, True):
        place = office.slack.people.add_channel("khác", [office.an], with_app=False, is_private=is_private)
        await office.slack.hands.command(office.an, place, "/hoi", QUESTION)
    private = office.slack.people.im(office.an)
    await office.slack.until(lambda slack: len([m for m in slack.messages(private) if m.metadata]) == 2)
    await office.slack.until(lambda _slack: answers(office, private))
    assert office.slack.user_errors == []


async def test_a_command_whose_private_answer_is_lost_on_the_way_is_answered_once(office: Office) -> None:
    place = office.slack.people.add_channel("khác", [office.an], with_app=False)
    office.slack.fail("chat.postMessage", None)
    office.slack.fail("chat.postMessage", "drop_after")
    await office.slack.hands.command(office.an, place, "/hoi", QUESTION)
    private = office.slack.people.im(office.an)
    await office.slack.until(lambda _slack: answers(office, private))
    assert len(office.slack.messages(private)) == 1


async def test_a_command_delivered_twice_is_answered_once(office: Office) -> None:
    await office.slack.hands.command(office.an, office.channel, "/hoi", QUESTION)
    delivery = office.slack.deliveries.all[-1]
    await office.slack.deliveries.ask("slash_commands", delivery.payload)
    await office.slack.until(lambda _slack: answers(office, office.channel))
    await office.slack.hands.command(office.an, office.channel, "/hoi", QUESTION)
    await office.slack.until(lambda _slack: len(answers(office, office.channel)) == 2)
    assert len([m for m in office.slack.messages(office.channel) if m.metadata]) == 2


async def test_the_shortcut_answers_under_what_another_bot_wrote(office: Office) -> None:
    ts = office.slack.people.bot_says(office.channel, QUESTION)
    outcome = await office.slack.hands.shortcut(office.an, ts, ASK_ABOUT)
    assert outcome.acknowledged
    await office.answered(office.channel, ts)
    await office.slack.until(lambda slack: slack.ephemerals(office.an))


async def test_the_shortcut_where_we_are_not_is_answered_in_private(office: Office) -> None:
    place = office.slack.people.add_channel("khác", [office.an, office.binh], with_app=False)
    ts = office.slack.people.say(office.binh, place, QUESTION)
    outcome = await office.slack.hands.shortcut(office.an, ts, ASK_ABOUT)
    assert outcome.acknowledged
    private = office.slack.people.im(office.an)
    await office.slack.until(lambda _slack: answers(office, private))
    assert len(office.slack.thread(place, ts)) == 1


async def test_the_shortcut_on_a_message_with_a_file_asks_about_both(office: Office) -> None:
    ts = office.slack.people.upload(office.binh, office.channel, "a.txt", b"x", mimetype="text/plain", text=QUESTION)
    await office.slack.hands.shortcut(office.an, ts, ASK_ABOUT)
    await office.slack.until(lambda slack: slack.called("files.download"))
    await office.answered(office.channel, ts, "")


async def test_two_people_who_choose_the_same_message_get_an_answer_each(office: Office) -> None:
    ts = office.slack.people.say(office.an, office.channel, QUESTION)
    for user in (office.an, office.binh, office.an):
        await office.slack.hands.shortcut(user, ts, ASK_ABOUT)
    await office.answered(office.channel, ts, count=3)

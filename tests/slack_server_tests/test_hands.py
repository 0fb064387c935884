"""Buttons, modals, commands and shortcuts, with the real Bolt at the other end."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack_server import Impossible, Message, SlackServer
from tests.slack_server_tests.desk import MODAL, SEE, VOTE, Desk, plain
from tests.slack_server_tests.office import client_of, connected, manifest, refusal


@pytest.fixture
def desk(slack: SlackServer) -> Desk:
    return Desk(slack)


@pytest.fixture
async def answer(slack: SlackServer, desk: Desk, general: str) -> AsyncIterator[Message]:
    """A message of the app's with buttons, and the app is there."""
    posted = await client_of(slack).chat_postMessage(channel=general, text="Mười hai ngày.", blocks=[VOTE, SEE])
    async with connected(desk.app(), slack):
        yield slack.message(posted["ts"])
    assert not slack.violations


@pytest.mark.parametrize(("choice", "value"), [("positive", "up-q1"), ("down-q1", "down-q1")])
async def test_a_vote_names_its_message_and_value(
    slack: SlackServer, desk: Desk, answer: Message, choice: str, value: str
) -> None:
    lan = next(iter(slack.workspace.channels[answer.channel].members))
    outcome = await slack.hands.click(lan, answer.ts, "vote", choice)
    assert outcome.acknowledged
    body = desk.bodies[0]
    assert (body["actions"][0]["type"], body["actions"][0]["value"]) == ("feedback_buttons", value)
    assert (body["container"]["message_ts"], body["user"]["id"]) == (answer.ts, lan)
    assert body["message"]["ts"] == answer.ts


async def test_what_is_not_there_cannot_be_pressed(slack: SlackServer, answer: Message, lan: str) -> None:
    with pytest.raises(Impossible, match="nothing with the action_id missing"):
        await slack.hands.click(lan, answer.ts, "missing")
    with pytest.raises(Impossible, match="no button sideways"):
        await slack.hands.click(lan, answer.ts, "vote", "sideways")
    stranger = slack.people.add_user("Người lạ")
    with pytest.raises(Impossible, match="is not in"):
        await slack.hands.click(stranger, answer.ts, "vote", "positive")


async def test_a_modal_is_opened_filled_in_and_sent(slack: SlackServer, desk: Desk, answer: Message, lan: str) -> None:
    await slack.hands.click(lan, answer.ts, "see")
    await slack.until(lambda s: s.views(lan))
    view = slack.views(lan)[0]
    with pytest.raises(Impossible, match="why must be filled in"):
        await slack.hands.submit(lan, view.id, {})
    with pytest.raises(Impossible, match="no option bad"):
        await slack.hands.submit(lan, view.id, {"why": "Sai số ngày", "kind": "bad"})
    with pytest.raises(Impossible, match="0 to 20 characters"):
        await slack.hands.submit(lan, view.id, {"why": "a" * 21})
    await slack.hands.submit(lan, view.id, {"why": "Sai số ngày", "kind": "wrong"})
    values = desk.bodies[-1]["view"]["state"]["values"]
    assert values["reason"]["why"] == {"type": "plain_text_input", "value": "Sai số ngày"}
    assert values["kind"]["kind"]["selected_option"]["value"] == "wrong"
    assert not slack.views(lan)


async def test_a_modal_with_errors_stays(slack: SlackServer, desk: Desk, answer: Message, lan: str) -> None:
    await slack.hands.click(lan, answer.ts, "see")
    await slack.until(lambda s: s.views(lan))
    view = slack.views(lan)[0]
    desk.answer = {"response_action": "errors", "errors": {"reason": "Quá ngắn"}}
    outcome = await slack.hands.submit(lan, view.id, {"why": "a"})
    assert (outcome.payload, slack.views(lan), slack.user_errors) == (desk.answer, [view], [])
    desk.answer = {"response_action": "errors", "errors": {"other": "Quá ngắn"}}
    await slack.hands.submit(lan, view.id, {"why": "a"})
    assert [error.what for error in slack.user_errors] == ["submit"]


@pytest.mark.parametrize(("action", "count"), [("update", 1), ("push", 2), ("clear", 0)])
async def test_a_modal_leads_on(slack: SlackServer, desk: Desk, answer: Message, action: str, count: int) -> None:
    lan = slack.workspace.channels[answer.channel].members[0]
    await slack.hands.click(lan, answer.ts, "see")
    await slack.until(lambda s: s.views(lan))
    thanks = {"type": "modal", "title": plain("Cảm ơn"), "blocks": []}
    desk.answer = {"response_action": action} | ({} if action == "clear" else {"view": thanks})
    await slack.hands.submit(lan, slack.views(lan)[0].id, {"why": "a"})
    assert len(slack.views(lan)) == count
    assert all(view.json["title"] == plain("Cảm ơn") for view in slack.views(lan)[-1:])


async def test_closing_a_modal_is_told(slack: SlackServer, desk: Desk, answer: Message, lan: str) -> None:
    await slack.hands.click(lan, answer.ts, "see")
    await slack.until(lambda s: s.views(lan))
    await slack.hands.close(lan, slack.views(lan)[0].id)
    assert (desk.bodies[-1]["type"], slack.views(lan)) == ("view_closed", [])


async def test_a_trigger_is_good_once(slack: SlackServer, desk: Desk, answer: Message, lan: str) -> None:
    outcome = await slack.hands.click(lan, answer.ts, "see")
    await slack.until(lambda s: s.views(lan))
    client = client_of(slack)
    assert await refusal(client.views_open(trigger_id=outcome.trigger_id, view=MODAL)) == "exchanged_trigger_id"
    slack.settings.trigger_seconds = -1.0
    late = await slack.hands.click(lan, answer.ts, "vote", "positive")
    assert await refusal(client.views_open(trigger_id=late.trigger_id, view=MODAL)) == "expired_trigger_id"
    assert await refusal(client.views_open(trigger_id="made-up", view=MODAL)) == "invalid_trigger_id"
    assert desk.bodies


async def test_a_command_answers_at_once_and_through_its_url(
    slack: SlackServer, desk: Desk, answer: Message, lan: str, general: str
) -> None:
    outcome = await slack.hands.command(lan, general, "/hoi", "nghỉ phép?")
    assert outcome.payload["text"] == "Đang tìm: nghỉ phép?"
    assert [message.text for message in slack.ephemerals(lan)] == ["Đang tìm: nghỉ phép?"]
    await slack.until(lambda s: len(s.messages(general)) == 2)
    assert slack.messages(general)[-1].text == "Mười hai ngày."
    assert desk.bodies[0]["channel_id"] == answer.channel
    with pytest.raises(Impossible, match="not a valid command"):
        await slack.hands.command(lan, general, "/other")


async def test_a_response_url_is_good_five_times_and_for_half_an_hour(
    slack: SlackServer, desk: Desk, answer: Message, lan: str
) -> None:
    await slack.hands.click(lan, answer.ts, "vote", "positive")
    url = desk.bodies[0]["response_url"]
    name = url.rpartition("/")[2]
    webhook = AsyncWebhookClient(url)
    reply = slack.workspace.replies[name]
    assert (reply.uses, reply.message) == (5, answer)
    await webhook.send(text="Cảm ơn!", replace_original=True)
    assert (answer.seen(), reply.uses) == ("Cảm ơn!", 4)
    reply.uses = 0
    assert "used_url" in (await webhook.send(text="a")).body
    reply.uses, reply.until = 1, slack.workspace.clock.monotonic() - 1.0
    assert "expired_url" in (await webhook.send(text="a")).body


async def test_shortcuts_come_with_their_message_or_alone(
    slack: SlackServer, desk: Desk, answer: Message, lan: str
) -> None:
    await slack.hands.shortcut(lan, answer.ts, "ask_about")
    assert (desk.bodies[0]["type"], desk.bodies[0]["message"]["ts"]) == ("message_action", answer.ts)
    await slack.hands.global_shortcut(lan, "ask")
    await slack.until(lambda s: s.views(lan))
    with pytest.raises(Impossible, match="no message shortcut ask"):
        await slack.hands.shortcut(lan, answer.ts, "ask")


async def test_the_user_sees_an_error_without_an_answer(slack: SlackServer, lan: str, general: str) -> None:
    outcome = await slack.hands.command(lan, general, "/hoi", "a")
    assert not outcome.acknowledged
    assert [(error.user, error.what, error.reason) for error in slack.user_errors] == [
        (lan, "/hoi", "connection_failed")
    ]


async def test_nothing_is_pressed_without_interactivity() -> None:
    async with SlackServer(manifest(interactivity={"is_enabled": False})) as slack:
        lan = slack.people.add_user("Lan")
        await slack.hands.global_shortcut(lan, "ask")
        assert [error.reason for error in slack.user_errors] == ["interactivity is off"]
        assert not slack.deliveries.all


async def test_a_home_tab_is_published_and_pressed(slack: SlackServer, desk: Desk, answer: Message, lan: str) -> None:
    assert answer.user == slack.app.bot_user
    client = client_of(slack)
    await client.views_publish(user_id=lan, view={"type": "home", "blocks": [SEE]})
    home = slack.home(lan)
    assert home
    stale = client.views_publish(user_id=lan, view={"type": "home", "blocks": []}, hash="old")
    assert await refusal(stale) == "hash_conflict"
    await slack.hands.click(lan, home.id, "see")
    assert desk.bodies[0]["container"] == {"type": "view", "view_id": home.id}
    await slack.until(lambda s: s.views(lan))
    await client.views_update(view_id=slack.views(lan)[0].id, view=MODAL | {"title": plain("Mới")})
    assert slack.views(lan)[0].json["title"] == plain("Mới")


async def test_buttons_of_ephemeral_messages_are_for_their_reader(
    slack: SlackServer, desk: Desk, answer: Message, lan: str
) -> None:
    await client_of(slack).chat_postEphemeral(channel=answer.channel, user=lan, text="Có ích không?", blocks=[VOTE])
    ts = slack.ephemerals(lan)[0].ts
    await slack.hands.click(lan, ts, "vote", "positive")
    assert desk.bodies[0]["container"]["is_ephemeral"] is True
    await AsyncWebhookClient(desk.bodies[0]["response_url"]).send(delete_original=True)
    assert not slack.ephemerals(lan)

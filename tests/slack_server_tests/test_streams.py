"""Streamed answers, status lines and agent sessions."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.manual_clock import ManualClock
from tests.slack_server import Message, Rates, SlackServer
from tests.slack_server_tests.office import client_of, manifest, refusal

FEEDBACK = {"type": "section", "text": {"type": "mrkdwn", "text": "Có ích không?"}}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[SlackServer]:
    """A Slack whose time stands still."""
    async with SlackServer(manifest(), clock=clock, rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
def question(slack: SlackServer, lan: str, general: str) -> str:
    return slack.people.ask(lan, general, "nghỉ phép mấy ngày?")


@pytest.fixture
def asked(slack: SlackServer, question: str) -> Message:
    return slack.message(question)


async def started(client: AsyncWebClient, asked: Message, **fields: str) -> str:
    """A stream under the question, for who asked it; its ts."""
    recipient = {"recipient_user_id": asked.user, "recipient_team_id": "T1", "markdown_text": "Mười "}
    about = {"channel": asked.channel, "thread_ts": asked.ts}
    answer = await client.api_call("chat.startStream", json=about | recipient | fields)
    return str(answer["ts"])


async def test_a_streamed_answer_grows_and_ends_with_blocks(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str, question: str
) -> None:
    stream = await client.chat_stream(
        channel=general, thread_ts=question, recipient_team_id="T1", recipient_user_id=lan, buffer_size=1
    )
    await stream.append(markdown_text="Mười ")
    await stream.append(markdown_text="hai")
    await stream.stop(
        markdown_text=" ngày.", blocks=[FEEDBACK], metadata={"event_type": "a", "event_payload": {"id": "q1"}}
    )
    answer = slack.thread(general, question)[1]
    assert answer.shown == ["Mười ", "Mười hai", "Mười hai ngày.\nCó ích không?"]
    assert answer.metadata == {"event_type": "a", "event_payload": {"id": "q1"}}
    await client.chat_update(channel=general, ts=answer.ts, text="Mười ba ngày.", blocks=[])
    assert answer.shown[-1] == "Mười ba ngày."


async def test_streams_in_channels_need_a_recipient_and_a_thread(
    slack: SlackServer, client: AsyncWebClient, lan: str, general: str, question: str
) -> None:
    start = client.chat_startStream
    assert await refusal(start(channel=general, thread_ts=question)) == "missing_recipient_user_id"
    assert (
        await refusal(start(channel=general, thread_ts=question, recipient_user_id=lan)) == "missing_recipient_team_id"
    )
    assert await refusal(client.api_call("chat.startStream", json={"channel": general})) == "invalid_arguments"
    im = slack.people.im(lan)
    asked = slack.people.say(lan, im, "nghỉ phép?")
    assert (await start(channel=im, thread_ts=asked))["ok"]


@pytest.mark.parametrize("error", ["feature_disabled", "channel_type_not_supported"])
async def test_streams_may_be_off(slack: SlackServer, client: AsyncWebClient, error: str, asked: Message) -> None:
    slack.settings.streams_refused = error
    assert await refusal(started(client, asked)) == error


async def test_a_live_stream_is_not_updated_or_deleted(client: AsyncWebClient, asked: Message) -> None:
    ts = await started(client, asked)
    assert await refusal(client.chat_update(channel=asked.channel, ts=ts, text="a")) == "streaming_state_conflict"
    assert await refusal(client.chat_delete(channel=asked.channel, ts=ts)) == "streaming_state_conflict"


async def test_a_stream_takes_no_more_after_its_stop(client: AsyncWebClient, general: str, asked: Message) -> None:
    ts = await started(client, asked)
    await client.chat_stopStream(channel=asked.channel, ts=ts)
    append = client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text="a")
    assert await refusal(append) == "message_not_in_streaming_state"
    posted = (await client.chat_postMessage(channel=general, text="a"))["ts"]
    append = client.chat_appendStream(channel=general, ts=posted, markdown_text="a")
    assert await refusal(append) == "message_not_in_streaming_state"


async def test_a_stream_dies_after_five_minutes_and_is_then_updated(
    slack: SlackServer, client: AsyncWebClient, clock: ManualClock, asked: Message
) -> None:
    ts = await started(client, asked)
    clock.advance(299.0)
    await client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text="hai")
    clock.advance(1.0)
    append = client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text=" ngày")
    assert await refusal(append) == "message_not_in_streaming_state"
    assert await refusal(client.chat_stopStream(channel=asked.channel, ts=ts)) == "message_not_in_streaming_state"
    await client.chat_update(channel=asked.channel, ts=ts, text="Mười hai ngày.")
    assert slack.message(ts).seen() == "Mười hai ngày."


async def test_the_stop_button_ends_streams_and_is_told(
    slack: SlackServer, client: AsyncWebClient, asked: Message
) -> None:
    general, question = asked.channel, asked.ts
    about = {"channel_id": general, "thread_ts": question, "status": "processing"}
    assert (await client.api_call("agents.sessions.setStatus", json=about))["agent_status"] == "processing"
    ts = await started(client, asked, is_stoppable="true")
    slack.people.stop(asked.user, question)
    stopped = [d.event for d in slack.deliveries.all if d.event["type"].endswith("_stopped")]
    assert [event["type"] for event in stopped] == ["agent_session_stopped", "message_stream_stopped"]
    assert (stopped[0]["streaming_message_ts"], stopped[0]["thread_ts"]) == ([ts], question)
    assert await refusal(client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text="a")) == "stopped_by_user"
    assert slack.session(general, question) == "processing"


async def test_a_stream_that_cannot_be_stopped_has_no_button(
    slack: SlackServer, client: AsyncWebClient, lan: str, asked: Message
) -> None:
    ts = await started(client, asked)
    with pytest.raises(AssertionError, match="nothing to stop"):
        slack.people.stop(lan, ts)


async def test_stoppable_streams_need_the_event() -> None:
    async with SlackServer(manifest(events=[]), rates=Rates(on=False)) as slack:
        lan = slack.people.add_user("Lan")
        general = slack.people.add_channel("chung", [lan])
        asked, client = slack.people.say(lan, general, "a"), client_of(slack)
        assert await refusal(started(client, slack.message(asked), is_stoppable="1")) == "invalid_arguments"
        about = {"channel_id": general, "thread_ts": asked, "status": "active"}
        warning = (await client.api_call("agents.sessions.setStatus", json=about))["warning"]
        assert warning == "missing_agent_session_stopped_event_subscription"
        slack.settings.sessions_refused = "feature_disabled"
        assert await refusal(client.api_call("agents.sessions.setStatus", json=about)) == "feature_disabled"


async def test_a_call_adds_12000_characters_at_most(client: AsyncWebClient, asked: Message) -> None:
    ts = await started(client, asked)
    chunks = [{"type": "markdown_text", "text": "a" * 6000}] * 2
    await client.chat_appendStream(channel=asked.channel, ts=ts, chunks=chunks)
    append = client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text="a", chunks=chunks)
    assert await refusal(append) == "msg_too_long"
    assert (
        await refusal(client.chat_appendStream(channel=asked.channel, ts=ts, chunks=[{"type": "x"}]))
        == "invalid_chunks"
    )


async def test_a_stream_that_rings_is_noted(
    slack: SlackServer, client: AsyncWebClient, general: str, asked: Message
) -> None:
    ts = await started(client, asked)
    await client.chat_appendStream(channel=asked.channel, ts=ts, markdown_text="<!he")
    await client.chat_appendStream(channel=general, ts=ts, markdown_text="re> <!")
    assert slack.pings == [(general, ts, "<!here>")]


async def test_a_status_goes_with_time_an_answer_or_an_empty_one(
    slack: SlackServer, client: AsyncWebClient, clock: ManualClock, general: str, question: str
) -> None:
    async def set_status(text: str) -> None:
        await client.assistant_threads_setStatus(channel_id=general, thread_ts=question, status=text)

    await set_status("đang tìm…")
    assert slack.status(general, question) == "đang tìm…"
    clock.advance(120.0)
    assert not slack.status(general, question)
    await set_status("đang viết…")
    await set_status("")
    assert not slack.status(general, question)
    await set_status("đang viết…")
    await client.chat_postMessage(channel=general, text="Mười hai ngày.", thread_ts=question)
    assert not slack.status(general, question)


async def test_prompts_of_an_agent_show_without_a_thread_only(
    slack: SlackServer, client: AsyncWebClient, lan: str
) -> None:
    im = slack.people.im(lan)
    prompts = [{"title": "Nghỉ phép", "message": "Nghỉ phép mấy ngày?"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=im, thread_ts="1.1", prompts=prompts)
    assert not slack.workspace.prompts
    await client.assistant_threads_setSuggestedPrompts(channel_id=im, title="Hỏi gì?", prompts=prompts)
    assert slack.workspace.prompts[im] == {"title": "Hỏi gì?", "prompts": prompts}

"""The whole adapter over real sockets: questions come in, answers stand in their threads."""

from tests.bots.slack.office import ANSWER, QUESTION, Office


async def test_a_mention_is_answered_in_its_thread(office: Office) -> None:
    ts = await office.ask()
    answer = office.slack.message(await office.answered(office.channel, ts))
    assert ANSWER in answer.seen()
    assert answer.thread_ts == ts
    assert [message.user for message in office.slack.thread(office.channel, ts)] == [office.an, "U0BOT"]
    assert (office.slack.pings, office.slack.violations, office.slack.lost) == ([], [], [])


async def test_a_direct_message_is_answered(office: Office) -> None:
    place = office.slack.people.im(office.an)
    ts = office.slack.people.say(office.an, place, QUESTION)
    await office.answered(place, ts)


async def test_a_follow_up_needs_no_mention(office: Office) -> None:
    ts = await office.ask()
    await office.answered(office.channel, ts)
    office.slack.people.say(office.binh, office.channel, QUESTION, thread_ts=ts)
    await office.answered(office.channel, ts, count=2)

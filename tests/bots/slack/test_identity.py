"""Who we are, as soon as Slack tells."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from bots.slack.adapter import SlackConfig, open_client
from bots.slack.api import SlackApi
from bots.slack.budgets import MethodBudgets
from bots.slack.identity import BAD_TOKEN, RETRY_SECONDS, Identity
from core.errors import SotayError
from tests.manual_clock import ImpatientClock, ManualClock
from tests.slack_server import SlackServer


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[SlackApi]:
    async with open_client(SlackConfig(slack.bot_token, api_url=slack.api_url)) as client:
        yield SlackApi(client, MethodBudgets(ManualClock()))


async def test_slack_tells_who_we_are(slack: SlackServer, api: SlackApi) -> None:
    identity = Identity()
    assert not identity.is_known
    assert await identity.learn(api, ManualClock(), asyncio.Event())
    assert identity.is_known
    assert (identity.user, identity.team, identity.bot) == (slack.app.bot_user, "T1", slack.app.bot_id)
    assert await identity.learn(api, ManualClock(), asyncio.Event())
    assert len(slack.called("auth.test")) == 1


async def test_slack_is_asked_until_it_answers_and_the_log_says_so_once(
    slack: SlackServer, api: SlackApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bots.slack.identity")
    slack.fail("auth.test", "internal_error", times=3)
    slack.fail("auth.test", "ratelimited")
    clock = ImpatientClock()
    assert await Identity().learn(api, clock, asyncio.Event())
    assert clock.slept == [RETRY_SECONDS] * 4
    assert len(caplog.records) == 2
    assert slack.bot_token not in caplog.text


@pytest.mark.parametrize("code", sorted(BAD_TOKEN))
async def test_a_token_that_slack_does_not_take_is_an_error(slack: SlackServer, api: SlackApi, code: str) -> None:
    slack.fail("auth.test", code)
    with pytest.raises(SotayError) as caught:
        await Identity().learn(api, ManualClock(), asyncio.Event())
    assert (caught.value.message_id, caught.value.facts) == ("slack.bad_token", {"error": code})


async def test_who_is_to_stop_does_not_wait_for_slack(slack: SlackServer, api: SlackApi) -> None:
    slack.fail("auth.test", "fatal_error", times=100)
    stopping, identity = asyncio.Event(), Identity()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        learning = group.create_task(identity.learn(api, ManualClock(), stopping))
        await slack.until(lambda slack: slack.called("auth.test"))
        stopping.set()
    assert (learning.result(), identity.is_known) == (False, False)

"""How the server limits calls, and what the SDK makes of it."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

from tests.manual_clock import ManualClock
from tests.slack_server import Rates, SlackServer
from tests.slack_server.refusals import Refused
from tests.slack_server_tests.office import client_of, manifest


def test_a_minute_slides() -> None:
    rates = Rates(tiers={2: 2})
    rates.take("users.list", 2, 0.0)
    rates.take("users.list", 2, 30.0)
    with pytest.raises(Refused) as refused:
        rates.take("users.list", 2, 59.5)
    assert refused.value.headers == {"Retry-After": "1"}
    rates.take("users.list", 2, 60.0)
    rates.take("users.info", 2, 60.0)
    assert rates.limited == {"users.list": 1}


@pytest.mark.parametrize(("tier", "allowed"), [(1, 1), (2, 20), (3, 50), (4, 100)])
def test_tiers_allow_what_slack_promises(tier: int, allowed: int) -> None:
    rates = Rates()
    for _ in range(allowed):
        rates.take("a", tier, 0.0)
    with pytest.raises(Refused):
        rates.take("a", tier, 0.0)


def test_limits_scale_or_are_off() -> None:
    double = Rates(scale=2.0, tiers={2: 1})
    double.take("a", 2, 0.0)
    double.take("a", 2, 0.0)
    off = Rates(on=False, tiers={2: 0}, post_burst=0)
    off.take("a", 2, 0.0)
    off.take_post("a", "C1", 0.0)


async def test_posts_have_a_budget_in_each_channel() -> None:
    clock = ManualClock()
    async with SlackServer(manifest(), clock=clock, rates=Rates(post_burst=2)) as slack:
        lan = slack.people.add_user("Lan")
        one, two = (slack.people.add_channel(name, [lan]) for name in ("một", "hai"))
        client = client_of(slack)
        for channel in (one, one, two):
            await client.chat_postMessage(channel=channel, text="a")
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=one, text="a")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "1"
        assert slack.limited == {"chat.postMessage": 1}
        clock.advance(1.0)
        await client.chat_postMessage(channel=one, text="a")


async def test_the_sdk_waits_as_it_is_told_and_comes_again() -> None:
    async with SlackServer(manifest()) as slack:
        slack.fail("auth.test", "ratelimited", retry_after=1)
        client = client_of(slack, retry_handlers=[AsyncRateLimitErrorRetryHandler()])
        await client.auth_test()
        first, second = slack.called("auth.test")
        assert (first.error, second.error) == ("ratelimited", None)
        assert second.at - first.at >= 1.0

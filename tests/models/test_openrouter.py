"""OpenRouter's own rules: what every request says, what is retried, when it is left alone."""

import asyncio
import logging
import traceback
from typing import TypedDict, Unpack

import pytest

from core.deadline import Deadline
from core.errors import (
    ModelError,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    NotCleared,
    SettingsError,
)
from core.ports import Completion, CompletionRequest, Delta, LanguageModel, Message
from core.privacy import Clearance, Reach
from models.openrouter import KNOWN_MODELS, OpenRouterConfig, OpenRouterModel, Price
from tests.models import openrouter_server as fake
from tests.models.openrouter_server import Behaviour, OpenRouterServer, answer, chunk, error, events, refuse

KEY = "sk-or-v1-5ecre7"
DOWN = refuse(503, error(503))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Options(TypedDict, total=False):
    max_price: Price
    allow_fallbacks: bool
    zero_data_retention: bool
    referer: str | None
    title: str | None
    read_timeout: float
    total_time: float


def a_config(server: OpenRouterServer, **options: Unpack[Options]) -> OpenRouterConfig:
    return OpenRouterConfig(api_key=KEY, enabled=True, base_url=server.base_url, retry_wait=0.0, **options)


def a_request(seconds: float = 20, reach: Reach = Reach.OUTSIDE) -> CompletionRequest:
    messages = (Message("user", "Toi co bao nhieu ngay phep?"),)
    return CompletionRequest(messages, Clearance(reach), Deadline.after(seconds), max_tokens=300)


async def ask(model: LanguageModel, request: CompletionRequest | None = None) -> Completion:
    *deltas, last = [item async for item in model.stream(request or a_request())]
    assert isinstance(last, Completion)
    assert last.text == "".join(delta.text for delta in deltas if isinstance(delta, Delta))
    return last


async def fail(model: LanguageModel, request: CompletionRequest | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(model, request)
    return caught.value


async def test_every_request_forbids_keeping_and_collecting_and_names_price_models_and_length() -> None:
    async with OpenRouterServer(answer("12")) as server:
        config = a_config(server, max_price=Price(0.5, 2.0), allow_fallbacks=False)
        await ask(OpenRouterModel(config))
    body = server.requests[0].body
    assert body["provider"] == {
        "zdr": True,
        "data_collection": "deny",
        "allow_fallbacks": False,
        "max_price": {"prompt": 0.5, "completion": 2.0},
    }
    assert body["model"] == "openai/gpt-4o-mini"
    assert body["models"] == ["openai/gpt-4o-mini", "google/gemini-2.5-flash"]
    assert body["max_tokens"] == 300


async def test_who_gives_up_zero_data_retention_still_forbids_collecting() -> None:
    async with OpenRouterServer(answer("12")) as server:
        await ask(OpenRouterModel(a_config(server, zero_data_retention=False)))
    provider = server.requests[0].body["provider"]
    assert (provider["zdr"], provider["data_collection"]) == (False, "deny")


async def test_nothing_goes_out_beside_the_prompt_the_rules_the_key_and_the_title() -> None:
    async with OpenRouterServer(answer("12")) as server:
        await ask(OpenRouterModel(a_config(server)))
    sent = server.requests[0]
    assert sent.body.keys() == {"model", "models", "messages", "max_tokens", "temperature", "stream", "provider"}
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["x-title"] == "So Tay"
    assert "http-referer" not in sent.headers


async def test_the_title_can_be_left_out_and_a_referer_given() -> None:
    async with OpenRouterServer(answer("12")) as server:
        await ask(OpenRouterModel(a_config(server, title=None, referer="https://sotay.example")))
    assert server.requests[0].headers["http-referer"] == "https://sotay.example"
    assert "x-title" not in server.requests[0].headers


async def test_the_completion_names_the_model_that_answered_and_what_it_cost() -> None:
    async with OpenRouterServer(answer("12 ", "ngày")) as server:
        completion = await ask(OpenRouterModel(a_config(server)))
    assert (completion.model, completion.cost_usd) == (fake.MODEL, 0.0000125)


@pytest.mark.parametrize("config", [OpenRouterConfig(), OpenRouterConfig(api_key=KEY), OpenRouterConfig(enabled=True)])
def test_without_a_key_and_an_administrators_word_there_is_no_model(config: OpenRouterConfig) -> None:
    assert not config.is_on
    with pytest.raises(SettingsError, match=r"openrouter\.enabled"):
        OpenRouterModel(config)


def test_a_config_without_models_says_where_to_name_one() -> None:
    with pytest.raises(SettingsError, match=r"openrouter\.models"):
        OpenRouterModel(OpenRouterConfig(api_key=KEY, enabled=True, models=()))


def test_the_default_models_are_known_and_pass_our_own_price_limit() -> None:
    known = {model.name: model.list_price for model in KNOWN_MODELS}
    config = OpenRouterConfig()
    assert set(config.models) <= known.keys()
    for price in filter(None, known.values()):
        assert price.prompt <= config.max_price.prompt
        assert price.completion <= config.max_price.completion


@pytest.mark.parametrize("reach", [Reach.PROCESS, Reach.OFFICE])
async def test_a_prompt_that_must_stay_in_the_office_opens_no_socket(reach: Reach) -> None:
    async with OpenRouterServer(answer("12")) as server:
        assert isinstance(await fail(OpenRouterModel(a_config(server)), a_request(reach=reach)), NotCleared)
    assert server.connections == 0


RETRIED: dict[str, Behaviour] = {
    "503": DOWN,
    "429": refuse(429, error(429), retry_after="0"),
    "502 inside a 200": refuse(200, {"choices": None} | error(502)),
    "an error event before any text": events(error(502)),
    "an empty answer": answer(),
    "a connection that is dropped": fake.hang_up,
    "a page": refuse(200, "<html></html>"),
}


@pytest.mark.parametrize("name", RETRIED)
async def test_one_passing_failure_before_any_text_is_mended_by_one_more_attempt(name: str) -> None:
    async with OpenRouterServer(RETRIED[name], answer("12")) as server:
        assert (await ask(OpenRouterModel(a_config(server)))).text == "12"
    assert server.connections == 2


@pytest.mark.parametrize("name", RETRIED)
async def test_there_is_never_a_third_attempt(name: str) -> None:
    async with OpenRouterServer(RETRIED[name]) as server:
        assert isinstance(await fail(OpenRouterModel(a_config(server))), ModelUnavailable)
    assert server.connections == 2


@pytest.mark.parametrize("broken", [fake.cut_after("12 "), events(chunk("12 "), error(502)), events(chunk("12 "))])
async def test_once_text_has_come_nothing_is_tried_again(broken: Behaviour) -> None:
    async with OpenRouterServer(broken, answer("13")) as server:
        items = OpenRouterModel(a_config(server)).stream(a_request())
        assert await anext(items) == Delta("12 ")
        with pytest.raises(ModelUnavailable):
            await anext(items)
    assert server.connections == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    async with OpenRouterServer(refuse(status, error(status))) as server:
        assert isinstance(await fail(OpenRouterModel(a_config(server))), ModelRejected)
    assert server.connections == 1


async def test_a_timeout_is_not_tried_again() -> None:
    async with OpenRouterServer(fake.stay_silent) as server:
        assert isinstance(await fail(OpenRouterModel(a_config(server, read_timeout=0.2))), ModelTimeout)
    assert server.connections == 1


async def test_the_wait_that_openrouter_asks_for_is_kept_where_it_fits() -> None:
    async with OpenRouterServer(refuse(429, error(429), retry_after="0.3"), answer("12")) as server:
        began = asyncio.get_running_loop().time()
        await ask(OpenRouterModel(a_config(server)))
        assert asyncio.get_running_loop().time() - began >= 0.3


@pytest.mark.parametrize(("total_time", "deadline"), [(5, 20), (30, 5)])
async def test_a_wait_beyond_the_deadline_is_not_begun(total_time: float, deadline: float) -> None:
    async with OpenRouterServer(refuse(429, error(429), retry_after="6"), answer("12")) as server, asyncio.timeout(3):
        failure = await fail(OpenRouterModel(a_config(server, total_time=total_time)), a_request(deadline))
    assert isinstance(failure, ModelUnavailable)
    assert failure.retry_after == 6
    assert server.connections == 1


@pytest.mark.parametrize("slow", [fake.stay_silent, fake.drip_comment, fake.stall_after("12 ")])
async def test_the_total_time_ends_a_question_however_long_its_own_deadline(slow: Behaviour) -> None:
    async with OpenRouterServer(slow) as server, asyncio.timeout(5):
        failure = await fail(OpenRouterModel(a_config(server, total_time=0.3)), a_request(seconds=600))
        await server.requests[0].hung_up.wait()
    assert isinstance(failure, ModelTimeout)


async def test_the_retry_shares_the_total_time() -> None:
    async with OpenRouterServer(DOWN, fake.drip_comment) as server, asyncio.timeout(5):
        assert isinstance(await fail(OpenRouterModel(a_config(server, total_time=0.4))), ModelTimeout)
    assert server.connections == 2


async def test_cancelling_the_reader_closes_the_connection() -> None:
    async with OpenRouterServer(fake.stall_after("12 ")) as server, asyncio.timeout(5):
        heard = asyncio.Event()

        async def listen() -> None:
            async for _ in OpenRouterModel(a_config(server)).stream(a_request()):
                heard.set()

        async with asyncio.TaskGroup() as group:
            reader = group.create_task(listen())
            await heard.wait()
            reader.cancel()
        await server.requests[0].hung_up.wait()


async def test_three_failures_in_a_row_leave_openrouter_alone_without_a_socket() -> None:
    clock = Clock()
    async with OpenRouterServer(DOWN, DOWN, DOWN, answer("12")) as server:
        model = OpenRouterModel(a_config(server), clock)
        await fail(model)
        assert not model.is_paused
        assert (await fail(model)).message_id == "model.api.failed", "the reason, not the pause it led to"
        assert model.is_paused
        assert server.connections == 3, "the breaker opened after the third, so there was no fourth"
        failure = await fail(model)
        assert isinstance(failure, ModelUnavailable)
        assert (failure.message_id, failure.retry_after) == ("openrouter.paused", 30)
        assert server.connections == 3
        clock.now += 30
        assert (await ask(model)).text == "12"
        assert not model.is_paused


@pytest.mark.parametrize("status", [401, 402, 403])
@pytest.mark.parametrize("inside_a_200", [False, True])
async def test_a_refused_account_is_left_alone_for_a_quarter_of_an_hour(status: int, *, inside_a_200: bool) -> None:
    clock = Clock()
    async with OpenRouterServer(refuse(200 if inside_a_200 else status, error(status)), answer("12")) as server:
        model = OpenRouterModel(a_config(server), clock)
        assert isinstance(await fail(model), ModelRejected)
        clock.now += 899
        assert (await fail(model)).message_id == "openrouter.paused"
        assert server.connections == 1
        clock.now += 1
        assert (await ask(model)).text == "12"


@pytest.mark.parametrize(
    "refusal",
    [refuse(400, error(400)), refuse(404, error(404)), refuse(403, error(403, reasons=["violence"]))],
)
async def test_refused_prompts_never_shut_openrouter_to_everybody(refusal: Behaviour) -> None:
    async with OpenRouterServer(*[refusal] * 6, answer("12")) as server:
        model = OpenRouterModel(a_config(server))
        for _ in range(6):
            assert isinstance(await fail(model), ModelRejected)
        assert (await ask(model)).text == "12"


async def test_readers_who_leave_and_prompts_that_may_not_go_do_not_count_as_failures() -> None:
    async with OpenRouterServer(fake.stall_after("12 "), fake.stall_after("12 "), fake.stall_after("12 ")) as server:
        model = OpenRouterModel(a_config(server))
        for _ in range(3):
            items = model.stream(a_request())
            await anext(items)
            await items.aclose()
            await fail(model, a_request(reach=Reach.OFFICE))
            await fail(model, a_request(seconds=0))
    assert not model.is_paused


async def test_a_reader_who_leaves_the_try_after_a_pause_lets_the_next_one_try() -> None:
    clock = Clock()
    async with OpenRouterServer(DOWN, DOWN, DOWN, fake.stall_after("12 "), answer("12")) as server:
        model = OpenRouterModel(a_config(server), clock)
        await fail(model)
        await fail(model)
        clock.now += 30
        items = model.stream(a_request())
        await anext(items)
        await items.aclose()
        assert (await ask(model)).text == "12"


async def test_a_reader_who_stops_at_the_completion_counts_as_success() -> None:
    clock = Clock()
    async with OpenRouterServer(DOWN, DOWN, DOWN, answer("12")) as server:
        model = OpenRouterModel(a_config(server), clock)
        await fail(model)
        await fail(model)
        clock.now += 30
        items = model.stream(a_request())
        while not isinstance(await anext(items), Completion):
            pass
        assert not model.is_paused
        await items.aclose()


@pytest.mark.parametrize(
    "behaviour", [refuse(401, error(401, f"bad key {KEY}")), events(error(401, f"bad key {KEY}")), fake.hang_up]
)
async def test_the_key_is_shown_nowhere(behaviour: Behaviour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with OpenRouterServer(behaviour) as server:
        config = a_config(server)
        model = OpenRouterModel(config)
        failure = await fail(model)
    logging.getLogger("test").error("failed", exc_info=failure)
    shown = [repr(config), repr(model), repr(failure), failure.text("vi"), *traceback.format_exception(failure)]
    assert "Traceback" in caplog.text
    assert KEY not in "".join([*shown, caplog.text])

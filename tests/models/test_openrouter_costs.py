"""What a question to OpenRouter may come to in every way it can fail: attempts, time, and what the bill says of it."""

import asyncio
import socket
from dataclasses import dataclass

import pytest

from core.deadline import Deadline
from core.errors import ModelError, ModelRejected, ModelTimeout, ModelUnavailable
from core.metering import Bill, Settlement, Standing
from core.ports import Completion, CompletionRequest, Delta, Message
from core.privacy import Clearance, Reach
from models.openrouter import ATTEMPTS, OpenRouterConfig, OpenRouterModel
from tests.models import openrouter_server as fake
from tests.models.openrouter_server import Behaviour, Exchange, OpenRouterServer, answer, chunk, error, events, refuse

KEY = "sk-or-v1-5ecre7"
TOTAL_TIME = 1.0
READ_TIMEOUT = 0.3
LONGEST = 2.5
"""Seconds within which a call of `TOTAL_TIME` has ended, on a busy machine too."""
COST = 13  # micro-dollars of `fake.USAGE`

FREE = Settlement(Standing.SETTLED, 0)
NAMED = Settlement(Standing.UNKNOWN, None, "gen-1")
TWICE_NAMED = Settlement(Standing.UNKNOWN, None, "gen-1 gen-1")
NAMELESS = Settlement(Standing.UNKNOWN)


def config(server: OpenRouterServer) -> OpenRouterConfig:
    return OpenRouterConfig(
        api_key=KEY,
        enabled=True,
        base_url=server.base_url,
        retry_wait=0.0,
        read_timeout=READ_TIMEOUT,
        total_time=TOTAL_TIME,
    )


async def kept(_generation_id: str | None) -> None:
    """Nobody dies here."""


async def asked(model: OpenRouterModel, reach: Reach = Reach.OUTSIDE) -> tuple[Settlement, ModelError | None]:
    """What the bill says of one question, and how it failed."""
    bill = Bill(kept)
    messages = (Message("user", "Toi co bao nhieu ngay phep?"),)
    request = CompletionRequest(messages, Clearance(reach), Deadline.after(600), max_tokens=300, meter=bill)
    try:
        async for item in model.stream(request):
            if isinstance(item, Completion):
                bill.completed(item)
    except ModelError as failure:
        return bill.settlement(), failure
    return bill.settlement(), None


def named_by_header(behaviour: str = "silence") -> Behaviour:
    """Names the generation at once, then says nothing or breaks off."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head(content_type="text/event-stream", transfer_encoding="chunked", x_generation_id="gen-1")
        if behaviour == "silence":
            await exchange.wait_for_hang_up()

    return behave


@dataclass(frozen=True)
class Mode:
    """One way to fail, always: the error, the attempts, and what they may have cost."""

    behaviour: Behaviour
    raises: type[ModelError] | None
    attempts: int
    settlement: Settlement


def own(status: int, **headers: str) -> Behaviour:
    return refuse(status, error(status), **headers)


MODES: dict[str, Mode] = {
    "400": Mode(own(400), ModelRejected, 1, FREE),
    "401": Mode(own(401), ModelRejected, 1, FREE),
    "402": Mode(own(402), ModelRejected, 1, FREE),
    "402 for a moment": Mode(own(402, retry_after="0"), ModelUnavailable, 2, FREE),
    "403": Mode(own(403), ModelRejected, 1, FREE),
    "403 by a filter": Mode(refuse(403, error(403, reasons=["violence"])), ModelRejected, 1, FREE),
    "404": Mode(own(404), ModelRejected, 1, FREE),
    "408": Mode(own(408), ModelUnavailable, 2, NAMELESS),
    "413": Mode(own(413), ModelRejected, 1, FREE),
    "429": Mode(own(429), ModelUnavailable, 2, FREE),
    "429, wait a little": Mode(own(429, retry_after="0.2"), ModelUnavailable, 2, FREE),
    "429, wait too long": Mode(own(429, retry_after="60"), ModelUnavailable, 1, FREE),
    "500": Mode(own(500), ModelUnavailable, 2, FREE),
    "502": Mode(own(502), ModelUnavailable, 2, FREE),
    "503": Mode(own(503), ModelUnavailable, 2, FREE),
    "504": Mode(own(504), ModelUnavailable, 2, NAMELESS),
    "a gateway's 502": Mode(refuse(502, "<html>bad gateway</html>"), ModelUnavailable, 2, NAMELESS),
    "a gateway's 403": Mode(refuse(403, "<html>forbidden</html>"), ModelRejected, 1, FREE),
    "a redirect": Mode(refuse(302, "", location="http://login.example/"), ModelUnavailable, 2, FREE),
    "a page": Mode(refuse(200, "<html></html>"), ModelUnavailable, 2, NAMELESS),
    "200 with an error": Mode(refuse(200, error(502)), ModelUnavailable, 2, NAMELESS),
    "200 with an error and no choices": Mode(
        refuse(200, {"choices": None} | error(502)), ModelUnavailable, 2, NAMELESS
    ),
    "200 with a refusal": Mode(refuse(200, error(402)), ModelRejected, 1, NAMELESS),
    "200 with JSON of something else": Mode(refuse(200, {"choices": []}), ModelUnavailable, 2, NAMELESS),
    "an error event": Mode(events(error(502)), ModelUnavailable, 2, NAMELESS),
    "an error event after text": Mode(events(chunk("12 "), error(502)), ModelUnavailable, 1, NAMED),
    "empty choices": Mode(events(chunk(choices=[])), ModelUnavailable, 2, TWICE_NAMED),
    "empty choices and a cost": Mode(events(chunk(choices=[], usage=fake.USAGE)), ModelUnavailable, 2, TWICE_NAMED),
    "no text": Mode(answer(), ModelUnavailable, 2, TWICE_NAMED),
    "an error as the end": Mode(answer("12 ", finish="error"), ModelUnavailable, 1, NAMED),
    "a filter as the end": Mode(answer("12 ", finish="content_filter"), ModelRejected, 1, NAMED),
    "no end": Mode(events(chunk("12 "), done=False), ModelUnavailable, 1, NAMED),
    "no room for text": Mode(answer(finish="length"), ModelRejected, 1, NAMED),
    "no usage": Mode(answer("12", usage=None), None, 1, NAMED),
    "no cost": Mode(answer("12", usage={"prompt_tokens": 31, "completion_tokens": 7}), None, 1, NAMED),
    "a cost that is none": Mode(answer("12", usage=fake.USAGE | {"cost": -1}), None, 1, NAMED),
    "what is no chunk": Mode(events(b"{"), ModelUnavailable, 2, NAMELESS),
    "a drop before anything": Mode(fake.hang_up, ModelUnavailable, 2, NAMELESS),
    "a drop in the middle": Mode(fake.cut_after("12 "), ModelUnavailable, 1, NAMED),
    "a drop in an error": Mode(fake.cut_in_error_body, ModelUnavailable, 2, NAMELESS),
    "a drop after the name": Mode(named_by_header("drop"), ModelUnavailable, 2, TWICE_NAMED),
    "silence": Mode(fake.stay_silent, ModelTimeout, 1, NAMELESS),
    "silence after the name": Mode(named_by_header(), ModelTimeout, 1, NAMED),
    "silence in the middle": Mode(fake.stall_after("12 "), ModelTimeout, 1, NAMED),
    "a slow head": Mode(fake.drip_head, ModelTimeout, 1, NAMELESS),
    "a slow stream": Mode(fake.drip_comment, ModelTimeout, 1, NAMELESS),
    "nothing wrong": Mode(answer("12"), None, 1, Settlement(Standing.SETTLED, COST, "gen-1")),
}


@pytest.mark.parametrize("name", MODES)
async def test_a_question_is_at_most_two_attempts_in_its_time_and_the_bill_knows_the_most(name: str) -> None:
    mode = MODES[name]
    async with OpenRouterServer(mode.behaviour) as server:
        model, loop = OpenRouterModel(config(server)), asyncio.get_running_loop()
        began = loop.time()
        settlement, failure = await asked(model)
        assert loop.time() - began < LONGEST
        await model.aclose()
    assert (failure is None) is (mode.raises is None)
    assert failure is None or type(failure) is mode.raises, failure
    assert (settlement, len(server.requests)) == (mode.settlement, mode.attempts)
    assert mode.attempts <= ATTEMPTS


@pytest.mark.parametrize(
    ("first", "settlement"),
    [
        ("503", Settlement(Standing.SETTLED, COST, "gen-1")),
        ("429", Settlement(Standing.SETTLED, COST, "gen-1")),
        ("a drop before anything", NAMELESS),
        ("200 with an error", NAMELESS),
        ("no text", TWICE_NAMED),
        ("a drop after the name", TWICE_NAMED),
    ],
)
async def test_an_answer_at_the_second_attempt_settles_what_is_sure_of_the_first(
    first: str, settlement: Settlement
) -> None:
    async with OpenRouterServer(MODES[first].behaviour, answer("12")) as server:
        model = OpenRouterModel(config(server))
        assert await asked(model) == (settlement, None)
        await model.aclose()
    assert len(server.requests) == 2


async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = OpenRouterConfig(api_key=KEY, enabled=True, base_url=f"http://127.0.0.1:{port}/api/v1", retry_wait=0.0)
    model = OpenRouterModel(nobody)
    settlement, failure = await asked(model)
    await model.aclose()
    assert settlement == Settlement(Standing.RELEASED, 0)
    assert isinstance(failure, ModelUnavailable)


async def test_what_our_own_rules_hold_back_was_not_sent() -> None:
    async with OpenRouterServer(own(402)) as server:
        model = OpenRouterModel(config(server))
        assert (await asked(model, Reach.OFFICE))[0] == Settlement(Standing.RELEASED, 0)
        assert (await asked(model))[0] == FREE
        settlement, failure = await asked(model)
        await model.aclose()
    assert failure is not None
    assert (failure.message_id, settlement) == ("openrouter.paused", Settlement(Standing.RELEASED, 0))
    assert len(server.requests) == 1


async def test_a_reader_who_leaves_has_the_name_to_ask_with() -> None:
    bill = Bill(kept)
    async with OpenRouterServer(fake.stall_after("12 ")) as server:
        model = OpenRouterModel(config(server))
        messages = (Message("user", "?"),)
        request = CompletionRequest(messages, Clearance(Reach.OUTSIDE), Deadline.after(60), meter=bill)
        items = model.stream(request)
        assert await anext(items) == Delta("12 ")
        await items.aclose()
        await model.aclose()
    assert bill.settlement() == NAMED


async def test_the_completion_has_the_name_of_its_generation() -> None:
    async with OpenRouterServer(answer("12")) as server:
        model = OpenRouterModel(config(server))
        request = CompletionRequest((Message("user", "?"),), Clearance(Reach.OUTSIDE), Deadline.after(60))
        *_, last = [item async for item in model.stream(request)]
        await model.aclose()
    assert isinstance(last, Completion)
    assert last.generation_id == "gen-1"


class TestLookingUp:
    """What a generation of the past has cost."""

    @pytest.mark.parametrize(("told", "cost"), [(0.000125, 0.000125), (0, 0.0), (None, None)])
    async def test_it_is_what_openrouter_says(self, told: float | None, cost: float | None) -> None:
        async with OpenRouterServer(answer("12")) as server:
            server.costs = {} if told is None else {"gen-1": told}
            model = OpenRouterModel(config(server))
            assert await model.cost_of("gen-1") == cost
            await model.aclose()
        (lookup,) = server.looked_up
        assert (lookup.generation_id, lookup.headers["authorization"]) == ("gen-1", f"Bearer {KEY}")
        assert server.requests == []

    @pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {"total_cost": "a lot"}}, [], "<html></html>"])
    async def test_what_is_no_cost_is_not_known(self, body: object) -> None:
        async with OpenRouterServer(answer("12")) as server:
            server.costs = {"gen-1": refuse(200, body)}
            model = OpenRouterModel(config(server))
            assert await model.cost_of("gen-1") is None
            await model.aclose()

    @pytest.mark.parametrize("behaviour", [own(401), own(503), fake.hang_up, fake.stay_silent])
    async def test_a_failure_is_an_error_and_does_not_open_the_breaker(self, behaviour: Behaviour) -> None:
        async with OpenRouterServer(answer("12")) as server:
            server.costs = {"gen-1": behaviour}
            model = OpenRouterModel(config(server))
            for _ in range(4):
                with pytest.raises(ModelError):
                    await model.cost_of("gen-1")
            assert not model.is_paused
            await model.aclose()

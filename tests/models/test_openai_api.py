"""An OpenAI-compatible server behind the port: what is sent, what comes back, and every way it can go wrong."""

import asyncio
import logging
import math
import socket
import traceback
from contextlib import aclosing
from typing import TypedDict, Unpack

import pytest

from core.deadline import Deadline
from core.errors import ModelError, ModelRejected, ModelTimeout, ModelUnavailable, NotCleared, SettingsError
from core.ports import Completion, CompletionRequest, Delta, Finish, LanguageModel, Message
from core.privacy import Clearance, Reach
from models.openai_api import Endpoint, OpenAIModel
from tests.models import openrouter_server as fake
from tests.models.openrouter_server import Behaviour, OpenRouterServer, answer, chunk, error, events, refuse

KEY = "sk-or-v1-5ecre7"
QUESTION = "Tôi có bao nhiêu ngày nghỉ phép năm?"


class Options(TypedDict, total=False):
    reach: Reach
    logprobs: bool
    ask_usage: bool
    read_timeout: float


class Wishes(TypedDict, total=False):
    max_tokens: int
    temperature: float
    stop: tuple[str, ...]


def a_request(seconds: float = 20, reach: Reach = Reach.OUTSIDE, **wishes: Unpack[Wishes]) -> CompletionRequest:
    messages = (Message("system", "Trả lời ngắn."), Message("user", QUESTION))
    return CompletionRequest(messages, Clearance(reach), Deadline.after(seconds), **wishes)


def a_model(server: OpenRouterServer, **options: Unpack[Options]) -> OpenAIModel:
    return OpenAIModel(Endpoint(base_url=server.base_url, model="qwen2.5-7b", api_key=KEY, **options))


async def read(model: LanguageModel, request: CompletionRequest) -> tuple[str, Completion | ModelError]:
    """The text of all deltas, and what came last."""
    said: list[str] = []
    try:
        async with aclosing(model.stream(request)) as items:
            async for item in items:
                if isinstance(item, Completion):
                    return "".join(said), item
                said.append(item.text)
    except ModelError as failure:
        return "".join(said), failure
    raise AssertionError("the stream ended with neither a completion nor an error")


async def ask(behaviour: Behaviour, **options: Unpack[Options]) -> Completion:
    async with OpenRouterServer(behaviour) as server:
        said, last = await read(a_model(server, **options), a_request())
    assert isinstance(last, Completion), last
    assert last.text == said
    return last


async def fail(behaviour: Behaviour, seconds: float = 20, **options: Unpack[Options]) -> tuple[str, ModelError]:
    async with OpenRouterServer(behaviour) as server:
        said, last = await read(a_model(server, **options), a_request(seconds))
    assert isinstance(last, ModelError), last
    assert server.connections == 1, "nothing is tried twice here"
    return said, last


async def test_a_good_answer_comes_piece_by_piece_and_then_whole() -> None:
    async with OpenRouterServer(answer("12 ", "ngày ", "phép.")) as server:
        items = [item async for item in a_model(server).stream(a_request())]
    assert items[:3] == [Delta("12 "), Delta("ngày "), Delta("phép.")]
    last = items[3]
    assert isinstance(last, Completion)
    assert (last.text, last.model, last.finish) == ("12 ngày phép.", fake.MODEL, Finish.STOP)
    assert (last.prompt_tokens, last.completion_tokens) == (31, 7)
    assert last.first_token_ms is not None
    assert 0 < last.first_token_ms < 20_000


async def test_confidence_is_the_mean_and_the_least_log_probability() -> None:
    completion = await ask(answer("12 ", "ngày"), logprobs=True)
    assert completion.mean_logprob == pytest.approx(-0.3)
    assert completion.min_logprob == -0.5


async def test_a_server_that_gives_no_log_probabilities_gives_no_confidence() -> None:
    completion = await ask(events(chunk("12"), chunk("", finish="stop")))
    assert (completion.mean_logprob, completion.min_logprob) == (None, None)


async def test_an_office_server_costs_nothing_and_an_outside_one_an_unknown_sum_unless_it_says() -> None:
    unpriced = {"prompt_tokens": 3, "completion_tokens": 1}
    assert (await ask(answer("a", usage=unpriced))).cost_usd == 0.0
    assert (await ask(answer("a", usage=unpriced), reach=Reach.OUTSIDE)).cost_usd is None
    assert (await ask(answer("a"), reach=Reach.OUTSIDE)).cost_usd == 0.0000125


async def test_usage_that_is_missing_or_odd_does_not_spoil_an_answer() -> None:
    assert (await ask(answer("a", usage=None))).completion_tokens == 0
    assert (await ask(answer("a", usage={"prompt_tokens": 3}))).prompt_tokens == 3


async def test_an_answer_that_hit_the_token_limit_says_so() -> None:
    assert (await ask(answer("12 ngà", finish="length"))).finish is Finish.LENGTH


async def test_a_character_cut_in_two_arrives_whole() -> None:
    completion = await ask(
        events(b'{"choices": [{"delta": {"content": "a\\ud83d"}}]}', chunk("\ude00b", finish="stop"))
    )
    assert completion.text == "a😀b"


async def test_the_request_carries_what_was_asked_and_the_key() -> None:
    async with OpenRouterServer(answer("12")) as server:
        await read(a_model(server, logprobs=True), a_request(max_tokens=64, temperature=0.1, stop=("\n\n", "Hỏi:")))
    sent = server.requests[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body == {
        "model": "qwen2.5-7b",
        "messages": [{"role": "system", "content": "Trả lời ngắn."}, {"role": "user", "content": QUESTION}],
        "max_tokens": 64,
        "temperature": 0.1,
        "stop": ["\n\n", "Hỏi:"],
        "logprobs": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_what_was_not_asked_is_not_sent() -> None:
    async with OpenRouterServer(answer("12")) as server:
        await read(a_model(server, ask_usage=False), a_request())
    assert not server.requests[0].body.keys() & {"stop", "logprobs", "stream_options"}


@pytest.mark.parametrize(
    ("server_stands", "prompt_may_go"),
    [(Reach.OFFICE, Reach.PROCESS), (Reach.OUTSIDE, Reach.PROCESS), (Reach.OUTSIDE, Reach.OFFICE)],
)
async def test_without_the_gates_pass_no_socket_is_opened(server_stands: Reach, prompt_may_go: Reach) -> None:
    async with OpenRouterServer(answer("12")) as server:
        with pytest.raises(NotCleared):
            await anext(a_model(server, reach=server_stands).stream(a_request(reach=prompt_may_go)))
    assert server.connections == 0


async def test_after_the_deadline_no_socket_is_opened() -> None:
    async with OpenRouterServer(answer("12")) as server:
        with pytest.raises(ModelTimeout):
            await anext(a_model(server).stream(a_request(seconds=0)))
    assert server.connections == 0


@pytest.mark.parametrize(
    ("status", "kind", "message_id"),
    [
        (400, ModelRejected, "model.api.bad_request"),
        (401, ModelRejected, "model.api.key_refused"),
        (402, ModelRejected, "model.api.no_credit"),
        (403, ModelRejected, "model.api.forbidden"),
        (404, ModelRejected, "model.api.no_endpoint"),
        (413, ModelRejected, "model.api.too_long"),
        (422, ModelRejected, "model.api.bad_request"),
        (408, ModelUnavailable, "model.api.failed"),
        (429, ModelUnavailable, "model.api.rate_limited"),
        (500, ModelUnavailable, "model.api.failed"),
        (502, ModelUnavailable, "model.api.failed"),
        (503, ModelUnavailable, "model.api.failed"),
        (529, ModelUnavailable, "model.api.failed"),
    ],
)
async def test_a_status_means_the_same_in_the_head_in_the_body_and_in_the_stream(
    status: int, kind: type[ModelError], message_id: str
) -> None:
    in_the_head = refuse(status, error(status))
    in_the_body = refuse(200, {"id": "gen-1", "choices": None} | error(status))
    in_the_stream = events(chunk("12 "), chunk("", finish="error") | error(status))
    as_text = refuse(200, error(str(status)))
    for behaviour, before in [(in_the_head, ""), (in_the_body, ""), (in_the_stream, "12 "), (as_text, "")]:
        said, failure = await fail(behaviour)
        assert type(failure) is kind
        assert (said, failure.message_id, failure.facts["status"]) == (before, message_id, status)
        for language in ("vi", "en"):
            assert "{" not in failure.text(language) != message_id, "the text is there and filled"


async def test_a_prompt_stopped_by_moderation_is_told_from_an_account_without_rights() -> None:
    moderated = error(403, "flagged", reasons=["violence"], flagged_input=QUESTION)
    _, failure = await fail(refuse(403, moderated))
    assert failure.message_id == "model.api.moderated"
    assert QUESTION not in "".join(traceback.format_exception(failure))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
    ],
)
async def test_the_wait_that_a_server_asks_for_is_kept(header: str, seconds: float | None) -> None:
    _, failure = await fail(refuse(429, error(429), retry_after=header))
    assert isinstance(failure, ModelUnavailable)
    assert failure.retry_after == seconds


async def test_a_wait_until_a_date_counts_from_now() -> None:
    _, failure = await fail(refuse(503, error(503), retry_after="Fri, 31 Dec 2199 23:59:59 GMT"))
    assert isinstance(failure, ModelUnavailable)
    assert failure.retry_after is not None
    assert 86_400 < failure.retry_after < math.inf


async def test_spending_too_fast_is_no_lack_of_credit() -> None:
    _, failure = await fail(refuse(402, error(402), retry_after="2"))
    assert isinstance(failure, ModelUnavailable)
    assert failure.retry_after == 2


MISBEHAVIOURS: dict[str, tuple[Behaviour, str, str]] = {
    "hangs up at once": (fake.hang_up, "", "unreachable"),
    "breaks off in the stream": (fake.cut_after("12 ", "ngày"), "12 ngày", "cut"),
    "breaks off in the body of an error": (fake.cut_in_error_body, "", "unreachable"),
    "ends without a finish reason": (events(chunk("12 ")), "12 ", "cut"),
    "ends without a finish reason or an end": (events(chunk("12 "), done=False), "12 ", "cut"),
    "says nothing but the end": (events(), "", "cut"),
    "sends empty choices only": (events(chunk(choices=[]), chunk(choices=None)), "", "cut"),
    "finishes without a word": (answer(), "", "empty"),
    "finishes with an error it does not name": (events(chunk("12 ", finish="error")), "12 ", "failed"),
    "names its error in words": (events(chunk("12 ") | error("server_error")), "", "failed"),
    "sends an error that is only text": (events({"error": "out of memory"}), "", "failed"),
    "sends half an object": (events(chunk("12 "), b'{"choices": [{"delta"'), "12 ", "unreadable"),
    "sends bytes that are no UTF-8": (events(b'{"choices": "\xff\xfe"}'), "", "unreadable"),
    "sends a list": (events([1, 2]), "", "unreadable"),
    "sends a string": (events("hello"), "", "unreadable"),
    "sends choices of the wrong kind": (events({"choices": {"a": 1}}), "", "unreadable"),
    "sends text of the wrong kind": (events({"choices": [{"delta": {"content": 5}}]}), "", "unreadable"),
    "sends a choice without a delta": (events({"choices": [{"index": 0}]}), "", "unreadable"),
    "sends a page": (refuse(200, "<html>Đăng nhập Wi-Fi</html>"), "", "not_an_api"),
    "sends a page for an error": (refuse(502, "<html>Bad gateway</html>"), "", "failed"),
    "sends JSON that is no stream": (refuse(200, {"choices": []}), "", "unreadable"),
    "sends JSON that is no object": (refuse(200, [1]), "", "unreadable"),
}


@pytest.mark.parametrize("name", MISBEHAVIOURS)
async def test_text_that_came_stays_and_the_failure_has_its_own_sentence(name: str) -> None:
    behaviour, text_before, reason = MISBEHAVIOURS[name]
    said, failure = await fail(behaviour)
    assert isinstance(failure, ModelUnavailable)
    assert (said, failure.message_id) == (text_before, f"model.api.{reason}")
    assert "127.0.0.1" in failure.text("vi")


async def test_a_filtered_answer_is_refused_for_good() -> None:
    said, failure = await fail(events(chunk("12 "), chunk("", finish="content_filter")))
    assert (said, failure.message_id, type(failure)) == ("12 ", "model.api.moderated", ModelRejected)


async def test_a_model_that_thinks_until_its_tokens_are_gone_is_refused_for_good() -> None:
    _, failure = await fail(events(chunk("", finish="length")))
    assert (failure.message_id, type(failure)) == ("model.api.no_room", ModelRejected)


SLOW: dict[str, tuple[Behaviour, str]] = {
    "never answers": (fake.stay_silent, ""),
    "drips its head": (fake.drip_head, ""),
    "drips comments": (fake.drip_comment, ""),
    "stalls in the stream": (fake.stall_after("12 "), "12 "),
}


@pytest.mark.parametrize("name", SLOW)
async def test_the_deadline_ends_every_wait_and_the_connection(name: str) -> None:
    behaviour, text_before = SLOW[name]
    async with OpenRouterServer(behaviour) as server, asyncio.timeout(5):
        said, failure = await read(a_model(server), a_request(seconds=0.3))
        await server.requests[0].hung_up.wait()
    assert (said, type(failure)) == (text_before, ModelTimeout)


@pytest.mark.parametrize("name", ["never answers", "stalls in the stream"])
async def test_silence_ends_long_before_the_deadline(name: str) -> None:
    behaviour, text_before = SLOW[name]
    async with asyncio.timeout(5):
        said, failure = await fail(behaviour, seconds=60, read_timeout=0.2)
    assert (said, type(failure)) == (text_before, ModelTimeout)


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connecting is refused
        model = OpenAIModel(Endpoint(base_url=f"http://u:pw@127.0.0.1:{taken.getsockname()[1]}/v1", model="m"))
        _, failure = await read(model, a_request())
    assert isinstance(failure, ModelUnavailable)
    assert failure.message_id == "model.api.unreachable"
    assert "pw" not in str(failure)


async def test_cancelling_the_reader_closes_the_connection() -> None:
    async with OpenRouterServer(fake.stall_after("12 ")) as server, asyncio.timeout(5):
        heard = asyncio.Event()

        async def listen() -> None:
            async for _ in a_model(server).stream(a_request()):
                heard.set()

        async with asyncio.TaskGroup() as group:
            reader = group.create_task(listen())
            await heard.wait()
            reader.cancel()
        assert reader.cancelled()
        await server.requests[0].hung_up.wait()


async def test_closing_the_iterator_closes_the_connection() -> None:
    async with OpenRouterServer(fake.stall_after("12 ")) as server, asyncio.timeout(5):
        items = a_model(server).stream(a_request())
        assert await anext(items) == Delta("12 ")
        await items.aclose()
        await server.requests[0].hung_up.wait()


async def test_twenty_answers_at_once_are_not_mixed() -> None:
    async def echo(exchange: fake.Exchange) -> None:
        await answer(exchange.body["messages"][-1]["content"])(exchange)

    async with OpenRouterServer(echo) as server:
        model = a_model(server)
        questions = [
            CompletionRequest((Message("user", str(n)),), Clearance(Reach.OFFICE), Deadline.after(20))
            for n in range(20)
        ]
        answers = await asyncio.gather(*(read(model, question) for question in questions))
        await model.aclose()
    assert [said for said, _ in answers] == [str(n) for n in range(20)]


async def test_a_redirect_does_not_carry_the_prompt_elsewhere() -> None:
    async with OpenRouterServer(answer("12")) as elsewhere:
        _, failure = await fail(refuse(307, {}, location=f"{elsewhere.base_url}/chat/completions"))
    assert failure.message_id == "model.api.not_an_api"
    assert elsewhere.connections == 0


async def test_the_environment_neither_redirects_a_prompt_nor_adds_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenRouterServer(answer("12")) as server, OpenRouterServer(answer("12")) as proxy:
        for name, value in {
            "HTTP_PROXY": proxy.base_url,
            "ALL_PROXY": proxy.base_url,
            "OPENAI_ORG_ID": "org-1",
        }.items():
            monkeypatch.setenv(name, value)
        await read(a_model(server), a_request())
    assert (server.connections, proxy.connections) == (1, 0)
    assert "openai-organization" not in server.requests[0].headers


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
async def test_the_key_is_in_no_error_no_name_and_no_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, failure = await fail(refuse(status, error(401, f"Incorrect API key provided: {KEY}")), reach=Reach.OUTSIDE)
    logging.getLogger("test").error("failed", exc_info=failure)
    endpoint = Endpoint(base_url="http://127.0.0.1:1", model="m", api_key=KEY)
    shown = [repr(failure), str(failure), repr(failure.facts), repr(endpoint), repr(OpenAIModel(endpoint))]
    assert "Incorrect API key provided: [key]" in caplog.text, "the administrator still reads what happened"
    assert KEY not in " ".join([*shown, *traceback.format_exception(failure), caplog.text])


@pytest.mark.parametrize("key", ["sk or", "sk-or\n", "sk-ợr", "sk-or\x00"])
def test_a_key_that_no_header_can_carry_is_refused_at_once_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        OpenAIModel(Endpoint(base_url="https://example.com/v1", model="m", api_key=key))
    assert key not in str(caught.value)
    assert "example.com" in str(caught.value)

"""The engine's benchmark as a client of llama-server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from benchmarks.engine.askers import ask
from benchmarks.engine.peer import Model, Request, Tally
from benchmarks.engine.server import ServerEnded, connected, parse_setting, parse_settings, serving


@asynccontextmanager
async def http_server(complete: object) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/completion", complete)  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def test_a_server_setting_is_a_command_line() -> None:
    eight, big = parse_settings("np=8,at=4:8; np=32,ub=2048,cram=0,no-warmup")
    assert (eight.name, eight.askers, big.askers) == ("server np=8", frozenset([4, 8]), None)
    line = big.arguments(Model(Path("m.gguf"), 4096, -1, Path("l.gguf")))
    assert line[:8] == ["-m", "m.gguf", "-c", str(32 * 4096), "-fa", "on", "-ngl", "all"]
    assert line[8:] == ["-np", "32", "-b", "2048", "-ub", "2048", "-cram", "0", "--no-warmup", "--lora", "l.gguf"]
    with pytest.raises(ValueError, match="invalid literal"):
        parse_setting("np=many")


async def test_the_servers_stream_is_read_token_by_token_with_what_it_knew() -> None:
    events = [
        {"tokens": [11], "tokens_predicted": 1, "stop": False},
        {"tokens": [13], "tokens_predicted": 3, "stop": False},
        {"tokens": [], "tokens_predicted": 3, "stop": True, "timings": {"cache_n": 30, "prompt_n": 10}},
    ]
    asked: list[dict[str, object]] = []

    async def complete(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.Response(text="".join(f"data: {json.dumps(event)}\n\n" for event in events))

    async with http_server(complete) as url, connected(url) as peer:
        record, answer = await ask(peer, Request([1, 2, 3], 3))
    assert answer == [11, 13, 13]
    assert record.out == 3
    assert peer.tally() == Tally(40, 30)
    assert asked[0]["prompt"] == [1, 2, 3]
    assert (asked[0]["n_predict"], asked[0]["cache_prompt"], asked[0]["top_k"]) == (3, True, 40)


async def test_an_error_of_the_server_is_raised() -> None:
    async def complete(_: web.Request) -> web.Response:
        return web.Response(text='data: {"error": {"code": 500, "message": "no room"}}\n\n')

    async with http_server(complete) as url, connected(url) as peer:
        with pytest.raises(ServerEnded, match="no room"):
            await ask(peer, Request([1], 1))


async def test_a_server_that_ends_at_once_tells_why() -> None:
    with pytest.raises(ServerEnded, match="unknown argument"):
        async with serving(Path("/bin/sh"), ["-c", "echo unknown argument; exit 1"]):
            pass

"""Files that come with a question: fetched whole from Slack, with a token that goes nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from bots.slack.adapter import SlackConfig, open_client
from bots.slack.api import SlackApi
from bots.slack.budgets import MethodBudgets
from bots.slack.files import MOST_FILES, SlackFiles, is_sign_in_page, is_slacks, shared_files
from core.clock import SteadyClock
from core.intake import SharedFile
from core.surfaces import FileRefused, SurfaceSilent, SurfaceUnavailable
from tests.bots.slack.office import MANIFEST
from tests.bots.slack.strange import Handler, serving
from tests.slack_server import SlackServer

DATA = "Nghỉ phép năm: 14 ngày.".encode()
API = "https://slack.com/api/"


@asynccontextmanager
async def files_of(api_url: str, largest: int = 1_000_000, seconds: float = 30.0) -> AsyncIterator[SlackFiles]:
    async with open_client(SlackConfig("xoxb-1-bot", api_url=api_url)) as client:
        yield SlackFiles(SlackApi(client, MethodBudgets(SteadyClock())), largest, seconds)


def uploaded(
    slack: SlackServer, data: bytes = DATA, name: str = "nghi-phep.txt", mime: str = "text/plain", access: str = ""
) -> SharedFile:
    """A file in a message, as the event of that message tells of it."""
    user = slack.people.add_user("An")
    channel = slack.people.add_channel("chung", [user])
    ts = slack.people.upload(user, channel, name, data, mimetype=mime, access=access or "visible")
    (file,) = shared_files(slack.message(ts).to_json())
    return file


async def refusal(files: SlackFiles, file: SharedFile) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        await files.fetch(file)
    return caught.value


async def test_a_file_is_fetched_whole(slack: SlackServer) -> None:
    data = DATA * 5_000
    async with files_of(slack.api_url) as files:
        fetched = await files.fetch(uploaded(slack, data))
    assert (fetched.name, fetched.data) == ("nghi-phep.txt", data)


async def test_a_file_that_is_too_large_is_not_even_asked_for(slack: SlackServer) -> None:
    async with files_of(slack.api_url, largest=1_500_000) as files:
        refused = await refusal(files, uploaded(slack, bytes(1_500_001)))
    assert (refused.message_id, refused.facts) == ("answer.file_too_large", {"limit": "1.5"})
    assert slack.called("files.download") == []


async def test_a_file_that_is_larger_than_it_says_is_not_read_to_its_end() -> None:
    sent = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(1 << 16))
        except ConnectionError:
            sent.set()
        return response

    async with serving(endless) as url, files_of(f"{url}api/", largest=2_000_000) as files:
        refused = await refusal(files, SharedFile("F1", "a.txt", "text/plain", 10, f"{url}files/F1"))
        async with asyncio.timeout(10):
            await sent.wait()
    assert (refused.message_id, refused.facts) == ("answer.file_too_large", {"limit": "2"})


@pytest.mark.parametrize("size", [19, 20])
async def test_the_limit_itself_is_allowed(slack: SlackServer, size: int) -> None:
    async with files_of(slack.api_url, largest=20) as files:
        assert len((await files.fetch(uploaded(slack, b"x" * size))).data) == size


async def test_a_picture_is_refused_without_a_look(slack: SlackServer) -> None:
    async with files_of(slack.api_url) as files:
        assert (await refusal(files, uploaded(slack, mime="image/png"))).message_id == "answer.file_picture"
    assert slack.called("files.download") == []


async def test_a_sign_in_page_is_no_file() -> None:
    scopes = [scope for scope in MANIFEST["oauth_config"]["scopes"]["bot"] if scope != "files:read"]
    manifest = dict(MANIFEST) | {"oauth_config": {"scopes": {"bot": scopes}}}
    async with SlackServer(manifest) as slack, files_of(slack.api_url) as files:
        assert (await refusal(files, uploaded(slack))).message_id == "answer.file_sign_in"


def test_an_html_file_of_somebody_is_no_sign_in_page() -> None:
    assert not is_sign_in_page("text/html", b"<html><body>Ngh\xe1\xbb\x89 ph\xc3\xa9p</body></html>")
    assert not is_sign_in_page("text/plain", b"<html>Slack sign in</html>")


async def test_a_file_that_the_event_only_names_is_asked_for(slack: SlackServer) -> None:
    file = uploaded(slack, access="check_file_info")
    assert (file.url, file.mime, file.size) == ("", "", 0)
    async with files_of(slack.api_url) as files:
        fetched = await files.fetch(file)
    assert (fetched.name, fetched.data) == ("nghi-phep.txt", DATA)


@pytest.mark.parametrize(
    ("largest", "mime", "message_id"),
    [(20, "text/plain", "answer.file_too_large"), (1_000, "image/png", "answer.file_picture")],
)
async def test_what_is_refused_is_refused_also_where_the_event_only_names_it(
    slack: SlackServer, largest: int, mime: str, message_id: str
) -> None:
    file = uploaded(slack, mime=mime, access="check_file_info")
    async with files_of(slack.api_url, largest=largest) as files:
        assert (await refusal(files, file)).message_id == message_id
    assert slack.called("files.download") == []


async def test_a_file_that_has_gone_cannot_be_reached(slack: SlackServer) -> None:
    async with files_of(slack.api_url) as files:
        file = replace(uploaded(slack, access="check_file_info"), id="F0GONE")
        assert (await refusal(files, file)).message_id == "answer.file_unreachable"


async def test_an_external_file_without_an_address_cannot_be_reached() -> None:
    async def told(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "file": {"id": "F1", "is_external": True, "name": "Trang tính"}})

    async with serving(told) as url, files_of(f"{url}api/") as files:
        refused = await refusal(files, SharedFile("F1", "F1", "", 0, ""))
    assert refused.message_id == "answer.file_unreachable"


async def test_a_foreign_address_gets_neither_the_token_nor_a_call() -> None:
    asked: list[str | None] = []

    async with serving(noting(asked)) as theirs, serving(noting(asked)) as ours, files_of(f"{ours}api/") as files:
        file = SharedFile("F1", "a.txt", "text/plain", 10, f"{theirs}files/F1")
        assert (await refusal(files, file)).message_id == "answer.file_unreachable"
    assert asked == []


async def test_a_redirection_elsewhere_is_followed_without_the_token() -> None:
    ours_asked: list[str | None] = []
    theirs_asked: list[str | None] = []
    async with (
        serving(noting(theirs_asked)) as theirs,
        serving(noting(ours_asked, f"{theirs}elsewhere")) as ours,
        files_of(f"{ours}api/") as files,
    ):
        await files.fetch(SharedFile("F1", "a.txt", "text/plain", 10, f"{ours}files/F1"))
    assert ours_asked == ["Bearer xoxb-1-bot"]
    assert theirs_asked == [None]


def noting(asked: list[str | None], redirect: str = "") -> Handler:
    """Notes what comes as authorization, and gives a file or redirects to one."""

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization"))
        return web.Response(status=302, headers={"Location": redirect}) if redirect else web.Response(body=DATA)

    return handler


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.pdf", True),
        ("https://slack.com/a", True),
        ("https://slack-files.com.evil.example/a", False),
        ("https://a.slack-files.com/a", True),
        ("https://evilslack.com/a", False),
        ("https://slack.com.evil.example/a", False),
        ("https://evil.example/?slack.com", False),
        ("https://evil.example#.slack.com", False),
        ("https://files.slack.com@evil.example/a", False),
        ("http://files.slack.com/a", False),
        ("http://slack.com/a", False),
        ("ftp://slack.com/a", False),
        ("//slack.com/a", False),
        ("https://[slack.com/a", False),
        ("https://slack.com:x/a", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_over_tls_alone(url: str, *, goes: bool) -> None:
    assert is_slacks(url, API) is goes


def test_the_token_goes_where_the_settings_have_slack() -> None:
    government, proxy = "https://slack-gov.com/api/", "http://127.0.0.1:8080/api/"
    assert is_slacks("https://files.slack-gov.com/a", government)
    assert is_slacks("http://127.0.0.1:8080/files/a", proxy)
    assert not is_slacks("http://127.0.0.1:9090/files/a", proxy)
    assert not is_slacks("https://a.", "api/")


@pytest.mark.parametrize(
    ("what", "error"), [(500, SurfaceUnavailable), (503, SurfaceUnavailable), ("drop_before", SurfaceUnavailable)]
)
async def test_a_server_in_trouble_may_have_the_file_later(
    slack: SlackServer, what: str | int, error: type[Exception]
) -> None:
    file = uploaded(slack)
    slack.fail("files.download", what, times=2)  # aiohttp asks once more by itself where a line breaks
    async with files_of(slack.api_url) as files:
        with pytest.raises(error):
            await files.fetch(file)


@pytest.mark.parametrize("what", [403, 404])
async def test_a_file_that_is_not_given_cannot_be_reached(slack: SlackServer, what: int) -> None:
    file = uploaded(slack)
    slack.fail("files.download", what)
    async with files_of(slack.api_url) as files:
        assert (await refusal(files, file)).message_id == "answer.file_unreachable"


async def test_a_server_that_says_nothing_is_left_in_time(slack: SlackServer) -> None:
    file = uploaded(slack)
    slack.fail("files.download", "hang")
    async with files_of(slack.api_url, seconds=0.2) as files:
        with pytest.raises(SurfaceSilent):
            await files.fetch(file)


def test_of_many_files_the_first_are_read() -> None:
    told = [{"id": f"F{n}", "name": f"{n}.pdf"} for n in range(9)]
    assert [file.id for file in shared_files({"files": told})] == [f"F{n}" for n in range(MOST_FILES)]


def test_what_is_no_list_of_files_is_none() -> None:
    assert shared_files({"files": "a.pdf"}) == ()
    assert shared_files({}) == ()
    (odd,) = shared_files({"files": [{"size": "9", "url_private": 3, "title": "Biểu mẫu"}, "x"]})
    assert odd == SharedFile("", "Biểu mẫu", "", 0, "")

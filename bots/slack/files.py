"""Files that people send with a question: fetched when it is answered, kept nowhere."""

import urllib.parse
from dataclasses import dataclass, replace

import aiohttp

from bots.reading import Payload, items, mapping, number, word
from bots.slack.api import Refused, SlackApi
from core.conversation import Attachment
from core.intake import SharedFile
from core.surfaces import FileRefused, SurfaceSilent, SurfaceUnavailable

MOST_FILES = 5
"""Files of one message that are read."""
MEGABYTE = 1_000_000


def shared_files(message: Payload) -> tuple[SharedFile, ...]:
    """The files of a message as its event tells of them, `MOST_FILES` at most."""
    return tuple(shared_file(file) for file in items(message.get("files"))[:MOST_FILES])


def shared_file(told: Payload) -> SharedFile:
    """A file as Slack describes it; what it leaves out is empty."""
    return SharedFile(
        id=word(told.get("id")),
        name=word(told.get("name")) or word(told.get("title")) or word(told.get("id")),
        mime=word(told.get("mimetype")),
        size=number(told.get("size")),
        url=word(told.get("url_private_download")) or word(told.get("url_private")),
    )


@dataclass(frozen=True, slots=True)
class SlackFiles:
    """Fetches files with the bot's token, from Slack's hosts only. `largest` is in bytes."""

    api: SlackApi
    largest: int
    seconds: float = 30.0

    async def fetch(self, file: SharedFile) -> Attachment:
        """The file. Raises `FileRefused` and SurfaceError."""
        if not file.url:
            file = await self._asked(file)
        if file.mime.startswith("image/"):
            raise FileRefused("answer.file_picture")
        if file.size > self.largest:
            raise FileRefused("answer.file_too_large", limit=f"{self.largest / MEGABYTE:g}")
        if not is_slacks(file.url, self.api.client.base_url):
            raise FileRefused("answer.file_unreachable")
        return Attachment(file.name, await self._download(file.url))

    async def _asked(self, file: SharedFile) -> SharedFile:
        """The file, of which the event told nothing but the id, as a call tells of it."""
        try:
            told = mapping((await self.api.call("files.info", file=file.id)).get("file"))
        except Refused as refusal:
            raise FileRefused("answer.file_unreachable") from refusal
        return replace(shared_file(told), id=file.id)

    async def _download(self, url: str) -> bytes:
        """The bytes. A redirection to another host is followed without the token; aiohttp sees to that."""
        headers = {"Authorization": f"Bearer {self.api.client.token}"}
        try:
            timeout = aiohttp.ClientTimeout(total=self.seconds)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=headers) as reply:
                if reply.status >= 500:  # noqa: PLR2004
                    raise SurfaceUnavailable(f"a file: HTTP {reply.status}")
                if reply.status != 200:  # noqa: PLR2004
                    raise FileRefused("answer.file_unreachable")
                return await self._body(reply)
        except aiohttp.ClientError as error:
            raise SurfaceUnavailable(f"a file: {error!r}") from error
        except TimeoutError as error:
            raise SurfaceSilent("a file") from error

    async def _body(self, reply: aiohttp.ClientResponse) -> bytes:
        """Slack answers a token that may not read files with its sign-in page, and says that all is well."""
        data = bytearray()
        async for piece in reply.content.iter_chunked(1 << 16):
            data += piece
            if len(data) > self.largest:
                raise FileRefused("answer.file_too_large", limit=f"{self.largest / MEGABYTE:g}")
        if is_sign_in_page(reply.content_type, bytes(data)):
            raise FileRefused("answer.file_sign_in")
        return bytes(data)


def is_slacks(url: str, api_url: str) -> bool:
    """Whether the token may go there: to Slack over TLS, or to the very server that `api_url` names.

    An event could name any address.
    """
    try:
        asked, ours = urllib.parse.urlsplit(url), urllib.parse.urlsplit(api_url)
        host, home = asked.hostname or "", ours.hostname or ""
        is_home = (asked.scheme, host, asked.port) == (ours.scheme, home, ours.port)
    except ValueError:
        return False
    belongs = host in {"slack.com", home} or host.endswith((".slack.com", ".slack-files.com", f".{home}"))
    return home != "" and (is_home or (asked.scheme == "https" and belongs))


def is_sign_in_page(content_type: str, data: bytes) -> bool:
    """Whether what came is Slack's page that asks for a password; an HTML file that people sent is none."""
    head = data[:20_000].lower()
    looks_like_html = content_type.startswith("text/html") and b"<html" in head
    return looks_like_html and b"slack" in head and (b"sign in" in head or b"signin" in head or b"password" in head)

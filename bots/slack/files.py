"""Files that people send with a question: fetched when it is answered, kept nowhere."""

import urllib.parse
from dataclasses import dataclass

import aiohttp

from bots.slack.api import Refused, SlackApi
from bots.slack.reading import Payload, items, number, word
from core.conversation import Attachment
from core.intake import SharedFile
from core.surfaces import FileRefused, SurfaceSilent, SurfaceUnavailable

MOST_FILES = 5
"""Files of one message that are read."""
MEGABYTE = 1_000_000


def shared_files(message: Payload) -> tuple[SharedFile, ...]:
    """The files of a message as its event tells of them."""
    return tuple(
        SharedFile(
            id=word(file.get("id")),
            name=word(file.get("name")) or word(file.get("title")) or word(file.get("id")),
            mime=word(file.get("mimetype")),
            size=number(file.get("size")),
            url=word(file.get("url_private_download")) or word(file.get("url_private")),
        )
        for file in items(message.get("files"))[:MOST_FILES]
    )


@dataclass(frozen=True, slots=True)
class SlackFiles:
    """Fetches files with the bot's token, from Slack's hosts only. `largest` is in bytes."""

    api: SlackApi
    largest: int
    seconds: float = 30.0

    async def fetch(self, file: SharedFile) -> Attachment:
        """The file. Raises `FileRefused`, `Refused` and SurfaceError."""
        if file.mime.startswith("image/"):
            raise FileRefused("answer.file_picture")
        url, size = (file.url, file.size) if file.url else await self._asked(file)
        if size > self.largest:
            raise FileRefused("answer.file_too_large", limit=f"{self.largest / MEGABYTE:g}")
        if not self._is_slacks(url):
            raise FileRefused("answer.file_unreachable")
        return Attachment(file.name, await self._download(url))

    async def _asked(self, file: SharedFile) -> tuple[str, int]:
        """Address and size of a file that the event told nothing of."""
        try:
            told = (await self.api.call("files.info", file=file.id))["file"]
        except Refused as refusal:
            raise FileRefused("answer.file_unreachable") from refusal
        return str(told.get("url_private_download") or told.get("url_private") or ""), int(told.get("size") or 0)

    def _is_slacks(self, url: str) -> bool:
        """The token goes to Slack and nowhere else: an event could name any address."""
        host, api_host = urllib.parse.urlsplit(url).hostname or "", urllib.parse.urlsplit(self.api.client.base_url)
        is_slack = url.startswith("https://") and (
            host == "slack.com" or host.endswith((".slack.com", ".slack-files.com"))
        )
        return is_slack or host == api_host.hostname

    async def _download(self, url: str) -> bytes:
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


def is_sign_in_page(content_type: str, data: bytes) -> bool:
    """Whether what came is Slack's page that asks for a password; an HTML file that people sent is none."""
    head = data[:20_000].lower()
    looks_like_html = content_type.startswith("text/html") and b"<html" in head
    return looks_like_html and b"slack" in head and (b"sign in" in head or b"signin" in head or b"password" in head)

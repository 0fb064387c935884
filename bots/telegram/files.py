"""Files that people send with a question: fetched when it is answered, kept nowhere."""

from dataclasses import dataclass, field

from telegram import Bot, File
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bots.telegram.answered import readable
from core.conversation import Attachment
from core.intake import SharedFile
from core.surfaces import FileRefused, SurfaceError, SurfaceSilent, SurfaceUnavailable

MEGABYTE = 1_000_000
PLATFORM_LARGEST = 20 * 2**20
"""Bytes of a file that Telegram hands to a bot at most."""


@dataclass(frozen=True, slots=True)
class TelegramFiles:
    """Fetches files. `largest` is in bytes. Addresses hold the token: they are neither kept nor logged."""

    bot: Bot = field(repr=False)
    largest: int
    seconds: float = 30.0

    async def fetch(self, file: SharedFile) -> Attachment:
        """The file. Raises `FileRefused` and SurfaceError."""
        kind = file.mime.partition("/")[0]
        if kind == "image":
            raise FileRefused("answer.file_picture")
        if kind in {"audio", "video"}:
            raise FileRefused("answer.file_spoken")
        self._check_size(file.size)
        try:
            data = await self._download(await self._located(file.id))
        except InvalidToken:  # an address is good for an hour
            data = await self._once_more(file.id)
        self._check_size(len(data))
        return Attachment(file.name, data)

    async def _once_more(self, file_id: str) -> bytes:
        try:
            return await self._download(await self._located(file_id))
        except InvalidToken:
            raise SurfaceUnavailable("a file: its address is not taken") from None

    async def _located(self, file_id: str) -> File:
        try:
            with readable():
                located = await self.bot.get_file(file_id)
        except BadRequest as refusal:
            if "too big" in refusal.message.lower():
                raise self._too_large() from None
            raise FileRefused("answer.file_gone") from None
        except InvalidToken:
            raise SurfaceUnavailable("a file: the token is not taken") from None
        except TelegramError as error:
            raise translated(error) from None
        self._check_size(located.file_size or 0)
        return located

    async def _download(self, located: File) -> bytes:
        if not (located.file_path or "").startswith(self.bot.base_file_url):
            raise FileRefused("answer.file_unreachable")
        try:
            return bytes(await located.download_as_bytearray(read_timeout=self.seconds))
        except InvalidToken:
            raise
        except (BadRequest, Forbidden):
            raise FileRefused("answer.file_unreachable") from None
        except TelegramError as error:
            raise translated(error) from None

    def _check_size(self, size: int) -> None:
        if size > min(self.largest, PLATFORM_LARGEST):
            raise self._too_large()

    def _too_large(self) -> FileRefused:
        limit = min(self.largest, PLATFORM_LARGEST) / MEGABYTE
        return FileRefused("answer.file_too_large", limit=f"{limit:.3g}")


def translated(error: TelegramError) -> SurfaceError:
    """What the core makes of a fault on the way; its words, which may hold an address, are left out."""
    if isinstance(error, TimedOut):
        return SurfaceSilent("a file")
    kind = "the network" if isinstance(error, NetworkError) else type(error).__name__
    return SurfaceUnavailable(f"a file: {kind}")

"""What Telegram's refusals mean, by their words: the client has one error for all that is wrong with a request.

It words some of them its own way (`Message to edit not found`), so words are compared in small letters.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from bots.telegram.line import Flooded, Unsent
from core.surfaces import (
    MarkupRefused,
    MessageGone,
    SurfaceBusy,
    SurfaceError,
    SurfaceSilent,
    SurfaceUnavailable,
    Undeliverable,
)

SAME = "message is not modified"
UNDELETED = "message to delete not found"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "no text in the message to edit")
MARKUP = (
    "can't parse entities", "can't parse inline keyboard", "message is too long", "message_too_long",
    "entity_bounds_invalid", "entities_too_long", "button_data_invalid", "button_url_invalid", "unsupported parse_mode",
    "reply markup is too long", "message text is empty", "text must be non-empty",
)  # fmt: skip
CLOSED = (
    "chat not found", "user not found", "not enough rights", "have no rights", "need administrator rights",
    "chat_write_forbidden", "chat_restricted", "chat_send_plain_forbidden", "chat_admin_required", "channel_private",
    "group chat was deactivated", "user_is_blocked", "user_banned_in_channel", "peer_id_invalid", "user_deactivated",
    "topic_closed", "topic_deleted", "message thread not found", "message can't be deleted",
)  # fmt: skip


class Same(SurfaceError):
    """The message says that already; never leaves `bots.telegram.api`."""


class Moved(SurfaceUnavailable):
    """The group has become the supergroup `chat`; nothing was done."""

    def __init__(self, chat: int) -> None:
        super().__init__(f"the group is now {chat}")
        self.chat = chat


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Telegram's refusals as the core knows them."""
    try:
        yield
    except TelegramError as error:
        raise surface_error(error) from error
    except (KeyError, TypeError, AttributeError) as error:  # the client takes every answer for an object with a result
        raise SurfaceSilent(f"an answer that cannot be read: {error!r}") from error


def surface_error(error: TelegramError) -> SurfaceError:
    """What the core is told of a refusal. What is not in JSON is no word of Telegram's: a proxy spoke."""
    is_read = not isinstance(error.__cause__, TelegramError)
    match error:
        case Flooded():
            return SurfaceBusy(error.seconds)
        case ChatMigrated():
            return Moved(error.new_chat_id)
        case BadRequest() if is_read:
            return _verdict(error.message)
        case Forbidden() if is_read:
            return Undeliverable(error.message)
        case Unsent() | InvalidToken() | Conflict():  # whoever says so has not passed it on
            return SurfaceUnavailable(error.message)
        case _:
            return SurfaceSilent(error.message)


def _verdict(said: str) -> SurfaceError:
    """What a bad request is, by what Telegram says of it; one that is not known may be good later."""
    words = said.lower()
    kinds: tuple[tuple[type[SurfaceError], tuple[str, ...]], ...] = (
        (Same, (SAME,)),
        (MessageGone, (*GONE, UNDELETED)),
        (MarkupRefused, MARKUP),
        (Undeliverable, CLOSED),
    )
    kind = next((kind for kind, phrases in kinds if any(phrase in words for phrase in phrases)), SurfaceUnavailable)
    return kind(said)

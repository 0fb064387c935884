"""A Telegram that runs on this machine: `server.TelegramServer`, for the real python-telegram-bot."""

from tests.telegram_server.api import Called
from tests.telegram_server.messages import File, Message
from tests.telegram_server.moves import LOCATION, STICKER
from tests.telegram_server.rates import Rates
from tests.telegram_server.refusals import Impossible, Json
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.updates import Update
from tests.telegram_server.webhooks import Brought
from tests.telegram_server.world import Draft, Press, Settings

__all__ = [
    "LOCATION",
    "STICKER",
    "Brought",
    "Called",
    "Draft",
    "File",
    "Impossible",
    "Json",
    "Message",
    "Press",
    "Rates",
    "Settings",
    "TelegramServer",
    "Update",
]

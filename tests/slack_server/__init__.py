"""A Slack that runs on this machine: `server.SlackServer`, for the real slack-sdk and slack-bolt."""

from tests.slack_server.api import Called
from tests.slack_server.deliveries import Delivery, Missed, Unheard
from tests.slack_server.hands import Outcome, UserError
from tests.slack_server.messages import File, Message, Stream
from tests.slack_server.rates import Rates
from tests.slack_server.refusals import Impossible, Json
from tests.slack_server.server import SlackServer
from tests.slack_server.workspace import Settings, View

__all__ = [
    "Called",
    "Delivery",
    "File",
    "Impossible",
    "Json",
    "Message",
    "Missed",
    "Outcome",
    "Rates",
    "Settings",
    "SlackServer",
    "Stream",
    "Unheard",
    "UserError",
    "View",
]

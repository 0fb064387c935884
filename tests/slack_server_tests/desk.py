"""An app with a handler for everything that people can press, and the blocks to press."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from tests.slack_server import Json, SlackServer
from tests.slack_server_tests.office import app_of


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


REASON = {
    "type": "input",
    "block_id": "reason",
    "label": plain("Vì sao?"),
    "element": {"type": "plain_text_input", "action_id": "why", "max_length": 20},
}
KIND = {
    "type": "input",
    "block_id": "kind",
    "optional": True,
    "label": plain("Loại"),
    "element": {
        "type": "static_select",
        "action_id": "kind",
        "options": [{"text": plain("Sai"), "value": "wrong"}, {"text": plain("Thiếu"), "value": "missing"}],
    },
}
MODAL = {
    "type": "modal",
    "callback_id": "feedback",
    "notify_on_close": True,
    "title": plain("Góp ý"),
    "submit": plain("Gửi"),
    "blocks": [REASON, KIND],
}
VOTE = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "vote",
            "positive_button": {"text": plain("Có ích"), "value": "up-q1"},
            "negative_button": {"text": plain("Không"), "value": "down-q1"},
        }
    ],
}
SEE = {"type": "actions", "elements": [{"type": "button", "text": plain("Xem"), "action_id": "see", "value": "s1"}]}


class Desk:
    """An app with a handler of every kind; `bodies` is what came in, `errors` what it answers to a modal."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.bodies: list[Json] = []
        self.answer: Json = {}

    def app(self) -> AsyncApp:
        app = app_of(self.slack)

        async def take(ack: Any, body: Json) -> None:  # noqa: ANN401
            await ack()
            self.bodies.append(body)

        async def open_modal(ack: Any, body: Json) -> None:  # noqa: ANN401
            await take(ack, body)
            await app.client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        async def submitted(ack: Any, body: Json) -> None:  # noqa: ANN401
            await ack(**self.answer)
            self.bodies.append(body)

        async def asked(ack: Any, body: Json, respond: Any) -> None:  # noqa: ANN401
            await ack(text=f"Đang tìm: {body['text']}")
            self.bodies.append(body)
            await respond(text="Mười hai ngày.", response_type="in_channel")

        app.action("vote")(take)
        app.action("see")(open_modal)
        app.view("feedback")(submitted)
        app.view_closed("feedback")(take)
        app.command("/hoi")(asked)
        app.shortcut("ask_about")(take)
        app.shortcut("ask")(open_modal)
        app.event("message")(self.ignore)
        return app

    async def ignore(self, body: Json) -> None:
        """Bolt acknowledges nothing that has no listener."""

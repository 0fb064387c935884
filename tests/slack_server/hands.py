"""What people press and fill in: buttons, menus, modals, slash commands, shortcuts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.slack_server import views
from tests.slack_server.arguments import taken
from tests.slack_server.blocks import check_message_blocks
from tests.slack_server.deliveries import Deliveries, Unheard, Way
from tests.slack_server.inputs import action_of, find_element, values_of
from tests.slack_server.messages import TEAM, Message
from tests.slack_server.people import People
from tests.slack_server.refusals import Impossible, Json, Refused
from tests.slack_server.response_urls import TAKES, say
from tests.slack_server.view_checks import check_view
from tests.slack_server.workspace import Reply, View, Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a press came to: whether it was acknowledged in time, with what payload, and its `trigger_id`."""

    acknowledged: bool
    payload: Json
    trigger_id: str


@dataclass(frozen=True, slots=True)
class UserError:
    """A person saw Slack's own error: after `what`, for the `reason`."""

    user: str
    what: str
    reason: str


@dataclass(eq=False)
class Hands:
    """Every method waits until the app has acknowledged, or its time for that is up."""

    workspace: Workspace
    deliveries: Deliveries
    people: People
    errors: list[UserError] = field(default_factory=list)

    async def click(self, user: str, where: str, action_id: str, value: str | None = None) -> Outcome:
        """Presses the element `action_id` of a message, by its ts, or of a view, by its id.

        `value` chooses: an option by its value, or of feedback buttons `positive`, `negative` or a button's value.
        """
        view = self._view(user, where)
        message = None if view else self._message(user, where)
        blocks = view.json["blocks"] if view else message.blocks if message else []
        block, element = find_element(blocks, action_id)
        action = action_of(block, element, value) | {"action_ts": self.workspace.new_ts()}
        context = self._view_context(view) if view else self._message_context(user, message)
        payload = self._payload("block_actions", user) | context | {"actions": [action]}
        return await self._interact(user, f"click {action_id}", payload)

    async def submit(self, user: str, view_id: str, values: Mapping[str, object] | None = None) -> Outcome:
        """Sends a modal. `values` by action_id: a text, an option's value, or a list of them."""
        view = self._modal(user, view_id)
        state = {"state": {"values": values_of(view.json["blocks"], values or {})}}
        described = views.described(self.workspace, view) | state
        payload = self._payload("view_submission", user) | {"view": described, "response_urls": []}
        outcome = await self._interact(user, "submit", payload)
        if outcome.acknowledged:
            self._apply(user, view, outcome.payload)
        return outcome

    def _apply(self, user: str, view: View, answer: Json) -> None:
        """The `response_action` of an acknowledgement; one that Slack cannot use is an error to the user."""
        try:
            self._respond(user, view, answer)
        except Refused as refused:
            self.errors.append(UserError(user, "submit", f"{refused.error}: {refused.answer}"))
        self.workspace.changed()

    def _respond(self, user: str, view: View, answer: Json) -> None:
        stack, action = self.workspace.modals[user], answer.get("response_action")
        if action == "errors":
            inputs = {block["block_id"] for block in view.json["blocks"] if block["type"] == "input"}
            if not answer.get("errors") or not answer["errors"].keys() <= inputs:
                raise Refused("errors of no input block")
        elif action == "update":
            views.replace(self.workspace, view, check_view(answer.get("view", {}), "modal"))
        elif action == "push":
            views.push(self.workspace, user, check_view(answer.get("view", {}), "modal"))
        elif action == "clear":
            stack.clear()
        elif answer:
            raise Refused("unknown response_action")
        else:
            stack.remove(view)

    async def close(self, user: str, view_id: str) -> None:
        """Closes a modal; the app hears of it if the view asked for that."""
        view = self._modal(user, view_id)
        described = views.described(self.workspace, view)
        self.workspace.modals[user].remove(view)
        self.workspace.changed()
        if view.json.get("notify_on_close"):
            payload = self._payload("view_closed", user) | {"view": described, "is_cleared": False}
            await self._interact(user, "close", payload)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """A slash command; what the acknowledgement says is shown. It needs no membership of the app."""
        if command not in self.workspace.app.commands:
            raise Impossible(f"{command} is not a valid command")
        place, trigger = self.people.place(user, channel), self.workspace.new_trigger(user)
        payload = {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "office",
            "channel_id": channel,
            "channel_name": "directmessage" if place.kind == "im" else place.name,
            "user_id": user,
            "user_name": self.workspace.user(user).name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self.workspace.new_response_url(user, channel),
            "trigger_id": trigger,
        }
        outcome = await self._ask(user, command, "slash_commands", payload, trigger)
        if outcome.payload:
            self._show(user, channel, outcome.payload)
        return outcome

    def _show(self, user: str, channel: str, answer: Json) -> None:
        try:
            said = taken(TAKES, answer)
            check_message_blocks(said.get("blocks", []))
            say(self.workspace, Reply(user, channel, 0.0, 0), said)
        except Refused as refused:
            self.errors.append(UserError(user, "command", f"{refused.error}: {refused.answer}"))
            self.workspace.changed()

    async def shortcut(self, user: str, ts: str, callback_id: str) -> Outcome:
        """A shortcut from the menu of a message."""
        self._need_shortcut(callback_id, "message")
        message = self._message(user, ts)
        payload = self._payload("message_action", user) | self._message_context(user, message)
        payload |= {"callback_id": callback_id, "message_ts": ts, "action_ts": self.workspace.new_ts()}
        return await self._interact(user, f"shortcut {callback_id}", payload)

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        self._need_shortcut(callback_id, "global")
        payload = self._payload("shortcut", user) | {"callback_id": callback_id, "action_ts": self.workspace.new_ts()}
        return await self._interact(user, f"shortcut {callback_id}", payload)

    def _need_shortcut(self, callback_id: str, kind: str) -> None:
        if self.workspace.app.shortcuts.get(callback_id) != kind:
            raise Impossible(f"the manifest has no {kind} shortcut {callback_id}")

    async def _interact(self, user: str, what: str, payload: Json) -> Outcome:
        if not self.workspace.app.interactive:
            self.errors.append(UserError(user, what, "interactivity is off"))
            self.workspace.changed()
            return Outcome(acknowledged=False, payload={}, trigger_id="")
        return await self._ask(user, what, "interactive", payload, payload["trigger_id"])

    async def _ask(self, user: str, what: str, way: Way, payload: Json, trigger: str) -> Outcome:
        try:
            answer = await self.deliveries.ask(way, payload)
        except Unheard as unheard:
            self.errors.append(UserError(user, what, unheard.reason))
            self.workspace.changed()
            return Outcome(acknowledged=False, payload={}, trigger_id=trigger)
        return Outcome(acknowledged=True, payload=answer, trigger_id=trigger)

    def _payload(self, kind: str, user: str) -> Json:
        person = self.workspace.user(user)
        return {
            "type": kind,
            "token": "verification",
            "api_app_id": self.workspace.app.id,
            "team": {"id": TEAM, "domain": "office"},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {"id": user, "name": person.name, "username": person.name, "team_id": person.team},
            "trigger_id": self.workspace.new_trigger(user),
        }

    def _message_context(self, user: str, message: Message | None) -> Json:
        assert message
        channel = self.workspace.channels[message.channel]
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        container |= {"is_ephemeral": bool(message.only_for)}
        container |= {"thread_ts": message.thread_ts} if message.thread_ts else {}
        return {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "message": channel.json_of(message),
            "state": {"values": {}},
            "response_url": self.workspace.new_response_url(user, channel.id, message),
        }

    def _view_context(self, view: View) -> Json:
        container = {"type": "view", "view_id": view.id}
        return {"container": container, "view": views.described(self.workspace, view)}

    def _view(self, user: str, view_id: str) -> View | None:
        home = self.workspace.homes.get(user)
        stack = self.workspace.modals.get(user, [])
        return next((view for view in [*stack, *([home] if home else [])] if view.id == view_id), None)

    def _modal(self, user: str, view_id: str) -> View:
        stack = self.workspace.modals.get(user, [])
        if not stack or stack[-1].id != view_id:
            raise Impossible(f"{user} has no modal {view_id} in front")
        return stack[-1]

    def _message(self, user: str, ts: str) -> Message:
        """A message that the user sees: one in a channel of theirs, or one only for them."""
        for message in self.workspace.ephemerals:
            if message.ts == ts and message.only_for == user:
                return message
        message = self.people.found(ts)
        self.people.place(user, message.channel)
        return message

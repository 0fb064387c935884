"""HTTP mode: signed requests to the app's own address."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from tests.slack_server.deliveries import Unheard, Way
from tests.slack_server.refusals import Json
from tests.slack_server.workspace import Workspace

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(eq=False)
class HttpCarrier:
    """`deliveries.Carrier` by POST to `url`. Statuses of 200 acknowledge."""

    workspace: Workspace
    url: str
    signing_secret: str
    session: aiohttp.ClientSession

    async def carry(self, way: Way, payload: Json, attempt: int, reason: str) -> Json:
        repeat = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        body, kind = _body(way, payload)
        async with asyncio.TaskGroup() as group:
            post = group.create_task(self._post(body, kind, repeat))
            timer = group.create_task(self.workspace.clock.sleep(self.workspace.settings.ack_seconds))
            await asyncio.wait((post, timer), return_when=asyncio.FIRST_COMPLETED)
            in_time = post.done()
            post.cancel()
            timer.cancel()
        outcome = post.result() if in_time else Unheard("http_timeout")
        if isinstance(outcome, Unheard):
            raise outcome
        return outcome

    async def verify(self) -> None:
        """Sends `url_verification`, as Slack does when the address is entered. A wrong answer is an `Unheard`."""
        asked = {"type": "url_verification", "challenge": "3eZbrw1aBm2r", "token": "verification"}
        answer = await self.carry("events_api", asked, 0, "")
        if asked["challenge"] not in {answer.get("challenge"), answer.get("text")}:
            raise Unheard("http_error")

    async def _post(self, body: str, kind: str, repeat: dict[str, str]) -> Json | Unheard:
        headers = {"Content-Type": kind} | signature(self.signing_secret, body) | repeat
        try:
            async with self.session.post(self.url, data=body.encode(), headers=headers) as response:
                return _answer(response, await response.text())
        except aiohttp.ClientError:
            return Unheard("connection_failed")


def signature(secret: str, body: str, at: float | None = None) -> dict[str, str]:
    """The headers that prove that a request is Slack's; `at` in seconds of the epoch, or now."""
    stamp = str(int(time.time() if at is None else at))
    mark = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}


def _body(way: Way, payload: Json) -> tuple[str, str]:
    if way == "events_api":
        return json.dumps(payload), JSON
    fields = payload if way == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields), FORM


def _answer(response: aiohttp.ClientResponse, text: str) -> Json | Unheard:
    if response.status != 200:
        return Unheard("http_error", final=response.headers.get("X-Slack-No-Retry") == "1")
    if response.content_type == JSON and text:
        return dict(json.loads(text))
    return {"text": text} if text else {}

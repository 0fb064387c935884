"""Slack: whether both tokens are good, and whether the app has the scopes of its manifest."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bots.doctor.findings import Check, Finding, Office, fail, ok
from bots.slack.manifest import text

SCOPE = re.compile(r"^ +- ([a-z_]+(?::[a-z]+)?) #", re.MULTILINE)
BETWEEN = re.compile(r"oauth_config:.*?^settings:", re.MULTILINE | re.DOTALL)
SCOPES = "X-OAuth-Scopes"
"""Slack's header with what the token may do."""


def wanted_scopes() -> frozenset[str]:
    """The bot's scopes in the manifest."""
    part = BETWEEN.search(text())
    return frozenset(SCOPE.findall(part[0])) if part else frozenset()


async def bot_token(office: Office) -> Sequence[Finding]:
    """Whether Slack knows the bot, and what it may do."""
    token = office.settings.slack.bot_token
    if token is None:
        return []
    said, headers = await asked(office, "auth.test", token.get_secret_value())
    if not said.get("ok"):
        return [fail("slack_bot_token", "refused", "[slack] bot_token", error=said.get("error", "-"))]
    given = {scope.strip() for scope in headers.get(SCOPES, "").split(",") if scope.strip()}
    missing = sorted(wanted_scopes() - given) if given else []
    if missing:
        lacking = fail("slack_scopes", "missing", "sotay slack manifest", scopes=", ".join(missing))
        return [ok("slack_bot_token", team=said.get("team", "-")), lacking]
    return [ok("slack_bot_token", team=said.get("team", "-")), ok("slack_scopes")]


async def app_token(office: Office) -> Sequence[Finding]:
    """Whether a socket would be opened; the address that this gives is not used."""
    chosen = office.settings.slack
    if chosen.bot_token is None:
        return []
    if getattr(chosen, chosen.needed) is None:
        return [fail("slack_app_token", "not_set", f"[slack] {chosen.needed}", mode=chosen.mode, key=chosen.needed)]
    if chosen.mode == "http" or chosen.app_token is None:
        return [ok("slack_app_token", "http")]
    said, _ = await asked(office, "apps.connections.open", chosen.app_token.get_secret_value())
    if not said.get("ok"):
        return [fail("slack_app_token", "refused", "[slack] app_token", error=said.get("error", "-"))]
    return [ok("slack_app_token")]


async def asked(office: Office, method: str, token: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What Slack says, with the headers of the answer; `aiohttp.ClientError` where it is not reached."""
    url = f"{office.settings.slack.api_url.rstrip('/')}/{method}"
    async with office.session.post(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        if answer.status != 200:  # noqa: PLR2004 (OK)
            return {"error": f"HTTP {answer.status}"}, {}
        said = await answer.json(content_type=None)
        return (said if isinstance(said, dict) else {}), answer.headers


CHECKS = (Check("slack_bot_token", bot_token), Check("slack_app_token", app_token))

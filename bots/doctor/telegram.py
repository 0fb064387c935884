"""Telegram: the token, what the bot gets to read in groups, and how updates come in."""

from collections.abc import Mapping, Sequence
from typing import Any

from bots.doctor.findings import Check, Finding, Office, fail, ok, warn

BOT_FATHER = "https://t.me/BotFather /setprivacy"


async def token(office: Office) -> Sequence[Finding]:
    """Whether Telegram knows the bot; in groups it must not read what is not meant for it."""
    if office.settings.telegram.token is None:
        return []
    said = await asked(office, "getMe")
    if not said.get("ok"):
        return [fail("telegram_token", "refused", "[telegram] token", error=said.get("description", "-"))]
    me = said["result"]
    privacy = (
        warn("telegram_privacy", "reads_all", BOT_FATHER, name=me.get("username", "-"))
        if me.get("can_read_all_group_messages")
        else ok("telegram_privacy")
    )
    return [ok("telegram_token", name=me.get("username", "-")), privacy]


async def webhook(office: Office) -> Sequence[Finding]:
    """Whether updates come in the way that the settings say; with polling the service takes a webhook away itself."""
    chosen = office.settings.telegram
    if chosen.token is None:
        return []
    if chosen.mode == "webhook" and (chosen.url is None or chosen.secret is None):
        key = "url" if chosen.url is None else "secret"
        return [fail("telegram_webhook", "not_set", f"[telegram] {key}", key=key)]
    said = await asked(office, "getWebhookInfo")
    return [_way_in(office, said["result"])] if said.get("ok") else []


def _way_in(office: Office, state: Mapping[str, Any]) -> Finding:
    chosen = office.settings.telegram
    there = str(state.get("url", ""))
    if chosen.mode == "polling" and there:
        return fail("telegram_webhook", "in_the_way", "systemctl restart sotay", url=there)
    if chosen.mode == "webhook" and there != chosen.url:
        return fail("telegram_webhook", "elsewhere", "systemctl restart sotay", url=there or "-", wanted=chosen.url)
    if error := state.get("last_error_message"):
        return warn("telegram_webhook", "failing", "[telegram] url", error=error)
    return ok("telegram_webhook", mode=chosen.mode)


async def asked(office: Office, method: str) -> Mapping[str, Any]:
    """What Telegram says; `aiohttp.ClientError` where it is not reached."""
    chosen = office.settings.telegram
    secret = chosen.token.get_secret_value() if chosen.token else ""
    async with office.session.post(f"{chosen.api_url.rstrip('/')}/bot{secret}/{method}") as answer:
        said = await answer.json(content_type=None)
        return said if isinstance(said, dict) else {}


CHECKS = (Check("telegram_token", token), Check("telegram_webhook", webhook))

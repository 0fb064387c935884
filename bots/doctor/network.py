"""Every host that the settings need: whether it is reached, whether our clock agrees with it; and OpenRouter's key."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.local_model import model_path
from core.faults import in_short

OFF_SECONDS = 30
"""Slack refuses signatures that are older than minutes, certificates and schedules go wrong; this is well before."""
REACH_SECONDS = 2.5
UNAUTHORIZED = (401, 403)


@dataclass(frozen=True, slots=True)
class Needed:
    """A host, for what, the key that names it, and whether anything works without it."""

    what: str
    url: str
    key: str
    is_vital: bool = True


def needed(office: Office) -> Iterator[Needed]:
    """The hosts that the settings ask for. The hub is one only while the model is not here."""
    chosen = office.settings
    if chosen.slack.bot_token is not None:
        yield Needed("Slack", chosen.slack.api_url, "[slack] api_url")
    if chosen.telegram.token is not None:
        yield Needed("Telegram", chosen.telegram.api_url, "[telegram] api_url")
    if chosen.openrouter.enabled:
        yield Needed("OpenRouter", chosen.openrouter.base_url, "[openrouter] base_url")
    if chosen.models.local_base_url is not None:
        models = f"{chosen.models.local_base_url.rstrip('/')}/models"
        yield Needed("model", models, "[models] local_base_url")
    elif not model_path(chosen).is_file():
        yield Needed("hub", chosen.models.hub_url, "[models] hub_url", is_vital=False)


async def hosts(office: Office) -> Sequence[Finding]:
    """All of them at once, and the clock by what they say."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_reached(office, host)) for host in needed(office)]
    results = [task.result() for task in tasks]
    dates = [date for _, date in results if date is not None]
    return [*(finding for finding, _ in results), *([_clock(dates)] if dates else [])]


async def _reached(office: Office, host: Needed) -> tuple[Finding, float | None]:
    """The finding, and by how many seconds our clock is ahead; any answer at all is one."""
    try:
        async with asyncio.timeout(REACH_SECONDS), office.session.get(host.url, allow_redirects=False) as answer:
            return ok("egress", what=host.what, url=host.url), _ahead(answer)
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError among them
        say = fail if host.is_vital else warn
        return say("egress", "unreachable", host.key, what=host.what, url=host.url, reason=in_short(error)), None


def _ahead(answer: aiohttp.ClientResponse) -> float | None:
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    return (datetime.now(UTC) - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()


def _clock(ahead: Sequence[float]) -> Finding:
    """By the host that agrees best: others may be wrong themselves."""
    off = min(ahead, key=abs)
    if abs(off) > OFF_SECONDS:
        return fail("clock", "off", "timedatectl set-ntp true", seconds=round(off))
    return ok("clock", seconds=round(off))


async def key(office: Office) -> Sequence[Finding]:
    """Whether OpenRouter takes the key, and what of its limit is left."""
    chosen = office.settings.openrouter
    if not chosen.enabled:
        return []
    if chosen.api_key is None:
        return [fail("openrouter_key", "not_set", "[openrouter] api_key")]
    headers = {"Authorization": f"Bearer {chosen.api_key.get_secret_value()}"}
    try:
        async with office.session.get(f"{chosen.base_url.rstrip('/')}/key", headers=headers) as answer:
            if answer.status in UNAUTHORIZED:
                return [fail("openrouter_key", "refused", "[openrouter] api_key", status=answer.status)]
            said = await answer.json(content_type=None) if answer.ok else {}
    except (aiohttp.ClientError, OSError):
        return []  # the host itself is told of above
    told = said.get("data") if isinstance(said, dict) else None
    left = told.get("limit_remaining") if isinstance(told, dict) else None
    if isinstance(left, int | float) and left <= 0:
        return [fail("openrouter_key", "spent", "https://openrouter.ai/settings/keys")]
    return [ok("openrouter_key")]


CHECKS = (Check("egress", hosts), Check("openrouter_key", key))

"""The settings themselves: whether they make sense, and who gets to see what because of them."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.settings import environment
from bots.settings_report import check
from core.documents import Label
from core.errors import SettingsError

KEYS = {
    "settings.doubt.empty_group": "[groups] {group}",
    "settings.doubt.no_key": "[openrouter] api_key",
    "settings.doubt.api_off": "[openrouter] enabled",
    "settings.doubt.experiment_api_off": "[openrouter] enabled",
    "settings.doubt.slack_nobody": "[groups] {group}",
}
"""What mends each doubt about the settings; the others are told by checks of their own."""


async def settings(office: Office) -> Sequence[Finding]:
    """What `sotay config check` doubts."""
    found = check(office.loaded.config, environment())
    doubts = [
        warn("settings", "doubt", KEYS[doubt.message_id].format(**doubt.facts), sentence=doubt)
        for doubt in found.warnings
        if doubt.message_id in KEYS
    ]
    return doubts or [ok("settings", path=office.loaded.config or "-")]


def rejected(problems: Sequence[SettingsError]) -> list[Finding]:
    """The findings where the settings cannot be used at all."""
    return [fail("settings", "bad", "sotay config check", sentence=problem) for problem in problems]


async def audience(office: Office) -> Sequence[Finding]:
    """Spaces that nobody may read."""
    found = list(_unread(office))
    return found or [ok("audience", spaces=len(office.settings.spaces))]


def _unread(office: Office) -> Iterator[Finding]:
    chosen = office.settings
    given = {name for name, members in chosen.groups.items() if members} | set(chosen.telegram.groups.values())
    if chosen.slack.bot_token is not None and chosen.slack.members_group is not None:
        given.add(chosen.slack.members_group)
    if not chosen.spaces:
        yield warn("audience", "no_spaces", "[spaces.NAME] sources")
    for name, space in chosen.spaces.items():
        if space.label is not Label.PUBLIC and not given & set(space.audience):
            yield warn("audience", "nobody", f"[spaces.{name}] audience", space=name, groups=", ".join(space.audience))


async def timezone(office: Office) -> Sequence[Finding]:
    """Whether this machine still knows the time zone: the package of zones may be gone."""
    name = office.settings.office.timezone
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return [fail("timezone", "unknown", "[office] timezone", zone=name)]
    return [ok("timezone", zone=name)]


CHECKS = (Check("settings", settings), Check("audience", audience), Check("timezone", timezone))

"""What a new office is asked, and what is known of it afterwards."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bots.local_model import machine_for
from bots.settings import Settings
from bots.wizard.asking import Asker
from bots.wizard.trying import slack_says, telegram_says
from core.documents import Label
from models.catalog import CATALOG
from models.planning import MIB_IN_GB, presets

LARGE, SMALL = "qwen2.5-7b-instruct", "qwen2.5-1.5b-instruct"
"""Recommended where the first fits a card, and where it does not."""
NAME = re.compile(r"\w[\w-]*")
Says = Callable[[str], Awaitable[str]]
"""Tells what is wrong with a token, "" for nothing."""


@dataclass(slots=True)
class Answers:
    """The settings by dotted key, and the secrets by the name of their file."""

    values: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def recommended() -> str:
    """The model for the graphics card that is found here; without one the small model."""
    machine, _ = machine_for(Settings().models)
    anatomy = CATALOG[LARGE].anatomy
    if not machine.cards or anatomy is None:
        return SMALL
    gb = machine.cards[0].total_mib / MIB_IN_GB
    fits = any(size <= gb + 1 and verdict.fits for size, verdict in presets(anatomy, machine.ram_mib).items())
    return LARGE if fits else SMALL


async def interview(asker: Asker, slack_url: str, telegram_url: str) -> Answers:
    """Everything, in its order."""
    asker.language = asker.ask("language", "vi", lambda word: word in {"vi", "en"})
    found = Answers()
    values, space = found.values, ""
    values["office.language"] = asker.language
    values["data.directory"] = asker.ask("data", "var")
    sources = asker.ask("documents", "documents")
    space = asker.ask("space", "chung", lambda word: NAME.fullmatch(word) is not None)
    values[f"spaces.{space}.sources"] = [sources]
    values[f"spaces.{space}.label"] = asker.ask(
        "label", "internal", lambda word: word in {label.value for label in Label}
    )
    group = asker.ask("audience", "staff", lambda word: NAME.fullmatch(word) is not None)
    values[f"spaces.{space}.audience"] = [group]
    values["models.local"] = asker.ask("model", recommended())
    await _platforms(asker, found, slack_url, telegram_url)
    if "slack.bot_token" in found.secrets:
        values["slack.members_group"] = group
    administrators = [word.strip() for word in asker.ask("administrators", "console").split(",") if word.strip()]
    values[f"groups.{group}"] = ["console"]
    values["groups.administrators"] = administrators
    if key := asker.ask("openrouter_key", ""):
        found.secrets["openrouter.api_key"] = key
        values["openrouter.enabled"] = True
        values["budget.usd_per_month"] = float(
            asker.ask("budget", "50", lambda word: word.replace(".", "", 1).isdecimal())
        )
    values["backup.directory"] = asker.ask("backup", "{data.directory}/backups")
    return found


async def _platforms(asker: Asker, found: Answers, slack_url: str, telegram_url: str) -> None:
    """Each token is tried; what is refused is asked for again, and an empty answer goes on without."""
    questions: tuple[tuple[str, str, Says], ...] = (
        ("slack_bot_token", "slack.bot_token", lambda token: slack_says(slack_url, "auth.test", token)),
        ("slack_app_token", "slack.app_token", lambda token: slack_says(slack_url, "apps.connections.open", token)),
        ("telegram_token", "telegram.token", lambda token: telegram_says(telegram_url, token)),
    )
    for name, file, says in questions:
        if name == "slack_app_token" and "slack.bot_token" not in found.secrets:
            continue
        while token := asker.ask(name, ""):
            error = await says(token)
            if not error:
                found.secrets[file] = token
                asker.tell("accepted")
                break
            asker.tell("refused", error=error)
            if name in asker.given:
                break
    if slack_url != Settings().slack.api_url:
        found.values["slack.api_url"] = slack_url
    if telegram_url != Settings().telegram.api_url:
        found.values["telegram.api_url"] = telegram_url

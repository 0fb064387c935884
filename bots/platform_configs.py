"""What each platform's adapter is told of the settings."""

from bots.bootstrap import MEGABYTE
from bots.first_use import Kept
from bots.settings import Settings
from bots.slack.adapter import SlackConfig
from bots.telegram.adapter import TelegramConfig, WebhookConfig
from core.errors import SettingsError


def telegram_config(settings: Settings) -> TelegramConfig:
    """What the settings say of Telegram. Raises `SettingsError` for a webhook without address or secret."""
    chosen = settings.telegram
    webhook = None
    if chosen.mode == "webhook":
        if chosen.url is None or chosen.secret is None:
            key = "telegram.url" if chosen.url is None else "telegram.secret"
            raise SettingsError("telegram.no_way_in", key=key)
        secret = chosen.secret.get_secret_value()
        webhook = WebhookConfig(chosen.url, secret, chosen.host, chosen.port, chosen.path)
    return TelegramConfig(
        token=chosen.token.get_secret_value() if chosen.token else "",
        api_url=chosen.api_url,
        file_url=chosen.file_url,
        allowed=chosen.allowed,
        rooms={int(chat): group for chat, group in chosen.groups.items()},
        admin_chat=chosen.admin_chat,
        drafts=chosen.drafts,
        webhook=webhook,
        largest_file=min(int(settings.ingest.max_file_mb * MEGABYTE), 20 * MEGABYTE),
        language=settings.office.language,
        timezone=settings.office.timezone,
        kept=kept_of(settings),
    )


def slack_config(settings: Settings) -> SlackConfig:
    """What the settings say of Slack. Raises `SettingsError` for a mode without what it needs."""
    chosen = settings.slack
    if getattr(chosen, chosen.needed) is None or chosen.bot_token is None:
        raise SettingsError("slack.no_way_in", mode=chosen.mode, key=f"slack.{chosen.needed}")
    return SlackConfig(
        bot_token=chosen.bot_token.get_secret_value(),
        app_token=chosen.app_token.get_secret_value() if chosen.app_token and chosen.mode == "socket" else None,
        signing_secret=chosen.signing_secret.get_secret_value() if chosen.signing_secret else None,
        api_url=chosen.api_url,
        host=chosen.host,
        port=chosen.port,
        path=chosen.path,
        members_group=chosen.members_group,
        admin_channel=chosen.admin_channel,
        streaming=chosen.streaming,
        largest_file=int(settings.ingest.max_file_mb * MEGABYTE),
        language=settings.office.language,
        timezone=settings.office.timezone,
        kept=kept_of(settings),
    )


def kept_of(settings: Settings) -> Kept:
    """What people are told with their first question."""
    return Kept(settings.retention.question_days, settings.retention.answer_days)

"""`sotay run`: the service that answers on the platforms."""

from bots.bootstrap import open_handbook, open_pipeline
from bots.commands.ask import hint_if_empty
from bots.commands.running import Session
from bots.platforms import open_service
from core.errors import SettingsError


async def run(session: Session) -> int:
    """Answers until it is told to stop by SIGTERM or Ctrl-C; 0 then."""
    settings = session.settings
    if settings.slack.bot_token is None and settings.telegram.token is None:
        raise SettingsError("run.nothing_configured")
    async with open_handbook(settings) as handbook:
        await hint_if_empty(session, handbook)
        async with (
            open_pipeline(settings, handbook) as pipeline,
            open_service(settings, handbook, pipeline) as service,
        ):
            session.say("run.ready", surfaces=", ".join(service.names))
            await service.run(stopped=lambda: session.say("run.stopping"))
    return 0
